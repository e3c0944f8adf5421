"""Products of a derivative with an array, `⟨V, ∂S/∂Q⟩` and `⟨∂S/∂Q, V⟩`.

An array in front goes over the axes of what is differentiated, one behind over the variable's.
"""

from __future__ import annotations

from chainrule.language.algebra import mul, substitute, total
from chainrule.language.index import Index, place_of
from chainrule.notation import tree
from chainrule.notation.leibniz import (
    by_variable,
    differentiated,
    is_derivative,
    is_operator,
    numerator_value,
    operand,
    slope_by,
)
from chainrule.notation.misread import Misread
from chainrule.notation.second_derivatives import second_derivative
from chainrule.notation.tree import Node
from chainrule.notation.value import Value


def contraction(meaning, node: tree.List) -> Value | None:
    """The product; None where neither side is the derivative of a vector or matrix."""
    if len(node.items) != 2 or node.separators != (",",):
        return None
    first, second = node.items
    behind = _is_slope(first)
    if behind == _is_slope(second):
        return None
    slope, array = (first, second) if behind else (second, first)
    head, variable = _differentiated(meaning, slope)
    name = differentiated(meaning, variable)
    if head.is_scalar or name.places:
        return None
    inner = slope_by(meaning, head, name, slope)
    return _summed(meaning, meaning.value(array), head, inner, behind, slope)


def _is_slope(node: Node) -> bool:
    if second_derivative(node) is not None:
        return True
    return (
        is_derivative(node) and not is_operator(node) and isinstance(node.denominator, tree.Product)
    )


def _differentiated(meaning, node: Node) -> tuple[Value, Node]:
    """What is differentiated last, and by what; of a second derivative the first one."""
    if (twice := second_derivative(node)) is not None:
        value = by_variable(meaning, numerator_value(meaning, twice[0]), twice[1])
        return meaning.algebra.resolved(value), twice[2]
    value = numerator_value(meaning, operand(node.numerator))
    return meaning.algebra.resolved(value), operand(node.denominator)


def _summed(meaning, array: Value, head: Value, slope: Value, behind: bool, node: Node) -> Value:
    """The sum over the axes that the array shares with the variable, or with the head."""

    def over() -> tuple[Index, ...]:
        return slope.indices if behind else head.indices

    array = meaning.algebra.resolved(array)
    if len(array.indices) != len(over()):
        raise Misread(node)
    for one, other in zip(array.indices, over(), strict=True):
        meaning.algebra.unify(one, other, "an inner product")
    array, head, slope = map(meaning.algebra.resolved, (array, head, slope))
    places = {a: place_of(b) for a, b in zip(array.indices, over(), strict=True)}
    expr = mul(slope.expr, substitute(array.expr, places))
    for index in over():
        expr = total(index, expr)
    return Value(expr, head.axes if behind else slope.axes)
