"""From a syntax tree and a scope to a value, under one choice of readings.

`Meaning` reads one statement. Where print is ambiguous it asks its `choices`; what it does not
understand ends in `Misread`, what does not fit together in `Misfit`, and neither is ever judged.
"""

from __future__ import annotations

from copy import copy
from fractions import Fraction

from chainrule.errors import SizeMismatch
from chainrule.language.algebra import (
    add,
    apply,
    const,
    count,
    element,
    mul,
    position,
    power,
    substitute,
)
from chainrule.language.expr import Expr
from chainrule.language.index import Index, Place, Size, fresh, place_of
from chainrule.mathematics.functions import PI, function_named, relu, sqrt
from chainrule.notation import tree
from chainrule.notation.affine import computed_place
from chainrule.notation.application import product
from chainrule.notation.calls import body_value, called_value, has_value, known_record
from chainrule.notation.choices import Choices
from chainrule.notation.ellipsis import dotted_sum, matrix
from chainrule.notation.groups import bracketed
from chainrule.notation.jacobian_operator import in_rows
from chainrule.notation.labels import is_label, picked
from chainrule.notation.leibniz import is_derivative, quotient, slope_at
from chainrule.notation.matrix_calculus import constant, is_gram, kronecker, norm
from chainrule.notation.misread import Misread
from chainrule.notation.names import Name, named, padded
from chainrule.notation.piecewise import piecewise
from chainrule.notation.powers import entry_of_inverse, exponential, is_euler, raised
from chainrule.notation.primes import bare, primed_bracket
from chainrule.notation.reductions import reduction, widened
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import MINUS_ONE, font, is_transpose, letter, subscripts
from chainrule.notation.second_derivatives import second_derivative, twice
from chainrule.notation.steps import is_of_step
from chainrule.notation.struck import total_of
from chainrule.notation.tree import Node
from chainrule.notation.value import Misfit, Value

DIGITS = 1000  # A number with more digits than this is not read.
# Signs that are part of an operation, or no number.
NO_VALUES = {"\\partial", "\\nabla", "d", "infinity", "cdot", ":", "T", "\\lim", "I", "\\mathbf"}


