"""Signs of terms, and differences the other way round."""

from __future__ import annotations

from collections.abc import Iterator

from chainrule.checker.slips.misprint import Edit, Print, shown
from chainrule.notation import tree
from chainrule.notation.tree import Node


def signs(printed: Print, node: Node) -> Iterator[Edit]:
    if not isinstance(node, tree.Sum):
        return
    terms = list(enumerate(zip(node.signs, node.terms, strict=True)))
    # People get the sign of a first term wrong less often than those that follow.
    for k, (sign, term) in (*terms[1:], terms[0]):
        flipped = {"+": "-", "-": "+"}.get(sign)
        if flipped is not None:
            start = printed.span(node.terms[k - 1])[1] if k else printed.span(node)[0]
            new = f" {flipped} " if k else ("-" if flipped == "-" else "")
            term_start = printed.span(term)[0]
            if start <= term_start:
                sentence = f"the sign of {shown(printed.source(term))} is wrong"
                yield Edit(start, term_start, new, sentence)


def signs_of_cells(printed: Print, node: Node) -> Iterator[Edit]:
    """Entries of matrices, cases, and lists whose minus is missing."""
    match node:
        case tree.Matrix(rows):
            cells = [cell for row in rows for cell in row]
        case tree.Cases(rows):
            cells = [value for value, _ in rows]
        case tree.List(items):
            cells = list(items)
        case _:
            return
    for cell in cells:
        own = printed.source(cell)
        if own.strip() not in ("", "0") and not isinstance(cell, tree.Sum):
            yield printed.replace(cell, f"-{own}", f"the sign of {shown(own)} is wrong")


def differences(printed: Print, node: Node) -> Iterator[Edit]:
    """`b - a` for `a - b`."""
    match node:
        case tree.Sum((first, second), ("+", "-")):
            new = f"{printed.source(second)} - {printed.source(first)}"
            sentence = f"{shown(printed.source(node))} is meant the other way round"
            yield printed.replace(node, new, sentence)


_OPPOSITE = {"<": ">", ">": "<", "<=": r"\geq", ">=": r"\leq"}


def comparisons(printed: Print, node: Node) -> Iterator[Edit]:
    """`R < 0` for `R > 0` in an indicator; the values of two cases the other way round."""
    match node:
        case tree.Chain(_, relations):
            for one in relations:
                if one.kind in _OPPOSITE:
                    own, new = printed.source(one), _OPPOSITE[one.kind]
                    sentence = f"{shown(own)} should be {shown(new)}"
                    yield printed.replace(one, new, sentence)
        case tree.Cases(((first, _), (second, _))):
            (a, b), (c, d) = printed.span(first), printed.span(second)
            text = printed.document.text
            yield Edit(a, d, f"{text[c:d]}{text[b:c]}{text[a:b]}", "the two cases are swapped")
