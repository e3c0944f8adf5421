"""What is false of a function of which nothing is known: false of those that networks use, too."""

from __future__ import annotations

from dataclasses import replace

from chainrule.checker.compare import compare
from chainrule.checker.findings import Outcome
from chainrule.language.algebra import apply
from chainrule.language.expr import Apply, Expr
from chainrule.language.function import Function
from chainrule.language.inline import Lambda, inline, instantiate
from chainrule.language.passes import around
from chainrule.language.walk import walk
from chainrule.mathematics.any_function import any_function, any_functions_in
from chainrule.mathematics.functions import exp, relu, sigmoid, softplus, tanh, x
from chainrule.notation.layers import is_last
from chainrule.transform.differentiate import differentiate

_ACTIVATIONS = (tanh, sigmoid, relu, softplus)
_USUAL = (*_ACTIVATIONS, exp)


def false_of_all(found: Outcome, activations: set[str]) -> Outcome:
    """A false outcome only where it is false whatever usual function a letter stands for.

    A function that is only called g may be any of these, and what is said of it may hold for it.

    activations  the letters of activation functions, which e^x is none of
    """
    pair = found.pair
    letters = set() if pair is None else any_functions_in(pair.left, pair.right)
    if not letters:
        return found
    if any(is_last(array.name) for array in pair.arrays):
        return Outcome("unread", reason="the last layer may have a function of its own")
    pairs = []
    for record in _ACTIVATIONS if letters <= activations else _USUAL:
        sides = (pair.left, pair.right)
        for text in letters:
            sides = tuple(_taken_as(side, text, record) for side in sides)
        pairs.append(replace(pair, left=sides[0], right=sides[1]))
        if compare(pairs[-1]).verdict != "wrong":
            return Outcome("unread", reason=f"it may hold where {min(letters)} is {record.name}")
    example = f"whatever {min(letters)} is; in the example it is {_USUAL[0].name}"
    return replace(found, pair=pairs[0], reason=found.reason or example)


def _taken_as(expr: Expr, text: str, record: Function) -> Expr:
    """An expression with a function of the name put in."""
    value = apply(record, x)
    slope = instantiate(record.derivative, value)
    forms = (value, slope, differentiate(slope, x))
    known = {any_function(text, primes): form for primes, form in enumerate(forms)}

    def visit(node: Expr):
        if isinstance(node, Apply) and node.function in known:
            argument = yield node.argument
            return inline(known[node.function], {x.array.name: Lambda((), argument)})
        return (yield from around(node))

    return walk(visit, expr)
