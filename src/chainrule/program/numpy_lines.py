"""One operation as lines of NumPy."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from chainrule.language.index import Size
from chainrule.program.layout import Layout, operand_layout, spread, strip
from chainrule.program.numpy_product import LETTERS, contraction, einsum
from chainrule.program.operation import Form, Operation
from chainrule.program.plan import Plan
from chainrule.program.storage import Storage
from chainrule.program.windows import Slices, slices

SHORT = 64
"""Up to how many numbers a row is short."""
INFIX = {
    "add": "{} + {}",
    "subtract": "{} - {}",
    "multiply": "{} * {}",
    "divide": "{} / {}",
    "negative": "-{}",
    "less": "{} < {}",
    "less_equal": "{} <= {}",
    "equal": "{} == {}",
    "not_equal": "{} != {}",
}


def view(text: str, layout: Layout, wanted: Layout) -> str:
    """An array of one layout as a view with another."""
    if layout == wanted:
        return text
    if None in layout:
        text += f"[{', '.join('0' if axis is None else ':' for axis in layout)}]"
    present, order = strip(layout), strip(wanted)
    if present != order:
        turned = ", ".join(str(present.index(axis)) for axis in order)
        text += ".T" if present == order[::-1] else f".transpose({turned})"
    if None in wanted:
        text += f"[{', '.join('None' if axis is None else ':' for axis in wanted)}]"
    return text


@dataclass
class Lines:
    """Writes operations of a plan.

    names   value → its name or literal in the code
    sizes   size name → its name in the code
    ones    size, whether a column → the name of an array of ones; None: sums without them
    spots   gather → (the names of its positions, the name of what lies outside, what is there)
    windows slices → (the name of the list of them, whether they write every element)
    product what multiplies two matrices: `np.matmul` has more to do before it begins, but `np.dot`
            fills the result with zeros first, which takes its time where that is large
    """

    plan: Plan
    storage: Storage
    names: dict[int, str]
    sizes: dict[str, str]
    ones: Callable[[Size, bool], str] | None
    spots: Callable[[int], tuple[list[str], str | None, str]]
    windows: Callable[[Slices], tuple[str, bool]] | None = None
    product: str = "np.dot"

    def operand(self, value: int, k: int, wanted: Layout) -> str:
        """Operand k of a value as a view in the layout wanted."""
        operand = self.plan.operations[value].values[k]
        return view(self.names[operand], self.lies(value, k), wanted)

    def aligned(self, value: int) -> list[str]:
        """The operands of an elementwise operation, ready for broadcasting."""
        layout = self.plan.layouts[value]
        operands = self.plan.operations[value].operands
        return [
            self.operand(value, k, spread(axes, layout)) for k, (_, axes) in enumerate(operands)
        ]

    def lines(self, value: int, out: str | None) -> list[str]:
        """The statements that compute a value; `out` names the buffer it is written to."""
        operation, name = self.plan.operations[value], self.names[value]
        if operation.kind == "where" and out is not None:
            return self.chosen(value, out)
        if operation.kind in ("gather", "fold"):
            return self.gathered(value, out)
        if operation.kind == "subtract_at":
            return self.lessened(value, out)
        if operation.kind == "add_on_diagonal":
            return self.on_diagonal(value, out)
        layouts = self.plan.produced[value], self.plan.layouts[value]
        text = self.expression(value, out)
        if operation.kind in INFIX and text[0] == "(" and layouts[0] == layouts[1]:
            text = text[1:-1]
        return [f"{name} = {view(text, *layouts)}"]

    def expression(self, value: int, out: str | None = None) -> str:
        """The value as one expression, written to `out` where that is given."""
        operation = self.plan.operations[value]
        match operation.kind:
            case "contract":
                return self.contracted(value, out)
            case "sum" | "max":
                return self.reduced(value, out)
            case "pick":
                return self.picked(value)
            case "determinant" | "inverse":
                return self.of_matrix(value)
            case "position":
                return offsets(operation.detail, operation, self.plan.layouts[value], self.sizes)
            case "delta":
                place = offsets(operation.detail, operation, self.plan.layouts[value], self.sizes)
                return f"({place} == 0)"
        if out is not None and self.is_outer(value):
            lies = [strip(self.lies(value, k)) for k in (0, 1)]
            return einsum(lies, self.plan.layouts[value], partial(self.operand, value), out)
        if out is not None:
            return f"np.{operation.kind}({', '.join(self.aligned(value))}, out={out})"
        if operation.kind == "divide" and value in self.plan.fixed:
            # Python stops at a division by zero; NumPy gives inf, as `evaluate` does.
            return f"np.divide({', '.join(self.aligned(value))})"
        text = self.plain(operation.kind, self.aligned(value), bool(operation.axes))
        return f"float{text}" if operation.detail == "number" and not operation.axes else text

    def is_outer(self, value: int) -> bool:
        """Whether it is an outer product, which `einsum` multiplies in about half the time."""
        operation, layout = self.plan.operations[value], self.plan.layouts[value]
        narrow = all(len(axes) < len(operation.axes) for _, axes in operation.operands)
        return operation.kind == "multiply" and narrow and None not in layout

    def plain(self, kind: str, operands: list[str], array: bool) -> str:
        """An elementwise operation without a buffer: of scalars, or once for all calls."""
        if kind == "where":
            mask, yes, no = operands
            return f"np.where({mask}, {yes}, {no})" if array else f"({yes} if {mask} else {no})"
        if kind in INFIX:
            return f"({INFIX[kind].format(*operands)})"
        return f"np.{kind}({', '.join(operands)})"

    def contracted(self, value: int, out: str | None) -> str:
        operation = self.plan.operations[value]
        layout = self.plan.produced[value]
        axes = [strip(self.lies(value, k)) for k in (0, 1)]
        sizes = [self.size(size) for size in operation.sizes]
        text = contraction(axes, layout, sizes, partial(self.operand, value), out)
        summed = [size for k, size in enumerate(operation.sizes) if k not in operation.axes]
        matrices = len(strip(layout)) == 2 and text.startswith("np.dot(") and summed != [1]
        return self.product + text.removeprefix("np.dot") if matrices else text

    def lies(self, value: int, k: int) -> Layout:
        """The layout of operand k."""
        return operand_layout(self.plan.operations, value, k, self.plan.layouts)

    def of_matrix(self, value: int) -> str:
        """Of the matrices along the two axes that the detail names, after all others."""
        operation = self.plan.operations[value]
        pair = tuple(place.plain for place in operation.detail)
        outer = tuple(axis for axis in operation.axes if axis not in pair)
        name = {"determinant": "det", "inverse": "inv"}[operation.kind]
        return f"np.linalg.{name}({self.operand(value, 0, (*outer, *pair))})"

    def reduced(self, value: int, out: str | None) -> str:
        operation, layout = self.plan.operations[value], self.plan.produced[value]
        lies = strip(self.lies(value, 0))
        array = self.operand(value, 0, lies)
        gone = [k for k, axis in enumerate(lies) if axis not in operation.axes]
        plain = operation.kind == "sum" and len(lies) == 2 and out is not None
        if plain and self.ones is not None:
            ones = self.ones(operation.sizes[lies[gone[0]]], None in layout)
            # A product with ones is a sum, by the fastest routine there is for it.
            pair = f"{array}, {ones}" if gone == [1] else f"{ones}, {array}"
            return f"np.dot({pair}, out={out})"
        kept = ", keepdims=True" if None in layout else ""
        if operation.kind == "max" and out is not None and self.has_short_rows(value, lies):
            # NumPy takes its time for each row, however short; its columns are as long as many.
            turned = ".T" if kept else ""
            whole = f"np.maximum.reduce({array}.T.copy(), axis=0{kept}, out={out}{turned})"
            return f"{whole}{turned}"
        function = {"sum": "np.add.reduce", "max": "np.maximum.reduce"}[operation.kind]
        along = str(gone[0] if len(gone) == 1 else tuple(gone))
        return f"{function}({array}, axis={along}{kept}{'' if out is None else f', out={out}'})"

    def has_short_rows(self, value: int, lies: Layout) -> bool:
        """Whether a matrix is reduced along rows of a length that is known to be short."""
        operation = self.plan.operations[value]
        length = operation.sizes[lies[-1]]
        reduced = len(lies) == 2 and operation.axes == (lies[0],)
        return reduced and isinstance(length, int) and length <= SHORT

    def chosen(self, value: int, out: str) -> list[str]:
        mask, yes, no = self.aligned(value)
        held = self.storage.of.get(self.plan.operations[value].values[2])
        lines = [f"np.copyto({out}, {yes}, where={mask})", f"{self.names[value]} = {out}"]
        return lines if held is self.storage.of[value] else [f"np.copyto({out}, {no})", *lines]

    def picked(self, value: int) -> str:
        """The element of each row that its label names."""
        operation = self.plan.operations[value]
        axis, lies = operation.detail.plain, strip(self.lies(value, 0))
        array, where = self.operand(value, 0, lies), lies.index(axis)
        rows = operation.operands[1][1]
        if not set(rows) & set(lies):
            labels = self.operand(value, 1, tuple(a for a in operation.axes if a in rows))
            return f"np.take({array}, {labels}.astype(int), axis={where})"
        labels = f"{self.label(value, lies)}.astype(int)"
        picks = ", ".join("0" if k == where else ":" for k in range(len(lies)))
        return f"np.take_along_axis({array}, {labels}, axis={where})[{picks}]"

    def label(self, value: int, lies: Layout) -> str:
        """The class numbers, ready for broadcasting with the array that lies so."""
        rows = self.plan.operations[value].operands[1][1]
        return self.operand(value, 1, tuple(axis if axis in rows else None for axis in lies))

    def lessened(self, value: int, out: str | None) -> list[str]:
        """An array less an amount at the label of each row."""
        operation, name = self.plan.operations[value], self.names[value]
        lies, (array, _, amount) = self.plan.layouts[value], self.aligned(value)
        where = lies.index(operation.detail.plain)
        at = f"at_{name}"
        return [
            *self.copied(value, out, array),
            f"{at} = {self.label(value, lies)}.astype(int)",
            f"less_{name} = np.take_along_axis({out}, {at}, axis={where}) - {amount}",
            f"np.put_along_axis({out}, {at}, less_{name}, axis={where})",
            f"{name} = {out}",
        ]

    def on_diagonal(self, value: int, out: str | None) -> list[str]:
        """An array with an amount added where two axes agree."""
        operation, lies = self.plan.operations[value], self.plan.layouts[value]
        own = operation.operands[1][1]
        second = next(axis for axis in operation.detail.axes if axis not in own)
        (first,) = set(operation.detail.axes) - {second}
        rest = tuple(axis for axis in lies if axis != second)
        # An axis of length 1, which stands for none, needs a letter of its own.
        free, a, b = reversed(LETTERS), LETTERS[first], LETTERS[second]
        every = "".join(next(free) if axis is None else LETTERS[axis] for axis in lies)
        letters = f"{every.replace(b, a)}->{every.replace(b, '')}"
        name, (array, _) = self.names[value], self.aligned(value)
        return [
            *self.copied(value, out, array),
            f"{name} = {f'np.array({array})' if out is None else out}",
            f'diagonal = np.einsum("{letters}", {name})',
            f"np.add(diagonal, {self.operand(value, 1, spread(own, rest))}, out=diagonal)",
        ]

    def copied(self, value: int, out: str | None, array: str) -> list[str]:
        """An array put where it is to be changed, unless it is there."""
        held = self.storage.of.get(self.plan.operations[value].values[0])
        there = out is None or (held is not None and held is self.storage.of.get(value))
        return [] if there else [f"np.copyto({out}, {array})"]

    def gathered(self, value: int, out: str | None) -> list[str]:
        """An array read at places: 0 outside of it, missing (NaN) where the place is fixed."""
        operation, name = self.plan.operations[value], self.names[value]
        read = operation.values[0]
        array = view(self.names[read], self.plan.layouts[read], self.plan.operations[read].axes)
        found = slices(operation)
        if out is not None and found is not None:
            return self.by_slices(value, out, array, found)
        if operation.kind == "fold":
            # It depends on sizes only, so that it is made once and has no buffer.
            shape = ", ".join(self.size(length) for length in operation.detail[1])
            made = f"{name} = np.empty(({shape},), dtype)"
            return [made, *self.by_slices(value, name, array, found)]
        spots, outside, missing = self.spots(value)
        if not operation.axes:
            unless = "" if outside is None else f"{missing} if {outside} else "
            return [f"{name} = {unless}{array}[{', '.join(spots)}]"]
        lines = [f"{name} = {array}[{', '.join(spots)}]"]
        if outside is not None:
            lines.append(f"np.copyto({name}, {missing}, where={outside})")
        turned = view(name, operation.axes, self.plan.layouts[value])
        return lines if turned == name else [*lines, f"{name} = {turned}"]

    def by_slices(self, value: int, out: str, array: str, found: Slices) -> list[str]:
        """Windows of an array copied slice by slice, or added up where they belong."""
        operation, name = self.plan.operations[value], self.names[value]
        windows, inside = self.windows(found)
        fold = operation.kind == "fold"
        # Beyond an array is 0, but a number is missing where a fixed place lies outside.
        outside = f"0 if {windows} else np.nan" if None in found.sliced else "0"
        turned = "" if found.order is None else f".transpose({', '.join(map(str, found.order))})"
        read = f"{array}[{'here' if fold else 'there'}]{turned}"
        result = view(out, operation.axes, self.plan.layouts[value])
        full = inside and (not fold or (found.apart and found.every))
        written = f"{out}[there] {'=' if found.apart else '+='}" if fold else f"{out}[here] ="
        return [
            *([] if full else [f"{out}.fill({outside})"]),
            f"for here, there in {windows}:",
            f"    {written} {read}",
            *([] if name == result else [f"{name} = {result}"]),
        ]

    def size(self, size: int | str) -> str:
        return str(size) if isinstance(size, int) else self.sizes[size]


def offsets(
    form: Form, operation: Operation, layout: Sequence[int | None], sizes: dict[str, str]
) -> str:
    """The integers that a place takes over the axes of an operation."""
    parts = []
    for atom, coefficient in form.terms:
        if isinstance(atom, str):
            text = sizes[atom]
        else:
            size = operation.sizes[atom]
            text = f"np.arange({sizes.get(size, size)})"
            text = view(text, (atom,), spread((atom,), tuple(layout)))
        sign = "-" if coefficient < 0 else "+"
        parts.append((sign, text if abs(coefficient) == 1 else f"{abs(coefficient)} * {text}"))
    if form.offset or not parts:
        parts.append(("-" if form.offset < 0 else "+", str(abs(form.offset))))
    text = "".join(f" {sign} {part}" for sign, part in parts)
    text = text[3:] if text.startswith(" + ") else "-" + text[3:]
    return text if re.fullmatch(r"\w+", text) else f"({text})"
