"""Matrix algebra on expressions: what products, transposes and sums of arrays mean in indices.

A value is an expression and its axes. An axis is an index, or None for an axis of length 1: a row
vector has the axes (None, j), a column (i, None). A vector whose document does not say how it
stands has the single axis (i,), and fits wherever one of the two would.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from chainrule.errors import SizeMismatch
from chainrule.language import budget
from chainrule.language.algebra import add, delta, mul, substitute, total
from chainrule.language.expr import Expr
from chainrule.language.index import Index, Size, fresh, place_of
from chainrule.language.sizes import Sizes
from chainrule.mathematics.matrix_functions import determinant_of, inverse_of

# What a misfit of a trace begins with.
TRACE = "the trace"


@dataclass(frozen=True)
class Stacked:
    """One axis that runs through all pairs of several indices, the last of them fastest."""

    parts: tuple[Index, ...]


Axis = Index | Stacked | None
Axes = tuple[Axis, ...]


def stacked(*axes: Axis) -> Axis:
    """The axis that runs through several ones, the last of them fastest."""
    parts = tuple(part for axis in axes for part in parts_of(axis))
    return Stacked(parts) if len(parts) > 1 else (parts[0] if parts else None)


def parts_of(axis: Axis) -> tuple[Index, ...]:
    """The indices of an axis: none where its length is 1."""
    if isinstance(axis, Stacked):
        return axis.parts
    return () if axis is None else (axis,)


class Misfit(Exception):
    """Two things do not fit together under this reading.

    sizes     those that disagree
    letter    the subscript that counts along axes of these sizes, if it is one that does
    multiple  whether one size is a multiple of the other, which no matrices change
    """

    def __init__(
        self,
        message: str,
        sizes: tuple[Size | None, ...] = (),
        letter: str | None = None,
        multiple: bool = False,
    ):
        super().__init__(message)
        self.sizes, self.letter, self.multiple = sizes, letter, multiple


@dataclass(frozen=True)
class Value:
    """A number, vector or matrix: an expression whose free indices include the axes."""

    expr: Expr
    axes: Axes = ()

    @property
    def indices(self) -> tuple[Index, ...]:
        return tuple(part for axis in self.axes for part in parts_of(axis))

    @property
    def long(self) -> Axes:
        """The axes that are not of length 1."""
        return tuple(axis for axis in self.axes if axis is not None)

    @property
    def is_scalar(self) -> bool:
        return not self.long

    @property
    def is_vector(self) -> bool:
        return len(self.long) == 1

    @property
    def is_stacked(self) -> bool:
        """Whether an axis runs through several indices, as that of vec(X) does."""
        return any(isinstance(axis, Stacked) for axis in self.axes)

    @property
    def is_plain(self) -> bool:
        """A vector that may stand either way."""
        return len(self.axes) == 1

    def transposed(self) -> Value:
        return Value(self.expr, tuple(reversed(self.axes)))

    def standing(self, as_column: bool) -> Value:
        """A plain vector as a column or a row; anything else unchanged."""
        if not self.is_plain:
            return self
        return Value(self.expr, (self.axes[0], None) if as_column else (None, self.axes[0]))


def settled(expr: Expr, axes: Axes) -> Value:
    """A value without needless axes: 1 × 1 is a number."""
    return Value(expr, axes if any(axis is not None for axis in axes) else ())


class Algebra:
    """The operations, with the sizes that they make equal."""

    def __init__(self, sizes: Sizes):
        self.sizes = sizes

    def resolved(self, value: Value) -> Value:
        """The value with every size replaced by what it has become."""
        axes = tuple(map(self._axis, value.axes))
        changes = tuple(self.sizes.mapping(value.expr.names).items())
        if not changes and axes == value.axes:
            return value
        return Value(_resized(value.expr, changes) if changes else value.expr, axes)

    def _axis(self, axis: Axis) -> Axis:
        if axis is None or (type(axis) is Index and axis.size not in self.sizes.parent):
            return axis
        return stacked(*(Index(part.name, self.sizes.find(part.size)) for part in parts_of(axis)))

    def unify(self, a: Index, b: Index, what: str) -> None:
        try:
            self.sizes.unify(a.size, b.size, what)
        except SizeMismatch as mistake:
            sizes = (self.sizes.find(a.size), self.sizes.find(b.size))
            raise Misfit(mistake.message, sizes) from mistake

    def renamed(self, value: Value) -> Value:
        """The same value over axes of its own, so that two uses do not share an index."""
        value = self.resolved(value)
        images = {axis: fresh(axis.size) for axis in value.indices}
        places = {axis: place_of(image) for axis, image in images.items()}
        axes = tuple(stacked(*(images[part] for part in parts_of(axis))) for axis in value.axes)
        return Value(substitute(value.expr, places), axes)

    def matched(self, value: Value, axes: Axes, what: str) -> Value:
        """The value over the given axes, of the same kind, sizes made equal."""
        places = {}
        for own, wanted in zip(value.axes, axes, strict=True):
            pairs = list(zip(parts_of(own), parts_of(wanted), strict=False))
            if not len(pairs) == len(parts_of(own)) == len(parts_of(wanted)):
                message = f"{what}: {shown(value.axes)} against {shown(axes)}"
                raise Misfit(message, multiple=is_multiple(own, wanted))
            for one, other in pairs:
                self.unify(one, other, what)
                places[one] = place_of(other)
        return self.resolved(Value(substitute(value.expr, places), axes))

    def aligned(
        self, values: list[Value], what: str, columns: bool = False
    ) -> tuple[list[Value], Axes]:
        """The values over common axes; numbers and rows are repeated where they must be.

        columns  whether columns are repeated, too, beside a matrix with as many rows
        """
        budget.check()
        values = [self.resolved(value) for value in values]
        large = max(values, key=lambda v: (sum(x is not None for x in v.axes), len(v.axes)))
        if not all(value is large or _are_apart(large, value) for value in values):
            # Fresh axes for all, so that no value's own index is taken for another's.
            large = self.renamed(large)
        axes = large.axes
        result = []
        for value in values:
            kept = value.is_scalar or value is large
            beside = columns and self._is_column_of(value, axes)
            wanted = axes[:1] if beside else axes
            own = Value(value.expr, value.axes[:1]) if beside else value
            result.append(value if kept else self._onto(own, wanted, what))
        axes = tuple(map(self._axis, axes))
        return [self.resolved(value) for value in result], axes

    def _is_column_of(self, value: Value, axes: Axes) -> bool:
        """Whether a value stands as a column and has as many rows as a matrix with the axes."""
        return (
            len(value.axes) == len(axes) == 2
            and None not in (value.axes[0], *axes)
            and value.axes[1] is None
            and _sizes_of(value.axes) == _sizes_of(axes[:1])
        )

    def _onto(self, value: Value, axes: Axes, what: str) -> Value:
        if len(value.axes) == len(axes) and all(
            (a is None) == (b is None) for a, b in zip(value.axes, axes, strict=True)
        ):
            return self.matched(value, axes, what)
        wanted = tuple(axis for axis in axes if axis is not None)
        if value.is_plain and len(wanted) == 1:
            return self.matched(value, wanted, what)
        if len(axes) == 1 and value.is_vector:
            return self.matched(Value(value.expr, value.long), axes, what)
        if value.is_vector and len(wanted) == 2 and value.axes[-1] is not None:
            # A row, or a vector that may be one, is added to every row of a matrix.
            return self.matched(Value(value.expr, value.long), wanted[1:], what)
        sizes = _sizes_of(value.axes, axes)
        if not value.is_vector or len(wanted) > 1 or len(set(sizes)) < 2:
            # A column beside a matrix may be added to each column, and a row may be meant as one.
            sizes = ()
        raise Misfit(f"{what}: {shown(value.axes)} against {shown(axes)}", sizes)

    def add(self, values: list[Value], what: str = "the terms") -> Value:
        values, axes = self.aligned(values, what, columns=True)
        return Value(add(*(value.expr for value in values)), axes)

    def hadamard(self, a: Value, b: Value) -> Value:
        (a, b), axes = self.aligned([a, b], "the factors")
        return Value(mul(a.expr, b.expr), axes)

    def matmul(self, a: Value, b: Value) -> Value:
        """The matrix product; a plain vector stands so that it fits."""
        budget.check()
        if a.is_scalar or b.is_scalar:
            return Value(mul(a.expr, b.expr), a.axes or b.axes)
        a, b = self.resolved(a), self.resolved(b)
        if not _are_apart(a, b):
            a, b = self.renamed(a), self.renamed(b)
        plain = a.is_plain or b.is_plain
        if a.is_plain and b.is_plain:
            return self.dot(a, b)
        a = a.standing(as_column=b.axes[0] is None and a.is_plain)
        b = b.standing(as_column=a.axes[-1] is not None)
        product = self._contracted(a, b)
        if plain and product.is_vector:
            return Value(product.expr, product.long)
        return product

    def _contracted(self, a: Value, b: Value) -> Value:
        if len(a.axes) != 2 or len(b.axes) != 2:
            raise Misfit("a product of arrays with more than two axes")
        (row, left), (right, column) = a.axes, b.axes
        if left is None and right is None:
            return settled(mul(a.expr, b.expr), (row, column))
        if left is None or right is None:
            message = f"a product of {shown(a.axes)} and {shown(b.axes)}"
            raise Misfit(message, _sizes_of(a.axes, b.axes))
        what = f"the product of {shown(a.axes)} and {shown(b.axes)}"
        factor = self.matched(Value(b.expr, (right,)), (left,), what)
        a, b = self.resolved(a), self.resolved(b)
        body = mul(a.expr, factor.expr)
        for index in parts_of(a.axes[1]):
            body = total(index, body)
        return settled(body, (a.axes[0], b.axes[1]))

    def dot(self, a: Value, b: Value) -> Value:
        (a, b), axes = self.aligned([a, b], "the scalar product")
        (index,) = (axis for axis in axes if axis is not None)
        return Value(total(index, mul(a.expr, b.expr)))

    def outer(self, a: Value, b: Value) -> Value:
        a, b = self.renamed(a), self.renamed(b)
        return Value(mul(a.expr, b.expr), (*a.long, *b.long))

    def kronecker(self, a: Value, b: Value, columns: bool) -> Value:
        """The Kronecker product; a plain vector stands as the document's vectors do."""
        if a.is_scalar or b.is_scalar:
            return Value(mul(a.expr, b.expr), a.axes or b.axes)
        a, b = (self.renamed(value).standing(as_column=columns) for value in (a, b))
        if len(a.axes) != len(b.axes):
            raise Misfit("a Kronecker product of a matrix and an array of more axes")
        axes = tuple(stacked(p, q) for p, q in zip(a.axes, b.axes, strict=True))
        return Value(mul(a.expr, b.expr), axes)

    def vec(self, value: Value) -> Value:
        """The columns of a matrix below one another."""
        if value.is_scalar or value.is_plain:
            return value
        row, column = value.axes
        return Value(value.expr, (stacked(column, row), None))

    def transpose(self, value: Value, columns: bool) -> Value:
        """The transpose; a plain vector first stands as the document's vectors do."""
        return value.standing(as_column=columns).transposed()

    def diagonal(self, value: Value) -> Value:
        """diag of a vector."""
        if not value.is_vector or value.is_stacked:
            raise Misfit("diag of something that is not a vector")
        value = self.renamed(value)
        (index,) = value.indices
        other = fresh(index.size)
        return Value(mul(value.expr, delta(index, other)), (index, other))

    def on_diagonal(self, value: Value, what: str = "diag") -> Value:
        """The entries on the diagonal of a square matrix, as a vector."""
        value = self.square(value, what)
        row, column = value.indices
        return Value(substitute(value.expr, {column: place_of(row)}), (row,))

    def trace(self, value: Value) -> Value:
        if value.is_scalar:
            return value
        entries = self.on_diagonal(value, TRACE)
        (row,) = entries.indices
        return Value(total(row, entries.expr))

    def square(self, value: Value, what: str) -> Value:
        """A square matrix, over axes of its own."""
        value = self.renamed(value)
        if len(value.long) != 2 or value.is_stacked:
            sizes = () if value.is_stacked else _sizes_of(value.axes)
            raise Misfit(f"{what} of something that is not a square matrix", sizes)
        self.unify(*value.indices, what)
        return self.resolved(value)

    def determinant(self, value: Value) -> Value:
        if value.is_scalar:
            return value
        value = self.square(value, "the determinant")
        return Value(determinant_of(*value.indices, value.expr))

    def inverse(self, value: Value) -> Value:
        value = self.square(value, "the inverse")
        row, column = value.indices
        axes = (fresh(column.size), fresh(row.size))
        return Value(inverse_of(row, column, value.expr, axes), axes)


def _are_apart(a: Value, b: Value) -> bool:
    """Whether neither of two values depends on an axis of the other."""
    return not (b.expr.free.intersection(a.indices) or a.expr.free.intersection(b.indices))


@lru_cache(maxsize=16384)
def _resized(expr: Expr, changes: tuple[tuple[str, Size], ...]) -> Expr:
    return substitute(expr, {}, dict(changes))


def _sizes_of(*axes: Axes) -> tuple[Size, ...]:
    return tuple(part.size for group in axes for axis in group for part in parts_of(axis))


def is_multiple(a: Axis, b: Axis) -> bool:
    """Whether the length of one axis is that of the other times a size of its own."""
    first, second = (Counter(part.size for part in parts_of(axis)) for axis in (a, b))
    return bool(first and second) and (first < second or second < first)


def shown(axes: Axes) -> str:
    """`H × D`, `1 × D`, `D`, or `a number`."""
    if not axes:
        return "a number"
    return " × ".join("·".join(str(p.size) for p in parts_of(axis)) or "1" for axis in axes)
