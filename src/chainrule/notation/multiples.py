r"""Places that are multiples: the `y_{2q}` beside `y_{2q + 1}`, which is no entry of row 2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from chainrule.notation import tree
from chainrule.notation.scripts import letter
from chainrule.notation.tree import Node


def with_multiples(statements: Iterable[tree.Statement]) -> list[tree.Statement]:
    """The statements with brackets around products in places of arrays that are read at such
    products and a number more, too."""
    statements = list(statements)
    known = {pair for one in statements for pair in _computed(one.chain)}
    if not known:
        return statements

    def change(part: Node) -> Node:
        if not isinstance(part, tree.Script) or not _is_multiple(part.sub):
            return part
        if (letter(part.base), tree.show(part.sub)) not in known:
            return part
        sub = tree.Group("(", ")", part.sub, start=part.sub.start, end=part.sub.end)
        return replace(part, sub=sub)

    return [replace(one, chain=tree.transformed(one.chain, change)) for one in statements]


def _computed(node: Node) -> Iterator[tuple[str, str]]:
    """(y, 2q) for each `y_{2q + 1}`."""
    for part in tree.walk(node):
        if isinstance(part, tree.Script) and isinstance(part.sub, tree.Sum):
            if (base := letter(part.base)) is not None:
                yield from ((base, tree.show(one)) for one in part.sub.terms if _is_multiple(one))


def _is_multiple(node: Node | None) -> bool:
    match node:
        case tree.Product((tree.Number(text), tree.Symbol()), ("",)):
            return text.isdigit()
    return False
