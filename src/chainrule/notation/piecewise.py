"""Functions defined by cases."""

from __future__ import annotations

from chainrule.language.algebra import where
from chainrule.notation import tree
from chainrule.notation.matrix_calculus import COMPARISONS
from chainrule.notation.misread import Misread
from chainrule.notation.scripts import letter
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
        _count(meaning, kind, condition)
        left, right = map(meaning.value, condition.members)
        value = meaning.value(body)
        parts, axes = meaning.algebra.aligned([left, right, value, result], "the cases")
        result = Value(where(kind, *(part.expr for part in parts)), axes)
    return result


def _count(meaning, kind: str, condition: tree.Chain) -> None:
    """The t of `1 if k = t` counts along the same axis as the index k."""
    texts, scope = [letter(member) for member in condition.members], meaning.scope
    if kind not in ("==", "!=") or None in texts or meaning.letters.keys().isdisjoint(texts):
        return
    if any(t in scope.size_names or t in scope.definitions or scope.rank(t) for t in texts):
        return
    first, second = map(meaning.index, texts)
    meaning.same(first.size, second.size, condition)
