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
    slope_by_bracket,
)
from chainrule.notation.misread import Misread
from chainrule.notation.multiplication import TIGHT
from chainrule.notation.names import named
from chainrule.notation.tree import Node
from chainrule.notation.value import Value


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
    """Whether the outer one is by what the inner one differentiates: a whole array, or a bracket;
    one of them may have a name for what stands in the other's bracket."""
    middle, numerator = operand(outer.denominator), operand(inner.numerator)
    if not all(_is_whole(node, usage) for node in (middle, numerator)):
        return False
    return middle == numerator or isinstance(middle, tree.Group) != isinstance(
        numerator, tree.Group
    )


def _is_whole(node: Node, usage) -> bool:
    name = named(node, usage)
    return isinstance(node, tree.Group) or (name is not None and not name.places)


def contracted(meaning, links: tuple[Node, ...]) -> Value:
    """The product of the derivatives, summed over the axes of the arrays in between."""
    head = meaning.algebra.resolved(numerator_value(meaning, operand(links[0].numerator)))
    slope = _slope(meaning, head, links[0])
    for link in links[1:]:
        middle = meaning.algebra.resolved(meaning.value(operand(link.numerator)))
        inner = _slope(meaning, middle, link)
        if len(middle.indices) != len(slope.indices):
            raise Misread(link)
        for one, other in zip(middle.indices, slope.indices, strict=True):
            meaning.algebra.unify(one, other, "the chain rule")
        middle, inner, slope = map(meaning.algebra.resolved, (middle, inner, slope))
        places = {a: place_of(b) for a, b in zip(middle.indices, slope.indices, strict=True)}
        expr = mul(slope.expr, substitute(inner.expr, places))
        for index in slope.indices:
            expr = total(index, expr)
        slope = Value(expr, inner.axes)
    variable = operand(links[-1].denominator)
    if (name := named(variable, meaning.scope.usage)) is not None and name.places:
        slope = meaning.at(slope, name.places, links[-1])
    return joint(head, slope, links[-1])


def _slope(meaning, value: Value, link: Node) -> Value:
    """The derivative by the variable of a link, a name or a bracket, over the variable's axes."""
    variable = operand(link.denominator)
    if isinstance(variable, tree.Group):
        return slope_by_bracket(meaning, value, variable)
    return slope_by(meaning, value, differentiated(meaning, variable), link)
