"""The plan of a program: which operations, in which order, laid out how. One for every engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from chainrule.language.expr import Array
from chainrule.language.index import Index, Size
from chainrule.language.program import Program
from chainrule.program.layout import Layout, layouts, produced
from chainrule.program.lower import Lowering
from chainrule.program.operation import Operation, Use


@dataclass(frozen=True)
class Output:
    """One result: the value's axis (or None, to repeat it) and size for each index of the name."""

    name: str
    value: int
    axes: tuple[int | None, ...]
    sizes: tuple[Size, ...]


@dataclass(frozen=True)
class Plan:
    """Operations, numbered by position, each using earlier ones only.

    inputs      the arrays the program is given, in the order of the emitted arguments
    operations  what to compute
    outputs     the results asked for
    names       value → the name of the definition that it is
    """

    inputs: tuple[Array, ...]
    operations: tuple[Operation, ...]
    outputs: tuple[Output, ...]
    names: dict[int, str]

    @cached_property
    def fixed(self) -> frozenset[int]:
        """The values that depend on sizes only: computed once for all calls."""
        found: set[int] = set()
        for value, operation in enumerate(self.operations):
            if operation.kind != "input" and found.issuperset(operation.values):
                found.add(value)
        return frozenset(found)

    @cached_property
    def layouts(self) -> tuple[Layout, ...]:
        """The axes of each value in memory, None where a length of 1 is kept."""
        return layouts(self.operations, {o.value: o.axes for o in reversed(self.outputs)})

    @cached_property
    def produced(self) -> tuple[Layout, ...]:
        """The axes as the operation itself leaves them; a view turns them into the layout."""
        return produced(self.operations, self.layouts)

    @cached_property
    def last_use(self) -> dict[int, int]:
        """Value → the last operation that reads it; past the end for outputs."""
        found = {v: k for k, operation in enumerate(self.operations) for v in operation.values}
        return found | {output.value: len(self.operations) for output in self.outputs}

    @cached_property
    def sizes(self) -> tuple[str, ...]:
        """The names of sizes, in the order in which the inputs have them."""
        found = [size for array in self.inputs for size in array.sizes]
        for operation in self.operations:
            found.extend(operation.sizes)
            if operation.kind == "position":
                found.extend(atom for atom, _ in operation.detail.terms)
        found.extend(size for output in self.outputs for size in output.sizes)
        return tuple(dict.fromkeys(size for size in found if isinstance(size, str)))

    @cached_property
    def open_sizes(self) -> tuple[str, ...]:
        """The sizes that no input has."""
        had = {size for array in self.inputs for size in array.sizes}
        return tuple(size for size in self.sizes if size not in had)


def plan(program: Program, outputs: Sequence[str], quick: bool = False) -> Plan:
    """The operations that compute the named definitions.

    quick  by the functions' quick forms: errors as of one sum rather than of one rounding
    raises UnknownSymbol for a name that the program does not define
    """
    for name in outputs:
        program.definition(name)
    needed = program.needed(*outputs)
    lowering = Lowering(needed, quick)
    uses = {definition.name: lowering.define(definition) for definition in needed.definitions}
    operations = lowering.graph.operations
    kept = _picks_early(operations, reached(operations, [uses[name].value for name in outputs]))
    number = {old: new for new, old in enumerate(kept)}
    names: dict[int, str] = {}
    for name, use in uses.items():
        if use.value in number and operations[use.value].kind != "input":
            names.setdefault(number[use.value], name)
    results = []
    for name in outputs:
        indices = needed.definition(name).indices
        results.append(_output(name, indices, uses[name], number, operations))
    found = tuple(renumbered(operations[old], number) for old in kept)
    return Plan(needed.inputs, found, tuple(results), names)


def _output(
    name: str,
    indices: tuple[Index, ...],
    use: Use,
    number: dict[int, int],
    operations: Sequence[Operation],
) -> Output:
    axis = dict(zip(use.axes, operations[use.value].axes, strict=True))
    sizes = tuple(index.size for index in indices)
    return Output(name, number[use.value], tuple(axis.get(i) for i in indices), sizes)


def reached(operations: Sequence[Operation], wanted: Iterable[int]) -> list[int]:
    """The values that the wanted ones depend on, in order."""
    found: set[int] = set()
    pending = list(wanted)
    while pending:
        value = pending.pop()
        if value not in found:
            found.add(value)
            pending.extend(operations[value].values)
    return sorted(found)


def _picks_early(operations: Sequence[Operation], order: list[int]) -> list[int]:
    """Elements are picked as soon as they can be, so that the array may be overwritten."""
    waiting = [value for value in order if operations[value].kind == "pick"]
    found: list[int] = []
    done: set[int] = set()
    for value in order:
        if value in done:
            continue
        found.append(value)
        done.add(value)
        for pick in waiting:
            if pick not in done and done.issuperset(operations[pick].values):
                found.append(pick)
                done.add(pick)
    return found


def renumbered(operation: Operation, number: dict[int, int]) -> Operation:
    operands = tuple((number[value], axes) for value, axes in operation.operands)
    return replace(operation, operands=operands)
