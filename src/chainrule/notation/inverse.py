"""Inverse functions: `σ^{-1}(p) = log(p / (1 - p))` says that p is σ of the right-hand side."""

from __future__ import annotations

from chainrule.notation import tree
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
    options = ["the inverse function", "one over the function"]
    chosen = meaning.choices.settle(f"{text} to the power -1 is", options)
    return (word, argument) if chosen == options[0] else None


def applied(function: Node, node: Node) -> Node:
    """f of a member."""
    group = tree.Group("(", ")", node, start=node.start, end=node.end)
    return tree.Product((function, group), ("",), start=node.start, end=node.end)
