"""Slopes of maxima where no two of the elements are equal: nothing is shared among the largest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from chainrule.language.algebra import ONE, ZERO, mul, opened, rebound, where
from chainrule.language.expr import Element, Expr, Mul, Reduce, Where
from chainrule.language.largest import compared
from chainrule.language.passes import around
from chainrule.language.program import Definition
from chainrule.language.walk import walk

Condition = tuple[str, Expr, Expr]


def without_ties(expr: Expr, definitions: Iterable[Definition]) -> Expr:
    """The same number wherever every maximum is attained once.

    How many elements are the largest is 1, and an element that is the largest of its row, which
    is the largest of the rows, is the largest of all.

    definitions  maxima that have names

    >>> from chainrule.language.algebra import element, largest, total
    >>> from chainrule.language.expr import Array
    >>> from chainrule.language.index import Index
    >>> i, j, x = Index("i", "N"), Index("j", "N"), Array("x", ("N",))
    >>> chosen = where("==", element(x, i), largest(j, element(x, j)), ONE, ZERO)
    >>> without_ties(total(i, chosen), ()) is ONE
    True
    """
    maxima = {d.name: d for d in definitions if isinstance(d.body, Reduce) and d.body.kind == "max"}

    return walk(partial(_untied, maxima), expr)


def _untied(maxima: Mapping[str, Definition], node: Expr):
    if isinstance(node, Reduce) and node.kind == "sum":
        index, body = opened(node)
        body = yield body
        match body:
            case Where("==", left, right, yes, no) if yes is ONE and no is ZERO:
                place = compared(left, _meaning(maxima, right))
                if place is not None and place.index == index:
                    return ONE
        return rebound(node, index, body)
    if isinstance(node, Mul):
        free = [factor for factor in node.factors if not isinstance(factor, Where)]
        masks = [factor for factor in node.factors if isinstance(factor, Where)]
        conditions, rest = _conditions(mul(*masks))
        shorter = _chained(conditions, partial(_is_among, maxima))
        if len(shorter) < len(conditions):
            return (yield mul(*free, _under(shorter, rest)))
    return (yield from around(node))


def _is_among(maxima: Mapping[str, Definition], left: Expr, right: Expr) -> bool:
    """Whether the left side is one of the elements that the right side is the largest of."""
    return compared(left, _meaning(maxima, right)) is not None


def _meaning(maxima: Mapping[str, Definition], value: Expr) -> Expr:
    if isinstance(value, Element) and value.array.name in maxima:
        return maxima[value.array.name].meaning.at(value.places)
    return value


def _conditions(expr: Expr) -> tuple[list[Condition], Expr]:
    """The conditions outside of which a product is 0, and what it is where they hold."""
    match expr:
        case Where(kind, left, right, yes, no) if no is ZERO:
            found, rest = _conditions(yes)
            return [(kind, left, right), *found], rest
        case Mul(factors):
            pairs = [_conditions(factor) for factor in factors]
            return [one for found, _ in pairs for one in found], mul(*(rest for _, rest in pairs))
    return [], expr


def _chained(conditions: list[Condition], is_among) -> list[Condition]:
    """With a = c for a = b and b = c, where a is among what b is the largest of, and b for c."""
    for first in conditions:
        for second in conditions:
            if first[0] == second[0] == "==" and first[2] is second[1]:
                if is_among(*first[1:]) and is_among(*second[1:]):
                    rest = [one for one in conditions if one is not first and one is not second]
                    return _chained([*rest, ("==", first[1], second[2])], is_among)
    return conditions


def _under(conditions: list[Condition], expr: Expr) -> Expr:
    for kind, left, right in reversed(conditions):
        expr = where(kind, left, right, expr, ZERO)
    return expr
