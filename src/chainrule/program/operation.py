"""The operations that a plan is made of: whole-array steps, each computed once.

An operation loops over axes numbered 0, 1, …; every operand says which of them it runs along. Two
expressions that differ in the names of their indices only are therefore one operation.

    kind                       operands      detail
    input                      none          the Array
    number                     none          a Fraction
    position                   none          a Form: the place as a number
    delta                      none          a Form: 1 where it is 0, else 0
    gather                     array         (Form of each place, size of each axis of the array)
    fold                       array        (Form of each axis of the result, size of each): the sum
                                            of the elements that belong there
    contract                   two           the sum of their product over the axes not kept
    sum, max                   one           over the axes not kept
    determinant, inverse       one           the two axes of the matrix, rows first; an inverse
                                             has them the other way round, as its last two
    pick                       array, labels the Form of the axis: its element at the label
    subtract_at                array, labels, amount: less the amount at the label; the axis
    add_on_diagonal            array, amount: with the amount where a Form of two axes is 0, its
                                            amounts do not run along the second of them
    less … (see COMPARE)       two           "number" for 1 and 0 instead of true and false
    where                      mask, yes, no
    add, exp, … (all others)   one or two    element by element
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from chainrule.language.index import Index, Place, Size

COMPARE = {"<": "less", "<=": "less_equal", "==": "equal", "!=": "not_equal"}
COMMUTATIVE = {"add", "multiply", "maximum", "contract", "equal", "not_equal"}
SOURCES = {"input", "number", "position", "delta", "gather"}
REDUCTIONS = {"sum", "max", "contract", "pick", "fold"}
OF_MATRICES = {"determinant", "inverse"}


@dataclass(frozen=True)
class Use:
    """A value read along some indices, one for each of its axes."""

    value: int
    axes: tuple[Index, ...] = ()


@dataclass(frozen=True)
class Form:
    """A place in terms of an operation's axes (integers) and sizes (names)."""

    terms: tuple[tuple[int | str, int], ...]
    offset: int

    @property
    def axes(self) -> tuple[int, ...]:
        return tuple(atom for atom, _ in self.terms if isinstance(atom, int))

    @property
    def plain(self) -> int | None:
        """The axis, where the place is nothing but one axis."""
        if len(self.terms) == 1 and self.offset == 0 and self.terms[0][1] == 1:
            return self.terms[0][0] if isinstance(self.terms[0][0], int) else None
        return None


@dataclass(frozen=True)
class Operation:
    """One step. `axes` are those of the result in order; `sizes` those of all axes looped over."""

    kind: str
    operands: tuple[tuple[int, tuple[int, ...]], ...]
    axes: tuple[int, ...]
    sizes: tuple[Size, ...]
    detail: Any = None
    definition: str = ""

    @property
    def values(self) -> tuple[int, ...]:
        return tuple(value for value, _ in self.operands)

    @property
    def elementwise(self) -> bool:
        return self.kind not in SOURCES | REDUCTIONS | OF_MATRICES

    @property
    def mask(self) -> bool:
        """Whether the result is true and false rather than numbers."""
        return self.kind in COMPARE.values() and self.detail != "number"


@dataclass
class Graph:
    """Operations in the order in which they can run; asking for one twice gives the first."""

    operations: list[Operation] = field(default_factory=list)
    known: dict[tuple, tuple[int, tuple[int, ...]]] = field(default_factory=dict)
    definition: str = ""

    def apply(
        self, kind: str, uses: Iterable[Use] = (), axes: Sequence[Index] = (), detail: Any = None
    ) -> Use:
        """The result of an operation, its axes in the order given or that of an earlier request."""
        uses = list(uses)
        if kind in COMMUTATIVE:
            uses.sort(key=lambda use: use.value)
        loops = tuple(dict.fromkeys(i for use in uses for i in use.axes)) + tuple(axes)
        number = {index: k for k, index in enumerate(dict.fromkeys(loops))}
        operands = tuple((use.value, tuple(number[i] for i in use.axes)) for use in uses)
        sizes = tuple(index.size for index in number)
        kept = tuple(number[index] for index in axes)
        detail = _numbered(detail, number)
        key = (kind, operands, frozenset(kept), sizes, detail)
        if key not in self.known:
            self.known[key] = (len(self.operations), kept)
            self.operations.append(Operation(kind, operands, kept, sizes, detail, self.definition))
        value, order = self.known[key]
        names = list(number)
        return Use(value, tuple(names[k] for k in order))

    def elementwise(self, kind: str, *uses: Use, detail: Any = None) -> Use:
        """A function of aligned elements; the operand with most axes gives their order."""
        wide = sorted(uses, key=lambda use: -len(use.axes))
        axes = tuple(dict.fromkeys(index for use in wide for index in use.axes))
        return self.apply(kind, uses, axes, detail)

    def number(self, value: Fraction | int) -> Use:
        return self.apply("number", detail=Fraction(value))

    def is_number(self, use: Use, value: int) -> bool:
        found = self.operations[use.value]
        return found.kind == "number" and found.detail == value

    def position(self, place: Place) -> Use:
        axes = sorted(place.indices, key=repr)
        return self.apply("position", (), axes, detail=place)


def _numbered(detail: Any, number: dict[Index, int]) -> Any:
    """The detail with the places in it in terms of axis numbers."""
    if isinstance(detail, Place):
        return Form(tuple((number.get(a, a), c) for a, c in detail.terms), detail.offset)
    if type(detail) is tuple:
        return tuple(_numbered(part, number) for part in detail)
    return detail
