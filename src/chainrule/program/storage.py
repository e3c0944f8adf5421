"""Which memory holds which value: in place where the old value is done with, else reused."""

from __future__ import annotations

from dataclasses import dataclass, field

from chainrule.language.index import Size
from chainrule.program.layout import spread
from chainrule.program.operation import OF_MATRICES, Operation
from chainrule.program.plan import Plan
from chainrule.program.windows import slices


@dataclass(frozen=True)
class Buffer:
    """One preallocated array."""

    number: int
    shape: tuple[Size, ...]
    mask: bool


@dataclass
class Storage:
    """Buffers, and the one that each value is written to (none for scalars and fixed values)."""

    buffers: list[Buffer] = field(default_factory=list)
    of: dict[int, Buffer] = field(default_factory=dict)


def store(plan: Plan) -> Storage:
    """Buffers for a plan, each reused as soon as its value is not needed any more."""
    storage = Storage()
    idle: list[Buffer] = []
    for value, operation in enumerate(plan.operations):
        if needs_buffer(plan, value):
            buffer = _in_place(plan, storage, value) or _taken(plan, storage, idle, value)
            storage.of[value] = buffer
        for operand in dict.fromkeys(operation.values):
            held = storage.of.get(operand)
            done = plan.last_use[operand] == value and held is not storage.of.get(value)
            if held is not None and done:
                idle.append(held)
    return storage


def needs_buffer(plan: Plan, value: int) -> bool:
    operation = plan.operations[value]
    if operation.kind == "input" or value in plan.fixed or not plan.produced[value]:
        return False
    if operation.kind == "pick" or operation.kind in OF_MATRICES:
        return False
    return operation.kind != "gather" or slices(operation) is not None


def shape(operation: Operation, layout) -> tuple[Size, ...]:
    return tuple(1 if axis is None else operation.sizes[axis] for axis in layout)


def _in_place(plan: Plan, storage: Storage, value: int) -> Buffer | None:
    """The buffer of an operand that is not needed any more and lies exactly as the result does."""
    operation = plan.operations[value]
    if not operation.elementwise:
        return None
    # `where` writes the values for "no" first, so that only they may be there already.
    allowed = {"where": operation.operands[2:], "subtract_at": operation.operands[:1]}
    allowed["add_on_diagonal"] = operation.operands[:1]
    allowed = allowed.get(operation.kind, operation.operands)
    for operand, axes in allowed:
        buffer = storage.of.get(operand)
        if buffer is None or plan.last_use[operand] != value or buffer.mask != operation.mask:
            continue
        here = dict(zip(plan.operations[operand].axes, axes, strict=True))
        lies = tuple(None if axis is None else here[axis] for axis in plan.layouts[operand])
        whole = lies == plan.layouts[value] == spread(axes, plan.layouts[value])
        if whole and plan.produced[operand] == plan.layouts[operand]:
            return buffer
    return None


def _taken(plan: Plan, storage: Storage, idle: list[Buffer], value: int) -> Buffer:
    operation = plan.operations[value]
    wanted = shape(operation, plan.produced[value])
    for buffer in idle:
        if buffer.shape == wanted and buffer.mask == operation.mask:
            idle.remove(buffer)
            return buffer
    buffer = Buffer(len(storage.buffers) + 1, wanted, operation.mask)
    storage.buffers.append(buffer)
    return buffer
