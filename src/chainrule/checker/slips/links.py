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
    (above, below), sign = _ends(printed, heads[0]), _sign(printed, heads[0])
    tops, bottoms = zip(*(_ends(printed, link) for link in links), strict=True)
    # A link leads from what nothing printed leads from to what nothing printed leads to.
    from_ = [one for one in (above, *bottoms) if one not in tops]
    to = [one for one in (below, *tops) if one not in bottoms]
    spans = [printed.span(factor) for factor in factors]
    for top, bottom in product(from_, to):
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
    above, below = operand(link.numerator), operand(link.denominator)
    return printed.source(above).strip(), printed.source(below).strip()


def _sign(printed: Print, link: tree.Fraction) -> str:
    above = link.numerator
    return printed.source(above.terms[0] if isinstance(above, tree.Sum) else above.factors[0])
