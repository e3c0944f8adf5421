"""Inverse functions: `σ^{-1}(p) = log(p / (1 - p))` says that p is σ of the right-hand side."""

from __future__ import annotations

from chainrule.language.function import Function
from chainrule.mathematics.functions import FUNCTIONS
from chainrule.notation import tree
from chainrule.notation.misread import Misread
from chainrule.notation.names import letter
from chainrule.notation.scripts import MINUS_ONE
from chainrule.notation.tree import Node


def inverse_call(meaning, node: Node) -> tuple[Node, Node] | None:
    """(f, x) of `f^{-1}(x)` where it is the inverse of f, and not one over f(x)."""
    match node:
        case tree.Product((tree.Script(word, None, exponent, 0), tree.Group(body=argument)), ("",)):
            pass
        case tree.Apply(tree.Script(word, None, exponent, 0), argument):
            pass
        case _:
            return None
    text = letter(word)
    if text is None or exponent != MINUS_ONE or isinstance(argument, tree.List):
        return None
    function = meaning.scope.functions.get(text)
    if meaning.record(text) is None and (function is None or function.index is not None):
        return None
    return (word, argument) if _is_inverse(meaning, text) else None


def _is_inverse(meaning, text: str) -> bool:
    options = ["the inverse function", "one over the function"]
    return meaning.choices.settle(f"{text} to the power -1 is", options) == options[0]


def known_inverse(meaning, text: str, factor: Node) -> Function | None:
    """The record of the inverse of a known function; None where f^{-1} is one over f."""
    record = meaning.record(text)
    if not isinstance(factor, tree.Script) or factor.sub is not None or record is None:
        return None
    if factor.sup != MINUS_ONE or not _is_inverse(meaning, text):
        return None
    if not record.inverse:
        raise Misread(factor, f"the inverse of {record.name} is not known")
    return FUNCTIONS[record.inverse]


def applied(function: Node, node: Node) -> Node:
    """f of a member."""
    group = tree.Group("(", ")", node, start=node.start, end=node.end)
    return tree.Product((function, group), ("",), start=node.start, end=node.end)
