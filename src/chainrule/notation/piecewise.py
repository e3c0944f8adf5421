"""Functions defined by cases."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from chainrule.language.algebra import position, where
from chainrule.notation import tree
from chainrule.notation.matrix_calculus import COMPARISONS, numbers_in_places
from chainrule.notation.misread import Misread
from chainrule.notation.scripts import letter
from chainrule.notation.tree import Node
from chainrule.notation.value import Value


def piecewise(meaning, rows, node: Node) -> Value:
    """Cases as nested conditions, from the last row back; no row may be missing a value."""
    *before, (last, _) = rows
    result = meaning.value(last)
    for body, condition in reversed(before):
        value = meaning.value(body)
        both = condition.items if isinstance(condition, tree.List) else (condition,)
        found = value
        for one in reversed([part for each in both for part in _comparisons(each, node)]):
            found = _chosen(meaning, one, found, result)
        result = found
    return result


def _comparisons(condition: Node, node: Node) -> list[tree.Chain]:
    """Each relation of `0 ≤ i < N` by itself."""
    if not isinstance(condition, tree.Chain):
        raise Misread(node)
    members, relations = condition.members, condition.relations
    if not all(relation.kind in COMPARISONS for relation in relations):
        raise Misread(node)
    pairs = zip(pairwise(members), relations, strict=True)
    return [replace(condition, members=pair, relations=(one,)) for pair, one in pairs]


def _chosen(meaning, condition: tree.Chain, yes: Value, no: Value) -> Value:
    """One value where a relation holds, else the other."""
    kind = COMPARISONS[condition.relations[0].kind]
    numbers = None if kind in ("==", "!=") else numbers_in_places(meaning, condition.members)
    if numbers is not None:
        left, right = (Value(position(place)) for place in numbers)
    else:
        _count(meaning, kind, condition)
        left, right = map(meaning.value, condition.members)
    parts, axes = meaning.algebra.aligned([left, right, yes, no], "the cases")
    return Value(where(kind, *(part.expr for part in parts)), axes)


def _count(meaning, kind: str, condition: tree.Chain) -> None:
    """The t of `1 if k = t` counts along the same axis as the index k."""
    texts, scope = [letter(member) for member in condition.members], meaning.scope
    if kind not in ("==", "!=") or None in texts or meaning.letters.keys().isdisjoint(texts):
        return
    others = [text for text in texts if text not in meaning.letters]
    if any(t in scope.size_names or t in scope.definitions or scope.rank(t) for t in others):
        return
    first, second = map(meaning.index, texts)
    meaning.same(first.size, second.size, condition)
