"""The first reading of a node that fits."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from chainrule.errors import SizeMismatch
from chainrule.language.budget import SECONDS, OutOfBudget, within
from chainrule.notation.choices import Choices, runs
from chainrule.notation.meaning import Meaning
from chainrule.notation.misread import Misread
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import letter
from chainrule.notation.tree import Node
from chainrule.notation.value import Misfit, Value


def first_value(
    scope: Scope,
    read_value: Callable[[Meaning], Value],
    places: tuple[Node, ...] = (),
    closed: bool = True,
    stacked: bool = False,
) -> Value | None:
    """The value of the likeliest reading that fits, over the axes of the letters in `places`.

    closed  whether all free indices must be among those letters
    stacked whether the value may have axes beside those letters: each example's own vector
    """
    letters = [letter(place) for place in places]
    if None in letters:
        return None

    def read(choices: Choices) -> tuple[Value, Scope] | None:
        trial = scope.copy()
        meaning = Meaning(trial, choices)
        try:
            for text in letters:
                meaning.index(text)
            meaning.standing = set(letters)
            value = meaning.algebra.resolved(read_value(meaning))
            if not scope.size_names.isdisjoint(meaning.doubts):
                # H = relu(X W) where H is the number of units, too: which one is not known.
                return None
            if letters and not value.is_scalar and not (stacked and value.is_vector):
                return None
            own = value.indices if letters else value.axes
            axes = (*(meaning.index(text) for text in letters), *own)
            loose = value.expr.free - {axis for axis in axes if axis is not None}
            return None if loose and closed else (Value(value.expr, axes), trial)
        except (Misread, Misfit, SizeMismatch):
            return None

    with suppress(OutOfBudget), within(SECONDS):
        for found, _ in runs(read):
            if found is not None:
                value, trial = found
                scope.sizes, scope.symbols = trial.sizes, trial.symbols
                return value
    return None
