"""What emitted code computes once for given sizes: constants, positions, ones, buffers."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from chainrule.language.index import Size
from chainrule.program.layout import spread
from chainrule.program.naming import Names
from chainrule.program.numpy_lines import Lines, offsets
from chainrule.program.pieces import Run
from chainrule.program.plan import Plan
from chainrule.program.storage import Buffer, Storage
from chainrule.program.text import counted, wrapped
from chainrule.program.windows import Slices, surely_inside

WORDS = {Fraction(k): word for k, word in enumerate(("zero", "one", "two", "three", "four"))}
WORDS |= {-value: f"minus_{word}" for value, word in WORDS.items() if value}
WORDS[Fraction(1, 2)] = "half"


# A longer number gets a name.
LONG = 200


@dataclass
class Prepared:
    """Statements that run once, and the names they define, each asked for when it is needed.

    sizes   size name → its name in the code
    values  value → its name or text in the code
    pieces  name of the rows in a piece, as `pieces.Run` has it → its name in the code
    """

    plan: Plan
    storage: Storage
    names: Names
    sizes: dict[str, str]
    values: dict[int, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    defined: list[str] = field(default_factory=list)
    shared: dict[tuple, str] = field(default_factory=dict)
    pieces: dict[str, str] = field(default_factory=dict)

    def define(self, wanted: str, text: str) -> str:
        """The name of something computed once; the same text is computed once only."""
        key = (wanted, text)
        if key not in self.shared:
            self.shared[key] = self.names.claim(wanted)
            self.lines += wrapped(f"{self.shared[key]} = {text}")
            self.defined.append(self.shared[key])
        return self.shared[key]

    def buffer(self, buffer: Buffer) -> str:
        shape = ", ".join(self.size(size) for size in buffer.shape)
        comma = "," if len(buffer.shape) == 1 else ""
        key = ("buffer", buffer.number)
        if key not in self.shared:
            kind = "bool" if buffer.mask else "dtype"
            self.shared[key] = self.names.claim(f"buffer_{buffer.number}")
            self.lines.append(f"{self.shared[key]} = np.empty(({shape}{comma}), {kind})")
            self.defined.append(self.shared[key])
        return self.shared[key]

    def ones(self, size: Size, column: bool) -> str:
        length = self.size(size)
        if column:
            return self.define(f"ones_{length}_column", f"np.ones(({length}, 1), dtype)")
        return self.define(f"ones_{length}", f"np.ones({length}, dtype)")

    def size(self, size: Size) -> str:
        return str(size) if isinstance(size, int) else self.sizes.get(size) or self.pieces[size]

    def fixed(self, value: int, writer: Lines) -> None:
        """A value that depends on sizes only: an array by name, a scalar as text."""
        operation = self.plan.operations[value]
        if operation.kind == "number":
            self.values[value] = literal(operation.detail)
        elif operation.axes or operation.kind == "gather":
            name = self.values[value] = self.names.claim(operation.kind)
            lines = writer.lines(value, None)
            self.lines += lines
            if not operation.mask:
                self.lines.append(f"{name} = np.asarray({name}, dtype)")
            self.defined.append(name)
        else:
            text = writer.expression(value)
            # What is used several times would be written several times, and that again.
            self.values[value] = self.define("number", text) if len(text) > LONG else text

    def constant(self, value: int, number: bool = False) -> str:
        """A fixed value by name; a scalar as an array that NumPy need not convert, or a number."""
        operation, text = self.plan.operations[value], self.values[value]
        if operation.axes or operation.kind == "gather":
            return text
        wanted = "scale"
        if operation.kind == "number":
            wanted = WORDS.get(operation.detail, "number")
        if number and operation.kind == "number":
            return text
        if number:
            return self.define(wanted, f"float({text})")
        kind = "bool" if operation.mask else "dtype"
        return self.define(wanted, f"np.asarray({text}, {kind})")

    def spots(self, value: int) -> tuple[list[str], str | None, str]:
        """A gather's positions, moved inside their axes; what lay outside; and what is there.

        Outside is 0, but missing (NaN) where the place is fixed.
        """
        operation = self.plan.operations[value]
        places, lengths = operation.detail
        spots, outside, fixed = [], [], []
        for place, length in zip(places, lengths, strict=True):
            lies = spread(place.axes, operation.axes)
            where = self.define("places", offsets(place, operation, lies, self.sizes))
            size = self.size(length)
            if surely_inside(place, length, operation):
                spots.append(where)
                continue
            spots.append(self.define("spots", f"np.clip({where}, 0, {size} - 1)"))
            outside.append(f"(({where} < 0) | ({where} >= {size}))")
            if not place.axes:
                fixed.append(outside[-1])
        if not outside:
            return spots, None, "0"
        missing = beyond(fixed, bool(operation.axes))
        return spots, self.define("outside", " | ".join(outside)), missing

    def rows(self, run: Run, most: int) -> None:
        """How many rows a piece has: as many as keep the arrays of the run within so many bytes."""
        widths = [" * ".join(map(self.size, sizes)) or "1" for sizes in run.widths]
        bytes_of_row = f"np.dtype(dtype).itemsize * ({' + '.join(counted(widths))})"
        self.pieces[run.piece] = self.define("rows", f"max(1, {most} // ({bytes_of_row}))")

    def windows(self, slices: Slices) -> tuple[str, bool]:
        """The name of pairs of slices, and whether they reach every element that is written."""
        text, inside = slices.text(self.size)
        return self.define("windows", text), inside


def beyond(fixed: list[str], more: bool) -> str:
    """What an array has outside: missing numbers if a fixed place is there, else 0.

    fixed  conditions under which a fixed place lies outside
    more   whether there are other places
    """
    if not fixed or not more:
        return "np.nan" if fixed else "0"
    return f"np.where({' | '.join(fixed)}, np.nan, 0)"


def literal(value: Fraction) -> str:
    """A number as code; a whole one without a point."""
    if value.denominator == 1 and abs(value) < 10**15:
        return str(value)
    return repr(value.numerator / value.denominator)
