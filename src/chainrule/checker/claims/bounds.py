"""Ranges: the numbers that a value is said to lie between, and whether it does."""

from __future__ import annotations

import re
from fractions import Fraction

import flint

from chainrule.checker.claims.numbers import Truth, everywhere
from chainrule.checker.claims.subjects import Subject
from chainrule.language.expr import Const
from chainrule.notation import tree
from chainrule.notation.tree import Node

INFINITY = float("inf")
Bound = Fraction | float

_SAID = {"zero": 0, "one": 1, "minus one": -1, "infinity": INFINITY, "∞": INFINITY}


def bound_in_words(text: str) -> Bound | None:
    """`0`, `-1`, `1/4`, `one`, `minus one`, `∞` as a number."""
    text = text.strip().lower().replace("−", "-")
    sign, rest = (-1, text[1:]) if text[:1] == "-" else (1, text.lstrip("+"))
    if rest in _SAID:
        return sign * (Fraction(_SAID[rest]) if _SAID[rest] != INFINITY else INFINITY)
    if re.fullmatch(r"\d+(?:\.\d+)?(?:/\d+)?", rest):
        top, _, bottom = rest.partition("/")
        return sign * Fraction(top) / Fraction(bottom or 1) if bottom != "0" else None
    return None


def bound_of(node: Node) -> Bound | None:
    """A printed number, or ±∞; None for anything else."""
    match node:
        case tree.Number(text):
            return Fraction(text)
        case tree.Symbol("infinity"):
            return INFINITY
        case tree.Sum((term,), (sign,)) if sign in "+-" and (found := bound_of(term)) is not None:
            return found if sign == "+" else -found
        case tree.Fraction(top, bottom) | tree.Slash(top, bottom):
            above, below = bound_of(top), bound_of(bottom)
            if isinstance(above, Fraction) and isinstance(below, Fraction) and below:
                return above / below
    return None


def within(subject: Subject, low: Bound, high: Bound, closed: tuple[bool, bool]) -> Truth:
    """Whether all values lie between two numbers, which closed ends include."""
    if isinstance(subject.expr, Const):
        return Truth(None)
    return everywhere(subject.expr, inside(low, high, closed))


def inside(low: Bound, high: Bound, closed: tuple[bool, bool]):
    """A test for numbers: in the interval, outside, or None where that is not certain."""

    def test(value: flint.arb) -> bool | None:
        answers = [
            _above(value, low, closed[0]),
            _above(-value, -high, closed[1]),
        ]
        return False if False in answers else None if None in answers else True

    return test


def _above(value: flint.arb, low: Bound, closed: bool) -> bool | None:
    if low == -INFINITY:
        return True
    if low == INFINITY:
        return False
    edge = flint.arb(flint.fmpq(low.numerator, low.denominator))
    if value > edge or (closed and value >= edge):
        return True
    if value < edge or (not closed and value <= edge):
        return False
    # A ball over the edge: the edge itself, as far as anybody can tell.
    return None
