"""What a network costs: shape, parameters, operations and memory of each definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chainrule.errors import ChainruleError, NoLoss, UnknownSymbol
from chainrule.language.expr import Array
from chainrule.language.index import Size
from chainrule.language.program import Definition, Program
from chainrule.language.sizes import is_unknown
from chainrule.notation.loss import find_loss
from chainrule.notation.question import symbol_name
from chainrule.notation.reading import Reading
from chainrule.program.build import sized
from chainrule.program.count import Count, operations
from chainrule.program.plan import plan
from chainrule.program.storage import store
from chainrule.training.batch import EXAMPLES, batched
from chainrule.training.not_understood import check_defined
from chainrule.training.roles import find_roles
from chainrule.training.shapes import window_sizes
from chainrule.training.sizing import size_meant
from chainrule.transform.reverse import reverse
from chainrule.transform.stabilise import stabilise_program
from chainrule.transform.values import name_values
from chainrule.transform.windows import name_windows

BYTES = {"float32": 4, "float64": 8}
INSIDE = "inside "
LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True)
class Row:
    """One definition; one that is put into others, and not computed, has no operations.

    step        "forward" or "backward"
    parameters  how many numbers to be learned are used here for the first time
    operations  as `program.count.operations` counts them
    memory      bytes of the value
    """

    name: str
    step: str
    shape: tuple[Size, ...]
    parameters: Count
    operations: Count
    memory: Count

    @property
    def is_number(self) -> bool:
        """Whether it is a number of no cost, as 1/√d, that has no name in the document."""
        costs = (self.parameters, self.operations, self.memory)
        return self.name.startswith(INSIDE) and not any(cost.terms for cost in costs)


@dataclass(frozen=True)
class Summary:
    """The rows of one network, for one batch.

    parameters  name → shape
    working     bytes that the emitted code works in: values that are done with make room for others
    assumed     sentences for people
    """

    batch: int
    rows: tuple[Row, ...]
    parameters: Mapping[str, tuple[Size, ...]]
    working: Count
    assumed: tuple[str, ...]

    def total(self, field: str, step: str = "") -> Count:
        """The sum of a column, of one direction or of both."""
        found = Count()
        for row in self.rows:
            found += getattr(row, field) if step in ("", row.step) else Count()
        return found

    def as_json(self) -> dict:
        """The object of `--format json`: numbers, or polynomials as text where a size is open."""
        rows = [
            {
                "name": row.name,
                "pass": row.step,
                "shape": list(row.shape),
                "parameters": row.parameters.json(),
                "operations": row.operations.json(),
                "bytes": row.memory.json(),
            }
            for row in self.rows
        ]
        return {
            "batch": self.batch,
            "definitions": rows,
            "parameters": {name: list(shape) for name, shape in self.parameters.items()},
            "total": {
                "parameters": self.total("parameters").json(),
                "forward_operations": self.total("operations", "forward").json(),
                "backward_operations": self.total("operations", "backward").json(),
                "bytes": self.total("memory").json(),
                "working_bytes": self.working.json(),
            },
            "assumed": list(self.assumed),
        }


@dataclass(frozen=True)
class _Task:
    """What is summarised: a program for one example, its loss if it has one, and what is learned.

    data  the arrays that differ from example to example
    """

    program: Program
    loss: str | None
    data: tuple[str, ...]
    parameters: tuple[Array, ...]
    assumed: tuple[str, ...] = ()


def summarise(
    reading: Reading,
    sizes: Mapping[str, int] | None = None,
    batch: int = 1,
    inputs: Sequence[str] = (),
    dtype: str = "float32",
) -> Summary:
    """The costs of a document's network; sizes that are not given stay letters.

    sizes   size name → integer
    inputs  the symbols that hold data, where it cannot be told; all other arrays are parameters
    raises  BadOption, UnknownSymbol
    """
    task = _task(reading, inputs)
    known = _known_sizes(reading, task, sizes or {})
    windows = window_sizes(task.program, known)
    known |= windows
    letters, said = _letters(task, known)
    written = _batched(task)
    # As in the code that is emitted: windows are read once, and how many fit is settled.
    named = name_windows(name_values(written, whole=0))
    forward, backward = stabilise_program(sized(named, known if windows else {})), Program(())
    outputs = [definition.name for definition in forward.definitions]
    if task.loss is not None and task.parameters:
        facts = sorted(reading.scope.facts)
        found = reverse(forward, task.loss, [a.name for a in task.parameters], facts)
        forward, backward = found.forward, found.backward
        outputs = [task.loss, *found.names.values()]
    made = plan(Program(forward.definitions + backward.definitions), outputs, quick=True)
    sizes = known | letters | {EXAMPLES.size: batch}
    shown = _Shown(sizes, BYTES[dtype], operations(made), task.parameters, _inside(named))
    rows = [shown.row(definition, "forward") for definition in _all(written, forward)]
    rows += [shown.row(definition, "backward") for definition in backward.definitions]
    rows = [row for row in rows if not row.is_number]
    working = Count()
    for buffer in store(made).buffers:
        working += (1 if buffer.mask else shown.width) * Count.of(buffer.shape)
    return Summary(
        batch,
        tuple(rows),
        {array.name: shown.shape(array.sizes) for array in task.parameters},
        working.at(shown.sizes),
        (*task.assumed, *said),
    )


class _Shown:
    """Rows with the sizes that are known; a parameter counts where it is used first."""

    def __init__(self, sizes, width: int, counts: dict[str, Count], parameters, names):
        self.sizes, self.width, self.counts, self.names = sizes, width, counts, names
        self.waiting = {array.name: array for array in parameters}

    def shape(self, sizes: tuple[Size, ...]) -> tuple[Size, ...]:
        return tuple(self.sizes.get(size, size) for size in sizes)

    def named(self, name: str) -> str:
        """A name for people, of a value inside a formula or of the gradient by one, too."""
        above, below = name.split("/∂", 1) if "/∂" in name else ("", name)
        found = self.names.get(below, below)
        return f"{above}/∂{found}" if above else found

    def row(self, definition: Definition, step: str) -> Row:
        used = [self.waiting.pop(n) for n in sorted(definition.uses) if n in self.waiting]
        parameters = Count()
        for array in used:
            parameters += Count.of(array.sizes)
        held = self.width * Count.of(definition.array.sizes)
        return Row(
            self.named(definition.name),
            step,
            self.shape(definition.array.sizes),
            parameters.at(self.sizes),
            self.counts.get(definition.name, Count()).at(self.sizes),
            (held if definition.name in self.counts else Count()).at(self.sizes),
        )


def _inside(program: Program) -> dict[str, str]:
    """Names for the values that the document does not name: the formula that they stand in."""
    found, waiting = {}, []
    for definition in program.definitions:
        if definition.name.startswith("value "):
            waiting.append(definition.name)
            continue
        for k, name in enumerate(waiting, 1):
            number = f" ({k})" if len(waiting) > 1 else ""
            found[name] = f"{INSIDE}{definition.name}{number}"
        waiting = []
    return found


def _all(written: Program, computed: Program) -> list[Definition]:
    """The definitions that are computed, and in their places those that are put into others.

    Of ŷ = softmax(θ) with a loss that takes log ŷ only log softmax is computed.
    """
    found = list(computed.definitions)
    for spot, definition in enumerate(written.definitions):
        if definition.name not in computed.by_name:
            later = {d.name for d in written.definitions[spot + 1 :]}
            place = next((k for k, d in enumerate(found) if d.name in later), len(found))
            found.insert(place, definition)
    return found


def _batched(task: _Task) -> Program:
    if task.loss is None or not task.data:
        return task.program
    return batched(task.program, task.loss, frozenset(task.data))


def _task(reading: Reading, inputs: Sequence[str]) -> _Task:
    if inputs:
        return _with_inputs(reading, [symbol_name(name, reading) for name in inputs])
    try:
        roles = find_roles(reading)
    except ChainruleError as reason:
        program = reading.scope.program(archived=True)
        if not program.definitions:
            raise
        check_defined(program)
        said = f"forward only: {reason.message}; --inputs x,y names the symbols that hold data"
        return _Task(program, None, (), (), (said,))
    data = (roles.features.name, roles.target.name)
    return _Task(roles.program, roles.loss, data, roles.parameters, roles.assumed)


def _with_inputs(reading: Reading, names: list[str]) -> _Task:
    program, loss = reading.scope.program(archived=True), None
    try:
        found = find_loss(reading)
        program, loss = found.program, found.name
    except NoLoss:
        pass
    known = [array.name for array in program.inputs]
    for name in names:
        if name not in known:
            raise UnknownSymbol(
                f"{name} is no symbol that the network starts from",
                remedy=f"name some of {', '.join(known)}",
            )
    learned = tuple(a for a in program.inputs if a.sizes and a.name not in names)
    said = () if loss else ("forward only: the document defines no scalar loss",)
    return _Task(program, loss, tuple(names), learned, said)


def _known_sizes(reading: Reading, task: _Task, given: Mapping[str, int]) -> dict[str, int]:
    """The sizes given, by the names that the program has for them; n₁ may be written n1."""
    arrays = [d.array for d in task.program.definitions] + list(task.program.inputs)
    symbols = {array.name: array.sizes for array in arrays}
    letters = {letter: size for size, letter in _letters(task, {})[0].items()}
    found: dict[str, int] = {}
    for name, value in sorted(given.items()):
        if (size := letters.get(name.replace("_", "").translate(LOWERED))) is None:
            missing = {s for sizes in symbols.values() for s in sizes if isinstance(s, str)}
            size = size_meant(name, reading, symbols, missing - {*found}, [], value)
        found[size] = value
    return found


def _letters(task: _Task, known: Mapping[str, int]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Letters for the sizes that nobody has named, and sentences that say whose sizes they are."""
    arrays = [*task.program.inputs, *(d.array for d in task.program.definitions)]
    letters: dict[str, str] = {}
    said = []
    for array in sorted(arrays, key=lambda array: len(array.sizes)):
        for axis, size in enumerate(array.sizes, 1):
            if is_unknown(size) and size not in letters and size not in known:
                letters[size] = "n" + str(len(letters) + 1).translate(LOWERED)
                where = f"the size of axis {axis}" if len(array.sizes) > 1 else "the size"
                said.append(f"{letters[size]} is {where} of {array.name}")
    return letters, tuple(said)
