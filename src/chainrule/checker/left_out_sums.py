"""The chain rule in short hand: `∂C/∂β = ∂C/∂y_i ∂y_i/∂β = Σ_i ∂C/∂y_i`, whose sum comes last.

The member in the middle lacks a sum, and yet is no mistake, where a later member has it, which is
right, and where the document never prints a sum in front of such a product; or where the same
equation stands further down, with the sum.
"""

from __future__ import annotations

from itertools import pairwise

from chainrule.checker.findings import TRUE
from chainrule.language.index import is_written
from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.leibniz import is_derivative, is_operator, operand
from chainrule.notation.misread import Misread
from chainrule.notation.reading import ChainItem
from chainrule.notation.reductions import own_letters
from chainrule.notation.syntax import statements_of
from chainrule.notation.tree import Node
from chainrule.notation.value import Value


def leaves_out_sum(document: Document, item: ChainItem, position: int, under) -> str | None:
    """The letter over which a member lacks a sum that a later, right member has."""
    values = under.read.members
    if not is_derivative(item.members[0]) or not _links(item.members[1]):
        return None
    if not all(isinstance(values[k], Value) for k in (0, position)):
        return None
    own, head = (
        {index.name for index in values[k].expr.free if is_written(index)} for k in (position, 0)
    )
    for text in sorted(own - head):
        later = range(position + 1, len(item.members))
        if any(text in _summed(item.members[k]) and _is_right(under, k) for k in later):
            return None if _prints_sums(document) else text
        if _is_repeated(document, item, item.members[position]):
            return text
    return None


def _is_repeated(document: Document, item: ChainItem, node: Node) -> bool:
    """Whether the equation stands further down with a sum in front of the product."""
    below = (formula for formula in document.formulas if formula.start > node.end)
    chains = (one.chain for formula in below for one in statements_of(document, formula))
    return any(
        isinstance(chain, tree.Chain)
        and chain.members[0] == item.members[0]
        and any(isinstance(one, tree.Big) and one.body == node for one in chain.members)
        for chain in chains
    )


def _is_right(under, position: int) -> bool:
    return under.outcome(0, position).verdict in TRUE


def _links(node: Node) -> bool:
    """Whether a member is a product of derivatives of which each starts where one ends."""
    factors = node.factors if isinstance(node, tree.Product) else ()
    if len(factors) < 2 or not all(is_derivative(f) and not is_operator(f) for f in factors):
        return False
    try:
        return all(
            operand(outer.denominator) == operand(inner.numerator)
            for outer, inner in pairwise(factors)
        )
    except (Misread, AttributeError):
        return False


def _summed(node: Node) -> set[str]:
    """The letters that sums in a member run over."""
    parts = (part for part in tree.walk(node) if isinstance(part, tree.Big))
    sums = (part for part in parts if part.kind == "sum" and part.sub is not None)
    return set().union(*map(own_letters, sums))


def _prints_sums(document: Document) -> bool:
    """Whether a sum stands in front of a product of derivatives somewhere."""
    statements = (one for formula in document.formulas for one in statements_of(document, formula))
    bigs = (p for s in statements for p in tree.walk(s.chain) if isinstance(p, tree.Big))
    return any(_links(part.body) for part in bigs)
