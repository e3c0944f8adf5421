"""One-hot arrays that are never stored: 1 where a position is the class number, else 0.

A sum against one picks an element; taking one away changes an element of each row.
"""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.language.index import Index, place_of
from chainrule.program.operation import Form, Graph, Use

PUSHED = {"add", "subtract", "multiply", "divide", "negative"}
"""Picking one element of these is the same of their operands, which costs less."""


@dataclass(frozen=True)
class OneHot:
    """1 where `index` is `label`, the class number of each row."""

    index: Index
    label: Use


def one_hot(graph: Graph, use: Use) -> OneHot | None:
    """What a value is, if it is the comparison of a position with class numbers."""
    operation = graph.operations[use.value]
    if operation.kind != "equal" or operation.detail != "number":
        return None
    for position, label in (operands := operands_of(graph, use), operands[::-1]):
        found = graph.operations[position.value]
        if found.kind == "position" and _plain(found.detail) and len(position.axes) == 1:
            (index,) = position.axes
            if index not in label.axes:
                return OneHot(index, label)
    return None


def _plain(form: Form) -> bool:
    return form.plain is not None


def operands_of(graph: Graph, use: Use) -> list[Use]:
    """The operands of an element-by-element operation, along the indices it is read at."""
    operation = graph.operations[use.value]
    index = dict(zip(operation.axes, use.axes, strict=True))
    return [Use(value, tuple(index[axis] for axis in axes)) for value, axes in operation.operands]


def can_pick(use: Use, found: OneHot) -> bool:
    """Whether the rows of the labels are rows of the array, or no axis of it at all."""
    rows, others = set(found.label.axes), set(use.axes) - {found.index}
    return found.index not in use.axes or rows <= others or not rows & others


def picked(graph: Graph, use: Use, found: OneHot) -> Use:
    """The value at index = label."""
    if found.index not in use.axes:
        return use
    operation = graph.operations[use.value]
    if operation.kind in PUSHED and operation.definition == graph.definition:
        parts = [picked(graph, part, found) for part in operands_of(graph, use)]
        return graph.elementwise(operation.kind, *parts)
    where = use.axes.index(found.index)
    rest = tuple(index for index in found.label.axes if index not in use.axes)
    axes = (*use.axes[:where], *rest, *use.axes[where + 1 :])
    return graph.apply("pick", [use, found.label], axes, detail=place_of(found.index))


def less(graph: Graph, use: Use, found: OneHot, amount: Use) -> Use:
    """use − amount · one-hot, where use has every axis of the one-hot array."""
    operands = [use, found.label, amount]
    return graph.apply("subtract_at", operands, use.axes, detail=place_of(found.index))


def scaled_less(graph: Graph, use: Use, scale: Use) -> Use | None:
    """scale × (a / s − one-hot) with the scale on s, which is smaller than a; else None."""
    operation = graph.operations[use.value]
    if operation.kind != "subtract_at" or scale.axes:
        return None
    whole, label, amount = operands_of(graph, use)
    index = use.axes[operation.axes.index(operation.detail.plain)]
    parts = operands_of(graph, whole) if graph.operations[whole.value].kind == "divide" else []
    if parts and len(parts[1].axes) < len(whole.axes):
        whole, scale_of_rows = parts[0], graph.elementwise("divide", scale, parts[1])
    else:
        scale_of_rows = scale
    whole = graph.elementwise("multiply", whole, scale_of_rows)
    if not graph.is_number(amount, 1):
        scale = graph.elementwise("multiply", amount, scale)
    return less(graph, whole, OneHot(index, label), scale)
