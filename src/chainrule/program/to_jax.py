"""A plan as JAX source: one readable function of arrays, without memory of its own."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from chainrule.language.program import Program
from chainrule.program.describe import describe
from chainrule.program.layout import spread, strip
from chainrule.program.naming import Names
from chainrule.program.numpy_lines import Lines, offsets, view
from chainrule.program.numpy_product import LETTERS
from chainrule.program.plan import Plan
from chainrule.program.prepared import beyond, literal
from chainrule.program.storage import Storage
from chainrule.program.text import WIDTH, indented, wrapped
from chainrule.program.to_numpy import Source, wanted
from chainrule.program.windows import surely_inside


def jax_source(program: Program, made: Plan, name: str = "step", sizes: bool = False) -> str:
    """The module for a plan: a pure function, to be compiled by `jax.jit` or inside a loop.

    sizes  whether it takes sizes that no array has, after the arrays
    """
    return JaxSource(program, made, name, sizes).text()


class JaxLines(Lines):
    """Operations of a plan as expressions that JAX can trace: nothing is written in place."""

    def lines(self, value: int, out: str | None) -> list[str]:
        operation, name = self.plan.operations[value], self.names[value]
        if operation.kind == "gather":
            return self.gathered(value, None)
        if operation.kind == "fold":
            return self.folded(value)
        if operation.kind == "subtract_at":
            return self.lessened(value, None)
        if operation.kind == "add_on_diagonal":
            return self.on_diagonal(value, None)
        found = super().lines(value, None)
        if operation.detail == "number":
            text = found[0].removeprefix(f"{name} = ")
            return [f"{name} = np.where({text}, 1.0, 0.0).astype(dtype)"]
        return found

    def expression(self, value: int, out: str | None = None) -> str:
        operation = self.plan.operations[value]
        if operation.kind == "where":
            return f"np.where({', '.join(self.aligned(value))})"
        if operation.detail == "number":
            return self.plain(operation.kind, self.aligned(value), True)
        return super().expression(value, None)

    def contracted(self, value: int, out: str | None) -> str:
        """A matrix product where it is one with at most one axis of each kind, else einsum."""
        layout = self.plan.produced[value]
        axes = [strip(self.lies(value, k)) for k in (0, 1)]
        both = [axis for axis in axes[0] if axis in axes[1]]
        own = [[axis for axis in found if axis not in both] for found in axes]
        if len(both) == 1 and both[0] not in layout and max(map(len, own)) == 1:
            first = 0 if list(layout) == own[0] + own[1] else 1
            pair = ((first, (*own[first], *both)), (1 - first, (*both, *own[1 - first])))
            text = " @ ".join(self.operand(value, k, order) for k, order in pair)
            return text if layout == self.plan.layouts[value] else f"({text})"
        letters = ["".join(LETTERS[axis] for axis in found) for found in (*axes, layout)]
        pair = ", ".join(self.operand(value, k, axes[k]) for k in (0, 1))
        return f'np.einsum("{letters[0]},{letters[1]}->{letters[2]}", {pair})'

    def reduced(self, value: int, out: str | None) -> str:
        operation, layout = self.plan.operations[value], self.plan.produced[value]
        lies = strip(self.lies(value, 0))
        gone = [k for k, axis in enumerate(lies) if axis not in operation.axes]
        along = str(gone[0] if len(gone) == 1 else tuple(gone))
        kept = ", keepdims=True" if None in layout else ""
        return f"np.{operation.kind}({self.operand(value, 0, lies)}, axis={along}{kept})"

    def lessened(self, value: int, out: str | None) -> list[str]:
        """An array less an amount where the position is the label."""
        operation, name = self.plan.operations[value], self.names[value]
        lies, (array, _, amount) = self.plan.layouts[value], self.aligned(value)
        axis = operation.detail.plain
        length = self.size(operation.sizes[axis])
        positions = view(f"np.arange({length})", (axis,), spread((axis,), lies))
        return [
            f"is_{name} = {positions} == {self.label(value, lies)}",
            f"{name} = {array} - np.where(is_{name}, {amount}, 0)",
        ]

    def on_diagonal(self, value: int, out: str | None) -> list[str]:
        operation, lies = self.plan.operations[value], self.plan.layouts[value]
        array, amount = self.aligned(value)
        places = [
            view(f"np.arange({self.size(operation.sizes[axis])})", (axis,), spread((axis,), lies))
            for axis in operation.detail.axes
        ]
        return [f"{self.names[value]} = {array} + np.where({' == '.join(places)}, {amount}, 0)"]

    def gathered(self, value: int, out: str | None) -> list[str]:
        operation, name = self.plan.operations[value], self.names[value]
        read = operation.values[0]
        array = view(self.names[read], self.plan.layouts[read], self.plan.operations[read].axes)
        spots, outside, fixed = [], [], []
        for place, length in zip(*operation.detail, strict=True):
            lies = spread(place.axes, operation.axes)
            spot = offsets(place, operation, lies, self.sizes)
            if not surely_inside(place, length, operation):
                size = self.size(length)
                outside.append(f"({spot} < 0) | ({spot} >= {size})")
                fixed += [] if place.axes else outside[-1:]
                clip = "np.clip({}, 0, {} - 1)" if place.axes else "min(max({}, 0), {} - 1)"
                spot = clip.format(spot, size)
            spots.append(spot)
        text = f"{array}[{', '.join(spots)}]"
        if outside:
            missing = beyond(fixed, bool(operation.axes))
            text = f"np.where(np.asarray({' | '.join(outside)}), {missing}, {text})"
        return [f"{name} = {view(text, operation.axes, self.plan.layouts[value])}"]


    def folded(self, value: int) -> list[str]:
        """The elements of windows added up where they belong; those outside are lost."""
        operation, name = self.plan.operations[value], self.names[value]
        (read, axes), (places, lengths) = operation.operands[0], operation.detail
        array = view(self.names[read], self.plan.layouts[read], self.plan.operations[read].axes)
        spots, inside = [], []
        for place, length in zip(places, lengths, strict=True):
            spot = offsets(place, operation, spread(place.axes, axes), self.sizes)
            if not surely_inside(place, length, operation):
                size = self.size(length)
                inside.append(f"({spot} >= 0) & ({spot} < {size})")
                spot = f"np.clip({spot}, 0, {size} - 1)"
            spots.append(spot)
        if inside:
            array = f"np.where({' & '.join(f'({test})' for test in inside)}, {array}, 0)"
        shape = ", ".join(self.size(length) for length in lengths)
        zeros = f"np.zeros(({shape},), dtype)"
        return [
            f"{name} = {self.added(zeros, ', '.join(spots), array)}",
            f"{name} = {view(name, operation.axes, self.plan.layouts[value])}",
        ]

    def added(self, array: str, places: str, amounts: str) -> str:
        """An array with amounts added at places, which may occur several times."""
        return f"{array}.at[{places}].add({amounts})"


class JaxSource(Source):
    """One module being written."""

    module = "jax.numpy"
    short = "jnp"

    def __init__(self, program: Program, made: Plan, name: str, sizes: bool = False):
        self.program, self.plan, self.name = program, made, name
        self.names = Names("np", "jax", "jnp", "dtype", "step", name)
        self.arguments = {array.name: self.names.claim(array.name) for array in made.inputs}
        self.claimed = {size: self.names.claim(size) for size in made.sizes}
        self.values: dict[int, str] = {}
        self.open = {size: self.claimed[size] for size in made.open_sizes} if sizes else {}
        self.writer = self.line_writer()
        self.known = {value: self.names.claim(label) for value, label in made.names.items()}

    def line_writer(self) -> Lines:
        return JaxLines(
            self.plan, self.no_storage(), self.values, self.claimed, lambda *_: "", lambda _: ()
        )

    def no_storage(self) -> Storage:
        """Nothing is written to memory that is there already."""
        return Storage()

    def text(self) -> str:
        if not self.open:
            self.check_sizes()
        return "\n".join([*self.imports(), "", "", *self.functions(), ""])

    def imports(self) -> list[str]:
        return [f"import {self.module} as {self.short}"]

    def functions(self, alone: bool = True) -> list[str]:
        body = self.body()
        results = [self.result(output) for output in self.plan.outputs]
        text = " ".join([*body, *results])
        used = set(re.findall(r"\w+", text))
        ending = f"return {', '.join(results)}{',' if len(results) == 1 else ''}"
        head = f"def {self.name}({', '.join((*self.arguments.values(), *self.open.values()))}):"
        before = [self.spoken(line) for line in (*self.docstring(), *self.lengths(used))]
        inside = [self.spoken(line) for line in (*body, *wrapped(ending))]
        return [head, *indented(before), *indented(self.within(inside))]

    def within(self, lines: list[str]) -> list[str]:
        """What computes the results, in a block of its own where one is needed."""
        return lines

    def spoken(self, line: str) -> str:
        """The line with the module's own name."""
        return line if line.startswith("#") else re.sub(r"\bnp\.", f"{self.short}.", line)

    def lengths(self, used: set[str]) -> list[str]:
        """Sizes read off the shapes, and the type of numbers, where the body needs them."""
        lines, seen = [], set()
        for array in self.plan.inputs:
            for k, size in enumerate(array.sizes):
                name = self.claimed.get(size) if isinstance(size, str) else None
                if name in used and size not in seen:
                    seen.add(size)
                    lines.append(f"{name} = {self.arguments[array.name]}.shape[{k}]")
        if "dtype" in used:
            lines.append(self.kind())
        return lines

    def kind(self) -> str:
        given = ", ".join(self.arguments.values())
        return f"dtype = np.result_type({given or 'float'})"

    def docstring(self) -> list[str]:
        return [line for line in super().docstring() if not line.startswith("With `memory`")]

    def shape(self, sizes: Sequence) -> str:
        return " × ".join(self.length(size) for size in sizes) or "number"

    def length(self, size) -> str:
        return str(size) if isinstance(size, int) else self.claimed[size]

    def body(self) -> list[str]:
        lines: list[str] = []
        shown = None
        for value, operation in enumerate(self.plan.operations):
            if operation.kind == "input":
                self.values[value] = self.arguments[operation.detail.name]
                continue
            if operation.kind == "number":
                self.values[value] = literal(operation.detail)
                continue
            if operation.definition != shown and value not in self.plan.fixed:
                shown = operation.definition
                formula = describe(self.program.definition(shown))
                lines += [f"# {line}" for line in textwrap.wrap(formula, WIDTH - 8)]
            self.values[value] = self.known.get(value) or self.names.claim(self.label(value))
            lines += self.statement(value)
        return lines

    def statement(self, value: int) -> list[str]:
        lines = self.writer.lines(value, None)
        operation = self.plan.operations[value]
        if operation.kind == "position" and not operation.axes:
            # The length of an axis: a name for it is known already.
            self.values[value] = lines[0].partition(" = ")[2]
            return []
        if value in self.plan.fixed and operation.axes and not operation.mask:
            name = self.values[value]
            lines[-1] = f"{name} = {self.cast(lines[-1].removeprefix(f'{name} = '))}"
        return lines

    def cast(self, text: str) -> str:
        return f"np.asarray({text}, dtype)"

    def label(self, value: int) -> str:
        """A name for a value in between."""
        if value not in self.plan.fixed:
            return wanted(self.plan, value, self.values)
        operation = self.plan.operations[value]
        return operation.kind if operation.axes else "scale"

    def result(self, output) -> str:
        value = output.value
        text = self.values[value]
        if not self.plan.operations[value].axes:
            text = f"np.asarray({text}, dtype)" if value in self.plan.fixed else text
        if self.plan.layouts[value]:
            text = view(text, self.plan.layouts[value], output.axes)
        if None in output.axes:
            shape = ", ".join(self.length(size) for size in output.sizes)
            return f"np.broadcast_to({text}, ({shape},))"
        return text
