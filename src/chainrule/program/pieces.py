"""Runs of operations that work row by row, so that they can go through large arrays in pieces.

What one operation leaves of a piece is still in the processor's cache when the next one reads it;
an array that only a run uses never has more rows than a piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from chainrule.language.index import Size
from chainrule.program.layout import operand_layout
from chainrule.program.plan import Plan
from chainrule.program.storage import Buffer, Storage, shape

PIECE = 1 << 19
"""How many bytes the arrays of a run may have in one piece: half of a usual second-level cache."""


@dataclass(frozen=True)
class Run:
    """Values that are computed one after the other, each row of them from the same rows.

    length  how many rows there are
    values  in order, none of them fixed or given
    rows    the operands of these values that are read row by row
    within  buffers that nothing outside of the run reads
    widths  for each array of the run the sizes of one row
    piece   the name of the number of rows in a piece, among sizes
    """

    length: Size
    values: tuple[int, ...]
    rows: frozenset[int]
    within: frozenset[Buffer]
    widths: tuple[tuple[Size, ...], ...]
    piece: str


def runs(plan: Plan, storage: Storage, cores: int = 1) -> tuple[Run, ...]:
    """The runs of a plan, each with two operations or more on its largest arrays.

    cores  among which a run is shared: with several, one operation is worth it
    """
    found = []
    for values in _consecutive(plan, storage):
        widest = max((_reach(plan, value) for value in values), default=0)
        wide = [value for value in values if _reach(plan, value) == widest]
        if len(wide) > int(cores < 2):
            kept = values[values.index(wide[0]) : values.index(wide[-1]) + 1]
            found.append(_run(plan, storage, tuple(kept), f"rows {len(found) + 1}"))
    return tuple(found)


def shortened(storage: Storage, found: Sequence[Run], cores: int) -> Storage:
    """The storage in which what only a run uses has the rows of a piece, for each core."""
    each = (cores,) if cores > 1 else ()
    new = {
        buffer: replace(buffer, shape=(*each, run.piece, *buffer.shape[1:]))
        for run in found
        for buffer in run.within
    }
    held = {value: new.get(buffer, buffer) for value, buffer in storage.of.items()}
    return Storage([new.get(buffer, buffer) for buffer in storage.buffers], held)


def are_long(found: Sequence[Run], lengths: Mapping[str, int], itemsize: int) -> bool:
    """Whether the arrays of some run are so long that pieces of them are worth it."""

    def length(size: Size) -> int:
        return size if isinstance(size, int) else lengths[size]

    widths = ((run, sum(prod(map(length, sizes)) for sizes in run.widths)) for run in found)
    return any(length(run.length) * itemsize * width > 2 * PIECE for run, width in widths)


def _consecutive(plan: Plan, storage: Storage) -> Iterator[list[int]]:
    """Values one after the other that share the index of their rows."""
    run = _Growing(plan, storage)
    for value, operation in enumerate(plan.operations):
        if operation.kind == "input" or value in plan.fixed:
            continue
        fits = _by_rows(plan, storage, value)
        if run.values and not (fits and run.goes_on(value)):
            yield run.values
            run = _Growing(plan, storage)
        if fits:
            run.add(value)
    yield run.values


class _Growing:
    """A run that may go on: its values, what they read by rows and as a whole, which of that they
    read anywhere, and the buffers that they change and read anywhere."""

    def __init__(self, plan: Plan, storage: Storage):
        self.plan, self.storage = plan, storage
        self.values: list[int] = []
        self.rows: set[int] = set()
        self.wholes: set[int] = set()
        self.anywhere: set[int] = set()
        self.written: set[Buffer] = set()
        self.read: set[Buffer] = set()

    def add(self, value: int) -> None:
        rows, wholes = self._reads(value)
        self.values.append(value)
        self.rows |= rows
        self.wholes |= wholes
        self.anywhere |= wholes | self._turned(rows)
        self.written.add(self.storage.of[value])
        self.read |= self._buffers(wholes | self._turned(rows))

    def goes_on(self, value: int) -> bool:
        """Whether a value can be computed in the pieces of the run before it."""
        if _length(self.plan, value) != _length(self.plan, self.values[0]):
            return False
        rows, wholes = self._reads(value)
        if not (rows.isdisjoint(self.wholes | wholes) and wholes.isdisjoint(self.rows)):
            return False
        new = wholes | self._turned(rows)
        if value in self.anywhere or not new.isdisjoint((*self.values, value)):
            return False
        # What a piece may read anywhere, no piece may change.
        written = self.written | {self.storage.of[value]}
        return written.isdisjoint(self.read | self._buffers(new))

    def _reads(self, value: int) -> tuple[frozenset[int], frozenset[int]]:
        return _read(self.plan, [value], 0), _read(self.plan, [value], None)

    def _buffers(self, values: Iterable[int]) -> set[Buffer]:
        return {self.storage.of[value] for value in values if value in self.storage.of}

    def _turned(self, rows: frozenset[int]) -> set[int]:
        return {v for v in rows if self.plan.produced[v] != self.plan.layouts[v]}


def _by_rows(plan: Plan, storage: Storage, value: int) -> bool:
    """Whether each row of the result needs only that row of whatever has such rows."""
    operation, layout = plan.operations[value], plan.layouts[value]
    if not (operation.elementwise or operation.kind in ("sum", "max")) or value not in storage.of:
        return False
    if not layout or layout[0] is None or plan.produced[value] != layout:
        return False
    if operation.kind == "add_on_diagonal" and layout[0] in operation.detail.axes:
        return False
    read = {(operand, _row_axis(plan, value, k)) for k, operand in enumerate(operation.values)}
    return all(axis in (None, 0) for _, axis in read) and len(dict(read)) == len(read)


def _read(plan: Plan, values: Sequence[int], place: int | None) -> frozenset[int]:
    """The operands whose axis 0 has the rows of the values; place None: that have no such axis."""
    return frozenset(
        operand
        for value in values
        for k, operand in enumerate(plan.operations[value].values)
        if _row_axis(plan, value, k) == place
    )


def _row_axis(plan: Plan, value: int, k: int) -> int | None:
    """Which axis of operand k is that of the rows of the result."""
    lies = operand_layout(plan.operations, value, k, plan.layouts)
    row = plan.layouts[value][0]
    return lies.index(row) if row in lies else None


def _length(plan: Plan, value: int) -> Size:
    return plan.operations[value].sizes[plan.layouts[value][0]]


def _reach(plan: Plan, value: int) -> int:
    """How many axes it loops over."""
    return len(plan.operations[value].sizes)


def _run(plan: Plan, storage: Storage, values: tuple[int, ...], piece: str) -> Run:
    rows = _read(plan, values, 0)
    outside = [v for v in sorted(rows - set(values)) if v not in storage.of]
    buffers = dict.fromkeys(storage.of[v] for v in (*values, *sorted(rows)) if v in storage.of)
    layouts = [shape(plan.operations[v], plan.layouts[v]) for v in outside]
    widths = [row[1:] for row in (*layouts, *(buffer.shape for buffer in buffers))]
    within = _within(plan, storage, values)
    return Run(_length(plan, values[0]), values, rows, within, tuple(widths), piece)


def _within(plan: Plan, storage: Storage, values: tuple[int, ...]) -> frozenset[Buffer]:
    others = {buffer for value, buffer in storage.of.items() if value not in values}
    last = values[-1]
    read_later = {storage.of[value] for value in values if plan.last_use[value] > last}
    return frozenset(storage.of[value] for value in values) - others - read_later
