"""Differentials: `h dW + dh W + db` with a sign of differentiation too few, or of another name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from chainrule.checker.slips.misprint import Edit, Print, shown
from chainrule.notation import tree
from chainrule.notation.tree import Node


def differentials(printed: Print, node: Node) -> Iterator[Edit]:
    """Names after a `d`, and names that should have one; a differential beside a name alone."""
    varied = _varied(printed)
    if not varied:
        return
    if isinstance(node, tree.Product):
        yield from _in_product(printed, node, varied)
    elif printed.is_operand(node):
        own = printed.source(node)
        for name in varied:
            missing = f"the factor {shown(f'd{name}')} is missing beside {shown(own)}"
            yield printed.replace(node, f"{own} d{name}", missing)
            yield printed.replace(node, f"d{name} {own}", missing)
        yield printed.replace(node, f"d{own}", f"{shown(f'd{own}')} is meant, not {shown(own)}")


def _in_product(printed: Print, node: tree.Product, varied: list[str]) -> Iterator[Edit]:
    before: Node | None = None
    for factor in node.factors:
        if printed.is_operand(factor):
            own = printed.source(factor)
            if not _is_sign(before):
                new = f"d{own}"
                yield printed.replace(factor, new, f"{shown(new)} is meant, not {shown(own)}")
            else:
                for name in (name for name in varied if name != own):
                    sentence = f"a wrong operand: {shown(own)} should be {shown(name)}"
                    yield printed.replace(factor, name, sentence)
        before = factor


def _varied(printed: Print) -> list[str]:
    """The names that stand after a sign of differentiation: in the claim, then elsewhere."""
    found: dict[str, None] = {}
    for member in printed.members:
        for part in tree.walk(member):
            if isinstance(part, tree.Product):
                for sign, factor in pairwise(part.factors):
                    if _is_sign(sign) and printed.is_operand(factor):
                        found.setdefault(printed.source(factor))
    if found:
        others = (name for name in sorted(printed.sizes) if _is_varied(printed, name))
        found |= dict.fromkeys(others)
    return list(found)


def _is_varied(printed: Print, name: str) -> bool:
    """Whether a document prints `dW` somewhere."""
    sign = rf"(?<![a-zA-Z\\])d{re.escape(name)}(?![a-zA-Z_^])"
    return re.search(sign, printed.document.text) is not None


def _is_sign(node: Node | None) -> bool:
    return isinstance(node, tree.Symbol) and node.name == "d"
