"""Second derivatives as printed: ∂²f/∂x², ∂²f/(∂x ∂y)."""

from __future__ import annotations

from dataclasses import replace

from chainrule.notation import tree
from chainrule.notation.leibniz import by_variable, numerator_value
from chainrule.notation.scripts import is_transposed
from chainrule.notation.tree import Node
from chainrule.notation.value import Value


def second_derivative(node: Node) -> tuple[Node, Node, Node] | None:
    """What is differentiated twice, and by what: ∂²f/∂x² and ∂²f/(∂x ∂y)."""
    match node:
        case tree.Fraction(tree.Product((tree.Script(tree.Symbol(sign), None, two), *rest)), below):
            if sign not in ("partial", "d") or two != tree.Number("2") or not rest:
                return None
            body = rest[0]
            if len(rest) > 1:
                operators = node.numerator.operators[1:]
                body = tree.Product(tuple(rest), operators, start=rest[0].start, end=node.end)
            match below:
                case tree.Product((tree.Symbol(one), tree.Script(base, sub, tree.Number("2")))):
                    by = base
                    if sub is not None:
                        by = tree.Script(base, sub, None, start=below.start, end=below.end)
                    return (body, by, by) if one == sign else None
                case tree.Product((tree.Symbol(one), first, tree.Symbol(other), second)):
                    second = _untransposed(second)
                    return (body, first, second) if one == other == sign else None
    return None


def _untransposed(node: Node) -> Node:
    """x for the x^T of ∂²f/(∂x ∂x^T), which says no more than how the Hessian stands."""
    if not is_transposed(node):
        return node
    return node.base if node.sub is None else replace(node, sup=None)


def twice(meaning, found: tuple[Node, Node, Node]) -> Value:
    """The value of ∂²f/(∂x ∂y)."""
    value = numerator_value(meaning, found[0])
    return by_variable(meaning, by_variable(meaning, value, found[1]), found[2])
