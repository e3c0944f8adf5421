"""Pieces of work that do not depend on each other, done by all the cores at hand.

The work is shared with copies of this process, so that nothing has to be handed over but results.
What a copy does not deliver, as it failed or was killed, is done here: there it fails as it would
have failed alone.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, NoReturn, Protocol, TypeVar

Thing = TypeVar("Thing")
Work = Callable[[Thing], Any]
Weight = Callable[[Thing], int]

# So many processes at most are of help, and for each of them there must be so much work.
PROCESSES, LEAST = 8, 200
# So many positions fit into a pipe at once, written with so many bytes each.
MOST, BYTES = 2000, 2


class Each(Protocol):
    """How to do pieces of work: `in_turn` or `side_by_side`."""

    def __call__(self, work: Work, things: Sequence, weight: Weight | None = None) -> list: ...


def in_turn(work: Work, things: Sequence, weight: Weight | None = None) -> list:
    """The results of work on each of some things.

    >>> in_turn(len, ["a", "abc"])
    [1, 3]
    """
    return list(map(work, things))


_is_shared: ContextVar[bool] = ContextVar("is_shared", default=False)


def side_by_side(work: Work, things: Sequence, weight: Weight | None = None) -> list:
    """The same by processes side by side; what is shared already is not shared once more.

    work    leaves everything as it is, and its results can be pickled
    weight  how heavy a thing is, in printed characters: what is heavy is begun first

    >>> side_by_side(len, ["a", "abc"])
    [1, 3]
    """
    weights = [LEAST if weight is None else weight(thing) for thing in things]
    count = min(cores(), PROCESSES, len(things), sum(weights) // LEAST)
    if count < 2 or len(things) > MOST or _is_shared.get():
        return in_turn(work, things)
    order = sorted(range(len(things)), key=lambda k: -weights[k])
    token = _is_shared.set(True)
    try:
        found = _shared(lambda k: work(things[k]), order, count)
    finally:
        _is_shared.reset(token)
    return [found[k] if k in found else work(thing) for k, thing in enumerate(things)]


def _shared(work: Callable[[int], Any], order: list[int], count: int) -> dict[int, Any]:
    """The results by position, from so many processes, this one included; without what failed."""
    waiting, end = os.pipe()
    os.write(end, b"".join(position.to_bytes(BYTES, "big") for position in order))
    os.close(end)
    copies: list[_Copy] = []
    try:
        with suppress(OSError):
            copies += (_Copy(lambda: _done(work, waiting)) for _ in range(count - 1))
        found = _done(work, waiting)
        for copy in copies:
            found |= copy.result()
        return found
    finally:
        os.close(waiting)
        for copy in copies:
            copy.end()


def cores() -> int:
    """How many processes may run at once; 1 where a process cannot be copied safely.

    >>> cores() >= 1
    True
    """
    known = hasattr(os, "fork") and hasattr(os, "sched_getaffinity")
    # The threads of JAX and PyTorch may hold locks, which a copy would wait for without end.
    known = known and sys.modules.keys().isdisjoint({"jax", "torch"})
    return len(os.sched_getaffinity(0)) if known else 1


def _done(work: Callable[[int], Any], waiting: int) -> dict[int, Any]:
    """The results of what was waiting."""
    found = {}
    for position in _taken(waiting):
        with suppress(Exception):
            found[position] = work(position)
    return found


def _taken(waiting: int) -> Iterator[int]:
    """The positions that nobody else has taken, until none is left, or nobody waits for results."""
    parent = os.getppid()
    while os.getppid() == parent and (position := os.read(waiting, BYTES)):
        yield int.from_bytes(position, "big")


class _Copy:
    """A copy of this process that does some work and hands over a dictionary."""

    def __init__(self, work: Callable[[], dict]):
        self.results, end = os.pipe()
        try:
            self.process = os.fork()
            if not self.process:
                _hand_over(work, end)
        except OSError:
            os.close(self.results)
            raise
        finally:
            os.close(end)

    def result(self) -> dict:
        """What it hands over when it is ready; nothing if it was killed."""
        with os.fdopen(os.dup(self.results), "rb") as stream:
            with suppress(EOFError, pickle.PickleError):
                return pickle.load(stream)
        return {}

    def end(self) -> None:
        os.close(self.results)
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)


def _hand_over(work: Callable[[], dict], end: int) -> NoReturn:
    """What a copy does: it never comes back, and says nothing whatever happens."""
    try:
        with os.fdopen(end, "wb") as stream:
            pickle.dump(work(), stream)
    finally:
        os._exit(0)
