"""From the equations of a batch, examples as rows or columns of a matrix, to those of one example.

`Z = X W + 1 bᵀ` with X of N × D says of each row what `z = xᵀ W + bᵀ` says: the axis N is left out
wherever it stands, and the loss, a sum or mean over N, becomes that of one example.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from chainrule.language.algebra import add, along, count, element, mul, opened, substitute, total
from chainrule.language.expr import (
    Add,
    Along,
    Apply,
    Array,
    Const,
    Element,
    Expr,
    Mul,
    Power,
    Reduce,
    bound_indices,
    factors_of,
    places,
)
from chainrule.language.index import Index, fresh, place_of
from chainrule.language.inline import Lambda, inline
from chainrule.language.passes import around
from chainrule.language.program import Definition, Program
from chainrule.language.sizes import is_unknown
from chainrule.language.usage import uses
from chainrule.language.walk import walk
from chainrule.mathematics.functions import FUNCTIONS
from chainrule.training.letters import BIASES, TARGETS, WEIGHTS, letter
from chainrule.transform.windows import windowed

NUMBER = "number of examples"
"""The name of the number of all examples, where a loss divides more by it than their losses."""


class _Entangled(Exception):
    """Examples are not apart: something sums over them, or reads one in the place of another."""


class Single(NamedTuple):
    """The program of one example, its target, which the loss alone reads, and a sentence on it."""

    program: Program
    target: Array
    said: str


def one_example(program: Program, loss: str) -> Single | None:
    """The program of one example, where a document writes out a whole batch.

    None where no axis is that of examples: it belongs to a matrix of features and to a target, all
    definitions go through it element by element, and the loss is a sum or a mean over it.

    >>> import chainrule
    >>> from chainrule.notation.loss import find_loss
    >>> text = r"$X \\in \\mathbb{R}^{N \\times D}$ $$J = \\|X w - y\\|^2 / N$$"
    >>> found = one_example(find_loss(chainrule.read(text).reading).program, "J")
    >>> found.program.inputs, found.said
    ((X(D), w(D), y()), 'the N rows of X are examples')
    """
    for size, features, target in _candidates(program, loss):
        turned = _turned(program, size)
        try:
            found, mean = _Batch(size).program(turned, loss)
        except _Entangled:
            continue
        side = "rows" if features.sizes[0] == size else "columns"
        rest = "" if mean else f"; {loss} is taken as a mean over them, not a sum"
        number = "" if is_unknown(size) else f"{size} "
        said = f"the {number}{side} of {features.name} are examples{rest}"
        if turned != program:
            said += "; a function of a vector, such as softmax, takes each by itself"
        (target,) = (array for array in found.inputs if array.name == target.name)
        return Single(_compared_in_loss(found, loss, target), target, said)
    return None


def _turned(program: Program, size: str) -> Program:
    """The program with functions along the examples, as softmax(Z), along the other axis instead.

    Of a matrix softmax is read along its rows; where the examples are columns, each is a vector.
    """

    def visit(node: Expr):
        node = yield from around(node)
        if not isinstance(node, Along) or node.index.size != size or node.at is None:
            return node
        index, body = opened(node)
        others = [other for other in body.free if other != index]
        if len(others) != 1 or node.at.index is None:
            return node
        own = fresh(others[0].size)
        body = substitute(body, {index: node.at, others[0]: place_of(own)})
        return along(node.function, own, body, others[0])

    return Program(
        tuple(Definition(d.array, d.indices, walk(visit, d.body)) for d in program.definitions)
    )


def _compared_in_loss(program: Program, loss: str, target: Array) -> Program:
    """The program with what reads the target put into the loss."""
    definitions, meanings = [], {}
    for definition in program.definitions:
        body = inline(definition.body, meanings)
        if definition.name != loss and target in body.arrays:
            meanings[definition.name] = Lambda(definition.indices, body)
        else:
            definitions.append(Definition(definition.array, definition.indices, body))
    return Program(tuple(definitions))


def _candidates(program: Program, loss: str) -> Iterator[tuple[str, Array, Array]]:
    """Sizes that a matrix of features and a target share, and these two.

    The target is told by its letter, or else by being read in the loss alone. A bias b may have the
    size, too: it is the same for all examples. Filters run over features and are none.
    """
    inputs = program.inputs
    pictures = windowed(program) & set(inputs)
    _, added = uses(program)
    before = {name for d in program.definitions if d.name != loss for name in d.uses}
    for size in sorted({s for array in inputs for s in array.sizes if isinstance(s, str)}):
        given = [array for array in inputs if size in array.sizes]
        given = [a for a in given if not (a in added and letter(a).lower() in BIASES)]
        targets = [array for array in given if letter(array).lower() in TARGETS]
        targets = targets or [array for array in given if array.name not in before]
        if len(given) == 2 and len(targets) == 1 and len(given) < len(inputs):
            (features,) = set(given) - set(targets)
            filters = len(pictures) == 1 and features not in pictures
            if len(features.sizes) > 1 and letter(features).lower() not in WEIGHTS and not filters:
                yield size, features, targets[0]


def loss_of_one(body: Expr, size: str) -> tuple[Expr, bool] | None:
    """What a loss sums over an axis, at one place of it, and whether it is the mean over it."""
    try:
        return _Batch(size).loss(body)
    except _Entangled:
        return None


def without_axis(program: Program, size: str) -> Program | None:
    """The program where an axis has length 1, so that it need not be there."""
    batch = _Batch(size, alone=True)
    try:
        return Program(tuple(map(batch.definition, program.definitions)))
    except _Entangled:
        return None


@dataclass
class _Batch:
    """Leaves out the axis of a size; `at` is the example that is read.

    alone  that is the only one, so that a sum over the axis is what stands in it
    """

    size: str
    alone: bool = False
    at: Index = field(init=False)

    def __post_init__(self):
        self.at = fresh(self.size)

    def program(self, program: Program, loss: str) -> tuple[Program, bool]:
        """The program of one example, and whether its loss was a mean."""
        definitions, mean = [], True
        for definition in program.definitions:
            if definition.name == loss:
                body, mean = self.loss(definition.body)
                definitions.append(Definition(definition.array, (), body))
            else:
                definitions.append(self.definition(definition))
        return Program(tuple(definitions)), mean

    def definition(self, definition: Definition) -> Definition:
        own = [index for index in definition.indices if index.size == self.size]
        if len(own) > 1:
            raise _Entangled
        body = substitute(definition.body, dict.fromkeys(own, place_of(self.at)))
        kept = tuple(index for index in definition.indices if index not in own)
        return Definition(self.array(definition.array), kept, self.apart(body))

    def array(self, array: Array) -> Array:
        return Array(array.name, tuple(size for size in array.sizes if size != self.size))

    def apart(self, expr: Expr) -> Expr:
        """The expression at one example, without the axis of examples."""

        def visit(node: Expr):
            if node is count(self.size):
                return element(Array(NUMBER))
            if any(index.size == self.size for index in bound_indices(node)):
                if not (self.alone and isinstance(node, Reduce)):
                    raise _Entangled
                index, body = opened(node)
                return (yield substitute(body, {index: place_of(self.at)}))
            if not isinstance(node, Element):
                if any(self.at in place.indices for place in places(node)):
                    raise _Entangled
                return (yield from around(node))
            pairs = list(zip(node.array.sizes, node.places, strict=True))
            example = [place for size, place in pairs if size == self.size]
            kept = [place for size, place in pairs if size != self.size]
            if len(example) > 1 or any(place.index != self.at for place in example):
                raise _Entangled
            if any(self.at in place.indices for place in kept):
                raise _Entangled
            return element(self.array(node.array), *kept)

        return walk(visit, expr)

    def loss(self, body: Expr) -> tuple[Expr, bool]:
        """The loss of one example, and whether the document has the mean of it, not the sum."""
        moving, fixed = [], []
        for term in _terms(body):
            (moving if self.moves(term) else fixed).append(term)
        summands = [self.summand(term) for term in moving]
        summed = add(*summands)
        scaled = add(*(mul(count(self.size), term) for term in summands))
        mean = not any(self.counted(factor) for factor in _factors(scaled))
        one = scaled if mean else summed
        return add(self.apart(one), *map(self.apart, fixed)), mean

    def moves(self, expr: Expr) -> bool:
        return any(self.size in array.sizes for array in expr.arrays)

    def counted(self, factor: Expr) -> bool:
        """Whether a factor is the number of examples, or a power of it."""
        base = factor.base if isinstance(factor, Power) else factor
        return base is count(self.size)

    def summand(self, expr: Expr) -> Expr:
        """What an expression sums over the examples, at one of them."""
        match expr:
            case Add(terms) if all(map(self.moves, terms)):
                return add(*map(self.summand, terms))
            case Mul(factors) if sum(map(self.moves, factors)) == 1:
                return mul(*(self.summand(f) if self.moves(f) else f for f in factors))
            case Power(Apply(function, inner), Const(2)) if function is FUNCTIONS["sqrt"]:
                return self.summand(inner)
            case Reduce("sum"):
                index, body = opened(expr)
                if index.size == self.size:
                    return substitute(body, {index: place_of(self.at)})
                return total(index, self.summand(body))
        raise _Entangled


def _terms(body: Expr) -> list[Expr]:
    """The terms of a sum, also of one that is multiplied by something."""
    if isinstance(body, Mul):
        sums = [factor for factor in body.factors if isinstance(factor, Add)]
        if len(sums) == 1:
            rest = [factor for factor in body.factors if factor is not sums[0]]
            return [mul(*rest, term) for term in sums[0].terms]
    return list(body.terms) if isinstance(body, Add) else [body]


def _factors(expr: Expr) -> tuple[Expr, ...]:
    if isinstance(expr, Add):
        return tuple(factor for term in expr.terms for factor in _factors(term))
    return factors_of(expr)