class Meaning:
    """Reads the formulas of one statement in a scope.

    letters     the free indices of the statement, by name
    starts      the printed number that a letter runs from, where a sum says so
    ranges      how far letters run in sums without bounds, where nothing else tells
    bindings    names that stand for a value here: arguments of the document's functions
    narrowable  vectors that may be read as one number here, such as the x of σ'(x)
    standing    letters that are free on the left, where repeated indices are summed
    upright     whether the document's layout holds for sure: an array here has a stated shape
    notes       what was assumed on the way, for people
    supposed    what the print does not say and the reading takes for granted, as facts
    doubts      names that were used though their last definition was not understood
    primed      names that are printed with primes in the statement
    abstract    symbols for functions that nobody defined: name, primes, argument, its print
    """

    def __init__(self, scope: Scope, choices: Choices):
        self.scope = scope
        self.algebra = scope.algebra
        self.choices = choices
        self.letters: dict[str, Index] = {}
        self.starts: dict[str, int] = {}
        self.ranges: dict[str, Size] = {}
        self.bindings: dict[str, Value] = {}
        self.narrowable: set[str] = set()
        self.narrowed: dict[str, bool] = {}
        self.upright = True
        self.standing: set[str] = set()
        self.notes: list[str] = []
        self.supposed: list[str] = []
        self.doubts: set[str] = set()
        self.primed: frozenset[str] = frozenset()
        self.abstract: dict[str, tuple[str, int, Expr | None, str]] = {}
        self.depth = 0

    def copied(self, choices: Choices) -> Meaning:
        """One that goes on from here by itself, with choices that have come as far."""
        other = copy(self)
        other.scope, other.choices = self.scope.copy(), choices
        other.algebra = other.scope.algebra
        for name in ("letters", "ranges", "narrowed", "standing", "notes", "abstract"):
            setattr(other, name, copy(getattr(self, name)))
        return other

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def columns(self) -> bool:
        """Whether vectors stand as columns here."""
        if self.scope.layout is None:
            return self.choices.settle("vectors are", ["columns", "rows"]) == "columns"
        if self.upright or self.scope.upright:
            return self.scope.layout == "columns"
        options = sorted(["columns", "rows"], key=lambda name: name != self.scope.layout)
        return self.choices.settle("vectors are", options) == "columns"

    def transposed(self, value: Value) -> Value:
        """The transpose; how vectors stand is asked only where it makes a difference."""
        return self.algebra.transpose(value, value.is_plain and self.columns())

    def value(self, node: Node) -> Value:
        """The meaning of a node."""
        match node:
            case tree.Number():
                return self.number(node)
            case tree.Symbol() | tree.Accent():
                return self.scripted(node)
            case tree.Script():
                return self.scripted(node)
            case tree.Group():
                return bracketed(self, node)
            case tree.Sum(terms) if any(isinstance(term, tree.Ellipsis) for term in terms):
                return dotted_sum(self, node)
            case tree.Sum():
                terms, signs = widened(self, node.terms, node.signs)
                return total_of(self, terms, [*map(self.signed, signs, terms)])
            case tree.Product():
                return product(self, node)
            case tree.Fraction() | tree.Slash():
                if (found := second_derivative(node)) is not None:
                    return twice(self, found)
                if is_derivative(node):
                    return quotient(self, node)
                return self.divided(self.value(node.numerator), self.value(node.denominator), node)
            case tree.Root(body, degree) if degree is None or isinstance(degree, tree.Number):
                return self.root(body, degree)
            case tree.Apply(function, argument):
                group = tree.Group("(", ")", argument, start=argument.start, end=argument.end)
                factors = tree.Product((function, group), ("",), start=node.start, end=node.end)
                return product(self, factors)
            case tree.Big():
                return reduction(self, node)
            case tree.Decorated("rows", body):
                return in_rows(self, body)
            case tree.Decorated(kind, body) if kind not in ("overset", "underset", "phantom"):
                return self.value(body)
            case tree.Cases(rows):
                return piecewise(self, rows, node)
            case tree.Matrix():
                return matrix(self, node)
        raise Misread(node)

    def root(self, body: Node, degree: tree.Number | None) -> Value:
        width = body == tree.Symbol("d") and "d" not in self.scope.size_names
        value = self.scope.value("d") if width else self.value(body)
        if degree is None:
            return Value(apply(sqrt, value.expr), value.axes)
        return Value(power(value.expr, 1 / const(Fraction(degree.text))), value.axes)

    def number(self, node: tree.Number) -> Value:
        if (value := constant(self, node)) is not None:
            return value
        if len(node.text) > DIGITS:
            raise Misread(node, "a number with so many digits")
        if node.font in ("", "roman") or node.text == "0":
            return Value(const(Fraction(node.text)))
        raise Misread(node)

    def signed(self, sign: str, node: Node) -> Value:
        if sign not in "+-":
            raise Misread(node)
        value = self.value(node)
        return value if sign == "+" else Value(mul(-1, value.expr), value.axes)

    def divided(self, top: Value, bottom: Value, node: Node) -> Value:
        if bottom.is_scalar:
            return Value(top.expr / bottom.expr, top.axes)
        if len(bottom.indices) == 2 and is_gram(node):
            raise Misread(node, "a division by a product of matrices")
        if top.is_scalar or top.is_vector == bottom.is_vector:
            return self.algebra.hadamard(top, Value(1 / bottom.expr, bottom.axes))
        raise Misread(node)

    def whole(self, text: str) -> Value:
        """A function of the document at its own parameters."""
        return body_value(self, self.scope.functions[text], {})

    def applied_body(self, function, bindings: dict[str, Value]) -> Value:
        return body_value(self, function, bindings)

    def call_document(self, function, primes: int, value: Value, node: Node) -> Value:
        """A function of the document, or its derivative, at a value."""
        (parameter,) = function.parameters
        if parameter is None:
            raise Misread(node)
        if primes:
            return slope_at(self, function, value, node, primes)
        return body_value(self, function, {parameter: value})

    def called(self, function: Node, primes: int, argument: Node, node: Node) -> Value:
        """A function printed as a name, or its derivative, at an argument."""
        value = called_value(self, function, letter(function), primes, (argument,))
        if value is None:
            raise Misread(node)
        return value

    def record(self, text: str):
        """The known function that a name stands for here, if any."""
        return known_record(self, text)

    def scripted(self, node: Node) -> Value:
        """A symbol with its indices, power and transpose; or a bracket with scripts."""
        if (value := constant(self, node)) is not None:
            return value
        name = named(node, self.scope.usage)
        if name is None:
            if not isinstance(node, tree.Script):
                raise Misread(node)
            if getattr(node.base, "open", "") == "||" and node.sub is not None:
                inner = norm(self, node.base, node.sub)
                return self.rescripted(inner, tree.Script(node.base, None, node.sup, node.primes))
            return self.rescripted(self.value(node.base), node)
        if is_euler(name, self.scope):
            return exponential(self, name, node)
        value = bare(self, name, node)
        if value is None:
            if name.primes:
                raise Misread(node)
            if (value := entry_of_inverse(self, name, node)) is not None:
                return value
            value = self.symbol(name, node)
        if name.transpose:
            if name.places and value.is_scalar:
                raise Misread(node, "the transpose of a number")
            value = self.transposed(value)
        return value if name.power is None else raised(self, value, name.power, node)

    def rescripted(self, value: Value, node: tree.Script) -> Value:
        """The scripts of a bracket: an element, its positive part, a power, a transpose."""
        if node.primes:
            return primed_bracket(self, value, node.primes, node)
        if node.sub == tree.Symbol("+") and isinstance(node.base, tree.Group):
            value = Value(apply(relu, value.expr), value.axes)
        elif node.sub is not None:
            marks = subscripts(node.sub)
            if is_transpose(node.sup) and len(marks) == len(value.indices) == 2:
                # An entry of the transpose.
                return self.at(self.transposed(value), marks, node)
            gathered = self.gathered(value, marks)
            value = self.at(value, marks, node) if gathered is None else gathered
        match node.sup:
            case None:
                return value
            case sup if is_transpose(sup):
                return self.transposed(value)
            case tree.Sum((mark,), ("-",)) if is_transpose(mark):
                return raised(self, self.transposed(value), MINUS_ONE, node)
        return raised(self, value, node.sup, node)

    def gathered(self, value: Value, marks: tuple[Node, ...]) -> Value | None:
        """(…)_i and (…)_{ij}: the vector or matrix with the bracket as its entry."""
        texts = [letter(mark) for mark in marks]
        if not value.is_scalar or None in texts or len(set(texts)) != len(texts):
            return None
        value = self.algebra.resolved(value)
        inner = [self.index(text) for text in texts if text in self.letters]
        if len(inner) != len(texts) or not frozenset(inner) <= value.expr.free:
            return None
        axes = tuple(fresh(index.size) for index in inner)
        places = {a: place_of(b) for a, b in zip(inner, axes, strict=True)}
        return Value(substitute(value.expr, places), axes)

    def symbol(self, name: Name, node: Node) -> Value:
        text = name.text
        if text in self.bindings:
            value = self.algebra.renamed(self.bindings[text])
            return self.at(value, padded(name, value), node) if name.places else value
        if text == "\\pi" and self.scope.usage.constants.pi:
            return Value(PI)
        if not name.places and text in self.letters:
            return Value(add(position(self.index(text)), self.first_of(text)))
        if text == "\\delta" and len(name.places) == 2 and self.scope.rank(text) != 2:
            return kronecker(self, name.places, node)
        array = self.scope.usage.lettered[text] or font(node) == "bold"
        if text in self.scope.size_names and not (name.places or array):
            # A letter that is defined as an array, too, is in doubt.
            self.doubts |= {text} & self.scope.opaque
            return Value(count(self.scope.sizes.find(text)))
        text = self.scope.aliases.get(text, text)
        if text in self.scope.functions and has_value(self.scope.functions[text], name):
            value = self.whole(text)
            return self.at(value, padded(name, value), node) if name.places else value
        word = len(text) > 1 and function_named(text) is not None
        meant = self.scope.usage.is_meant(text) or self.scope.is_declared(text)
        entry = text == "d" and bool(name.places) and not self.scope.differentials
        unmeant = text in NO_VALUES and not (meant or entry)
        if word or text in self.scope.functions or unmeant:
            raise Misread(node)
        if not name.example and any(text.endswith(f"^{{({mark})}}") for mark in self.letters):
            raise Misread(node, "one example's or one step's own value")
        if is_of_step(text, self.scope.usage.steps & self.letters.keys()):
            raise Misread(node, "one step's own value")
        if name.places and letter(name.places[0]) and self._is_of_steps(text):
            raise Misread(node, "the value at one step")
        value = self.scope.value(text)
        if name.places:
            return self.at(value, padded(name, value), node)
        if value.indices and self.narrow(text):
            return Value(element(self.scope.array(f"{text}·")))
        return value

    def _is_of_steps(self, text: str) -> bool:
        """Whether a name has a value at each step in time: the h of h_t and h_{t-1}."""
        return any(f"{text}_{t}" in self.scope.symbols for t in self.scope.usage.steps)

    def narrow(self, text: str) -> bool:
        """Whether a symbol of unstated shape is read as one number in this statement."""
        symbol = self.scope.symbol(text)
        matrix = text in self.scope.matrices or (symbol.declared and len(symbol.sizes) == 2)
        if matrix or text not in self.narrowable:
            return False
        if text not in self.narrowed:
            options = ["a vector", "a number"]
            self.narrowed[text] = self.choices.choose(f"{text} is", options, True) == "a number"
        return self.narrowed[text]

    def at(self, value: Value, places: tuple[Node, ...], node: Node) -> Value:
        """Elements, rows and columns: one subscript for each axis; a dot or colon leaves it."""
        axes = value.indices
        if value.is_stacked or len(places) != len(axes):
            raise Misread(node)
        if len(places) == 2 and {*map(letter, places)} <= self.scope.size_names - {*self.letters}:
            raise Misread(node, "a matrix that is named by its sizes")
        mapping: dict[Index, Place] = {}
        kept, chosen = [], []
        base = letter(node.base) if isinstance(node, tree.Script) else None
        firsts = self.scope.usage.counting.firsts(base, len(axes))
        for axis, mark, first in zip(axes, places, firsts, strict=True):
            if isinstance(mark, tree.Symbol) and mark.name in ("cdot", ":", "ast"):
                kept.append(axis)
            elif is_label(mark):
                chosen.append((axis, mark))
            else:
                mapping[axis] = self.place(mark, axis.size, first)
        value = Value(substitute(value.expr, mapping), (*kept, *(axis for axis, _ in chosen)))
        return picked(self, self.algebra.resolved(value), chosen)

    def place(self, node: Node, size: Size, first: int = 1) -> Place:
        """A subscript as a place that counts from 0, in print from `first`."""
        match node:
            case tree.Number(text) if text.isdigit():
                if int(text) < first:
                    raise Misread(node, "an element before the first")
                return place_of(int(text) - first)
            case tree.Symbol():
                text = letter(node)
                if text in self.scope.size_names and text not in self.letters:
                    # The last element is named by the size: x_N.
                    if self.scope.sizes.find(size) == self.scope.sizes.find(text):
                        return place_of(text) + place_of(-1)
                index = self.index(text)
                self.same(index.size, size, node)
                return place_of(self.index(text))
        return computed_place(self, node, first)

    def first_of(self, text: str) -> int:
        """The number that a letter starts from in print."""
        return self.starts.get(text, self.scope.usage.counting.first_of(text))

    def same(self, a: Size, b: Size, node: Node) -> None:
        try:
            self.scope.sizes.unify(a, b, "an index")
        except SizeMismatch as mistake:
            sizes = (self.scope.sizes.find(a), self.scope.sizes.find(b))
            raise Misfit(mistake.message, sizes, letter(node)) from mistake

    def index(self, text: str) -> Index:
        if text not in self.letters:
            self.letters[text] = Index(text, self.scope.sizes.unknown())
        known = self.letters[text]
        return Index(known.name, self.scope.sizes.find(known.size))

    def size(self, node: Node) -> Size:
        """A size as printed: an integer or a name."""
        if isinstance(node, tree.Number) and node.text.isdigit():
            return int(node.text)
        name = named(node, self.scope.usage)
        if name is None or name.places or name.power is not None:
            raise Misread(node)
        self.scope.size_names.add(name.text)
        return self.scope.sizes.find(name.text)
