"""A plan cut in two: what runs for each block of examples, and what follows from the totals.

An index can be cut into blocks where every result either sums over it (or takes a maximum) or
carries it: then no array ever holds all examples, except inputs and results that do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chainrule.language.expr import Array
from chainrule.language.index import Size
from chainrule.program.operation import Operation
from chainrule.program.plan import Output, Plan, reached, renumbered

COMBINED = {"sum": "add", "contract": "add", "max": "maximum"}


@dataclass(frozen=True)
class Total:
    """A sum or maximum over all blocks: an output of the block, an input of what follows.

    combine  add or maximum
    """

    array: Array
    combine: str


@dataclass(frozen=True)
class Blocks:
    """`block` runs for each block, `after` once, on the totals.

    size     the size that is cut; in `block`, `length` stands for its part
    totals   the first outputs of `block`, in order
    carried  the names of its other outputs, which have a row for each example
    """

    size: str
    length: str
    block: Plan
    totals: tuple[Total, ...]
    carried: tuple[str, ...]
    after: Plan


def blocks(plan: Plan, size: str = "examples") -> Blocks | None:
    """The plan in blocks of the index of that size; None where it does not fall apart so."""
    parts = _classified(plan, size)
    if parts is None:
        return None
    moving, totals, after = parts
    carried = [output for output in plan.outputs if output.value in moving]
    if any(moving & set(plan.operations[v].values) for v in after) or not (totals or carried):
        return None
    length = "block"
    while length in plan.sizes or length in plan.names.values():
        length += "_"
    arrays = {value: _total(plan, value) for value in totals}
    outputs = [Output(t.array.name, v, _axes(plan, v), t.array.sizes) for v, t in arrays.items()]
    return Blocks(
        size,
        length,
        _resized(_part(plan, [*outputs, *carried], {}), size, length),
        tuple(arrays.values()),
        tuple(output.name for output in carried),
        _part(plan, [o for o in plan.outputs if o.value not in moving], arrays),
    )


def _classified(plan: Plan, size: str) -> tuple[set[int], list[int], set[int]] | None:
    """(values with a row for each example, totals over them, what depends on totals)."""
    moving: set[int] = set()
    totals: list[int] = []
    after: set[int] = set()
    for value, operation in enumerate(plan.operations):
        looped = [axis for axis, length in enumerate(operation.sizes) if length == size]
        depends = not after.isdisjoint(operation.values)
        if not looped:
            if depends:
                after.add(value)
            if not moving.isdisjoint(operation.values):
                return None
            continue
        if len(looped) > 1 or depends or not _sliceable(operation, size):
            return None
        if looped[0] in operation.axes:
            moving.add(value)
        elif operation.kind in COMBINED:
            totals.append(value)
            after.add(value)
        else:
            return None
    return moving, totals, after - set(totals)


def _sliceable(operation: Operation, size: str) -> bool:
    """Whether a block of the operation's result needs only that block of its operands."""
    if operation.kind in ("position", "delta"):
        return False
    if operation.kind not in ("gather", "fold"):
        return True
    (axis,) = [axis for axis, length in enumerate(operation.sizes) if length == size]
    return all(
        axis not in place.axes or (place.plain == axis and length == size)
        for place, length in zip(*operation.detail, strict=True)
    )


def _axes(plan: Plan, value: int) -> tuple[int, ...]:
    return plan.operations[value].axes


def _total(plan: Plan, value: int) -> Total:
    operation = plan.operations[value]
    name = plan.names.get(value, f"total {operation.definition} {value}")
    sizes = tuple(operation.sizes[axis] for axis in operation.axes)
    return Total(Array(name, sizes), COMBINED[operation.kind])


def _part(plan: Plan, outputs: Sequence[Output], given: dict[int, Total]) -> Plan:
    """The plan of some outputs, where the values given are inputs."""
    operations = list(plan.operations)
    for value, total in given.items():
        axes = tuple(range(len(total.array.sizes)))
        operations[value] = Operation("input", (), axes, total.array.sizes, total.array)
    kept = reached(operations, [output.value for output in outputs])
    number = {old: new for new, old in enumerate(kept)}
    found = tuple(renumbered(operations[old], number) for old in kept)
    inputs = tuple(operation.detail for operation in found if operation.kind == "input")
    here = tuple(_output(replace(o, value=number[o.value]), plan, o.value, given) for o in outputs)
    names = {number[v]: n for v, n in plan.names.items() if v in number and v not in given}
    return Plan(tuple(sorted(inputs, key=lambda array: array.name)), found, here, names)


def _output(output: Output, plan: Plan, value: int, given: dict[int, Total]) -> Output:
    """An output that is itself a total has its axes numbered as those of an input."""
    if value not in given:
        return output
    axes = plan.operations[value].axes
    return replace(output, axes=tuple(None if a is None else axes.index(a) for a in output.axes))


def _resized(plan: Plan, size: str, length: str) -> Plan:
    """The plan with another name for the size of axes; as a number it stays what it was."""

    def new(sizes: tuple[Size, ...]) -> tuple[Size, ...]:
        return tuple(length if found == size else found for found in sizes)

    def detail(found):
        if isinstance(found, Array):
            return Array(found.name, new(found.sizes))
        return (found[0], new(found[1])) if isinstance(found, tuple) else found

    operations = tuple(
        replace(o, sizes=new(o.sizes), detail=detail(o.detail)) for o in plan.operations
    )
    outputs = tuple(replace(output, sizes=new(output.sizes)) for output in plan.outputs)
    inputs = tuple(Array(array.name, new(array.sizes)) for array in plan.inputs)
    return Plan(inputs, operations, outputs, plan.names)
