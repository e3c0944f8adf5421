"""Shapes that a document of a whole batch leaves out: of the biases and of the target.

In `Z = X W + b` every row of X W gets the same b, and Y has the shape of what the loss compares it
with. A symbol that is added to a matrix, or compared with one, would be taken for a number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from chainrule.errors import ChainruleError, NotTrainable
from chainrule.language.algebra import element
from chainrule.language.expr import Add, Array, Element, Expr, Mul, children
from chainrule.language.index import Size
from chainrule.language.inline import Lambda, elements, inline
from chainrule.language.program import Definition, Program
from chainrule.language.sizes import is_unknown
from chainrule.notation.formats import read_text
from chainrule.notation.loss import Loss, find_loss
from chainrule.notation.reading import Reading, read_reading
from chainrule.training.letters import COUNTS, TARGETS, WEIGHTS, letter

END = r"\end{document}"
INPUTS, OUTPUTS, HIDDEN = "Dd", "KC", "HMPQRSTUVhmpqrstuv"
"""Letters for sizes that have no name."""


def missing_line(
    reading: Reading, loss_of: Callable[[Reading], Loss] = find_loss
) -> str | None:
    """The line that states the shapes which a batch leaves out; None where nothing is to be added.

    >>> import chainrule
    >>> text = r"$$p = X w + b$$ $$L = \\frac{1}{2 n} \\|p - y\\|^2$$"
    >>> print(*missing_line(chainrule.read(text).reading).split(", ")[1:])
    $b \\in \\mathbb{R}$ $w \\in \\mathbb{R}^{D}$ $y \\in \\mathbb{R}^{n}$.
    """
    try:
        loss = loss_of(reading)
    except ChainruleError:
        return None
    found = _Batch(reading, loss.program, loss.name)
    guessed = found.guessed()
    if not guessed:
        return None
    inputs = sorted(loss.program.inputs, key=found.place)
    unstated = {array.name: array.sizes for array in inputs if found.is_unstated(array)}
    shapes = unstated | guessed
    names = found.names([size for sizes in shapes.values() for size in sizes])
    told = [
        rf"${name} \in \mathbb{{R}}{_power([names.get(s, s) for s in sizes])}$"
        for name, sizes in shapes.items()
        if sizes or name in guessed
    ]
    return f"Here {', '.join(told)}."


def with_line(reading: Reading, line: str) -> Reading:
    """The document read with one more line at its end. Raises its errors."""
    text, name = reading.document.text, reading.document.name
    whole, ending, rest = text.partition(END)
    found = read_reading(read_text(f"{whole}\n\n{line}\n{ending}{rest}", name))
    if strange := sorted(found.scope.misdeclared - reading.scope.misdeclared):
        raise NotTrainable(f"the formulas give {', '.join(strange)} another shape than {line}")
    return found


def with_biases(reading: Reading, program: Program) -> tuple[Program, tuple[str, ...]]:
    """The program of one example with a vector for each number that is added on to a vector.

    In `Z = W X + b` with examples as columns b is one, too; there no shape of b would be read so.
    A number of which the document says that it is one stays a number. Also sentences on it.
    """
    definitions, said = [], []
    for definition in program.definitions:
        body = definition.body
        for bias in _added(body) if len(definition.indices) == 1 else ():
            users = [d for d in program.definitions if bias in d.body.arrays]
            if bias.sizes or reading.scope.is_declared(bias.name) or len(users) > 1:
                continue
            whole = Array(bias.name, definition.array.sizes)
            vector = Lambda((), element(whole, *definition.indices))
            body = inline(body, {bias.name: vector})
            said.append(f"{bias.name} is a vector, with a number for each of {definition.name}")
        definitions.append(Definition(definition.array, definition.indices, body))
    return Program(tuple(definitions)), tuple(said)


def _power(sizes: list[Size]) -> str:
    shape = r" \times ".join(map(str, sizes))
    return f"^{{{shape}}}" if shape else ""


@dataclass
class _Batch:
    """A program that may be of a batch: of N × D features X, read as matrices."""

    reading: Reading
    program: Program
    loss: str
    features: Array | None = field(init=False, default=None)
    rows: Size | None = field(init=False)

    def __post_init__(self):
        self.rows = self._rows()

    def is_open(self, array: Array) -> bool:
        return not self.reading.scope.is_declared(array.name)

    def is_unstated(self, array: Array) -> bool:
        """Whether a line may state the shape: of a number in a loss of one example it may not."""
        return self.is_open(array) and self.reading.scope.rank(array.name) == len(array.sizes)

    def place(self, array: Array) -> int:
        """The features come first, the target comes last."""
        return 0 if array == self.features else 2 if letter(array).lower() in TARGETS else 1

    def _rows(self) -> Size | None:
        """The size that counts examples: of the only matrix that is no weight, and of no weight."""
        matrices = [array for array in self.program.inputs if len(array.sizes) == 2]
        weights = [array for array in self.program.inputs if self._is_weight(array)]
        features = [a for a in matrices if a not in weights and letter(a).lower() not in TARGETS]
        if len(features) != 1:
            return None
        (self.features,) = features
        shared = {size for array in weights for size in array.sizes}
        left = [size for size in self.features.sizes if size not in shared]
        return left[0] if len(left) == 1 else None

    def _is_weight(self, array: Array) -> bool:
        return bool(array.sizes) and letter(array) in WEIGHTS

    def guessed(self) -> dict[str, tuple[Size, ...]]:
        """The shapes of open symbols that were read as numbers, or as one number an example."""
        if self.rows is None:
            return {}
        found = {}
        for definition in self.program.definitions:
            sizes = tuple(index.size for index in definition.indices)
            if definition.name != self.loss and self.rows in sizes:
                for bias in _added(definition.body):
                    if self._is_narrow(bias) and letter(bias).lower() not in TARGETS:
                        found[bias.name] = tuple(size for size in sizes if size != self.rows)
        targets = [a for a in self.program.inputs if letter(a).lower() in TARGETS]
        compared = self._compared()
        # A matrix it may be by its print alone: its sizes have no names then.
        target = [a for a in targets if not a.sizes or self._is_unnamed(a, compared)]
        if len(target) == 1 and self.is_open(target[0]) and compared is not None:
            found[target[0].name] = compared
        numbers = {name for name, sizes in found.items() if not sizes}
        open_rows = {a.name for a in self.program.inputs if self.rows in a.sizes}
        return {n: s for n, s in found.items() if n not in numbers or n in open_rows}

    def _is_unnamed(self, array: Array, sizes: tuple[Size, ...] | None) -> bool:
        return array.sizes == sizes and all(map(is_unknown, array.sizes))

    def _is_narrow(self, array: Array) -> bool:
        return self.is_open(array) and array.sizes in ((), (self.rows,))

    def _compared(self) -> tuple[Size, ...] | None:
        """The sizes of the one value of all examples that the loss reads."""
        body = self.program.definition(self.loss).body
        defined = [a for a in elements(body) if a.name in self.program.by_name]
        sizes = {array.sizes for array in defined if self.rows in array.sizes}
        return sizes.pop() if len(sizes) == 1 else None

    def names(self, sizes: list[Size]) -> dict[Size, str]:
        """A letter for each size that has none yet."""
        scope = self.reading.scope
        taken = {*scope.symbols, *scope.definitions, *scope.size_names, *map(str, sizes)}
        unknown = [s for s in dict.fromkeys(sizes) if isinstance(s, str) and is_unknown(s)]
        outputs = {size for size in self._compared() or () if size != self.rows}
        found: dict[Size, str] = {}
        for size in unknown:
            if size == self.rows:
                found[size] = self._count() or "n"
                continue
            wanted = OUTPUTS if size in outputs else HIDDEN
            wanted = INPUTS if size in self.features.sizes else wanted
            found[size] = next(name for name in wanted + HIDDEN if name not in taken)
            taken.add(found[size])
        return found

    def _count(self) -> str | None:
        """The number by which the loss divides, if it can be that of the examples."""
        used = {a.name for a in elements(self.program.definition(self.loss).body) if not a.sizes}
        return next(iter(sorted(used & COUNTS)), None)


def _added(body: Expr) -> list[Array]:
    """The inputs that a sum, or a function of one, has as terms by themselves."""
    found: list[Array] = []
    pending = [body]
    while pending:
        node = pending.pop()
        if isinstance(node, Add):
            found += [term.array for term in node.terms if isinstance(term, Element)]
        if not isinstance(node, Mul):
            pending += children(node)
    return found
