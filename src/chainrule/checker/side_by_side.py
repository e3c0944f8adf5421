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
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, NoReturn, Protocol, TypeVar

Thing = TypeVar("Thing")
Work = Callable[[Thing], Any]
Weight = Callable[[Thing], int]

# So many processes at most are of help, and for each of them there must be so much work.
PROCESSES, LEAST = 8, 200
# So many pieces of work fit into a pipe at once, their numbers written with so many bytes each.
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


def side_by_side(work: Work, things: Sequence, weight: Weight | None = None) -> list:
    """The same by processes side by side, of which never more run at once than there are cores.

    Work may share its own work in turn: a core that has nothing left to do helps there.

    work    leaves everything as it is, and its results can be pickled
    weight  how heavy a thing is, in printed characters: what is heavy is begun first

    >>> side_by_side(len, ["a", "abc"])
    [1, 3]
    """
    weights = [LEAST if weight is None else weight(thing) for thing in things]
    if len(things) > MOST or _helpful(weights) < 1:
        return in_turn(work, things)
    order = sorted(range(len(things)), key=lambda k: -weights[k])
    helpful = [_helpful([weights[k] for k in order[rank:]]) for rank in range(len(order))]
    with _idle_cores() as idle:
        ranked = _shared(lambda rank: work(things[order[rank]]), helpful, idle)
    found = {order[rank]: result for rank, result in ranked.items()}
    return [found[k] if k in found else work(thing) for k, thing in enumerate(things)]


def _helpful(weights: list[int]) -> int:
    """How many copies of this process would help with work of such weights."""
    return min(len(weights), sum(weights) // LEAST) - 1


class _Idle:
    """The cores that have nothing to do, one byte for each in a pipe that all copies share."""

    def __init__(self, number: int):
        self.waiting, self.end = os.pipe()
        os.set_blocking(self.waiting, False)
        os.write(self.end, bytes(number))
        self.owed = 0

    def take(self) -> bool:
        """Whether there was one; it is now taken."""
        try:
            return bool(os.read(self.waiting, 1))
        except BlockingIOError:
            return False

    def give(self) -> None:
        """One back, if none is owed."""
        if self.owed:
            self.owed -= 1
        else:
            os.write(self.end, bytes(1))

    @contextmanager
    def lent(self) -> Iterator[None]:
        """One given while this process waits for others; what was taken meanwhile is owed."""
        self.give()
        yield
        self.owed += not self.take()

    def close(self) -> None:
        os.close(self.waiting)
        os.close(self.end)


_idle: ContextVar[_Idle | None] = ContextVar("idle", default=None)


@contextmanager
def _idle_cores() -> Iterator[_Idle]:
    """Those of the work that this is part of, else all but one."""
    if (known := _idle.get()) is not None:
        yield known
        return
    idle = _Idle(min(cores(), PROCESSES) - 1)
    token = _idle.set(idle)
    try:
        yield idle
    finally:
        _idle.reset(token)
        idle.close()


def _shared(work: Callable[[int], Any], helpful: list[int], idle: _Idle) -> dict[int, Any]:
    """The results by rank, from this process and copies of it; without what failed.

    helpful  how many copies would help, by the rank of what is done next
    """
    waiting, end = os.pipe()
    os.write(end, b"".join(rank.to_bytes(BYTES, "big") for rank in range(len(helpful))))
    os.close(end)
    copies: list[_Copy] = []

    def helped(rank: int) -> Any:
        with suppress(OSError):
            while len(copies) < helpful[rank] and idle.take():
                copies.append(_Copy(lambda: _done(work, waiting), idle))
        return work(rank)

    try:
        found = _done(helped, waiting)
        with idle.lent():
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
    for rank in _taken(waiting):
        with suppress(Exception):
            found[rank] = work(rank)
    return found


def _taken(waiting: int) -> Iterator[int]:
    """The ranks that nobody else has taken, until none is left, or nobody waits for results."""
    parent = os.getppid()
    while os.getppid() == parent and (rank := os.read(waiting, BYTES)):
        yield int.from_bytes(rank, "big")


class _Copy:
    """A copy of this process that does some work on a core, and hands over a dictionary."""

    def __init__(self, work: Callable[[], dict], idle: _Idle):
        self.results, end = os.pipe()
        try:
            self.process = os.fork()
            if not self.process:
                _hand_over(work, end, idle)
        except OSError:
            os.close(self.results)
            idle.give()
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


def _hand_over(work: Callable[[], dict], end: int, idle: _Idle) -> NoReturn:
    """What a copy does: it never comes back, and says nothing whatever happens."""
    idle.owed = 0
    try:
        results = work()
        # Writing them may have to wait until they are read.
        idle.give()
        with os.fdopen(end, "wb") as stream:
            pickle.dump(results, stream)
    finally:
        os._exit(0)
