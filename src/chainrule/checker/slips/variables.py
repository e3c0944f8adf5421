"""The variable of a derivative: another one is meant."""

from __future__ import annotations

from collections.abc import Iterator

from chainrule.checker.slips.misprint import Edit, Print, shown
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import operand
from chainrule.notation.names import named
from chainrule.notation.tree import Node


def variables(printed: Print, node: Node) -> Iterator[Edit]:
    """The derivative by every other name of the document."""
    if node is not printed.node:
        return
    match undecorated(node):
        case tree.Fraction(_, tree.Product() as below):
            own = operand(below)
            name = named(own, printed.usage)
            if name is not None and not name.places:
                for other in sorted(printed.sizes):
                    if other != name.text:
                        sentence = f"this is the derivative by {shown(other)}"
                        yield printed.replace(own, f"{other} ", sentence)
