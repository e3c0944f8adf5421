"""Brackets of every kind: vectors, norms, inner products, indicators, rounding to integers."""

from __future__ import annotations

from chainrule.language.algebra import apply
from chainrule.mathematics.functions import FUNCTIONS
from chainrule.notation import tree
from chainrule.notation.contractions import contraction
from chainrule.notation.ellipsis import vector
from chainrule.notation.matrix_calculus import bars, indicator, inner_product, is_condition, norm
from chainrule.notation.misread import Misread
from chainrule.notation.value import Value

_ROUNDED = {"⌊": FUNCTIONS["floor"], "⌈": FUNCTIONS["ceil"]}


def bracketed(meaning, node: tree.Group) -> Value:
    """The value of what stands in brackets."""
    match node.open:
        case "(" | "[" if isinstance(node.body, tree.List):
            return vector(meaning, node.body.items, node)
        case "[" if is_condition(node.body):
            return indicator(meaning, node.body)
        case "(" | "[" | "{" | "." | "":
            return meaning.value(node.body)
        case "|":
            return bars(meaning, node)
        case "||":
            return norm(meaning, node)
        case "<" if isinstance(node.body, tree.List):
            product = contraction(meaning, node.body)
            return inner_product(meaning, node.body) if product is None else product
        case "⌊" | "⌈":
            value = meaning.value(node.body)
            return Value(apply(_ROUNDED[node.open], value.expr), value.axes)
    raise Misread(node)
