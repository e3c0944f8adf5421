"""Where the values of an expression lie: an interval that holds all of them, whatever its arrays.

The interval may be too wide, since two places of one name are taken for independent: e^x/(1 + e^x)
is found in [0, ∞]. Ends belong to it: e^x lies in [0, ∞].
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import inf, isnan, nan, prod

import numpy as np

from chainrule.language.expr import (
    Add,
    Along,
    Apply,
    Array,
    Const,
    Delta,
    Element,
    Expr,
    Mul,
    Power,
    Reduce,
    Where,
)
from chainrule.language.function import Function, Value
from chainrule.language.walk import walk
from chainrule.mathematics.functions import x, y

Range = tuple[float, float]
OfFunction = Callable[[Function, Range], Range]
ANY: Range = (-inf, inf)


def range_of(expr: Expr, known: dict[Array, Range] | None = None) -> Range:
    """The least and the largest value that an expression can have, or numbers beyond these.

    known  what is known of the elements of arrays; others have any values

    >>> from chainrule.language.algebra import apply
    >>> from chainrule.mathematics.functions import exp, log, sigmoid
    >>> range_of(apply(log, 1 + apply(exp, x)))
    (0.0, inf)
    >>> range_of(2 - 3 * apply(sigmoid, x))
    (-1.0, 2.0)
    """
    return _walked(expr, known or {}, _of_function)


def _walked(expr: Expr, known: dict[Array, Range], of_function: OfFunction) -> Range:
    def visit(node: Expr):
        kids = []
        for kid in node.kids:
            kids.append((yield kid))
        if isinstance(node, Apply):
            return of_function(node.function, kids[0])
        return _range(node, kids, known)

    return walk(visit, expr)


def _range(node: Expr, kids: list[Range], known: dict[Array, Range]) -> Range:
    match node:
        case Const(value):
            return float(value), float(value)
        case Element(array):
            return known.get(array, ANY)
        case Delta():
            return 0.0, 1.0
        case Add():
            return sum(low for low, _ in kids), sum(high for _, high in kids)
        case Mul():
            return _of_product(kids)
        case Power(_, Const(exponent)):
            return _of_power(kids[0], float(exponent))
        case Along(function):
            return function.range
        case Reduce("sum"):
            low, high = kids[0]
            return low if low >= 0 else -inf, high if high <= 0 else inf
        case Reduce():
            return kids[0]
        case Where():
            return _hull([*kids[2], *kids[3]])
    return ANY


def _hull(numbers: list[float]) -> Range:
    return ANY if any(map(isnan, numbers)) else (min(numbers), max(numbers))


def _of_product(factors: list[Range]) -> Range:
    """Of independent factors the extremes lie at their ends; next to an infinite one 0 stays 0."""
    found = (1.0, 1.0)
    for factor in factors:
        found = _hull([0.0 if 0 in ends else prod(ends) for ends in product(found, factor)])
    return found


def _of_power(base: Range, exponent: float) -> Range:
    low, high = base
    if exponent % 2 == 0 and low < 0:
        # An even power is one of the absolute value.
        low, high = 0.0 if high >= 0 else -high, max(-low, high)
    if low < 0 and not (exponent > 0 and exponent % 2 == 1):
        return ANY
    return _hull([inf if end == 0 > exponent else end**exponent for end in (low, high)])


def _of_function(function: Function, argument: Range) -> Range:
    """Of a monotone primitive, the values at the ends; of others, what their record says."""
    if isinstance(function.value, Value):
        known = {x.array: argument, y.array: function.range}
        slope = _walked(function.derivative, known, _of_record)
        ends = [_at(function, end) for end in argument]
        if (slope[0] >= 0 or slope[1] <= 0) and not any(map(isnan, ends)):
            return _hull(ends)
    return _of_record(function, argument)


def _of_record(function: Function, argument: Range) -> Range:
    low, high = function.domain
    return function.range if low <= argument[0] and argument[1] <= high else ANY


def _at(function: Function, end: float) -> float:
    low, high = function.domain
    if not low <= end <= high:
        return nan
    with np.errstate(all="ignore"):
        return float(function.value.array(np.float64(end)))
