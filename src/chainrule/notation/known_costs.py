"""Costs that documents use by name and never write down.

`CE(y, ŷ)` is the cross-entropy −Σ y_i log ŷ_i of vectors; of numbers it is
−y log ŷ − (1 − y) log(1 − ŷ).
Where the document gives the name a meaning of its own, that one counts.
"""

from __future__ import annotations

from chainrule.language.algebra import add, apply, const, mul, total
from chainrule.mathematics.functions import log
from chainrule.notation.value import Value

CROSS_ENTROPIES = {"CE", "CrossEntropy", "crossentropy", "BCE", "XE"}


def is_known_cost(text: str, count: int) -> bool:
    """Whether a name with so many arguments is a cost that everybody knows."""
    return text in CROSS_ENTROPIES and count == 2


def known_cost(meaning, text: str, target: Value, predicted: Value) -> Value:
    """The cost at a target and a prediction, over all their entries."""
    (target, predicted), axes = meaning.algebra.aligned([target, predicted], "the arguments")
    meaning.note(f"{text} is nowhere defined; it is taken to be the cross-entropy")
    one = mul(target.expr, apply(log, predicted.expr))
    binary = text == "BCE" or not any(axis is not None for axis in axes)
    if binary:
        rest = mul(add(const(1), mul(-1, target.expr)), apply(log, 1 - predicted.expr))
        one = add(one, rest)
    for axis in axes:
        if axis is not None:
            one = total(axis, one)
    return Value(mul(-1, one))
