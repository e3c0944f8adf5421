"""Facts that sentences state of arrays: one-hot targets, entries that sum to 1, symmetry."""

from __future__ import annotations

from functools import partial

from chainrule.language.facts import ONE_HOT, SUMS_TO_ONE, SYMMETRIC, Fact
from chainrule.notation import prose
from chainrule.notation.document import Document
from chainrule.notation.scope import Scope


def note_facts(document: Document, scope: Scope) -> None:
    """What sentences state of arrays."""
    one_hot = prose.one_hot_names(document, scope.usage)
    scope.hots = prose.hot_places(document, scope.usage, one_hot)
    for kind, names, fits in (
        (ONE_HOT, one_hot, is_array),
        (SUMS_TO_ONE, prose.normalised_names(document, scope.usage), is_array),
        (SYMMETRIC, prose.symmetric_names(document, scope.usage), _is_square),
    ):
        for name in filter(partial(fits, scope), names):
            axis = -1 if kind == SYMMETRIC else scope.class_axis(name)
            scope.facts.add(Fact(kind, name, axis))


def is_array(scope: Scope, name: str) -> bool:
    return bool(scope.ranks.get(name) or (name in scope.symbols and scope.symbols[name].sizes))


def _is_square(scope: Scope, name: str) -> bool:
    symbol = scope.symbols.get(name)
    return scope.rank(name) == 2 and (symbol is None or len(set(symbol.sizes)) == 1)
