"""A bold 1 that is a row, whatever other vectors are: `X W + 1^T b` adds b to each row."""

from __future__ import annotations

from collections.abc import Iterable

from chainrule.notation import tree
from chainrule.notation.names import named
from chainrule.notation.scripts import is_bold_one, is_transpose
from chainrule.notation.tree import Node
from chainrule.notation.usage import Usage


def behind_row_of_ones(node: Node) -> Node | None:
    r"""The b of `\mathbf{1}^T b` and `\mathbf{1}_n^T b`."""
    match node:
        case tree.Product((tree.Script(sup=sup) as first, other)) if is_bold_one(first):
            return other if is_transpose(sup) else None
    return None


def has_rows_of_ones(nodes: Iterable[Node], usage: Usage, found: dict[str, int]) -> bool:
    r"""Whether a bold 1 is a row: `X W + \mathbf{1}^T b` adds b to each row of a matrix."""
    for part in (part for node in nodes for part in tree.walk(node)):
        if isinstance(part, tree.Sum) and any(is_of_matrices(t, usage, found) for t in part.terms):
            others = (behind_row_of_ones(term) for term in part.terms)
            names = [named(other, usage) for other in others if other is not None]
            if any(n is not None and found.get(n.text) == 1 and not n.places for n in names):
                return True
    return False


def is_of_matrices(node: Node, usage: Usage, found: dict[str, int]) -> bool:
    """Whether it is a product of two matrices, as they are."""
    if not isinstance(node, tree.Product) or len(node.factors) != 2:
        return False
    names = [named(factor, usage) for factor in node.factors]
    return all(n is not None and not n.places and found.get(n.text) == 2 for n in names)
