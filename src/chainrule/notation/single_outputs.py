"""Networks with one output: a cost is a number, so what its formula leaves over has one entry."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from chainrule.language.expr import Expr, bound_indices, children
from chainrule.language.index import Size
from chainrule.language.sizes import is_unknown
from chainrule.notation import tree
from chainrule.notation.costs import is_differentiated
from chainrule.notation.leibniz import COSTS
from chainrule.notation.names import named
from chainrule.notation.scope import Scope, Symbol
from chainrule.notation.tree import Node
from chainrule.notation.usage import Usage


def single_outputs(cost: str | None, nodes: Iterable[Node], scope: Scope) -> dict[str, Symbol]:
    """The names of which an axis has one entry: W_2 and b_2 of `J = (W_2 h + b_2 - t)^2`, and J.

    cost   the name that was defined last, with the sizes as they are known there

    It is asked of costs that the document differentiates, which are no ℓ_i, and of axes of which
    it says nothing: no length, no sum or softmax that runs along them.
    """
    definition = scope.definitions.get(cost) if cost in COSTS else None
    if definition is None or len(definition.indices) != 1 or scope.usage.lettered[cost]:
        return {}
    lone = scope.sizes.find(definition.indices[0].size)
    if not is_unknown(lone) or lone in _run_along(cost, scope):
        return {}
    if not is_differentiated(cost, nodes, scope):
        return {}
    return {
        name: Symbol(name, _without(symbol, lone, scope), declared=name not in scope.definitions)
        for name, symbol in scope.symbols.items()
        if lone in map(scope.sizes.find, symbol.sizes)
    }


def signals(nodes: Iterable[Node], usage: Usage, single: dict[str, Symbol]) -> set[str]:
    """The δ of `W_2^T δ`, where W_2 has one row: numbers, whatever stands around them."""
    found = set()
    for part in (part for node in nodes for part in tree.walk(node)):
        if isinstance(part, tree.Product):
            for left, right in pairwise(named(factor, usage) for factor in part.factors):
                if left is not None and left.transpose and left.text in single:
                    found |= {right.text} if right is not None and not right.transpose else set()
    return found


def _run_along(cost: str, scope: Scope) -> set[Size]:
    """The sizes along which something on the way to a cost sums, or is a function of a vector."""
    known = scope.inputs(cost) & scope.definitions.keys()
    seen: set[Expr] = set()
    waiting = [scope.definitions[name].body for name in known]
    while waiting:
        expr = waiting.pop()
        if expr not in seen:
            seen.add(expr)
            waiting.extend(children(expr))
    return {scope.sizes.find(index.size) for expr in seen for index in bound_indices(expr)}


def _without(symbol: Symbol, lone: Size, scope: Scope) -> tuple[Size | None, ...]:
    known = (None if size is None else scope.sizes.find(size) for size in symbol.axes)
    axes = tuple(None if size == lone else size for size in known)
    return axes if any(axes) else ()
