"""Links of a chain rule: one that is missing between the derivatives that are printed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from chainrule.checker.slips.misprint import Edit, Print, shown
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import is_derivative, is_operator, operand
from chainrule.notation.tree import Node


def missing_links(printed: Print, node: Node) -> Iterator[Edit]:
    """`∂J/∂y` where only `∂y/∂x` is left of `∂J/∂x`: in front of what is there, behind, between."""
    factors = node.factors if isinstance(node, tree.Product) else (node,)
    links = [factor for factor in factors if _is_link(factor)]
    heads = [head for other in printed.others if _is_link(head := undecorated(other))]
    if not links or not heads:
        return
    ends = [_ends(printed, link) for link in links]
    (above, below), sign = _ends(printed, heads[0]), _sign(printed, heads[0])
    tops = [one for one in (above, *(by for _, by in ends)) if one not in [f for f, _ in ends]]
    bottoms = [one for one in (below, *(f for f, _ in ends)) if one not in [by for _, by in ends]]
    spans = [printed.span(factor) for factor in factors]
    for top, bottom in product(tops, bottoms):
        if top == bottom or (top, bottom) == (above, below):
            continue
        link = rf"\frac{{{sign} {top}}}{{{sign} {bottom}}}"
        sentence = f"the link {shown(link)} is missing"
        places = [Edit(start, start, f"{link} ", sentence) for start, _ in spans]
        behind = Edit(spans[-1][1], spans[-1][1], f" {link}", sentence)
        yield from (behind, *places) if bottom == below else (*places, behind)


def _is_link(node: Node) -> bool:
    return isinstance(node, tree.Fraction) and is_derivative(node) and not is_operator(node)


def _ends(printed: Print, link: tree.Fraction) -> tuple[str, str]:
    """What is differentiated, and by what, as printed."""
    return tuple(printed.source(operand(part)).strip() for part in _parts(link))


def _parts(link: tree.Fraction) -> tuple[Node, Node]:
    return link.numerator, link.denominator


def _sign(printed: Print, link: tree.Fraction) -> str:
    above = link.numerator
    return printed.source(above.terms[0] if isinstance(above, tree.Sum) else above.factors[0])
