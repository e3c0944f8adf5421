"""What an expression means, as numbers: slow, obvious, vectorised over the free indices.

Whatever else produces numbers is tested against `evaluate`. The derivative here is by dual
numbers and shares nothing with `transform/differentiate`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache, reduce
from typing import Any, NamedTuple

import numpy as np

from chainrule.errors import SizeMismatch, UnknownSize, UnknownSymbol
from chainrule.language import budget
from chainrule.language.algebra import substitute
from chainrule.language.arithmetic import DUALS, FLOATS, Floats
from chainrule.language.expr import (
    Add,
    Along,
    Apply,
    Array,
    Const,
    Delta,
    Element,
    Expr,
    Mul,
    OfMatrix,
    Position,
    Power,
    Reduce,
    Where,
    children,
)
from chainrule.language.index import Index, Place, Size, fresh, is_written, place_of
from chainrule.language.inline import elements, expanded
from chainrule.language.largest import compared
from chainrule.language.sizes import is_unknown
from chainrule.language.walk import walk

# What is compared as it is, since nothing in it is added up.
_EXACT = (Const, Position)
# The name of the axis over points; no user can type it.
POINTS = "·points"


class Grid(NamedTuple):
    """Numbers laid out over some indices, one axis each."""

    axes: tuple[Index, ...]
    numbers: Any


def evaluate(
    expr: Expr,
    values: Mapping[str, Any],
    sizes: Mapping[str, int] | None = None,
    order: Sequence[Index] | None = None,
    arithmetic: Floats = FLOATS,
    points: int | None = None,
) -> Any:
    """The numbers of expr, one axis for each free index.

    values      array name → nested lists or array, of the array's own shape
    sizes       size name → integer, where the arrays do not tell
    order       the free indices in the order of the result's axes; by name where not given
    arithmetic  FLOATS (default), BALLS or DUALS
    points      if given, the first axis of every value, and of the result, runs over so many points
    returns     a float64 array; an object array of balls; a pair (values, slopes)
    raises      UnknownSymbol, UnknownSize, SizeMismatch

    >>> from chainrule.language.algebra import element, total
    >>> i = Index("i", "N")
    >>> float(evaluate(total(i, element(Array("x", ("N",)), i) ** 2), {"x": [3.0, 4.0]}))
    25.0
    """
    arrays = elements(expr)
    numbers = {a.name: arithmetic.array(_given(a, values)) for a in arrays}
    lead = () if points is None else (Index(POINTS, points),)
    shapes = {a: _shape(numbers[a.name])[len(lead) :] for a in arrays}
    grids = _Grids(arithmetic, numbers, bound_sizes(shapes, sizes or {}), lead)
    wanted = sorted(expr.free, key=lambda i: i.name) if order is None else order
    with np.errstate(all="ignore"):
        return grids.spread(walk(grids.visit, expr), (*lead, *wanted))


def evaluator(
    values: Mapping[str, Any], sizes: Mapping[str, int], points: int
) -> Callable[[Expr, Sequence[Index]], np.ndarray]:
    """As `evaluate` for many expressions of the same arrays: what they share is computed once."""
    numbers = {name: FLOATS.array(value) for name, value in values.items()}
    grids, results = _Grids(FLOATS, numbers, dict(sizes), (Index(POINTS, points),)), {}

    def numbers_of(expr: Expr, order: Sequence[Index]) -> np.ndarray:
        grids.held = 0
        with np.errstate(all="ignore"):
            return grids.spread(walk(grids.visit, expr, results), (*grids.lead, *order))

    return numbers_of


def slope(
    expr: Expr,
    values: Mapping[str, Any],
    direction: Mapping[str, Any],
    sizes: Mapping[str, int] | None = None,
    order: Sequence[Index] | None = None,
) -> np.ndarray:
    """The derivative of expr in a direction (array name → change), by dual numbers."""
    pairs = {name: (value, direction.get(name, 0.0)) for name, value in values.items()}
    return evaluate(expr, pairs, sizes, order, DUALS)[1]


def bound_sizes(
    shapes: Mapping[Array, tuple[int, ...]], sizes: Mapping[str, int]
) -> dict[str, int]:
    """Size name → integer, from the shapes of arrays; two different integers are an error."""
    found = dict(sizes)
    source = dict.fromkeys(sizes, "given")
    for array in sorted(shapes, key=repr):
        shape = shapes[array]
        if len(shape) != len(array.sizes):
            raise SizeMismatch(
                f"{array.name} has {len(array.sizes)} axes {array.sizes}, the value has {shape}",
                remedy=f"give {array.name} as an array with {len(array.sizes)} axes",
            )
        for size, length in zip(array.sizes, shape, strict=True):
            known = size if isinstance(size, int) else found.setdefault(size, length)
            if known != length:
                what = "one size" if is_unknown(size) else f"size {size}"
                raise SizeMismatch(
                    f"{what} is {known} from {source.get(size, 'the document')},"
                    f" but {length} from {array.name}: {shape}",
                    remedy="give arrays whose sizes agree",
                )
            source.setdefault(size, array.name)
    return found


def _given(array: Array, values: Mapping[str, Any]) -> Any:
    if array.name not in values:
        raise UnknownSymbol(
            f"no value for {array.name}; values given: {', '.join(sorted(values)) or 'none'}",
            remedy=f"add a value for {array.name}",
        )
    return values[array.name]


def _shape(numbers: Any) -> tuple[int, ...]:
    return np.shape(numbers[0] if isinstance(numbers, tuple) else numbers)


class _Grids:
    """The evaluator of one call: a grid for each node, over the indices it depends on.

    lead  the index over points, if there are several: the first axis of every array
    """

    def __init__(self, arithmetic: Floats, numbers: dict, sizes: dict, lead: tuple[Index, ...]):
        self.arithmetic = arithmetic
        self.numbers = numbers
        self.sizes = sizes
        self.lead = lead
        self.held = 0
        self.ordered: _Ordered | None = None
        self.combined = {
            Add: arithmetic.add,
            Mul: arithmetic.multiply,
            Power: arithmetic.power,
        }

    def hold(self, axes: tuple[Index, ...]) -> None:
        """Count the numbers over these axes, before they are made."""
        count = 1
        for axis in axes:
            count *= self.length(axis.size)
        self.held += count * self.arithmetic.weight
        budget.room(self.held)

    def length(self, size: Size) -> int:
        if isinstance(size, int):
            return size
        if size not in self.sizes:
            raise UnknownSize(
                f"the size {size} is not known", remedy=f"give it, as in sizes={{'{size}': 5}}"
            )
        return self.sizes[size]

    def visit(self, node: Expr):
        number = self.arithmetic
        match node:
            case Const(value):
                return Grid((), number.constant(value))
            case Element(array, places):
                return self.gathered(self.numbers[array.name], array.sizes, places)
            case Position(place):
                axes = tuple(sorted(place.indices, key=repr))
                return Grid(axes, number.whole(self.offsets(place, axes)))
            case Delta(left, right):
                return self.delta(left - right)
            case Add() | Mul() | Power():
                grids = []
                for kid in children(node):
                    grids.append((yield kid))
                return self.folded(grids, self.combined[type(node)])
            case Apply(function, argument) if function.value is not None:
                grid = yield argument
                return Grid(grid.axes, number.call(function, grid.numbers))
            case Apply() | Along():
                body, back = _written_out(node, number.rounds)
                grid = yield body
                return Grid(tuple(back.get(axis, axis) for axis in grid.axes), grid.numbers)
            case Reduce(kind, index, body):
                return self.reduced(kind, index, (yield body))
            case OfMatrix():
                return self.of_matrix(node, (yield node.body))
            case Where(kind, left, right, yes, no):
                parts = yield from self.sides(left, right)
                for part in (yes, no):
                    parts.append((yield part))
                axes, (a, b, p, q) = self.aligned(parts)
                self.hold(axes)
                return Grid(axes, number.select(number.compare(kind, a, b), p, q))

    def sides(self, left: Expr, right: Expr):
        """What is compared, as it is rounded whatever the order of its terms and factors."""
        number = self.arithmetic
        if not number.rounds or isinstance(left, _EXACT) or isinstance(right, _EXACT):
            return [(yield from self.beside(left, right)), (yield right)]
        if self.ordered is None:
            numbers = {name: number.values(given) for name, given in self.numbers.items()}
            self.ordered = _Ordered(number.plain, numbers, self.sizes, self.lead)
        found = walk(self.ordered.visit, (left, right), self.ordered.found)
        return [Grid(grid.axes, number.whole(grid.numbers)) for grid in found]

    def beside(self, left: Expr, right: Expr):
        """What is compared with the right side: an element of it, where that is a maximum."""
        place = compared(left, right)
        if place is None:
            return (yield left)
        grid = yield right.body
        if right.index not in grid.axes:
            return grid
        (new,) = place.indices - right.free
        axes = tuple(new if axis == right.index else axis for axis in grid.axes)
        axes += tuple(sorted(place.indices - set(axes), key=repr))
        spot, length = self.offsets(place, axes), self.length(right.index.size)
        spots = [
            np.clip(spot, 0, length - 1)
            if axis == right.index
            else self.offsets(place_of(axis), axes)
            for axis in grid.axes
        ]
        found = Grid(axes, self.arithmetic.move(grid.numbers, lambda x: x[tuple(spots)]))
        if (within := (0 <= spot) & (spot < length)).all():
            return found
        axes, (inner, outer) = self.aligned([found, (yield left)])
        within = within.reshape(within.shape + (1,) * (len(axes) - within.ndim))
        return Grid(axes, self.arithmetic.select(within, inner, outer))

    def folded(self, grids: list[Grid], combine: Callable) -> Grid:
        result = grids[0]
        for grid in grids[1:]:
            axes, (a, b) = self.aligned([result, grid])
            self.hold(axes)
            result = Grid(axes, combine(a, b))
        return result

    def reduced(self, kind: str, index: Index, grid: Grid) -> Grid:
        if index not in grid.axes:
            grid = Grid((*grid.axes, index), self.spread(grid, (*grid.axes, index)))
        axis = grid.axes.index(index)
        combined = self.arithmetic.sum if kind == "sum" else self.arithmetic.max
        kept = grid.axes[:axis] + grid.axes[axis + 1 :]
        return Grid(kept, combined(grid.numbers, axis))

    def of_matrix(self, node: OfMatrix, grid: Grid) -> Grid:
        """A function of the matrices along two axes; the rows of an inverse are their columns."""
        pair = (node.rows, node.columns)
        outer = tuple(axis for axis in grid.axes if axis not in (*self.lead, *pair))
        numbers = self.spread(grid, (*self.lead, *outer, *pair))
        rows, columns = _shape(numbers)[-2:]
        if rows != columns:
            raise SizeMismatch(
                f"{node.function.name} of a matrix with {rows} rows and {columns} columns",
                remedy="give a square matrix",
            )
        numbers = self.arithmetic.of_matrix(node.function, numbers)
        if not node.at:
            return Grid((*self.lead, *outer), numbers)
        sizes = [axis.size for axis in (*outer, *pair[::-1])]
        return self.gathered(numbers, sizes, (*map(place_of, outer), *node.at))

    def aligned(self, grids: list[Grid]) -> tuple[tuple[Index, ...], list[Any]]:
        """The grids' numbers over the same axes, of length 1 where one does not depend."""
        if all(grid.axes == grids[0].axes for grid in grids):
            return grids[0].axes, [grid.numbers for grid in grids]
        axes = tuple(dict.fromkeys(axis for grid in grids for axis in grid.axes))
        return axes, [self.laid_out(grid, axes) for grid in grids]

    def laid_out(self, grid: Grid, axes: tuple[Index, ...]) -> Any:
        if grid.axes == axes or not axes:
            return grid.numbers
        order = [grid.axes.index(axis) for axis in axes if axis in grid.axes]
        form = tuple(slice(None) if axis in grid.axes else None for axis in axes)
        return self.arithmetic.move(grid.numbers, lambda x: x.transpose(order)[form])

    def spread(self, grid: Grid, axes: tuple[Index, ...]) -> Any:
        """The numbers with exactly these axes, repeated along those they do not depend on."""
        self.hold(axes)
        shape = tuple(self.length(axis.size) for axis in axes)
        numbers = self.laid_out(grid, axes)
        return self.arithmetic.move(numbers, lambda x: np.broadcast_to(x, shape))

    def gathered(self, numbers: Any, sizes: Sequence[Size], places: Sequence[Place]) -> Grid:
        """An array read at its places: 0 outside it, missing (NaN) where the place is fixed."""
        plain = [place.index for place in places]
        lengths = [self.length(size) for size in sizes]
        if None not in plain and len(set(plain)) == len(plain):
            if [self.length(index.size) for index in plain] == lengths:
                return Grid((*self.lead, *plain), numbers)
        axes = tuple(sorted({i for place in places for i in place.indices}, key=repr))
        self.hold((*self.lead, *axes))
        spots = [self.offsets(place, axes) for place in places]
        within = [(0 <= spot) & (spot < n) for spot, n in zip(spots, lengths, strict=True)]
        exists = all(place.indices or w.all() for place, w in zip(places, within, strict=True))
        inside = np.logical_and.reduce(within)
        spots = tuple(np.clip(s, 0, n - 1) for s, n in zip(spots, lengths, strict=True))
        every = (slice(None),) * len(self.lead)
        found = self.arithmetic.move(numbers, lambda x: x[(*every, *spots)])
        if not inside.all():
            beyond = self.arithmetic.constant(Fraction(0)) if exists else self.arithmetic.missing()
            found = self.arithmetic.select(inside, found, beyond)
        return Grid((*self.lead, *axes), found)

    def offsets(self, place: Place, axes: tuple[Index, ...]) -> np.ndarray:
        """The integers a place takes over the axes, each axis of the result full length."""
        self.hold(axes)
        shape = [self.length(axis.size) for axis in axes]
        result = np.full(shape, place.offset)
        for atom, coefficient in place.terms:
            if isinstance(atom, str):
                result = result + coefficient * self.length(atom)
            else:
                line = np.arange(self.length(atom.size))
                form = [-1 if axis == atom else 1 for axis in axes]
                result = result + coefficient * line.reshape(form)
        return result

    def delta(self, difference: Place) -> Grid:
        axes = tuple(sorted(difference.indices, key=repr))
        return Grid(axes, self.arithmetic.whole((self.offsets(difference, axes) == 0) * 1))


