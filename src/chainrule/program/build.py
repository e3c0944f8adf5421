"""From a program to something that can be called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.errors import BadOption
from chainrule.language.algebra import substitute
from chainrule.language.evaluate import bound_sizes
from chainrule.language.expr import Array
from chainrule.language.index import resized
from chainrule.language.program import Definition, Program
from chainrule.program.blocks import blocks
from chainrule.program.built import Built
from chainrule.program.cores import CORES, over_cores
from chainrule.program.numpy_blocks import BlockSource, bytes_needed
from chainrule.program.optional import optional
from chainrule.program.pieces import Run, are_long, runs
from chainrule.program.plan import Plan, plan
from chainrule.program.storage import store
from chainrule.program.to_jax import jax_source
from chainrule.program.to_numpy import numpy_source

if TYPE_CHECKING:
    from chainrule.program.on_jax import Traced

ENGINES = ("numpy", "jax")
DTYPES = ("float32", "float64")
REMEMBERED = 8
"""For how many sets of sizes the memory is kept: whole batches, the last batch, test data."""


@dataclass
class Blocked:
    """Source that works through the examples in blocks, compiled when it is needed."""

    source: str
    budget: int

    @cached_property
    def functions(self) -> tuple[Callable[..., tuple], Callable[..., tuple]]:
        return executed(self.source, "blocks")


@dataclass
class Pieced:
    """Source that goes through long arrays in pieces, written and compiled when it is needed."""

    program: Program
    plan: Plan
    dtype: str

    @cached_property
    def functions(self) -> tuple[Callable[..., tuple], Callable[..., tuple]]:
        source = numpy_source(self.program, self.plan, dtype=self.dtype, cores=self.cores)
        return executed(source, "pieces")

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        return runs(self.plan, store(self.plan), self.cores)

    @property
    def cores(self) -> int:
        """Among how many cores runs are shared: one beside products, whose threads keep others."""
        return 1 if any(o.kind == "contract" for o in self.plan.operations) else CORES

    def fits(self, sizes: Mapping[str, int]) -> bool:
        """Whether arrays of these sizes are long enough."""
        return are_long(self.runs, sizes, np.dtype(self.dtype).itemsize)


@dataclass
class Compiled(Built):
    """A program that runs by NumPy. Not for several threads at once: calls share memory.

    step     the function in the source: `step(*arrays, memory)`
    pieced   the same in pieces, for arrays that are larger than a cache
    blocked  the same in blocks of examples, for arrays that would need more than the budget
    """

    allocate: Callable[..., tuple]
    pieced: Pieced
    blocked: Blocked | None = None
    memories: dict[tuple, tuple] = field(default_factory=dict)

    def call(self, *arrays: np.ndarray) -> tuple:
        """The results, in memory that the next call overwrites.

        arrays  in the order of `inputs`, of the compiled dtype
        raises  SizeMismatch, at the first call with shapes that do not fit together
        """
        step, memory = self.prepared(*arrays)
        return step(*arrays, memory)

    def prepared(self, *arrays: np.ndarray) -> tuple[Callable[..., tuple], tuple]:
        """The function for arrays of these shapes, and what it works in; made at the first call."""
        key = tuple([array.shape for array in arrays])
        found = self.memories.get(key)
        return self._prepared(key) if found is None else found

    def apart(self, *arrays: np.ndarray) -> tuple:
        """The results in memory that nothing else uses; for several threads at once, too."""
        step, memory = self._allocated(tuple([array.shape for array in arrays]))
        return step(*arrays, memory)

    def _prepared(self, key: tuple[tuple[int, ...], ...]) -> tuple[Callable[..., tuple], tuple]:
        if len(self.memories) >= REMEMBERED:
            del self.memories[next(iter(self.memories))]
        self.memories[key] = self._allocated(key)
        return self.memories[key]

    def _allocated(self, key: tuple[tuple[int, ...], ...]) -> tuple[Callable[..., tuple], tuple]:
        sizes = bound_sizes(dict(zip(self.plan.inputs, key, strict=True)), {})
        kind, chosen = np.dtype(self.dtype), (self.step, self.allocate)
        needed = 0 if self.blocked is None else bytes_needed(self.plan, sizes, kind.itemsize)
        if self.blocked is not None and needed > self.blocked.budget:
            chosen = self.blocked.functions
        elif self.pieced.fits(sizes):
            chosen = self.pieced.functions
        step, allocate = chosen
        return step, allocate(*(sizes[size] for size in self.plan.sizes), kind)


def build(
    program: Program,
    outputs: Sequence[str],
    engine: str = "numpy",
    dtype: str = "float32",
    sizes: Mapping[str, int] | None = None,
    quick: bool = False,
    memory: int | None = None,
) -> Compiled | Traced:
    """The named definitions of a program as running code.

    sizes   size name → integer, where no input array tells
    quick   for training: the functions' quick forms, a few rounding errors less exact
    memory  bytes: calls that would need more, besides inputs and results, go through the
            examples in blocks, where the results allow it
    raises  BadOption, MissingPackage, UnknownSymbol, UnknownSize

    >>> from chainrule.language.algebra import element, total
    >>> from chainrule.language.index import Index
    >>> i, x = Index("i", "N"), Array("x", ("N",))
    >>> square = Program((Definition(Array("J"), (), total(i, element(x, i) ** 2)),))
    >>> float(build(square, ["J"])({"x": [3.0, 4.0]})["J"])
    25.0
    """
    _check("engine", engine, ENGINES)
    _check("dtype", dtype, DTYPES)
    if sizes:
        program = sized(program, dict(sizes))
    made = plan(program, outputs, quick)
    if engine == "jax":
        return _traced(program, made, dtype, memory)
    source = numpy_source(program, made, dtype=dtype)
    step, allocate = executed(source, ", ".join(outputs))
    pieced, blocked = Pieced(program, made, dtype), _blocked(program, made, dtype, memory)
    return Compiled(made, source, dtype, step, allocate, pieced, blocked)


def _traced(program: Program, made: Plan, dtype: str, memory: int | None) -> Traced:
    optional("jax", "jax", "the engine jax")
    from chainrule.program.jax_blocks import JaxBlocks
    from chainrule.program.on_jax import Traced

    def step(source: str) -> Callable[..., tuple]:
        module: dict[str, Any] = {}
        exec(compile(source, "<chainrule jax>", "exec"), module)
        return module["step"]

    parts = None if memory is None else blocks(made)
    in_blocks = None
    if parts is not None and not parts.carried:
        steps = (step(jax_source(program, p, sizes=True)) for p in (parts.block, parts.after))
        in_blocks = JaxBlocks(parts, *steps, memory)
    source = jax_source(program, made)
    return Traced(made, source, dtype, step(source), in_blocks)


def executed(source: str, name: str) -> tuple[Callable[..., tuple], Callable[..., tuple]]:
    """`step` and `allocate` of emitted source."""
    module: dict[str, Any] = {"over_cores": over_cores}
    exec(compile(source, f"<chainrule {name}>", "exec"), module)
    return module["step"], module["allocate"]


def _blocked(program: Program, made: Plan, dtype: str, memory: int | None) -> Blocked | None:
    parts = None if memory is None else blocks(made)
    if parts is None:
        return None
    source = BlockSource(program, made, parts, "step", dtype, memory).text()
    return Blocked(source, memory)


def _check(option: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise BadOption(
            f"{option} is {value}; known are {', '.join(known)}",
            remedy=f"use {option}={known[0]}",
        )


def sized(program: Program, sizes: dict[str, int]) -> Program:
    """The program with some sizes known."""
    definitions = []
    for definition in program.definitions:
        array = definition.array
        definitions.append(
            Definition(
                Array(array.name, tuple(sizes.get(size, size) for size in array.sizes)),
                tuple(resized(index, sizes) for index in definition.indices),
                substitute(definition.body, {}, sizes),
            )
        )
    return Program(tuple(definitions))
