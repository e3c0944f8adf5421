"""A plan as NumPy source: one readable function, the same that is shown and that is run."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence

from chainrule.errors import UnknownSize
from chainrule.language.index import Size
from chainrule.language.program import Program
from chainrule.program.describe import describe, of_size
from chainrule.program.naming import Names
from chainrule.program.numpy_lines import Lines, view
from chainrule.program.pieces import PIECE, Run, runs, shortened
from chainrule.program.plan import Output, Plan, plan
from chainrule.program.prepared import Prepared
from chainrule.program.storage import Storage, store
from chainrule.program.text import WIDTH, indented, wrapped

LONGEST_NAME = 24
RESERVED = ("np", "memory", "dtype", "over_cores", "work", "begin", "end", "core")


def emit(
    program: Program,
    outputs: Sequence[str],
    name: str = "step",
    dtype: str = "float32",
    quick: bool = False,
) -> str:
    """A module that stands alone, with one function of the program's inputs, by name.

    name    what the function is called
    dtype   the type of numbers, where the caller prepares the memory without saying
    quick   see `plan`
    raises  UnknownSymbol; UnknownSize where no input has a size that is needed
    """
    return numpy_source(program, plan(program, outputs, quick), name, dtype)


def numpy_source(
    program: Program,
    made: Plan,
    name: str = "step",
    dtype: str = "float32",
    cores: int = 0,
) -> str:
    """The module for a plan; `allocate` prepares the memory for one set of sizes.

    cores  among how many runs of operations share their arrays, in pieces that fit into a cache;
           1: the same on one core; 0: no pieces. With several the module needs `over_cores`.
    """
    return Source(program, made, name, dtype, cores=cores).text()


class Source:
    """One module being written."""

    def __init__(
        self,
        program: Program,
        made: Plan,
        name: str,
        dtype: str,
        part: str = "",
        cores: int = 0,
        sizes: bool = False,
    ):
        """sizes: whether `step` takes the sizes that no array has, after the arrays."""
        self.program, self.plan, self.dtype = program, made, dtype
        self.name, self.allocator, self.several = f"{name}{part}", f"allocate{part}", cores > 1
        self.memory: list[str] = []
        names = Names(*RESERVED, self.allocator, self.name)
        self.arguments = {array.name: names.claim(array.name) for array in made.inputs}
        claimed = {size: names.claim(size) for size in made.sizes}
        self.open = {size: claimed[size] for size in made.open_sizes} if sizes else {}
        storage = self.stored(made)
        self.runs = runs(made, storage, cores) if cores else ()
        self.prepared = Prepared(made, shortened(storage, self.runs, cores), names, claimed)
        # Several cores wait for each other between pieces, so that theirs are larger.
        most = 2 * PIECE if self.several else PIECE
        for run in self.runs:
            self.prepared.rows(run, most)
        self.writer = Lines(
            made,
            self.prepared.storage,
            self.prepared.values,
            claimed,
            None if self.several else self.prepared.ones,
            self.prepared.spots,
            self.prepared.windows,
            "np.matmul" if cores else "np.dot",
        )
        if self.runs:
            self.first, self.piece = names.claim("first"), names.claim("piece")
        self.known = {value: names.claim(label) for value, label in made.names.items()}

    def stored(self, made: Plan) -> Storage:
        return store(made)

    @property
    def storage(self) -> Storage:
        return self.prepared.storage

    def text(self) -> str:
        if not self.open:
            self.check_sizes()
        return "\n".join(["import numpy as np", "", "", *self.functions(), ""])

    def functions(self, alone: bool = True) -> list[str]:
        """The lines of both functions.

        alone  whether `step` can be called without memory
        """
        body = self.body()
        results = [self.result(output) for output in self.plan.outputs]
        code = [line for line in (*body, *results) if not line.startswith("#")]
        used = set(re.findall(r"\w+", " ".join(code)))
        sizes = list(self.prepared.sizes.values())
        memory = [size for size in sizes if size in used]
        memory += [name for name in self.prepared.defined if name in used]
        ending = f"return {', '.join(results)}{',' if len(results) == 1 else ''}"
        self.memory = memory
        last = "memory=None" if alone else "memory"
        return [
            *self.allocate(memory),
            "",
            "",
            f"def {self.name}({', '.join((*self.arguments.values(), *self.open.values(), last))}):",
            *indented(self.docstring()),
            *indented(self.default_memory() if alone else ()),
            *indented(unpacked(memory)),
            *indented(body),
            f"    {ending}",
        ]

    def check_sizes(self) -> None:
        missing = self.plan.open_sizes
        if missing:
            raise UnknownSize(
                f"no array that is given has the size {missing[0]}",
                remedy=f"give the size, as in sizes={{'{missing[0]}': 5}}",
            )

    def allocate(self, memory: list[str]) -> list[str]:
        sizes = ", ".join((*self.prepared.sizes.values(), f"dtype=np.{self.dtype}"))
        ending = f"return ({', '.join(memory)}{',' if len(memory) == 1 else ''})"
        return [
            f"def {self.allocator}({sizes}):",
            f'    """What `{self.name}` works in, for one set of sizes; calls write to it."""',
            *indented(self.prepared.lines),
            *indented(wrapped(ending)),
        ]

    def docstring(self) -> list[str]:
        shapes = [(self.arguments[a.name], a.name, a.sizes) for a in self.plan.inputs]
        width = max((len(name) for name, _, _ in shapes), default=0)
        lines = [f'"""{", ".join(output.name for output in self.plan.outputs)}', ""]
        for argument, name, sizes in shapes:
            alias = "" if argument == name else f", {name}"
            lines.append(f"{argument:{width}}  {self.shape(sizes)}{alias}")
        for size, name in self.open.items():
            lines.append(f"{name:{width}}  {of_size(self.program, size)}")
        returned = ", ".join(f"{o.name} ({self.shape(o.sizes)})" for o in self.plan.outputs)
        lines += wrapped(f"returns {returned}")
        lines += ["With `memory`, results are overwritten by the next call.", '"""']
        return [line.replace("\\", "\\\\") for line in lines]

    def shape(self, sizes: Sequence[Size]) -> str:
        return " × ".join(self.prepared.size(size) for size in sizes) or "number"

    def default_memory(self) -> list[str]:
        lines, seen = [], set()
        for array in self.plan.inputs:
            for k, size in enumerate(array.sizes):
                if isinstance(size, str) and size not in seen:
                    seen.add(size)
                    lines.append(
                        f"{self.prepared.sizes[size]} = {self.arguments[array.name]}.shape[{k}]"
                    )
        sizes = list(self.prepared.sizes.values())
        if self.plan.inputs:
            sizes.append(f"np.result_type({', '.join(self.arguments.values())})")
        lines.append(f"memory = {self.allocator}({', '.join(sizes)})")
        return ["if memory is None:", *indented(lines)]

    def body(self) -> list[str]:
        """The lines of the function, the operations of each definition after its formula."""
        lines: list[str] = []
        begins = {run.values[0]: run for run in self.runs}
        inside = {value for run in self.runs for value in run.values}
        self.shown = ""
        for value, operation in enumerate(self.plan.operations):
            if operation.kind == "input":
                self.prepared.values[value] = self.arguments[operation.detail.name]
            elif value in self.plan.fixed:
                self.prepared.fixed(value, self.writer)
        for value, operation in enumerate(self.plan.operations):
            if value in begins:
                lines += self.looped(begins[value])
            elif not (value in inside or value in self.plan.fixed or operation.kind == "input"):
                lines += self.explained(value)
        return lines

    def explained(self, value: int, run: Run | None = None) -> list[str]:
        """The lines of one operation, after the formula of its definition if that begins here."""
        definition, lines = self.plan.operations[value].definition, []
        if definition != self.shown:
            self.shown = definition
            formula = describe(self.program.definition(definition))
            lines = [f"# {line}" for line in textwrap.wrap(formula, WIDTH - 8)]
        return lines + self.statement(value, run)

    def looped(self, run: Run) -> list[str]:
        """A run of operations, piece by piece, and the whole arrays that are needed afterwards."""
        length, rows = self.prepared.size(run.length), self.prepared.pieces[run.piece]
        begin, end = ("begin", "end") if self.several else ("0", length)
        kept = [value for value in run.values if self.plan.last_use[value] > run.values[-1]]
        lines = [line for value in run.values for line in self.explained(value, run)]
        names = self.prepared.values
        loop = [
            f"for {self.first} in range({begin}, {end}, {rows}):",
            f"    {self.piece} = slice({self.first}, {self.first} + {rows})",
            *indented(lines),
        ]
        if self.several:
            loop = ["def work(begin, end, core):", *indented(loop)]
            loop.append(f"over_cores(work, {length}, {rows})")
        return [
            *loop,
            *(f"{names[v]} = {self.prepared.buffer(self.storage.of[v])}" for v in kept),
        ]

    def statement(self, value: int, run: Run | None = None) -> list[str]:
        """The lines of one operation on arrays, its scalar constants turned into arrays.

        run  what it is a part of, if it goes through its arrays in pieces
        """
        values, operation = self.prepared.values, self.plan.operations[value]
        fixed = [v for v in operation.values if v in self.plan.fixed]
        read = [v for v in operation.values if run and v in run.rows and v not in run.values]
        texts = {operand: values[operand] for operand in (*fixed, *read)}
        number = not operation.axes
        values |= {operand: self.prepared.constant(operand, number) for operand in fixed}
        values[value] = self.known.get(value) or self.prepared.names.claim(
            wanted(self.plan, value, values)
        )
        values |= {operand: f"{values[operand]}[{self.piece}]" for operand in dict.fromkeys(read)}
        lines = self.writer.lines(value, self.out(value, run))
        values |= texts
        return lines

    def out(self, value: int, run: Run | None) -> str | None:
        """What a value is written to, or that part of it."""
        buffer = self.storage.of.get(value)
        if buffer is None or run is None:
            return None if buffer is None else self.prepared.buffer(buffer)
        part = self.piece
        if run.piece in buffer.shape:
            end = "core, : end" if self.several else f": {self.prepared.size(run.length)}"
            part = f"{end} - {self.first}"
        return f"{self.prepared.buffer(buffer)}[{part}]"

    def result(self, output: Output) -> str:
        """One result, as the caller asked for it."""
        value, values = output.value, self.prepared.values
        text = self.prepared.constant(value) if value in self.plan.fixed else values[value]
        if self.plan.layouts[value]:
            text = view(text, self.plan.layouts[value], output.axes)
        if None in output.axes:
            shape = ", ".join(self.prepared.size(size) for size in output.sizes)
            return f"np.broadcast_to({text}, ({shape},))"
        return text


def wanted(plan: Plan, value: int, names: Mapping[int, str]) -> str:
    """A name for a value in between, after what it is computed from."""
    operation = plan.operations[value]
    read = [v for v in operation.values if v not in plan.fixed]
    if len(read) == 1:
        kind = "scaled" if operation.kind == "multiply" else operation.kind
        name = f"{kind}_{names[read[0]]}"
        if len(operation.values) > 1 and kind != "scaled":
            name = f"{operation.definition}_part"
    elif operation.kind == "subtract" and plan.operations[read[1]].kind == "max":
        name = f"shifted_{names[read[0]]}"
    else:
        name = f"{operation.definition}_part"
    return name if len(name) <= LONGEST_NAME else f"{operation.definition}_part"


def unpacked(names: list[str]) -> list[str]:
    if not names:
        return []
    # Outside the brackets no break is free, so that the end of the statement stays in one piece.
    lines = wrapped(f"({', '.join(names)}{',' if len(names) == 1 else ''})~=~memory")
    return [line.replace("~", " ") for line in lines]
