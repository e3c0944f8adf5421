"""Second derivatives as printed: ∂²f/∂x², ∂²f/(∂x ∂y)."""

from __future__ import annotations

from dataclasses import replace

from chainrule.language.algebra import ZERO
from chainrule.language.inline import elements
from chainrule.notation import tree
from chainrule.notation.leibniz import by_variable, differentiated, joint, numerator_value
from chainrule.notation.scripts import is_transposed
from chainrule.notation.tree import Node
from chainrule.notation.value import Value


def second_derivative(node: Node) -> tuple[Node, Node, Node] | None:
    """What is differentiated twice, and by what: ∂²f/∂x² and ∂²f/(∂x ∂y)."""
    match node:
        case tree.Fraction(tree.Product((tree.Script() as signs, *rest)), below) if rest:
            body = rest[0]
            if len(rest) > 1:
                operators = node.numerator.operators[1:]
                body = tree.Product(tuple(rest), operators, start=rest[0].start, end=node.end)
            by = _variables(signs, below)
            return None if by is None else (body, *by)
    return None


def two_operators(node: Node) -> tuple[Node, Node] | None:
    """∂²/∂x² and ∂²/(∂x ∂y) with nothing in the numerator, as ∂/∂x and ∂/∂y one after the other."""
    match node:
        case tree.Fraction(tree.Script(sign) as signs, below):
            by = _variables(signs, below)
            return None if by is None else tuple(_operator(node, sign, one) for one in by)
    return None


def _operator(node: tree.Fraction, sign: Node, variable: Node) -> Node:
    return replace(node, numerator=sign, denominator=tree.Product((sign, variable), ("",)))


def _variables(signs: tree.Script, below: Node) -> tuple[Node, Node] | None:
    """The x and y of ∂² over ∂x ∂y."""
    match signs:
        case tree.Script(tree.Symbol("partial" | "d" as sign), None, tree.Number("2")):
            pass
        case _:
            return None
    match below:
        case tree.Product((tree.Symbol(one), tree.Script(base, sub, tree.Number("2")))):
            by = base
            if sub is not None:
                by = tree.Script(base, sub, None, start=below.start, end=below.end)
            return (by, by) if one == sign else None
        case tree.Product((tree.Symbol(one), first, tree.Symbol(other), second)):
            return (first, _untransposed(second)) if one == other == sign else None
    return None


def _untransposed(node: Node) -> Node:
    """x for the x^T of ∂²f/(∂x ∂x^T), which says no more than how the Hessian stands."""
    if not is_transposed(node):
        return node
    return node.base if node.sub is None else replace(node, sup=None)


def twice(meaning, found: tuple[Node, Node, Node]) -> Value:
    """The value of ∂²f/(∂x ∂y)."""
    value = numerator_value(meaning, found[0])
    first = by_variable(meaning, value, found[1])
    if not value.is_scalar or not _is_constant(meaning, first, found[2]):
        return by_variable(meaning, first, found[2])
    # What depends on x may have a slope that does not: the second derivative is 0.
    other = by_variable(meaning, value, found[2])
    return joint(meaning.algebra.resolved(first), Value(ZERO, other.axes), found[2])


def _is_constant(meaning, slope: Value, variable: Node) -> bool:
    """Whether a slope is made of known arrays alone, of which none is the variable, nor anything
    else that the document differentiates by."""
    known = {differentiated(meaning, variable).text, *meaning.scope.varied}
    arrays = elements(meaning.scope.inlined(slope.expr, frozenset(known)))
    return not any(one.name in known or one.name[-1] in "?)·" for one in arrays)
