"""Records for functions of which nothing is known but that they are taken of each element."""

from __future__ import annotations

from functools import lru_cache

from chainrule.language.algebra import apply, const
from chainrule.language.expr import Apply, Expr
from chainrule.language.function import Function
from chainrule.language.passes import parts
from chainrule.mathematics.functions import sigmoid, x

# How often such a function is differentiated by name.
PRIMES = 2
_LETTERS: dict[Function, str] = {}


def any_function(text: str, primes: int = 0) -> Function:
    """The record of g, of g' or of g'': its numbers obey no law that people write down.

    What holds for it holds for all functions; what does not may hold for some.

    >>> any_function("g").derivative.function
    g'
    """
    return _record(text, primes)


@lru_cache(maxsize=256)
def _record(text: str, primes: int) -> Function:
    spread = const(sum(map(ord, text)) % 7)
    step = apply(sigmoid, x + (1 + spread) / 5)
    slope = step * (1 - step)
    rise = (1 + spread) / 9
    forms = (rise * x + step, rise + slope, slope * (1 - 2 * step))
    later = apply(_record(text, primes + 1), x) if primes < PRIMES else None
    name = text + "'" * primes
    doc = "Any function of one number."
    found = Function(name, doc, definition=forms[primes], derivative=later, latex=name)
    _LETTERS[found] = text
    return found


def is_any(function: Function) -> bool:
    """Whether a record stands for a function of which nothing is known."""
    return function in _LETTERS


def any_functions_in(*exprs: Expr) -> set[str]:
    """The letters of functions of which nothing is known that stand in expressions."""
    if not _LETTERS:
        return set()
    applied = (part.function for part in parts(*exprs) if isinstance(part, Apply))
    return {_LETTERS[function] for function in applied if function in _LETTERS}
