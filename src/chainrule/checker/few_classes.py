"""Equations between the first elements of an axis, true where it has no more: `p_2 = 1 - p_1`."""

from __future__ import annotations

from chainrule.checker.equality import equal
from chainrule.checker.findings import TRUE
from chainrule.language.expr import Element, Expr
from chainrule.language.index import Size
from chainrule.language.passes import parts
from chainrule.language.sizes import is_unknown
from chainrule.notation.scope import Scope
from chainrule.notation.tree import Node
from chainrule.notation.value import Value

# Of more classes nobody writes each one down.
MOST = 3


def true_of_few(
    scope: Scope, left: Value, right: Value, conditions: tuple, nodes: tuple[Node, ...]
) -> str | None:
    """`K = 2`, where two sides name the elements 1 and 2 of an axis of K elements, and are equal
    where it has two; None otherwise."""
    for size, numbers in sorted(_numbered(scope, left.expr, right.expr).items()):
        count = max(numbers) + 1
        if numbers == set(range(count)) and 1 < count <= MOST:
            trial = scope.copy()
            if trial.sizes.settle(size, count):
                if equal(trial, left, right, conditions, nodes).verdict in TRUE:
                    return f"{size} = {count}"
    return None


def _numbered(scope: Scope, *sides: Expr) -> dict[str, set[int]]:
    """For each size with a name the elements that are named by number, counted from 0, where no
    letter runs over it."""
    found: dict[str, set[int]] = {}
    others: set[Size] = set()
    for part in (part for side in sides for part in parts(side)):
        for axis, place in zip(*_axes(part), strict=True):
            size = scope.sizes.find(axis)
            if place.terms:
                others.add(size)
            elif isinstance(size, str) and not is_unknown(size):
                found.setdefault(size, set()).add(place.offset)
    return {size: numbers for size, numbers in found.items() if size not in others}


def _axes(part: Expr) -> tuple[tuple, tuple]:
    return (part.array.sizes, part.places) if isinstance(part, Element) else ((), ())
