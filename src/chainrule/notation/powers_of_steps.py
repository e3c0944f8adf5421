r"""The T of `w^T` as a number: where T counts the steps in time and `\top` is the transpose.

A number, as in `0.9^T`, is never transposed, whatever T is elsewhere; nor is w where `w^{T-1}` is
printed, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chainrule.notation import tree
from chainrule.notation.scripts import TRANSPOSES, letter, subscripts
from chainrule.notation.tree import Node

_T = tree.Symbol("T")


def with_powers(statements: Iterable[tree.Statement]) -> list[tree.Statement]:
    """The statements, `w^T` in them as a power where T is a number."""
    statements = list(statements)
    parts = [part for one in statements for part in tree.walk(one.chain)]
    powers = [part for part in parts if isinstance(part, tree.Script) and part.sup == _T]
    if not powers:
        return statements
    names = {part.name for part in parts if isinstance(part, tree.Symbol)}
    raised = {letter(part.base) for part in parts if _is_near_power(part)} - {None}
    counted = not names.isdisjoint(TRANSPOSES - {"T"}) and any(map(_counts, parts))

    def changed(part: Node) -> Node:
        if isinstance(part, tree.Script) and part.sup == _T:
            number = isinstance(part.base, tree.Number) and part.base.text != "1"
            if counted or number or letter(part.base) in raised:
                exponent = tree.Product((tree.Number("1"), part.sup), ("",))
                return replace(part, sup=replace(exponent, start=part.sup.start, end=part.sup.end))
        return part

    return [replace(one, chain=tree.transformed(one.chain, changed)) for one in statements]


def _is_near_power(part: Node) -> bool:
    """`w^{T-1}`."""
    return isinstance(part, tree.Script) and isinstance(part.sup, tree.Sum) and _T in part.sup.terms


def _counts(part: Node) -> bool:
    """Whether T is a number in it: the last one of a sum, or a subscript."""
    match part:
        case tree.Big():
            return part.sup == _T
        case tree.Script(_, sub, _) if sub is not None:
            return any(letter(one) == "T" for one in subscripts(sub))
    return False
