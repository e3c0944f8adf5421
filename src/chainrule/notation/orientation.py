"""How vectors stand, as rows or as columns, as the products show in which they are printed."""

from __future__ import annotations

from collections.abc import Iterable

from chainrule.notation import tree
from chainrule.notation.names import named
from chainrule.notation.tree import Node
from chainrule.notation.usage import Usage


def layout(nodes: Iterable[Node], usage: Usage, known: dict[str, int]) -> str | None:
    """ "rows" where vectors stand left of matrices (x W), "columns" where right of them (W x)."""
    rows = columns = 0
    for node in nodes:
        for part in tree.walk(node):
            if not isinstance(part, tree.Sum):
                continue
            for term in part.terms:
                pair = _pair(term, usage, known)
                rows, columns = rows + (pair == (1, 2)), columns + (pair == (2, 1))
    return None if rows == columns else "rows" if rows > columns else "columns"


def _pair(node: Node, usage: Usage, known: dict[str, int]) -> tuple[int, int] | None:
    if not isinstance(node, tree.Product) or len(node.factors) != 2:
        return None
    names = [named(factor, usage) for factor in node.factors]
    plain = not any(n is None or n.places or n.transpose for n in names)
    return tuple(known.get(n.text, 0) for n in names) if plain else None


def inner_products(nodes: Iterable[Node], usage: Usage, known: dict[str, int]) -> set[str]:
    """How vectors stand where a number is added to a product of two: `w^T x + b` of columns,
    `x w^T + b` of rows."""
    found = set()
    for part in (p for n in nodes for p in tree.walk(n) if isinstance(p, tree.Sum)):
        names = [named(term, usage) for term in part.terms]
        if not any(n is not None and not n.places and not known.get(n.text, 0) for n in names):
            continue
        for term in part.terms:
            factors = term.factors if isinstance(term, tree.Product) else ()
            pair = [named(factor, usage) for factor in factors]
            if len(pair) == 2 and all(n and known.get(n.text) == 1 and not n.places for n in pair):
                turned = [n.transpose for n in pair]
                found |= {"columns"} if turned == [True, False] else set()
                found |= {"rows"} if turned == [False, True] else set()
    return found


def is_transposed(
    nodes: Iterable[Node], usage: Usage, vectors: set[str], others: set[str], matrices: set[str]
) -> bool:
    """Whether one of some vectors is printed as in `w^T X`, as people do whose w is a column.

    others  vectors of which no length is stated; that tells something before a matrix only
    """
    products = (p for n in nodes for p in tree.walk(n) if isinstance(p, tree.Product))
    for product in products:
        first, second = (named(factor, usage) for factor in product.factors[:2])
        if first is None or not first.transpose or second is None:
            continue
        if first.text in vectors or (first.text in others and second.text in matrices):
            return True
    return False


def adds_columns(nodes: Iterable[Node], usage: Usage, known: dict[str, tuple]) -> bool:
    """Whether a column is added to a matrix, as in `W X + b`; known: the axes of arrays."""
    sums = (p for n in nodes for p in tree.walk(n) if isinstance(p, tree.Sum))
    for terms in (part.terms for part in sums):
        last = [t.factors[-1] if isinstance(t, tree.Product) else t for t in terms]
        names = [named(node, usage) for node in last]
        axes = [known.get(n.text, ()) for n in names if n is not None and not n.transpose]
        columns = [a for a in axes if len(a) == 2 and a[0] is not None and a[1] is None]
        if columns and any(len(a) == 2 and None not in a for a in axes):
            return True
    return False
