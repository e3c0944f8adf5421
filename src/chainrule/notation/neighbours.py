"""Products with other factors: what stands side by side in print, written as one thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from chainrule.notation import tree
from chainrule.notation.tree import Node


def with_factors(node: tree.Product, factors: Sequence[Node], operators: Sequence[str]) -> Node:
    """A product with these factors instead of its own, or the only one of them.

    >>> x, y = tree.Symbol("x"), tree.Symbol("y")
    >>> with_factors(tree.Product((x, y), ("",)), [y], [])
    Symbol(start=0, end=0, name='y', font='')
    """
    if tuple(factors) == node.factors:
        return node
    if len(factors) == 1:
        return factors[0]
    return replace(node, factors=tuple(factors), operators=tuple(operators))


def with_pairs(node: Node, written: Callable[[Node, Node], Node | None]) -> Node:
    """A product in which two factors side by side, with no sign between them, are written as one.

    written  the one for two of them; None where they stay two
    """
    if not isinstance(node, tree.Product):
        return node
    factors, operators = list(node.factors), list(node.operators)
    for at in reversed(range(len(operators))):
        one = None if operators[at] else written(*factors[at : at + 2])
        if one is not None:
            factors[at : at + 2], operators[at : at + 1] = [one], []
    return with_factors(node, factors, operators)
