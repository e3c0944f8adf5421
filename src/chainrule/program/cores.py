"""Rows of arrays shared among the cores of the processor.

NumPy works on one core, but for products of matrices; after one of those, its threads wait for the
next in a loop and leave no core free. What is done row by row gives the same numbers, however the
rows are shared.
"""

from __future__ import annotations

import contextvars
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

MOST = 8
"""More cores would wait for memory, and each needs arrays of its own to work in."""
Work = Callable[[int, int, int], None]
"""What is done from one row to another, on the core of that number."""


def _count() -> int:
    """The cores that this process may use; who starts several of it says how many in OMP_…"""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdecimal() and int(asked):
        return min(MOST, int(asked))
    usable = getattr(os, "sched_getaffinity", None)
    return min(MOST, len(usable(0)) if usable else os.cpu_count() or 1)


CORES = _count()


def over_cores(work: Work, length: int, rows: int = 1) -> None:
    """Work on all rows, some on each core; only multiples of `rows` and the end are boundaries.

    >>> found = []
    >>> over_cores(lambda first, last, core: found.extend(range(first, last)), 5, 2)
    >>> sorted(found)
    [0, 1, 2, 3, 4]
    """
    pieces = -(-length // rows)
    parts = min(CORES, pieces)
    if parts < 2:
        work(0, length, 0)
        return
    ends = [rows * (pieces * k // parts) for k in range(parts)] + [length]
    # `np.errstate` holds for the others, too.
    others = [
        _team().submit(contextvars.copy_context().run, work, *ends[core : core + 2], core)
        for core in range(1, parts)
    ]
    try:
        work(0, ends[1], 0)
    finally:
        errors = [other.exception() for other in others]
    for error in filter(None, errors):
        raise error


@cache
def _team() -> ThreadPoolExecutor:
    """The threads beside the calling one, started when they are first needed."""
    return ThreadPoolExecutor(max(1, CORES - 1), "chainrule")


if hasattr(os, "register_at_fork"):
    # Threads do not survive in a child process, which starts its own.
    os.register_at_fork(after_in_child=_team.cache_clear)
