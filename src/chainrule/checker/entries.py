"""An entry set equal to the whole: `∂s_i/∂x_j = diag(s) − s sᵀ`, `∂L/∂o_k = o_k − onehot(y)`.

People print the general entry on one side and the array it belongs to on the other. Both are
compared at the entry that the printed letters name, in either order.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

from chainrule.checker.findings import TRUE, Outcome
from chainrule.language.algebra import substitute
from chainrule.language.index import Index, is_written, place_of
from chainrule.notation import tree
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import letter
from chainrule.notation.tree import Node
from chainrule.notation.value import Misfit, Value

UNEQUAL = Outcome("unread", reason="one side has more axes than the other")


def entry_by_entry(
    scope: Scope,
    left: Value,
    right: Value,
    nodes: tuple[Node, ...],
    compared: Callable[[Scope, Value, Value], Outcome],
    stated: bool,
) -> Outcome:
    """The outcome for a number with free letters against an array.

    nodes   what (right, left) were read from; the order of their letters is the order of the axes
    stated  whether the author left no doubt which names are arrays
    """
    if not left.is_scalar and not right.is_scalar:
        return _line_by_line(scope, left, right, nodes, compared)
    if left.is_scalar == right.is_scalar:
        return UNEQUAL
    entry, whole = (left, right) if left.is_scalar else (right, left)
    if whole.expr.free & entry.expr.free - set(whole.indices):
        kind, note = "convention", "an entry is meant where the whole is printed"
    else:
        kind, note = "holds", "entry by entry"
    letters = _in_order(entry, nodes)
    if kind == "holds" and len(letters) != len(whole.indices):
        return UNEQUAL
    tried = []
    for turn, chosen in enumerate(permutations(letters, len(whole.indices))):
        found = _at(scope, entry, whole, chosen, compared)
        if found is not None and found.verdict in TRUE:
            if kind == "holds" and turn:
                return Outcome("convention", convention="transposed, entry by entry")
            return Outcome(kind, fact=found.fact, convention=note)
        tried += [found] if found is not None else []
    if tried and (kind == "holds" or stated):
        # In an order in which the sizes do not fit, the letters name no entry.
        if all(one.verdict == "wrong" for one in tried):
            return tried[0]
    return UNEQUAL


def _line_by_line(scope: Scope, left: Value, right: Value, nodes, compared) -> Outcome:
    """`∂J/∂W = δ x_j`: a column of a matrix where the whole is printed."""
    line, whole = sorted((left, right), key=lambda side: len(side.indices))
    letters = _in_order(line, nodes)
    if len(whole.indices) != 2 or not line.is_vector or len(letters) != 1:
        return UNEQUAL
    for axis in whole.indices:
        rest = tuple(other for other in whole.indices if other is not axis)
        part = Value(whole.expr, (axis,))
        found = _at(scope, Value(line.expr, line.indices), part, tuple(letters), compared, rest)
        if found is not None and found.verdict in TRUE:
            note = "a row or column is meant where the whole is printed"
            return Outcome("convention", fact=found.fact, convention=note)
    return UNEQUAL


def _in_order(entry: Value, nodes: tuple[Node, ...]) -> list[Index]:
    """The free letters of the entry, as printed from left to right."""
    free = {index.name: index for index in entry.expr.free if is_written(index)}
    printed = [letter(part) for node in reversed(nodes) for part in tree.walk(node)]
    known = [text for text in dict.fromkeys(printed) if text in free]
    return [free[text] for text in known + sorted(free.keys() - set(known))]


def _at(
    scope, entry: Value, whole: Value, chosen: tuple[Index, ...], compared, rest=()
) -> Outcome | None:
    """The outcome with the axes of the whole at the chosen letters, but for the axes in rest."""
    trial = scope.copy()
    try:
        for axis, index in zip(whole.indices, chosen, strict=True):
            trial.algebra.unify(axis, index, "an entry")
        both = Value(whole.expr, (*whole.indices, *rest))
        both, entry = trial.algebra.resolved(both), trial.algebra.resolved(entry)
        whole = Value(both.expr, both.axes[: len(chosen)])
        rest = both.axes[len(chosen) :]
        places = {
            axis: place_of(Index(index.name, axis.size))
            for axis, index in zip(whole.indices, chosen, strict=True)
        }
        return compared(trial, entry, Value(substitute(whole.expr, places), rest))
    except Misfit:
        return None
