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


def as_one_range(sub: Node | None) -> Node:
    r"""`1 \le r, s \le 2` or `r, s = 1` as one chain with a list of letters."""
    match sub:
        case tree.List((*first, tree.Chain((last, low), (relation,)))) if relation.kind == "=":
            return tree.Chain((tree.List((*first, last), ()), low), (relation,))
        case tree.List((tree.Chain((low, first), (below,)), *between, last)):
            if isinstance(last, tree.Chain) and len(last.members) == 2:
                letters = tree.List((first, *between, last.members[0]), ())
                return tree.Chain((low, letters, last.members[1]), (below, *last.relations))
    return sub


def printed_start(sub: Node | None) -> tuple[Node, int] | None:
    r"""The letters and the 0 or 1 they start at: `r=0`, `1 \le r, s \le 2`, `r \in \{0, 1\}`.

    None where the range is of another form.
    """
    match as_one_range(sub):
        case tree.Chain((marks, tree.Number("0" | "1" as first)), (relation,)):
            return (marks, int(first)) if relation.kind == "=" else None
        case tree.Chain((tree.Number("0" | "1" as first), marks, _), (below, above)):
            ascending = below.kind == "<=" and above.kind in ("<=", "<")
            return (marks, int(first)) if ascending else None
        case tree.Chain((marks, tree.Group("{", _, tree.List(items))), (relation,)):
            if relation.kind == "in" and items[0] in (tree.Number("0"), tree.Number("1")):
                return marks, int(items[0].text)
    return None
