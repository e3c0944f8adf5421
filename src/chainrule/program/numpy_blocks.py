"""A plan in blocks as NumPy source: a loop over blocks of examples, within a memory budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

from chainrule.language.index import Size
from chainrule.language.program import Program
from chainrule.program.blocks import Blocks
from chainrule.program.naming import Names
from chainrule.program.numpy_added import BAND, BlockPart
from chainrule.program.pieces import PIECE
from chainrule.program.plan import Output, Plan
from chainrule.program.storage import Buffer, store
from chainrule.program.text import counted, indented, wrapped
from chainrule.program.to_numpy import Source, unpacked

RESERVED = (
    "np memory allocate dtype budget first last part rest whole following fixed row shortened"
    " found held itemsize"
).split()
LEAST = 16
"""Examples in a block at least: with fewer a matrix product is slow."""


@dataclass
class BlockSource:
    """The module for a plan in blocks: `step_block`, `step_after`, and `step` around them.

    budget  bytes that a call may need besides inputs and results
    """

    program: Program
    plan: Plan
    parts: Blocks
    name: str
    dtype: str
    budget: int
    names: Names = field(init=False)

    def __post_init__(self):
        parts = self.parts
        self.block = BlockPart(self.program, parts.block, self.name, self.dtype, parts.carried)
        self.after = Source(self.program, parts.after, self.name, self.dtype, "_after")
        used = (self.name, *(f.name for f in (self.block, self.after)))
        used += (self.block.allocator, self.after.allocator)
        self.names = Names(*RESERVED, *used)
        self.sizes = {size: self.names.claim(size) for size in self.all_sizes()}
        self.length = self.names.claim(parts.length)
        self.sizes[parts.length] = self.length
        self.arguments = {a.name: self.names.claim(a.name) for a in self.plan.inputs}
        self.held = {t.array.name: self.names.claim(t.array.name) for t in parts.totals}
        self.held |= {name: self.names.claim(name) for name in parts.carried}

    def all_sizes(self) -> list[str]:
        found = (*self.plan.sizes, *self.parts.block.sizes, *self.parts.after.sizes)
        return [size for size in dict.fromkeys(found) if size != self.parts.length]

    def text(self) -> str:
        parts = (self.block.functions(False), self.after.functions(False))
        blank = ["", ""]
        lines = ["import numpy as np", *blank, *parts[0], *blank, *parts[1], *blank]
        lines += [*self.shortened(), *blank, *self.allocate(), *blank]
        return "\n".join([*lines, *self.step(), ""])

    # Memory ---------------------------------------------------------------------------------------

    def allocate(self) -> list[str]:
        sizes = ", ".join(self.sizes[size] for size in self.plan.sizes)
        row, fixed = self.bytes()
        widths = [self.sizes[size] for size in self.widths()]
        examples, length = self.sizes[self.parts.size], self.length
        lines = [
            f'"""What `{self.name}` works in: blocks as large as the budget, in bytes, allows."""',
            "itemsize = np.dtype(dtype).itemsize",
            *wrapped(f"row = ({row})"),
            *wrapped(f"fixed = ({fixed})"),
            f"{length} = min({examples}, max({LEAST}, int((budget - fixed) // row)))",
            "# The same length for all, as far as possible.",
            f"{length} = -(-{examples} // -(-{examples} // {length}))",
            *wrapped(f"whole = {self.allocated(self.block)}"),
            f"rest = shortened({', '.join(('whole', f'{examples} % {length}', *widths))})",
            *wrapped(f"following = {self.allocated(self.after)}"),
        ]
        for output in self.parts.block.outputs:
            if shape := [self.extent(size) for size in output.sizes]:
                ending = "," if len(shape) == 1 else ""
                held = self.held[output.name]
                lines.append(f"{held} = np.empty(({', '.join(shape)}{ending}), dtype)")
        lines.append(f"return {', '.join(self.memory())}")
        head = f"def allocate({sizes}, dtype=np.{self.dtype}, budget={self.budget}):"
        return [head, *indented(lines)]

    def widths(self) -> list[Size]:
        """The sizes that the shapes of shortened arrays need, but their length."""
        shapes = [shape for shape in self.moving().values() if shape[0] != self.parts.length]
        found = [size for shape in shapes for size in shape if isinstance(size, str)]
        others = (self.parts.length, *self.block.prepared.pieces)
        return [size for size in dict.fromkeys(found) if size not in others]

    def moving(self) -> dict[str, tuple[Size, ...]]:
        """Arrays of the memory of a block whose shape has the length of the block in it."""
        shared, length = self.block.prepared.shared, self.parts.length
        shapes = {shared["buffer", b.number]: b.shape for b in self.block.storage.buffers}
        found = {name: shape for name, shape in shapes.items() if length in shape}
        ones = f"ones_{self.block.prepared.sizes[length]}"
        known = {ones: (length,), f"{ones}_column": (length, 1)}
        return found | {n: shape for n, shape in known.items() if n in self.block.memory}

    def shortened(self) -> list[str]:
        """The function that gives the memory of the last block, which may be shorter."""
        sizes = self.block.prepared.sizes
        length = sizes[self.parts.length]
        held = ["_" if name == length else name for name in self.block.memory]
        lines = [f'"""The same memory for {length} examples."""', *unpacked(held)]
        for name, shape in self.moving().items():
            if shape[0] == self.parts.length:
                lines.append(f"{name} = {name}[:{length}]")
                continue
            lengths = [self.block.prepared.size(size) for size in shape]
            flat = f"{name}.reshape(-1)[: {' * '.join(lengths)}]"
            lines.append(f"{name} = {flat}.reshape({', '.join(lengths)})")
        ending = "," if len(self.block.memory) == 1 else ""
        lines += wrapped(f"return ({', '.join(self.block.memory)}{ending})")
        arguments = ", ".join(("memory", length, *(sizes[size] for size in self.widths())))
        return [f"def shortened({arguments}):", *indented(lines)]

    def extent(self, size: Size) -> str:
        """The length of an axis of a whole result."""
        if isinstance(size, int):
            return str(size)
        return self.sizes[self.parts.size if size == self.parts.length else size]

    def allocated(self, source: Source) -> str:
        sizes = (*(self.sizes[size] for size in source.plan.sizes), "dtype")
        return f"{source.allocator}({', '.join(sizes)})"

    def memory(self) -> list[str]:
        arrays = [self.held[o.name] for o in self.parts.block.outputs if o.sizes]
        return [self.length, "whole", "rest", "following", *arrays]

    def bytes(self) -> tuple[str, str]:
        """What an example of a block needs, and what a block of any length does, as code."""
        length = self.parts.length
        found: tuple[list[str], list[str]] = ([], [])
        for buffer in self.block.storage.buffers:
            moving = length in buffer.shape
            shape = [size for size in buffer.shape if size not in (length, 1)]
            found[not moving].append(self.product(shape, buffer))
        found[1].extend(self.band(output) for output in self.block.added)
        return tuple(" + ".join(counted(part)) or "1" for part in found)

    def band(self, output: Output) -> str:
        """What a product that is added up band by band needs."""
        whole = " * ".join(map(self.extent, output.sizes))
        return f"min({BAND}, itemsize * {whole})"

    def product(self, shape: Sequence[Size], buffer: Buffer) -> str:
        if buffer.shape[0] in self.block.prepared.pieces:
            return str(PIECE)
        factors = [self.extent(size) for size in shape]
        return " * ".join([*([] if buffer.mask else ["itemsize"]), *factors]) or "1"

    # The loop -------------------------------------------------------------------------------------

    def step(self) -> list[str]:
        arguments = ", ".join((*self.arguments.values(), "memory=None"))
        whole = Source(self.program, self.plan, self.name, self.dtype)
        examples = self.sizes[self.parts.size]
        outputs = self.block.plan.outputs
        array = next(a for a in self.plan.inputs if self.parts.size in a.sizes)
        axis = array.sizes.index(self.parts.size)
        lines = [
            *whole.docstring(),
            *whole.default_memory(),
            *unpacked(self.memory()),
            f"{examples} = {self.arguments[array.name]}.shape[{axis}]",
            *(f"{self.held[output.name]}.fill(0)" for output in self.block.added),
            f"for first in range(0, {examples}, {self.length}):",
            f"    last = min(first + {self.length}, {examples})",
            f"    held = whole if last - first == {self.length} else rest",
            *indented(wrapped(f"part = {self.block.name}({', '.join(self.sliced())}, held)")),
            *indented([line for k, o in enumerate(outputs) for line in self.gathered(k, o)]),
            *self.ending(),
        ]
        return [f"def {self.name}({arguments}):", *indented(lines)]

    def sliced(self) -> list[str]:
        found = []
        for array in self.parts.block.inputs:
            text = self.arguments[array.name]
            if self.parts.length in array.sizes:
                axis = array.sizes.index(self.parts.length)
                text += f"[{':, ' * axis}first:last]"
            found.append(text)
        return [*found, *(self.held[output.name] for output in self.block.added)]

    def gathered(self, k: int, output: Output) -> list[str]:
        """A result of one block put where it belongs."""
        held = self.held[output.name]
        combine = {total.array.name: total.combine for total in self.parts.totals}.get(output.name)
        if combine is None:
            axis = output.sizes.index(self.parts.length)
            return [f"{held}[{':, ' * axis}first:last] = part[{k}]"]
        if not output.sizes:
            return [f"{held} = np.{combine}({held}, part[{k}]) if first else part[{k}]"]
        return [
            "if first:",
            f"    np.{combine}({held}, part[{k}], out={held})",
            "else:",
            f"    np.copyto({held}, part[{k}])",
        ]

    def ending(self) -> list[str]:
        given = self.parts.after.inputs
        arguments = [self.held.get(a.name) or self.arguments[a.name] for a in given]
        call = f"{self.after.name}({', '.join((*arguments, 'following'))})"
        places = {output.name: k for k, output in enumerate(self.parts.after.outputs)}
        found = [
            f"found[{places[o.name]}]" if o.name in places else self.held[o.name]
            for o in self.plan.outputs
        ]
        ending = "," if len(found) == 1 else ""
        return [f"found = {call}", *wrapped(f"return {', '.join(found)}{ending}")]


def bytes_needed(plan: Plan, lengths: Mapping[str, int], itemsize: int) -> int:
    """What a call of the plan as a whole needs besides inputs and fixed values."""
    return sum(
        prod(lengths.get(size, size) for size in buffer.shape) * (1 if buffer.mask else itemsize)
        for buffer in store(plan).buffers
    )
