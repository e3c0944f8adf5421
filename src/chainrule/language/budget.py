"""What a piece of work may cost: seconds of computing, and numbers held at once.

Work that can grow without bound asks `check` now and then, and `room` before it makes an array.
Outside any budget both allow everything.

    with within(2.0):
        evaluate(...)       # raises OutOfBudget where it would take longer

>>> ticks = iter(range(100))
>>> with within(2.0, clock=lambda: next(ticks)):
...     for _ in range(9):
...         check()
Traceback (most recent call last):
    ...
chainrule.language.budget.OutOfBudget: it would take longer than 2 seconds
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

# One claim may take so many seconds, and one evaluation may hold so many numbers.
SECONDS = 2.0
NUMBERS = 20_000_000


class OutOfBudget(Exception):
    """The work was given up: it would take too long, or too much memory."""


@dataclass(frozen=True)
class Budget:
    """Until when, by which clock.

    clock   seconds of computing; that of this thread unless another is given
    end     the time of the clock at which the work is given up
    limit   the seconds as they are told to a person
    latest  when the budget around it ends
    """

    clock: Callable[[], float]
    end: float
    limit: float
    latest: float = math.inf


_current: ContextVar[Budget | None] = ContextVar("budget", default=None)


@contextmanager
def within(seconds: float, clock: Callable[[], float] | None = None) -> Iterator[None]:
    """A budget for what happens inside; within another one, the stricter of the two.

    clock  by default that of the budget around it
    """
    outer = _current.get()
    clock = clock or (outer.clock if outer else time.thread_time)
    budget = Budget(clock, clock() + seconds, seconds)
    if outer is not None and outer.clock is clock:
        budget = replace(budget if budget.end < outer.end else outer, latest=outer.end)
    token = _current.set(budget)
    try:
        yield
    finally:
        _current.reset(token)


def renew() -> None:
    """The budget in force begins anew, for the next of several pieces of work."""
    budget = _current.get()
    if budget is not None:
        end = min(budget.clock() + budget.limit, budget.latest)
        _current.set(Budget(budget.clock, end, budget.limit, budget.latest))


def check() -> None:
    """Give up where the time is spent."""
    budget = _current.get()
    if budget is not None and budget.clock() > budget.end:
        raise OutOfBudget(f"it would take longer than {budget.limit:g} seconds")


def room(count: int) -> None:
    """Give up where so many numbers would be too many."""
    if count > NUMBERS and _current.get() is not None:
        raise OutOfBudget("it would take too much memory")
