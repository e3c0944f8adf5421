"""Contenders timed in turn, so that a busy machine is busy for all of them."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping


def in_turn(calls: Mapping[str, Callable[[], object]], rounds: int = 7, number: int = 1) -> dict:
    """Contender → median seconds of a call, each called `number` times a round, in turn.

    The first round warms up and does not count.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    gc.disable()
    for _ in range(rounds + 1):
        for name, call in calls.items():
            begin = time.perf_counter()
            for _ in range(number):
                call()
            times[name].append((time.perf_counter() - begin) / number)
    gc.enable()
    return {name: statistics.median(found[1:]) for name, found in times.items()}
