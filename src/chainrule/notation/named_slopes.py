"""Names for slopes that follow their cost: after `δ = ∂L/∂z` and another L, δ is its slope."""

from __future__ import annotations

from collections.abc import Callable

from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import is_derivative, is_gradient_sign, is_operator, operand
from chainrule.notation.names import named
from chainrule.notation.scope import Scope
from chainrule.notation.tree import Node


def slope_of(body: Node, scope: Scope) -> str | None:
    """The L of `∂L/∂z` and `∇_z L`: the name of which a formula is the whole derivative."""
    body = undecorated(body)
    if is_derivative(body) and not is_operator(body):
        return _name(operand(body.numerator), scope)
    if isinstance(body, tree.Product) and len(body.factors) == 2:
        if is_gradient_sign(body.factors[0], scope.size_names):
            return _name(body.factors[1], scope)
    return None


def _name(node: Node, scope: Scope) -> str | None:
    name = named(node, scope.usage)
    return None if name is None or name.places or name.power is not None else name.text


class NamedSlopes:
    """The names that some formula makes the slope of a cost, and how that was printed.

    define   gives a name the meaning of a formula in the scope; None where it is not understood
    current  the names that are the slopes of what the cost is by now
    """

    def __init__(self, scope: Scope, define: Callable[[Node, Node], str | None]):
        self.scope, self.define = scope, define
        self.printed: dict[str, tuple[Node, Node]] = {}
        self.current: set[str] = set()

    def note(self, text: str, head: Node, body: Node, understood: bool = True) -> None:
        """A name was given the meaning of a formula, which may be a slope."""
        if slope_of(body, self.scope) is not None:
            self.printed[text] = head, body
            (self.current.add if understood else self.current.discard)(text)
        elif text in self.current:
            del self.printed[text]
            self.current.remove(text)

    def follow(self, changed: str) -> None:
        """Another meaning of a cost, or of what it depends on, is another one of its slopes."""
        scope = self.scope
        for text, (head, body) in self.printed.items():
            if text == changed or changed not in scope.inputs(slope_of(body, scope)):
                continue
            before, opaque = scope.forget(text), text in scope.opaque
            scope.opaque.discard(text)
            if self.define(head, body) is not None:
                self.current.add(text)
            elif text in self.current:
                self.current.remove(text)
                scope.doubt(text, before)
            else:
                scope.doubt(text, before)
                scope.opaque -= set() if opaque else {text}
