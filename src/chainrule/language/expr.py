"""Expressions: one real number that depends on its free indices.

    expr = Const(value)                        an exact rational
         | Element(array, places)              W[i, j]; a place is an affine form of indices, and
                                               what lies outside the array is 0
         | Position(place)                     the place itself as a number (counted from 0)
         | Delta(left, right)                  1 where the two places agree, else 0
         | Add(terms) | Mul(factors) | Power(base, exponent)
         | Apply(function, argument)           exp(x), element by element
         | Along(function, index, body, at)    softmax of body over index, read at `at`;
                                               logsumexp and its like have no `at` (None)
         | Reduce(kind, index, body)           sum or max of body over index
         | OfMatrix(function, rows, columns,   inverse of the matrix of body over rows and
                    body, at)                  columns, read at `at`; a determinant has no `at` (())
         | Where(kind, left, right, yes, no)   yes where `left kind right` holds, else no

Nodes are frozen, interned (equal is identical) and dumb: passes are functions elsewhere. What
depends on the children alone is computed once, at construction. Build expressions with the
functions of `algebra`, which keep a normal form; a node class called directly keeps none.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from hashlib import blake2b
from operator import attrgetter
from typing import Any, ClassVar, NamedTuple

from chainrule.language.function import Function
from chainrule.language.index import Index, Place, Size, age, show_place


class Array(NamedTuple):
    """A named array of numbers and the sizes of its axes; a scalar has none."""

    name: str
    sizes: tuple[Size, ...] = ()

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.sizes))})"


NONE: frozenset = frozenset()


def _union(a: frozenset, b: frozenset) -> frozenset:
    """The union, which is one of the two where it can be: most nodes share their sets."""
    if not b or a is b:
        return a
    return b if not a else a | b


def _names(sizes: Iterable[Size]) -> frozenset[str]:
    return frozenset(size for size in sizes if isinstance(size, str))


class _Reference(weakref.ref):
    """A reference to a node, which leaves the table when nobody holds the node any more."""

    __slots__ = ("key",)


_TABLE: dict[tuple, _Reference] = {}


def _forget(reference: _Reference, table: dict[tuple, _Reference] = _TABLE) -> None:
    # A default, since module names are gone when the last nodes go as Python ends.
    if table.get(reference.key) is reference:
        del table[reference.key]


class Interned(type):
    """Calling the class twice with the same fields gives the same object."""

    table: ClassVar[dict[tuple, _Reference]] = _TABLE

    def __call__(cls, *fields):
        key = (cls, fields)
        reference = Interned.table.get(key)
        node = None if reference is None else reference()
        if node is None:
            node = object.__new__(cls)
            node.__dict__.update(zip(cls.__match_args__, fields, strict=True))
            node.__dict__.update(node.derived())
            reference = Interned.table[key] = _Reference(node, _forget)
            reference.key = key
        return node


class Node(metaclass=Interned):
    """A frozen node: its fields are what its class annotates, and what `derived` gives."""

    def __init_subclass__(cls):
        cls.__match_args__ = tuple(cls.__annotations__)

    def __setattr__(self, name, value):
        raise AttributeError(f"{type(self).__name__}.{name} cannot be changed")

    def derived(self) -> dict[str, Any]:
        """What depends on the fields alone, computed once."""
        return {}


class Expr(Node):
    """What all nodes have, computed at construction; the key when it is first asked for.

    kids    the expressions directly inside
    free    the indices the value depends on
    arrays  the arrays that are read
    names   the names of sizes: of indices, free or bound, of axes, in places
    height  the number of binders nested inside
    size    the number of nodes, counted as a tree, at most 10**9
    key     a total order that depends on structure only
    """

    kids: tuple[Expr, ...]
    free: frozenset[Index]
    arrays: frozenset[Array]
    names: frozenset[str]
    height: int
    size: int
    key: tuple

    def derived(self) -> dict[str, Any]:
        return _derived(self)

    def __getattr__(self, name):
        if name != "key":
            raise AttributeError(f"{type(self).__name__} has no {name}")
        waiting = [self]
        while waiting:
            missing = [kid for kid in waiting[-1].kids if "key" not in kid.__dict__]
            if not missing:
                node = waiting.pop()
                node.__dict__["key"] = _key(node)
            waiting += missing
        return self.__dict__["key"]

    def __lt__(self, other):
        raise TypeError("expressions have no order; use where() for a condition")

    __gt__ = __le__ = __ge__ = __lt__

    def __bool__(self):
        raise TypeError("an expression is neither true nor false")


class Const(Expr):
    value: Fraction


class Element(Expr):
    array: Array
    places: tuple[Place, ...]


class Position(Expr):
    place: Place


class Delta(Expr):
    left: Place
    right: Place


class Add(Expr):
    terms: tuple[Expr, ...]


class Mul(Expr):
    factors: tuple[Expr, ...]


class Power(Expr):
    base: Expr
    exponent: Expr


class Apply(Expr):
    function: Function
    argument: Expr


class Along(Expr):
    function: Function
    index: Index
    body: Expr
    at: Place | None


class Reduce(Expr):
    kind: str
    index: Index
    body: Expr


class OfMatrix(Expr):
    function: Function
    rows: Index
    columns: Index
    body: Expr
    at: tuple[Place, ...]


class Where(Expr):
    kind: str
    left: Expr
    right: Expr
    yes: Expr
    no: Expr


BINDERS = (Reduce, Along, OfMatrix)


def bound_indices(expr: Expr) -> tuple[Index, ...]:
    """The indices that this very node binds."""
    return _BOUND.get(type(expr), _nothing)(expr)


def _derived(expr: Expr) -> dict[str, Any]:
    """What all nodes have, from the fields of one and from what its children have."""
    kids, where = _KIDS.get(type(expr), _nothing)(expr), places(expr)
    free, arrays, names, height, size = NONE, NONE, NONE, 0, 1
    for kid in kids:
        free = _union(free, kid.free)
        arrays = _union(arrays, kid.arrays)
        names = _union(names, kid.names)
        height = max(height, kid.height)
        size += kid.size
    if bound := bound_indices(expr):
        free, height = free.difference(bound), height + len(bound)
        names = _union(names, _names(index.size for index in bound))
    for place in where:
        free = _union(free, place.indices)
        names = _union(names, _names(getattr(a, "size", a) for a, _ in place.terms))
    if isinstance(expr, Element):
        arrays = frozenset((expr.array,))
        names = _union(names, _names(expr.array.sizes))
    return {
        "kids": kids,
        "free": free,
        "arrays": arrays,
        "names": names,
        "height": height,
        "size": min(size, 10**9),
    }


def children(expr: Expr) -> tuple[Expr, ...]:
    """The expressions directly inside; the body of a binder as it stands, with its bound index."""
    return expr.kids


def terms_of(expr: Expr) -> tuple[Expr, ...]:
    """The terms of a sum; anything else is one term."""
    return expr.terms if isinstance(expr, Add) else (expr,)


def factors_of(expr: Expr) -> tuple[Expr, ...]:
    """The factors of a product; anything else is one factor."""
    return expr.factors if isinstance(expr, Mul) else (expr,)


def places(expr: Expr) -> tuple[Place, ...]:
    """The places written at this very node."""
    return _PLACES.get(type(expr), _nothing)(expr)


def _nothing(expr: Expr) -> tuple:
    return ()


_KIDS = {
    Add: attrgetter("terms"),
    Mul: attrgetter("factors"),
    Power: attrgetter("base", "exponent"),
    Apply: lambda expr: (expr.argument,),
    Along: lambda expr: (expr.body,),
    Reduce: lambda expr: (expr.body,),
    OfMatrix: lambda expr: (expr.body,),
    Where: attrgetter("left", "right", "yes", "no"),
}
_PLACES = {
    Element: attrgetter("places"),
    Position: lambda expr: (expr.place,),
    Delta: attrgetter("left", "right"),
    Along: lambda expr: () if expr.at is None else (expr.at,),
    OfMatrix: attrgetter("at"),
}
_BOUND = {
    Along: lambda expr: (expr.index,),
    Reduce: lambda expr: (expr.index,),
    OfMatrix: attrgetter("rows", "columns"),
}


_RANK = {
    kind: rank
    for rank, kind in enumerate(
        (Const, Element, Position, Delta, Apply, Along, OfMatrix, Power, Reduce, Mul, Add, Where)
    )
}


def ordered(nodes: list[Expr]) -> list[Expr]:
    """Nodes by their keys, which begin with the rank of their kind."""
    if len(nodes) < 2:
        return nodes
    alone = len(set(map(type, nodes))) == len(nodes)
    return sorted(nodes, key=_rank if alone else attrgetter("key"))


def _rank(expr: Expr) -> int:
    return _RANK[type(expr)]


def _key(expr: Expr) -> tuple:
    """(rank, structure, ages of fresh indices, structure with their names).

    The name of a fresh index tells how many were made before; it decides only what nothing else
    decides, so that the same input has the same order whatever was computed before it.
    """
    kids, where = expr.kids, places(expr)
    young = {index: found for index in expr.free if (found := age(index)) is not None}
    ages = tuple(sorted(young.values()))
    structure = _digest(expr, [kid.key[1] for kid in kids], where, dict.fromkeys(young, "′"))
    full = _digest(expr, [kid.key[3] for kid in kids], where, {}) if ages else structure
    return (_RANK[type(expr)], structure, ages, full)


def bits(value: Fraction) -> int:
    """The length of a number in binary: of its numerator or its denominator."""
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _digest(
    expr: Expr, parts: list[bytes], where: tuple[Place, ...], names: dict[Index, str]
) -> bytes:
    kind = type(expr)
    text = ", ".join([show_place(place, names) for place in where])
    if kind in _LABELS:
        text += _LABELS[kind](expr)
    content = b"".join((kind.__name__.encode(), *parts, text.encode()))
    return blake2b(content, digest_size=10).digest()


_LABELS = {
    Element: lambda expr: _shown(expr.array),
    # Python writes no more than 4300 decimal digits.
    Const: lambda expr: str(expr.value if bits(expr.value) < 8192 else hash(expr.value)),
    Apply: lambda expr: expr.function.name,
    Along: lambda expr: f"{expr.function.name} {expr.index}",
    Reduce: lambda expr: f"{expr.kind} {expr.index}",
    OfMatrix: lambda expr: f"{expr.function.name} {expr.rows} {expr.columns}",
    Where: attrgetter("kind"),
}
_shown = lru_cache(maxsize=4096)(repr)
