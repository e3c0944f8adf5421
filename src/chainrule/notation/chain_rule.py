"""The chain rule as printed: a product of derivatives in which each next one starts where the one
before ends, `∂L/∂o ∂o/∂W`. It is the contraction over the axes of what stands in between, whatever
the layout of the Jacobians would be.
"""

from __future__ import annotations

from itertools import pairwise

from chainrule.language.algebra import mul, substitute, total
from chainrule.language.index import place_of
from chainrule.notation import tree
from chainrule.notation.leibniz import (
    differentiated,
    is_derivative,
    is_operator,
    joint,
    numerator_value,
    operand,
    slope_by,
)
from chainrule.notation.misread import Misread
from chainrule.notation.names import Name, named
from chainrule.notation.tree import Node
from chainrule.notation.value import Value

TIGHT = ("", "cdot", "times", "ast")


def linked(node: tree.Product, at: int, usage) -> tuple[Node, ...]:
    """The derivatives from `at` on that hang together, outermost first; () for fewer than two."""
    run = [node.factors[at]] if _is_link(node.factors[at]) else []
    while run and at + len(run) < len(node.factors):
        following = node.factors[at + len(run)]
        if node.operators[at + len(run) - 1] not in TIGHT or not _is_link(following):
            break
        run.append(following)
    for ordered in (tuple(run), tuple(reversed(run))):
        if len(run) > 1 and all(_joins(outer, inner, usage) for outer, inner in pairwise(ordered)):
            return ordered
    return ()


def _is_link(node: Node) -> bool:
    return (
        is_derivative(node) and not is_operator(node) and isinstance(node.denominator, tree.Product)
    )


def _joins(outer: Node, inner: Node, usage) -> bool:
    """Whether the outer one is by the whole array that the inner one differentiates."""
    middle = operand(outer.denominator)
    name = named(middle, usage)
    return name is not None and not name.places and middle == operand(inner.numerator)


def contracted(meaning, links: tuple[Node, ...]) -> Value:
    """The product of the derivatives, summed over the axes of the arrays in between."""
    head = meaning.algebra.resolved(numerator_value(meaning, operand(links[0].numerator)))
    name = _variable(meaning, links[0])
    if not meaning.scope.symbol(name.text).sizes:
        raise Misread(links[0])
    slope = slope_by(meaning, head, name, links[0])
    for link in links[1:]:
        middle = meaning.algebra.resolved(meaning.scope.value(name.text))
        name = _variable(meaning, link)
        inner = slope_by(meaning, middle, name, link)
        places = {a: place_of(b) for a, b in zip(middle.indices, slope.indices, strict=True)}
        expr = mul(slope.expr, substitute(inner.expr, places))
        for index in slope.indices:
            expr = total(index, expr)
        slope = Value(expr, inner.axes)
    if name.places:
        slope = meaning.at(slope, name.places, links[-1])
    return joint(head, slope, links[-1])


def _variable(meaning, link: Node) -> Name:
    variable = operand(link.denominator)
    return differentiated(meaning, variable)
