"""Contenders timed in turn, so that a busy machine is busy for all of them."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping

PAUSE = 0.2
"""Seconds before each turn: after a matrix product the threads of OpenBLAS wait for the next one in
a loop, a tenth of a second long, and whoever came next would have one core less."""
SHORT = 0.03
"""Seconds: where a call takes less, one warms up after the pause and the rest of so many
count."""


def in_turn(calls: Mapping[str, Callable[[], object]], rounds: int = 7, number: int = 1) -> dict:
    """Contender → median seconds of a call, at least `number` of them a round, in turn.

    The first round warms up and does not count.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    gc.disable()
    for _ in range(rounds + 1):
        for name, call in calls.items():
            time.sleep(PAUSE)
            times[name].append(_turn(call, number))
    gc.enable()
    return {name: statistics.median(found[1:]) for name, found in times.items()}


def _turn(call: Callable[[], object], number: int) -> float:
    first = _seconds(call, 1)
    return first if first > SHORT else _seconds(call, max(number, int(SHORT / first)))


def _seconds(call: Callable[[], object], number: int) -> float:
    begin = time.perf_counter()
    for _ in range(number):
        call()
    return (time.perf_counter() - begin) / number
