"""Sides with different numbers of axes, where arrays have one element only.

People write `∂L/∂W = δ x`, and mean a product of vectors, a sum over examples, a diagonal, or one
entry. With one element in each array all of these are the same product of numbers: what is false
there is false in every layout. Where little is left, as of a softmax of one number, the axes that
both sides have stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator

from chainrule.language.algebra import substitute
from chainrule.language.expr import Element, Expr, children
from chainrule.language.index import Size, is_written, place_of
from chainrule.language.walk import walk
from chainrule.notation.scope import Scope
from chainrule.notation.value import Value

Both = tuple[Scope, Value, Value]


def collapsed(scope: Scope, left: Value, right: Value) -> Iterator[Both]:
    """Both sides as numbers, and as vectors over the one axis that they share; scopes for them.

    Nothing where elements are counted out, x_2 or x_{i+1}, or where two letters of one size stand:
    one element has no neighbour, and no other element.
    """
    if any(map(_counts, (scope.inlined(left.expr), scope.inlined(right.expr)))):
        return
    letters = [i for i in left.expr.free | right.expr.free if is_written(i)]
    sizes = [scope.sizes.find(index.size) for index in letters]
    if len(set(sizes)) < len(sizes):
        return
    first, second = (_roots(scope, side) for side in (left, right))
    shared = [size for size in first if first.count(size) == second.count(size) == 1]
    for kept in ([], *([size] for size in shared)):
        trial = _with_one_element(scope, left, right, set(kept))
        sides = [_without_axes(trial, side) for side in (left, right)]
        if all(_roots(trial, side) == kept for side in sides):
            yield trial, *sides


def _roots(scope: Scope, value: Value) -> list[Size]:
    return [scope.sizes.find(index.size) for index in value.indices]


def _with_one_element(scope: Scope, left: Value, right: Value, kept: set[Size]) -> Scope:
    trial = scope.copy()
    sizes = {size for symbol in trial.symbols.values() for size in symbol.sizes}
    for one in trial.definitions.values():
        sizes |= {*one.body.names, *(index.size for index in one.indices)}
    for side in (left, right):
        sizes |= {*side.expr.names, *(index.size for index in side.indices)}
    for size in {trial.sizes.find(size) for size in sizes} - kept:
        if isinstance(size, str):
            trial.sizes.parent[size] = 1
    return trial


def _without_axes(scope: Scope, value: Value) -> Value:
    """The value without its axes of one element."""
    value = scope.algebra.resolved(value)
    short = {index: place_of(0) for index in value.indices if index.size == 1}
    rest = tuple(index for index in value.indices if index.size != 1)
    return Value(substitute(value.expr, short), rest)


def _counts(expr: Expr) -> bool:
    """Whether some element stands at a place that is no index: x_2, x_{i+1}."""

    def visit(node: Expr):
        found = isinstance(node, Element) and any(place.index is None for place in node.places)
        for child in children(node):
            found = (yield child) or found
        return found

    return walk(visit, expr)
