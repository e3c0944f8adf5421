"""How far letters run where that is computed: after `i = 1, …, N - K + 1` a sum up to N - K + 1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chainrule.notation import tree
from chainrule.notation.tree import Node


def computed_ends(statements: Iterable[tree.Statement]) -> frozenset[Node]:
    """The formulas for a number of elements: the end of a range, or one that stands alone."""
    nodes = (node for one in statements for node in (one.chain, *one.conditions))
    return frozenset(end for node in nodes for end in _ends(node) if _is_computed(end))


def _ends(node: Node) -> Iterator[Node]:
    match node:
        case tree.Chain((_, tree.List((*_, tree.Ellipsis(), last))), _):
            yield last
        case tree.Sum():
            yield node


def _is_computed(node: Node) -> bool:
    """Whether a formula is one of letters and numbers that are added, such as N - K + 1."""
    if not isinstance(node, tree.Sum):
        return False
    letters = sum(isinstance(term, tree.Symbol) for term in node.terms)
    numbers = sum(isinstance(term, tree.Number) for term in node.terms)
    return letters > 1 and letters + numbers == len(node.terms)
