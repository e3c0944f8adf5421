"""max and min: of numbers and arrays element by element, of a vector, of neighbours in an array."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial, reduce

from chainrule.language.algebra import ZERO, apply, largest, mul
from chainrule.language.expr import Element
from chainrule.language.index import fresh, place_of
from chainrule.mathematics.functions import relu
from chainrule.notation.misread import Misread
from chainrule.notation.tree import Node
from chainrule.notation.value import Value


def extreme(meaning, text: str, arguments: Sequence[Node]) -> Value:
    """max(a, b, …) or max(x)."""
    if len(arguments) == 1:
        return _of_vector(meaning, text, arguments[0])
    values = [meaning.value(argument) for argument in arguments]
    window = _of_window(text, values)
    return window or reduce(partial(_of_two, meaning, text), values)


def _of_window(text: str, values: list[Value]) -> Value | None:
    """`max(y_{2q - 1}, y_{2q})` as the maximum over a window, as pooling has it; None for values
    that are no neighbours in one array."""
    elements = [value.expr for value in values if isinstance(value.expr, Element)]
    if len(elements) < len(values) or any(value.axes for value in values):
        return None
    arrays = {one.array for one in elements}
    if len(arrays) > 1 or not elements[0].places:
        return None
    *rows, first = elements[0].places
    for step, one in enumerate(elements):
        *others, last = one.places
        if others != rows or last != first + place_of(step):
            return None
    if not first.indices:
        return None
    index, sign = fresh(len(values)), 1 if text == "max" else -1
    body = Element(elements[0].array, (*rows, first + place_of(index)))
    return Value(mul(sign, largest(index, mul(sign, body))))


def _of_two(meaning, text: str, *values: Value) -> Value:
    """max(a, b) = b + relu(a - b), and min(a, b) = b - relu(b - a), element by element."""
    sign = 1 if text == "max" else -1
    last, first = sorted(values, key=lambda value: value.expr is not ZERO)
    over = meaning.algebra.add(
        [Value(mul(sign, first.expr), first.axes), Value(mul(-sign, last.expr), last.axes)]
    )
    over = Value(mul(sign, apply(relu, over.expr)), over.axes)
    return meaning.algebra.add([last, over])


def _of_vector(meaning, text: str, argument: Node) -> Value:
    """max(x) and min(x): the largest or smallest element."""
    value = meaning.algebra.renamed(meaning.value(argument))
    if len(value.indices) != 1:
        raise Misread(argument)
    sign = 1 if text == "max" else -1
    return Value(mul(sign, largest(value.indices[0], mul(sign, value.expr))), ())
