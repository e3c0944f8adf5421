"""What a document has said so far of each symbol: shape, definition, facts."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from chainrule.language.algebra import element, substitute
from chainrule.language.expr import Array, Element, Expr
from chainrule.language.facts import Fact
from chainrule.language.index import Index, Size, fresh, is_written, place_of
from chainrule.language.inline import Lambda, elements, inline
from chainrule.language.program import Definition, Program
from chainrule.language.sizes import Sizes, is_unknown
from chainrule.notation.differentials import expanded, is_differential
from chainrule.notation.tree import Node
from chainrule.notation.unknown_functions import varied_with
from chainrule.notation.usage import Usage
from chainrule.notation.value import Algebra, Value
from chainrule.transform.simplify import shortened

# For the axes of definitions; n is kept for the examples of a batch.
LETTERS = "ijklmpqrs"


@dataclass(frozen=True)
class Symbol:
    """A named array: the sizes of its axes, None for an axis of length 1; one axis: either way.

    declared  whether the document states the shape (or a definition gives it)
    """

    name: str
    axes: tuple[Size | None, ...] = ()
    declared: bool = False

    @property
    def sizes(self) -> tuple[Size, ...]:
        return tuple(size for size in self.axes if size is not None)


@dataclass(frozen=True)
class DocumentFunction:
    """A function that the document defines: its body is read anew for every argument.

    parameters  names of the parameters; a parameter that is no name is kept for comparison only;
                none for a cost of one class, E = -log p_c, which depends on the letter c
    arguments   the parameters as printed
    index       the letter of the component, where `f_i(x) = …` was printed
    """

    name: str
    parameters: tuple[str | None, ...]
    arguments: tuple[Node, ...]
    body: Node
    index: str | None = None


@dataclass
class Scope:
    """The state of reading: grows from the top of the document to its end.

    archive what each name was last defined to be, though it may mean something else by now
    aliases names that were defined by the same formula as another one
    supposed  what single numbers are supposed to be in some sentence: `for y = 1`
    stated  the sizes in shapes that the author wrote down
    ties    the pairs of sizes that some sentence sets equal: `where $n = m$`
    opaque  names whose last definition was not understood: nothing false is said of them
    half_read  names that something says a meaning of, other than an equation that is read
    contested  names that words call a label, and a formula what a network gives
    soft    names that are vectors only because they are printed bold somewhere
    dependences  the pairs (x, u) for which x(u) is printed
    headed  names that some equation of the document has on its left
    cost    a cost that is differentiated and never defined: it depends on the outputs, somehow
    outputs what is defined and used by no other definition
    layers  the layers that are printed, other than l
    ends    what the layers that are known give, and no known layer takes, for each network
    probabilities  for letters of an index: what a sentence says is the probability of its value
    misdeclared  names whose stated shape fits no formula above it: their shape is what fits
    restated names of which the document states several shapes, and `anew` where it does so
    placed  where the first shape of each name is stated
    later   the names whose shape is stated below a heading further down: there it may be another
    matrices names of matrices, as the document around this section states
    numbers  what names without a formula are set to in this section: the numbers of an example
    counted  sizes that the section gives by others, as in M = N - K + 1
    values  the decimals that are printed as the value of something
    barred  whether a bar over a name is the derivative of the loss by it
    varied  names that the document differentiates by
    hot     for one-hot vectors: the letter of the class at which they are 1, as k for y_k = 1
    hots    where a document says so: the place, the vector, and the letter
    bounds  between which numbers parameters lie, as 0 < α < 1 says
    spelled how many elements vectors have here that are written out, as in x = (x_1, x_2)
    entries (letter, axis, number): the highest entries in print where sizes are set to numbers
    units   letters of unit vectors: of e_c, which is 1 at c and 0 elsewhere
    differentials  whether `d` is the sign of a differential
    summation  whether indices that a term has twice are summed, and `summed_from` where on
    rows_of_ones  whether a bold 1 is a row, whatever other vectors are
    upright whether the document says of all vectors how they stand
    batch_in_columns  whether the columns of a matrix are examples, so that softmax is of each
    slopes  whether `dW` is the derivative of the cost by W, as people write it in code
    convolves  whether a star between two arrays may be a convolution
    stars   for each star that a formula defines, whether it turns the kernel round
    stated_slopes  the names W of which the document says so: `dW = ∂L/∂W`
    """

    usage: Usage = field(default_factory=Usage)
    ranks: dict[str, int] = field(default_factory=dict)
    size_names: set[str] = field(default_factory=set)
    sizes: Sizes = field(default_factory=Sizes)
    symbols: dict[str, Symbol] = field(default_factory=dict)
    functions: dict[str, DocumentFunction] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    facts: set[Fact] = field(default_factory=set)
    archive: dict[str, Definition] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    supposed: tuple[tuple[str, str], ...] = ()
    stated: set[Size] = field(default_factory=set)
    ties: frozenset[frozenset[str]] = frozenset()
    opaque: set[str] = field(default_factory=set)
    half_read: set[str] = field(default_factory=set)
    contested: set[str] = field(default_factory=set)
    soft: set[str] = field(default_factory=set)
    varied: set[str] = field(default_factory=set)
    differentials: bool = False
    slopes: bool = False
    stated_slopes: frozenset[str] = frozenset()
    summation: bool = False
    summed_from: float = float("inf")
    misdeclared: frozenset[str] = frozenset()
    convolves: bool = False
    stars: dict[str, bool] = field(default_factory=dict)
    restated: frozenset[str] = frozenset()
    anew: tuple[tuple[int, int], ...] = ()
    placed: dict[str, int] = field(default_factory=dict)
    later: frozenset[str] = frozenset()
    layout: str | None = None
    rows_of_ones: bool = False
    upright: bool = False
    batch_in_columns: bool = False
    loss: str | None = None
    headed: frozenset[str] = frozenset()
    regulariser: bool = False
    dependences: frozenset[tuple[str, str]] = frozenset()
    cost: str | None = None
    outputs: tuple[str, ...] = ()
    layers: set[tuple[str, int]] = field(default_factory=set)
    ends: tuple[tuple[str, ...], ...] = ()
    units: frozenset[str] = frozenset()
    hot: dict[str, str] = field(default_factory=dict)
    hots: tuple[tuple[int, str, str], ...] = ()
    spelled: tuple[tuple[str, int], ...] = ()
    entries: tuple[tuple[str, int, int], ...] = ()
    bounds: dict[str, tuple[Fraction | None, Fraction | None]] = field(default_factory=dict)
    values: frozenset[str] = frozenset()
    barred: bool = False
    probabilities: dict[str, Node] = field(default_factory=dict)
    matrices: set[str] = field(default_factory=set)
    numbers: dict[str, Node] = field(default_factory=dict)
    counted: dict[str, Node] = field(default_factory=dict)

    @property
    def algebra(self) -> Algebra:
        return Algebra(self.sizes)

    @property
    def columns(self) -> bool:
        return self.layout != "rows"

    def symbol(self, name: str) -> Symbol:
        """What is known of a name; a new name gets the rank that its use suggests."""
        if name not in self.symbols:
            axes = tuple(self.sizes.unknown() for _ in range(self.ranks.get(name, 0)))
            self.symbols[name] = Symbol(name, axes)
        return self.symbols[name]

    def rank(self, name: str) -> int:
        """The number of axes of a name, as far as it is known."""
        return len(self.symbols[name].sizes) if name in self.symbols else self.ranks.get(name, 0)

    def class_axis(self, name: str) -> int:
        """The axis of an array of targets that the classes run along, counted from the last."""
        return -2 if self.batch_in_columns and self.rank(name) == 2 else -1

    def array(self, name: str) -> Array:
        sizes = tuple(self.sizes.find(size) for size in self.symbol(name).sizes)
        return Array(name, sizes)

    def value(self, name: str) -> Value:
        """The whole array as a value over fresh axes."""
        array = self.array(name)
        indices = iter([fresh(size) for size in array.sizes])
        axes = tuple(None if size is None else next(indices) for size in self.symbol(name).axes)
        return Value(element(array, *(axis for axis in axes if axis is not None)), axes)

    def declare(self, name: str, axes: tuple[Size | None, ...]) -> None:
        """State a shape; sizes known before become equal to it where they can."""
        if name in self.symbols:
            self._agree(self.symbols[name], axes)
        self.symbols[name] = Symbol(name, axes, declared=True)

    def _agree(self, symbol: Symbol, axes: tuple[Size | None, ...]) -> None:
        sizes = [size for size in axes if size is not None]
        if len(symbol.sizes) == len(sizes):
            for old, new in zip(symbol.sizes, sizes, strict=True):
                self.sizes.unify(old, new, f"an axis of {symbol.name}")

    def is_known(self, name: str) -> bool:
        """Whether a name has a meaning, or one that was not understood."""
        known = (self.definitions, self.functions, self.size_names, self.opaque)
        return any(name in names for names in known)

    def is_declared(self, name: str) -> bool:
        """Whether the shape of a name is stated, or given by a definition."""
        return name in self.symbols and self.symbols[name].declared

    def lay_flat(self, name: str) -> None:
        """Leave open how a vector stands."""
        if len(self.symbols[name].sizes) == 1:
            self.symbols[name] = Symbol(name, self.symbols[name].sizes, declared=True)

    def note_alias(self, name: str) -> None:
        """A name with the definition of another one is that other one, restated."""
        own = self.resolved(self.definitions[name])
        if isinstance(own.body, Element):
            return
        for other, definition in self.definitions.items():
            if other != name and len(definition.indices) == len(own.indices):
                known = self.resolved(definition)
                if [i.size for i in known.indices] != [i.size for i in own.indices]:
                    continue
                pairs = zip(own.indices, known.indices, strict=True)
                if substitute(own.body, {a: place_of(b) for a, b in pairs}) is known.body:
                    self.aliases[name] = self.aliases.get(other, other)
                    return

    def suppose(self, name: str, number: str) -> None:
        """Note what number a name is supposed to be, beside the last three of others."""
        others = [one for one in self.supposed if one[0] != name]
        self.supposed = ((name, number), *others[:3])

    def forget(self, name: str) -> tuple[Definition | None, DocumentFunction | None]:
        """A name is to get another meaning; returns the one it had."""
        self.aliases = {a: b for a, b in self.aliases.items() if name not in (a, b)}
        return self.definitions.pop(name, None), self.functions.pop(name, None)

    def doubt(self, name: str, before: tuple[Definition | None, DocumentFunction | None]) -> None:
        """The new meaning of a name was not understood: it keeps the one before, in doubt."""
        self.opaque.add(name)
        definition, function = before
        if definition is not None:
            self.definitions[name] = definition
        if function is not None:
            self.functions[name] = function

    def doubts(self, expr: Expr) -> set[str]:
        """The names in doubt that an expression depends on."""
        seen: set[str] = set()
        waiting = {array.name for array in elements(expr)}
        while waiting:
            name = waiting.pop()
            seen.add(name)
            if name in self.definitions:
                waiting |= self.definitions[name].uses - seen
        return seen & self.opaque

    def define(self, name: str, value: Value) -> None:
        """Give an array its meaning: the value over the value's axes, functions by their names."""
        value = self.algebra.resolved(value)
        value = Value(shortened(value.expr), value.axes)
        axes = tuple(None if axis is None else axis.size for axis in value.axes)
        known = self.symbols.get(name)
        if known is not None and known.declared and len(known.sizes) == len(value.indices):
            axes = known.axes
            for index, size in zip(value.indices, known.sizes, strict=True):
                # How long I or a vector of ones is may follow from what it is equal to.
                if not self._may_be_alike(index.size, size):
                    self.sizes.unify(index.size, size)
        self.declare(name, axes)
        self.definitions[name] = Definition(self.array(name), value.indices, value.expr)
        self.archive[name] = self.definitions[name]

    def _may_be_alike(self, *pair: Size) -> bool:
        """Whether two known sizes may be the same: one is a number, or something ties them."""
        one, other = map(self.sizes.find, pair)
        if is_unknown(one) or is_unknown(other):
            return False
        numbers = isinstance(one, int) or isinstance(other, int)
        return numbers or frozenset((one, other)) in self.ties

    def program(self, archived: bool = False) -> Program:
        """All definitions, sizes as now known, each after those it uses."""
        return Program(tuple(map(self.resolved, self._ordered(archived))))

    def _ordered(self, archived: bool) -> list[Definition]:
        waiting = list((self.archive if archived else self.definitions).values())
        names, ordered = {definition.name for definition in waiting}, []
        while waiting:
            ready = [d for d in waiting if d.uses.isdisjoint(names)]
            if not ready:
                # Definitions in a circle: none of them says anything.
                break
            ordered.extend(ready)
            names -= {definition.name for definition in ready}
            waiting = [definition for definition in waiting if definition.name in names]
        return ordered

    def resolved(self, definition: Definition) -> Definition:
        """The definition with sizes as now known, over letters that people can read."""
        sizes = (index.size for index in definition.indices)
        names = definition.body.names.union(size for size in sizes if isinstance(size, str))
        changes = tuple(sorted(self.sizes.mapping(names).items()))
        return _resolved(definition, self.array(definition.name), changes)

    def inlined(
        self, expr: Expr, keep: frozenset[str] = frozenset(), archived: bool = False
    ) -> Expr:
        """expr in terms of what the document does not define, and of the names kept."""
        if any(is_differential(array.name) for array in expr.arrays):
            program = self.program(archived)
            definitions = varied_with(self, program) | program.by_name
            expr = expanded(expr, definitions, self.varied)
        wanted, needed = {array.name for array in expr.arrays}, []
        for definition in reversed(self._ordered(archived)):
            if definition.name in wanted and definition.name not in keep:
                needed.append(self.resolved(definition))
                wanted |= definition.uses
        meanings: tuple[tuple[str, Lambda], ...] = ()
        for definition in reversed(needed):
            body = _with_meanings(definition.body, meanings)
            meanings = (*meanings, (definition.name, Lambda(definition.indices, body)))
        return _with_meanings(expr, meanings)

    def inputs(self, *names: str) -> set[str]:
        """Some names, and all that their definitions rest on."""
        found, waiting = set(), set(names)
        while waiting:
            found |= waiting
            known = (self.definitions[name].uses for name in waiting & self.definitions.keys())
            waiting = set().union(*known) - found
        return found

    def copy(self) -> Scope:
        """A scope that can change without changing this one."""
        other = copy(self)
        other.size_names, other.sizes = set(self.size_names), self.sizes.copy()
        other.symbols, other.functions = dict(self.symbols), dict(self.functions)
        other.definitions, other.archive = dict(self.definitions), dict(self.archive)
        other.facts, other.opaque = set(self.facts), set(self.opaque)
        other.aliases, other.numbers = dict(self.aliases), dict(self.numbers)
        other.counted = dict(self.counted)
        return other


@lru_cache(maxsize=4096)
def _resolved(
    definition: Definition, array: Array, changes: tuple[tuple[str, Size], ...]
) -> Definition:
    """A definition with sizes replaced, and with letters for its axes."""
    algebra = Algebra(Sizes(dict(changes)))
    value = algebra.resolved(Value(definition.body, definition.indices))
    taken = {index.name for index in value.expr.free}
    letters = (letter for letter in LETTERS if letter not in taken)
    named = tuple(
        index if is_written(index) else Index(next(letters), index.size) for index in value.indices
    )
    places = {a: place_of(b) for a, b in zip(value.indices, named, strict=True)}
    return Definition(array, named, substitute(value.expr, places))


@lru_cache(maxsize=4096)
def _with_meanings(expr: Expr, meanings: tuple[tuple[str, Lambda], ...]) -> Expr:
    """As `inline`, remembered: every reading of a chain stands on the same definitions."""
    return inline(expr, dict(meanings))
