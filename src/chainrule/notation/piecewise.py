"""Functions defined by cases."""

from __future__ import annotations

from chainrule.language.algebra import where
from chainrule.notation import tree
from chainrule.notation.matrix_calculus import COMPARISONS
from chainrule.notation.misread import Misread
from chainrule.notation.tree import Node
from chainrule.notation.value import Value


def piecewise(meaning, rows, node: Node) -> Value:
    """Cases as nested conditions, from the last row back; no row may be missing a value."""
    *before, (last, _) = rows
    result = meaning.value(last)
    for body, condition in reversed(before):
        if not isinstance(condition, tree.Chain) or len(condition.relations) != 1:
            raise Misread(node)
        kind = COMPARISONS.get(condition.relations[0].kind)
        if kind is None:
            raise Misread(node)
        left, right = map(meaning.value, condition.members)
        value = meaning.value(body)
        parts, axes = meaning.algebra.aligned([left, right, value, result], "the cases")
        result = Value(where(kind, *(part.expr for part in parts)), axes)
    return result
