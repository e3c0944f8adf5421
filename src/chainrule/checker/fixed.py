"""Which variables a formula between differentials may leave out: those that it holds fixed."""

from __future__ import annotations

from chainrule.language.algebra import element
from chainrule.language.expr import Array, Expr
from chainrule.language.index import fresh
from chainrule.language.inline import elements
from chainrule.notation.differentials import (
    differential_name,
    is_differential,
    is_lone,
    signed,
    varied_name,
)
from chainrule.notation.scope import Scope
from chainrule.notation.tree import Node


def fixable(
    scope: Scope, left: Expr, right: Expr, nodes: tuple[Node, ...]
) -> tuple[tuple[str, ...], ...]:
    """Sets of differentials that may be meant to be zero, the likeliest first.

    First those of which neither side prints anything, not even through a name that depends on
    them; then, with these, one of those that are printed only through such names: in
    `dJ = (y − x)ᵀ dy` with y = B A x the data x. Something has to vary on both sides.
    """
    mine, others = map(_differentials, (left, right))
    if not mine & others:
        return ()
    sides = [node for node in nodes if not is_lone(node)]
    printed = {differential_name(name) for name in signed(sides, scope.usage)}
    reached = printed | {
        name for one in printed for name in _differentials(scope.inlined(_whole(scope, one)))
    }
    silent = (mine | others) - reached
    sets = [silent, *(silent | {name} for name in sorted((mine | others) - silent - printed))]
    return tuple(tuple(sorted(one)) for one in sets if one and mine & others - one)


def _differentials(expr: Expr) -> set[str]:
    return {array.name for array in elements(expr) if is_differential(array.name)}


def _whole(scope: Scope, name: str) -> Expr:
    sizes = scope.array(varied_name(name)).sizes
    return element(Array(name, sizes), *map(fresh, sizes))
