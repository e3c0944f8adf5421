"""Whether a name that is written at the head of an equation once more gets another meaning."""

from __future__ import annotations

import re
from contextlib import suppress

import numpy as np

from chainrule.errors import ChainruleError
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import Expr
from chainrule.language.inline import elements
from chainrule.mathematics.functions import function_named
from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.likeliest import first_value
from chainrule.notation.names import letter
from chainrule.notation.scope import Scope
from chainrule.notation.tree import Node

_THE_SAME = re.compile(
    r"\bthe same (?:\w+[ \n]){1,2}"
    r"(?:is|reads|becomes|equals|as|(?:can|may) (?:also )?be written(?: as)?)[\s$\\(\[]*$",
    re.I,
)
# Words before a formula that gives a name its meaning.
_ANEW = re.compile(
    r"\b(?:let|defin\w+|writ\w+|consider|suppos\w+|assum\w+|now|instead|new|tak\w+|us\w+|given|set"
    r"|put|denot\w+|where|with|for|choos\w+|call\w*)\b",
    re.I,
)


def is_the_same_again(document: Document, at: int) -> bool:
    """Whether the words before a place say that what follows is the same, written otherwise.

    >>> from chainrule.notation.document import read_document
    >>> is_the_same_again(read_document("Then the same loss reads $L = a$.", "note"), 26)
    True
    """
    return _THE_SAME.search(document.text[max(0, at - 120) : at]) is not None


def is_another_computation(scope: Scope, text: str, before: Node | None, body: Node) -> bool:
    """Whether a name that was computed is computed from other numbers, or by another function.

    In a second worked example `H = -log 0.3` says nothing of the H of the first; nor does
    A = σ(Z) of an A that was tanh(Z).
    """
    if before is None:
        return False
    calls = [_known_call(one) for one in (before, body)]
    if None not in calls and calls[0][0] != calls[1][0] and calls[0][1] == calls[1][1]:
        return True
    if text not in scope.definitions:
        return False
    numbers = [_number(scope, one) for one in (before, body)]
    return None not in numbers and numbers[0] is not numbers[1]


def is_introduced(document: Document, at: int) -> bool:
    """Whether the words before a formula say that it gives a name its meaning."""
    return _ANEW.search(document.text, max(0, at - 80), at) is not None


def is_same_function(scope: Scope, call: Node, body: Node) -> bool | None:
    """Whether a formula gives what a function gives at the same place; None where that is not seen
    at once."""
    one = first_value(scope.copy(), lambda meaning: meaning.value(call))
    other = first_value(scope.copy(), lambda meaning: meaning.value(body))
    if one is None or other is None or len(one.indices) != len(other.indices):
        return None
    arrays = elements(one.expr) | elements(other.expr)
    if len(arrays) != 1:
        return None
    (array,) = arrays
    step = np.arange(2.0 ** len(array.sizes)).reshape((2,) * len(array.sizes))
    with suppress(ChainruleError):
        values = [{array.name: x + step / 8} for x in (0.3, 1.7, -0.6)]
        return all(
            np.allclose(*(evaluate(side.expr, x, order=side.indices) for side in (one, other)))
            for x in values
        )
    return None


def _number(scope: Scope, node: Node) -> Expr | None:
    """A computation with mere numbers, as an expression."""
    if not any(isinstance(part, tree.Number) for part in tree.walk(node)):
        return None
    value = first_value(scope.copy(), lambda meaning: meaning.value(node))
    if value is None or value.axes or elements(value.expr):
        return None
    return value.expr


def _known_call(node: Node) -> tuple[str, tuple[Node, ...]] | None:
    """The word and the arguments of `tanh(Z)` and `max(0, Z)`, without the 0."""
    match node:
        case tree.Product((word, tree.Group("(", _, inside)), ("",)) | tree.Apply(word, inside):
            text = letter(word) or ""
            if isinstance(inside, tree.Group) and inside.open == "(":
                inside = inside.body
            items = inside.items if isinstance(inside, tree.List) else (inside,)
            rest = tuple(item for item in items if item != tree.Number("0"))
            known = function_named(text) is not None or text in ("\\sigma", "max")
            return (text, rest) if known else None
    return None
