"""Inverse functions: `σ^{-1}(p) = log(p / (1 - p))` says that p is σ of the right-hand side."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from chainrule.errors import ChainruleError
from chainrule.language.algebra import apply, const, element, power
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import Array, Element, Expr
from chainrule.language.function import Function
from chainrule.language.index import Index
from chainrule.language.inline import elements
from chainrule.mathematics.functions import FUNCTIONS
from chainrule.notation import tree
from chainrule.notation.misread import Misread
from chainrule.notation.scripts import MINUS_ONE, letter
from chainrule.notation.tree import Node
from chainrule.notation.value import Value
from chainrule.transform.differentiate import differentiate

_INVERTIBLE = [one for one in FUNCTIONS.values() if one.inverse and not one.axis]
_POINTS = np.array([-1.7, -0.4, 0.3, 0.8, 1.6])


def inverse_call(meaning, node: Node) -> tuple[Node, Node] | None:
    """(f, x) of `f^{-1}(x)` where it is the inverse of f, and not one over f(x)."""
    match node:
        case tree.Product((tree.Script(word, None, exponent, 0), tree.Group(body=argument)), ("",)):
            pass
        case tree.Apply(tree.Script(word, None, exponent, 0), argument):
            pass
        case _:
            return None
    text = letter(word)
    if text is None or exponent != MINUS_ONE or isinstance(argument, tree.List):
        return None
    function = meaning.scope.functions.get(text)
    if meaning.record(text) is None and (function is None or function.index is not None):
        return None
    return (word, argument) if _is_inverse(meaning, text) else None


def _is_inverse(meaning, text: str) -> bool:
    options = ["the inverse function", "one over the function"]
    return meaning.choices.settle(f"{text} to the power -1 is", options) == options[0]


def slope_of_inverse(scope, expr: Expr, name: str, images: Sequence[Index]) -> Expr | None:
    """dz/dp after `p = σ(z)`, which is one over dp/dz; None where p is no formula of z alone.

    images  an index for each axis of p, which must have none
    """
    if not isinstance(expr, Element) or expr.array.sizes or images:
        return None
    if name not in scope.definitions:
        return None
    formula = scope.inlined(scope.resolved(scope.definitions[name]).body)
    if formula.free or elements(formula) != {expr.array}:
        return None
    return power(differentiate(formula, expr), const(-1))


def known_inverse(meaning, text: str, factor: Node) -> Function | None:
    """The record of the inverse of a function; None where f^{-1} is one over f.

    A function of the document may be one of the known functions.
    """
    if not isinstance(factor, tree.Script) or factor.sub is not None or factor.sup != MINUS_ONE:
        return None
    own = meaning.scope.functions.get(text)
    record = meaning.record(text) if own is None else _record_of(meaning, own)
    single = own is not None and own.index is None and len(own.parameters) == 1
    if record is None and not single:
        return None
    if not _is_inverse(meaning, text):
        return None
    if record is None or not record.inverse:
        raise Misread(factor, f"the inverse of {text} is not known")
    return FUNCTIONS[record.inverse]


def _record_of(meaning, own) -> Function | None:
    """The invertible function that a function of the document is, by its numbers."""
    if own.index is not None or len(own.parameters) != 1 or own.parameters[0] is None:
        return None
    point = element(Array("\N{MIDDLE DOT}"))
    value = meaning.applied_body(own, {own.parameters[0]: Value(point)})
    if value.axes or elements(value.expr) != elements(point):
        return None
    return next((one for one in _INVERTIBLE if _are_same(value.expr, apply(one, point))), None)


def _are_same(one: Expr, other: Expr) -> bool:
    numbers = {"\N{MIDDLE DOT}": _POINTS}
    with suppress(ChainruleError):
        sides = [evaluate(side, numbers, {}, points=len(_POINTS)) for side in (one, other)]
        return bool(np.allclose(*sides, equal_nan=True))
    return False


def applied(function: Node, node: Node) -> Node:
    """f of a member."""
    group = tree.Group("(", ")", node, start=node.start, end=node.end)
    return tree.Product((function, group), ("",), start=node.start, end=node.end)
