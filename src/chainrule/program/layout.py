"""How each value lies in memory: the order of its axes, and where an axis of length 1 is kept.

A value that is only ever added to (or multiplied with, …) larger arrays is laid out as those want
it, so that no call has to turn it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chainrule.program.operation import Operation

Layout = tuple[int | None, ...]
"""Axis numbers of an operation; None stands for an axis of length 1."""


def layouts(operations: Sequence[Operation], outputs: Mapping[int, Layout]) -> tuple[Layout, ...]:
    """The layout of each value, from what is done with it later."""
    wishes: dict[int, set[Layout]] = {}
    found: list[Layout] = [()] * len(operations)
    for value in reversed(range(len(operations))):
        operation = operations[value]
        found[value] = _chosen(operation, outputs.get(value), wishes.get(value, set()))
        if not operation.elementwise:
            continue
        for operand, axes in operation.operands:
            wish = spread(axes, found[value])
            back = dict(zip(axes, operations[operand].axes, strict=True))
            wishes.setdefault(operand, set()).add(tuple(back.get(axis) for axis in wish))
    return tuple(found)


def _chosen(operation: Operation, output: Layout | None, wishes: set[Layout]) -> Layout:
    if operation.kind == "input":
        return operation.axes
    if output is not None:
        return strip(output)
    return next(iter(wishes)) if len(wishes) == 1 else operation.axes


def spread(axes: Sequence[int], layout: Layout) -> Layout:
    """How an operand with these axes must lie to line up with a result of this layout."""
    return trim(tuple(axis if axis in axes else None for axis in layout))


def trim(layout: Layout) -> Layout:
    """Without axes of length 1 in front, which broadcasting adds by itself."""
    while layout and layout[0] is None:
        layout = layout[1:]
    return layout


def strip(layout: Layout) -> Layout:
    return tuple(axis for axis in layout if axis is not None)


def produced(operations: Sequence[Operation], wanted: Sequence[Layout]) -> tuple[Layout, ...]:
    """The layout in which each operation leaves its result, before a view turns it."""
    found = []
    for value, operation in enumerate(operations):
        layout = wanted[value]
        match operation.kind:
            case "contract":
                axes = [strip(operand_layout(operations, value, k, wanted)) for k in (0, 1)]
                layout = _as_product(strip(layout), *axes)
            case "gather" | "fold" | "determinant" | "inverse":
                layout = operation.axes
            case "pick":
                layout = _picked(operation, strip(operand_layout(operations, value, 0, wanted)))
            case "sum" | "max":
                operand = strip(operand_layout(operations, value, 0, wanted))
                layout = _reduced(operation, operand, layout)
        found.append(layout)
    return tuple(found)


def _as_product(layout: Layout, left: Layout, right: Layout) -> Layout:
    """The order in which a matrix product leaves its rows and columns, where it is one."""
    both = {axis for axis in left if axis in right}
    if both & set(layout) or not both:
        return layout
    rows, columns = (tuple(a for a in layout if a in own) for own in (left, right))
    # Where neither fits, the one whose last axes lie as wanted is read in longer pieces.
    orders = (rows + columns, columns + rows)
    return max(orders, key=lambda order: _common_end(order, layout))


def _common_end(left: Layout, right: Layout) -> int:
    pairs = zip(reversed(left), reversed(right), strict=True)
    return next((k for k, (a, b) in enumerate(pairs) if a != b), len(left))


def _reduced(operation: Operation, operand: Layout, layout: Layout) -> Layout:
    kept = tuple(axis if axis in operation.axes else None for axis in operand)
    return layout if kept == layout else strip(kept)


def _picked(operation: Operation, operand: Layout) -> Layout:
    """The rows of the labels take the place of the axis that is picked from."""
    where = operand.index(operation.detail.plain)
    rest = tuple(axis for axis in operation.axes if axis not in operand)
    return (*operand[:where], *rest, *operand[where + 1 :])


def operand_layout(
    operations: Sequence[Operation], value: int, k: int, wanted: Sequence[Layout]
) -> Layout:
    """The layout of operand k of a value, in terms of the value's own axes."""
    operand, axes = operations[value].operands[k]
    here = dict(zip(operations[operand].axes, axes, strict=True))
    return tuple(None if axis is None else here[axis] for axis in wanted[operand])
