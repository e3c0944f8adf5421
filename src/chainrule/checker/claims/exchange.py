"""A part of a formula exchanged for another."""

from __future__ import annotations

from chainrule.notation.tree import Node, show


def replaced(node: Node, shown: str, new: Node) -> Node:
    """A tree with every part that shows as `shown` exchanged for another.

    >>> from chainrule.notation.tree import Number, Sum, Symbol
    >>> show(replaced(Sum((Symbol("x"), Number("1")), ("+", "+")), "x", Symbol("z")))
    '(sum + z + 1)'
    """
    if show(node) == shown:
        return new
    changes = {
        name: _within(value, shown, new)
        for name, value in vars(node).items()
        if isinstance(value, (Node, tuple))
    }
    return type(node)(**{**vars(node), **changes})


def _within(value, shown: str, new: Node):
    if isinstance(value, tuple):
        return tuple(_within(one, shown, new) for one in value)
    return replaced(value, shown, new) if isinstance(value, Node) else value
