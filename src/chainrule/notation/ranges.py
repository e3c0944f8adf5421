r"""Several ranges below one sign: `\max_{1 \le r \le 2, 1 \le s \le 3}` is a maximum of maxima."""

from __future__ import annotations

from dataclasses import replace

from chainrule.notation import tree
from chainrule.notation.tree import Node


def nested(big: tree.Big) -> tree.Big:
    """One sign for each range, where each letter has one of its own."""
    ranges = _ranges(big.sub) if big.sup is None else ()
    if len(ranges) < 2:
        return big
    body = big.body
    for one in reversed(ranges):
        body = replace(big, sub=one, body=body)
    return body


def _ranges(sub: Node | None) -> tuple[Node, ...]:
    """The ranges side by side or, as `\\substack` has them, below one another."""
    match sub:
        case tree.List(items):
            found = items
        case tree.Matrix(rows, "") if all(len(row) == 1 for row in rows):
            found = tuple(row[0] for row in rows)
        case _:
            return ()
    return found if all(map(_is_range, found)) else ()


def _is_range(node: Node) -> bool:
    match node:
        case tree.Chain((_, tree.Symbol(), _), relations):
            return {relation.kind for relation in relations} <= {"<=", "<"}
        case tree.Chain((tree.Symbol(), tree.Group("{")), (tree.Relation("in"),)):
            return True
    return False
