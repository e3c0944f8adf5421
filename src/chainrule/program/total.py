"""Sums of several terms: signs, common factors, and the order that loses no digits."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from chainrule.program.one_hot import less, one_hot
from chainrule.program.operation import Graph, Use
from chainrule.program.product import Product


@dataclass(frozen=True)
class Term:
    """amount × use."""

    amount: Fraction
    use: Use


def summed(product: Product, terms: list[Term]) -> Use:
    """The sum of the terms, small arrays first; but a maximum leaves what it is of at once."""
    graph = product.graph
    common = _common(terms)
    terms = [Term(term.amount / common, term.use) for term in terms]
    signed = [_signed(product, term) for term in _shifted(graph, terms)]
    groups: dict[frozenset, Term] = {}
    for term in signed:
        axes = frozenset(term.use.axes)
        groups[axes] = _combined(graph, groups[axes], term) if axes in groups else term
    ordered = sorted(groups.values(), key=lambda term: len(term.use.axes))
    result = ordered[0]
    for term in ordered[1:]:
        result = _combined(graph, result, term)
    scale = common * result.amount
    return result.use if scale == 1 else product.scaled(graph.number(scale), result.use)


def _common(terms: list[Term]) -> Fraction:
    """The number that all terms are multiplied by up to their sign, where there is one."""
    amounts = {abs(term.amount) for term in terms}
    return amounts.pop() if len(amounts) == 1 else Fraction(1)


def _shifted(graph: Graph, terms: list[Term]) -> list[Term]:
    """Every `x - max x` as one term: exact near the maximum, whatever else is subtracted."""
    terms = list(terms)
    for top in [term for term in terms if graph.operations[term.use.value].kind == "max"]:
        operation = graph.operations[top.use.value]
        for term in terms:
            fits = (
                term.use.value == operation.values[0]
                and term.amount == -top.amount
                and set(term.use.axes) > set(top.use.axes)
            )
            if fits:
                difference = graph.elementwise("subtract", term.use, top.use)
                terms = [other for other in terms if other not in (term, top)]
                terms.insert(0, Term(term.amount, difference))
                break
    return terms


def _signed(product: Product, term: Term) -> Term:
    """The term with amount 1 or -1."""
    size = abs(term.amount)
    if size == 1:
        return term
    use = product.scaled(product.graph.number(size), term.use)
    return Term(term.amount / size, use)


def _combined(graph: Graph, left: Term, right: Term) -> Term:
    if left.amount == right.amount:
        return Term(left.amount, graph.elementwise("add", left.use, right.use))
    if left.amount < 0:
        left, right = right, left
    found = one_hot(graph, right.use)
    if found is not None and set(right.use.axes) <= set(left.use.axes):
        return Term(left.amount, less(graph, left.use, found, graph.number(1)))
    return Term(left.amount, graph.elementwise("subtract", left.use, right.use))