class _Ordered(_Grids):
    """Numbers that are the same for the same terms and factors, in whichever order they stand.

    The order in which they are added and multiplied is that of their sizes: an element is rounded
    as the largest of the elements is, though indices of other names put its terms in another order.
    """

    def __init__(self, *given):
        super().__init__(*given)
        self.found: dict = {}

    def visit(self, node: Expr | tuple[Expr, Expr]):
        if isinstance(node, tuple):
            return (yield from self.sides(*node))
        return (yield from super().visit(node))

    def sides(self, left: Expr, right: Expr):
        return [(yield from self.beside(left, right)), (yield right)]

    def folded(self, grids: list[Grid], combine: Callable) -> Grid:
        if len(grids) == 2:
            return super().folded(grids, combine)
        axes, parts = self.aligned(grids)
        for _ in parts:
            self.hold(axes)
        first, *rest = np.sort(np.stack(np.broadcast_arrays(*parts)), axis=0)
        return Grid(axes, reduce(combine, rest, first))

    def reduced(self, kind: str, index: Index, grid: Grid) -> Grid:
        if kind == "sum" and index in grid.axes:
            axes = (*(axis for axis in grid.axes if axis != index), index)
            grid = Grid(axes, np.sort(self.spread(grid, axes), axis=-1))
        return super().reduced(kind, index, grid)


@lru_cache(maxsize=16384)
def _written_out(node: Apply | Along, stable: bool) -> tuple[Expr, dict[Index, Index]]:
    """What the application stands for, and the names that its free indices have in it.

    The expansion binds indices of its own, so the free ones step out of their way.
    """
    out = {i: fresh(i.size) for i in sorted(node.free, key=repr) if not is_written(i)}
    moved = substitute(node, {i: place_of(f) for i, f in out.items()})
    return expanded(moved, stable), {f: i for i, f in out.items()}
