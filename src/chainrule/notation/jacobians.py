"""Jacobians of functions of which nothing else is said: `J = [∂f_1/∂x_1 … ]`, `∂f_i/∂x_j = …`."""

from __future__ import annotations

from collections.abc import Callable

from chainrule.language.inline import elements
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import is_derivative, is_operator, operand
from chainrule.notation.likeliest import first_value
from chainrule.notation.names import named
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import letter, plain
from chainrule.notation.tree import Node

Test = Callable[[str], bool]


def is_written_out(body: Node, is_free: Test) -> bool:
    """Whether a matrix is `∂f_1/∂x_1 … ∂f_m/∂x_n` of a free f: a row for each f_i."""
    body = undecorated(body)
    if not isinstance(body, tree.Matrix):
        return False
    names, above, below = set(), set(), set()
    for row, line in enumerate(body.rows):
        for column, cell in enumerate(line):
            match _sides(cell):
                case tree.Script(f, i, None), tree.Script(x, j, None):
                    names.add((letter(f), letter(x)))
                    above.add((row, plain(i)))
                    below.add((column, plain(j)))
                case _ if not isinstance(undecorated(cell), (tree.Ellipsis, tree.Empty)):
                    return False
    in_order = all(
        len({a for a, _ in s}) == len(s) == len({b for _, b in s}) for s in (above, below)
    )
    return in_order and len(names) == 1 < len(above) and all(is_free(f) for f, _ in names if f)


def is_given(head: Node, body: Node, scope: Scope, is_free: Test) -> str | None:
    """`∂f/∂x`, where `∂f_i/∂x_j = …` says of a free f in terms of x what its Jacobian is."""
    names = [named(side, scope.usage) for side in _sides(head) or ()]
    if not names or any(name is None or len(name.places) != 1 for name in names):
        return None
    top, bottom = names
    if not is_free(top.text):
        return None
    places = (*top.places, *bottom.places)
    value = first_value(scope.copy(), lambda meaning: meaning.value(body), places)
    if value is None or {array.name for array in elements(value.expr)} - {bottom.text}:
        return None
    return f"∂{top.text}/∂{bottom.text}"


def _sides(node: Node) -> tuple[Node, Node] | None:
    """(f_i, x_j) of a printed `∂f_i/∂x_j`."""
    node = undecorated(node)
    if not isinstance(node, tree.Fraction) or not is_derivative(node) or is_operator(node):
        return None
    return operand(node.numerator), operand(node.denominator)
