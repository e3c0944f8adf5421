"""Jacobians and Hessians as numbers with their structure: where δ[i, j] stands, nothing is stored.

The Jacobian of a softmax of n rows by its argument is δ[n, m] times an array (n, i, j), not
(n·k) × (n·k) numbers. The whole is made of the parts only where somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from chainrule.errors import UnknownSize
from chainrule.language.algebra import ONE, add, delta, mul, opened, substitute, total
from chainrule.language.expr import Add, Array, Delta, Expr, Mul, Reduce
from chainrule.language.index import Index, place_of
from chainrule.language.passes import parts
from chainrule.language.program import Definition, Program
from chainrule.program.arguments import in_order
from chainrule.program.build import Compiled, build

Pairs = frozenset[Delta]


@dataclass(frozen=True)
class Part:
    """Numbers that stand where some indices agree.

    groups   for each index of the whole, the group of indices that it must agree with
    held     the groups that the numbers have an axis for; they are the same along others
    """

    groups: tuple[int, ...]
    held: tuple[int, ...]
    numbers: np.ndarray

    def add_to(self, whole: np.ndarray, groups: Sequence[int]) -> None:
        """Added to the elements of an array where its axes agree; groups: of each axis."""
        left = list(dict.fromkeys(groups))
        # A view of the elements where the indices agree.
        view = np.einsum(whole, list(groups), left) if left else whole
        spread = tuple(slice(None) if group in self.held else None for group in left)
        np.add(view, self.numbers[spread], out=view)


@dataclass(frozen=True)
class Structured:
    """A sum of parts; `structure` says in words what is stored."""

    indices: tuple[str, ...]
    shape: tuple[int, ...]
    parts: tuple[Part, ...]

    @property
    def structure(self) -> str:
        """As `δ[n, m] × (n, i, j) + δ[n, m] δ[i, j] × (n, i)`."""
        return " + ".join(self._told(part) for part in self.parts) or "0"

    def _told(self, part: Part) -> str:
        first: dict[int, str] = {}
        equal = []
        for name, group in zip(self.indices, part.groups, strict=True):
            if group in first:
                equal.append(f"δ[{first[group]}, {name}] ")
            first.setdefault(group, name)
        kept = ", ".join(first[group] for group in part.held)
        return f"{''.join(equal)}× ({kept})".removeprefix("× ")

    @property
    def stored(self) -> int:
        """How many numbers are stored."""
        return sum(part.numbers.size for part in self.parts)

    def dense(self) -> np.ndarray:
        """All numbers, also the zeros."""
        whole = np.zeros(self.shape, np.result_type(*(part.numbers for part in self.parts)))
        for part in self.parts:
            part.add_to(whole, part.groups)
        return whole


class StructuredProgram:
    """One definition of a program, computed part by part.

    >>> from chainrule.language.algebra import delta, element
    >>> i, j, x = Index("i", "N"), Index("j", "N"), Array("x", ("N",))
    >>> slope = Definition(Array("D", ("N", "N")), (i, j), 2 * element(x, i) * delta(i, j))
    >>> found = StructuredProgram(Program(()), slope)({"x": np.array([1.0, 2.0])})
    >>> found.structure, found.stored, found.dense().tolist()
    ('δ[i, j] × (i)', 2, [[2.0, 0.0], [0.0, 4.0]])
    """

    def __init__(self, program: Program, definition: Definition, dtype: str = "float64"):
        self.program, self.definition, self.dtype = program, definition, dtype

    @cached_property
    def _parts(self) -> list[tuple[tuple[int, ...], tuple[int, ...], Definition]]:
        """The groups of each part, those that it has axes for, and its definition."""
        terms: dict[tuple[Index, ...], list[Expr]] = {}
        for pairs, rest in _terms(self.definition.body):
            merged = _merged(self.definition.indices, pairs)
            moved = zip(self.definition.indices, merged, strict=True)
            places = {old: place_of(new) for old, new in moved if old != new}
            terms.setdefault(merged, []).append(substitute(rest, places))
        found = []
        for k, (merged, rests) in enumerate(terms.items()):
            body, left = add(*rests), tuple(dict.fromkeys(merged))
            kept = tuple(index for index in left if index in body.free)
            array = Array(f"part {k + 1}", tuple(index.size for index in kept))
            numbers = tuple(tuple(map(left.index, indices)) for indices in (merged, kept))
            found.append((*numbers, Definition(array, kept, body)))
        return found

    @cached_property
    def compiled(self) -> Compiled:
        return self._built([definition for *_, definition in self._parts])

    def _built(self, definitions: list[Definition]) -> Compiled:
        names = [definition.name for definition in definitions]
        whole = Program((*self.program.definitions, *definitions))
        return build(whole, names, dtype=self.dtype, quick=True)

    @cached_property
    def _joined(self) -> tuple[tuple[int, ...], Compiled]:
        """For each index the axis of the one array that all parts are added up in, and its code."""
        together = list(zip(*(groups for groups, *_ in self._parts), strict=True))
        axes = list(dict.fromkeys(together))
        indices = tuple(self.definition.indices[together.index(axis)] for axis in axes)
        terms = []
        for groups, (*_, part) in zip(zip(*axes, strict=True), self._parts, strict=True):
            first = [indices[groups.index(group)] for group in groups]
            pairs = (delta(*pair) for pair in zip(first, indices, strict=True))
            terms.append(mul(*pairs, part.body))
        array = Array("joined", tuple(index.size for index in indices))
        whole = Definition(array, indices, add(*terms))
        return tuple(map(axes.index, together)), self._built([whole])

    def __call__(self, values: Mapping[str, Any]) -> Structured:
        """The parts as numbers, valid until the next call; raises UnknownSymbol, UnknownSize.

        values  of the inputs, and of any other array of the program, of which the shape is taken
        """
        parts = tuple(
            Part(groups, held, np.asarray(numbers))
            for (groups, held, _), numbers in zip(
                self._parts, self._numbers(self.compiled, values), strict=True
            )
        )
        return self._structured(values, parts)

    def _numbers(self, compiled: Compiled, values: Mapping[str, Any]) -> tuple:
        given = in_order(values, compiled.inputs)
        with np.errstate(all="ignore"):
            return compiled.call(*(np.asarray(array, self.dtype) for array in given))

    def _structured(self, values: Mapping[str, Any], parts: tuple[Part, ...]) -> Structured:
        names = tuple(index.name for index in self.definition.indices)
        return Structured(names, self._shape(values), parts)

    def joined(self, values: Mapping[str, Any]) -> Structured:
        """The same as one part, which has an axis for all that any of the parts has apart.

        Of a batch of softmax rows these are the Jacobians of all rows, δ[n, m] × (n, i, j). They
        are added up piece by piece, while a cache has them.
        """
        if not self._parts:
            return self(values)
        groups, compiled = self._joined
        whole = np.asarray(self._numbers(compiled, values)[0])
        return self._structured(values, (Part(groups, tuple(range(whole.ndim)), whole),))

    def _shape(self, values: Mapping[str, Any]) -> tuple[int, ...]:
        known: dict[Any, int] = {}
        for array in (*self.program.inputs, *self.compiled.plan.inputs):
            if array.name in values:
                known |= dict(zip(array.sizes, np.shape(values[array.name]), strict=True))
        sizes = [index.size for index in self.definition.indices]
        for size in sizes:
            if isinstance(size, str) and size not in known:
                raise UnknownSize(
                    f"no array that is given has the size {size}",
                    remedy=f"give a value for an array with the size {size}",
                )
        return tuple(size if isinstance(size, int) else known[size] for size in sizes)


def _merged(indices: tuple[Index, ...], pairs: Pairs) -> tuple[Index, ...]:
    """Each index, or the first of those that it must agree with."""
    leader = {index: index for index in indices}
    for pair in sorted(pairs, key=lambda pair: pair.key):
        one, other = (leader[place.index] for place in (pair.left, pair.right))
        first, last = sorted((one, other), key=indices.index)
        leader = {index: first if found == last else found for index, found in leader.items()}
    return tuple(leader[index] for index in indices)


def _terms(expr: Expr) -> Iterator[tuple[Pairs, Expr]]:
    """The expression as a sum of products of deltas and of a rest without any outside."""
    match expr:
        case Delta(left, right) if left.index is not None and right.index is not None:
            yield frozenset((expr,)), ONE
        case Add(terms) if _has_delta(expr):
            for term in terms:
                yield from _terms(term)
        case Mul(factors) if _has_delta(expr):
            apart = [list(_terms(factor)) for factor in factors]
            for chosen in product(*apart):
                pairs = frozenset().union(*(pairs for pairs, _ in chosen))
                yield pairs, mul(*(rest for _, rest in chosen))
        case Reduce("sum") if _has_delta(expr):
            yield from _summed(*opened(expr))
        case _:
            yield frozenset(), expr


def _summed(index: Index, body: Expr) -> Iterator[tuple[Pairs, Expr]]:
    for pairs, rest in _terms(body):
        inside = {pair for pair in pairs if index in pair.free}
        yield pairs - inside, total(index, mul(*inside, rest))


def _has_delta(expr: Expr) -> bool:
    return any(isinstance(part, Delta) for part in parts(expr))
