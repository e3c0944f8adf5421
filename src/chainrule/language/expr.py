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
         | Where(kind, left, right, yes, no)   yes where `left kind right` holds, else no

Nodes are frozen, interned (equal is identical) and dumb: passes are functions elsewhere. What
depends on the children alone is computed once, at construction. Build expressions with the
functions of `algebra`, which keep a normal form; a node class called directly keeps none.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from hashlib import blake2b
from typing import ClassVar

from chainrule.language.function import Function
from chainrule.language.index import Index, Place, Size, age, show_place


@dataclass(frozen=True)
class Array:
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


class Interned(type):
    """Calling the class twice with the same fields gives the same object."""

    table: ClassVar[weakref.WeakValueDictionary] = weakref.WeakValueDictionary()

    def __call__(cls, *fields):
        key = (cls, fields)
        node = Interned.table.get(key)
        if node is None:
            node = super().__call__(*fields)
            Interned.table[key] = node
        return node


class Expr(metaclass=Interned):
    """What all nodes have, computed at construction.

    free    the indices the value depends on
    arrays  the arrays that are read
    names   the names of sizes: of indices, free or bound, of axes, in places
    height  the number of binders nested inside
    size    the number of nodes, counted as a tree, at most 10**9
    key     a total order that depends on structure only
    """

    free: frozenset[Index]
    arrays: frozenset[Array]
    names: frozenset[str]
    height: int
    size: int
    key: tuple

    def __post_init__(self):
        kids, where = children(self), places(self)
        free, arrays, names, height, size = NONE, NONE, NONE, 0, 1
        for kid in kids:
            free = _union(free, kid.free)
            arrays = _union(arrays, kid.arrays)
            names = _union(names, kid.names)
            height = max(height, kid.height)
            size += kid.size
        bound = getattr(self, "index", None)
        if bound is not None:
            free, height = free - {bound}, height + 1
            names = _union(names, _names((bound.size,)))
        for place in where:
            free = _union(free, place.indices)
            names = _union(names, _names(getattr(a, "size", a) for a, _ in place.terms))
        if isinstance(self, Element):
            arrays = frozenset((self.array,))
            names = _union(names, _names(self.array.sizes))
        setter = object.__setattr__
        setter(self, "free", free)
        setter(self, "arrays", arrays)
        setter(self, "names", names)
        setter(self, "height", height)
        setter(self, "size", min(size, 10**9))
        setter(self, "key", _key(self, kids, where))

    def __lt__(self, other):
        raise TypeError("expressions have no order; use where() for a condition")

    __gt__ = __le__ = __ge__ = __lt__

    def __bool__(self):
        raise TypeError("an expression is neither true nor false")


def node(cls):
    return dataclass(frozen=True, eq=False, repr=False)(cls)


@node
class Const(Expr):
    value: Fraction


@node
class Element(Expr):
    array: Array
    places: tuple[Place, ...]


@node
class Position(Expr):
    place: Place


@node
class Delta(Expr):
    left: Place
    right: Place


@node
class Add(Expr):
    terms: tuple[Expr, ...]


@node
class Mul(Expr):
    factors: tuple[Expr, ...]


@node
class Power(Expr):
    base: Expr
    exponent: Expr


@node
class Apply(Expr):
    function: Function
    argument: Expr


@node
class Along(Expr):
    function: Function
    index: Index
    body: Expr
    at: Place | None


@node
class Reduce(Expr):
    kind: str
    index: Index
    body: Expr


@node
class Where(Expr):
    kind: str
    left: Expr
    right: Expr
    yes: Expr
    no: Expr


def children(expr: Expr) -> tuple[Expr, ...]:
    """The expressions directly inside; the body of a binder as it stands, with its bound index."""
    match expr:
        case Add(terms):
            return terms
        case Mul(factors):
            return factors
        case Power(base, exponent):
            return (base, exponent)
        case Apply(_, argument):
            return (argument,)
        case Along() | Reduce():
            return (expr.body,)
        case Where(_, left, right, yes, no):
            return (left, right, yes, no)
    return ()


def places(expr: Expr) -> tuple[Place, ...]:
    """The places written at this very node."""
    match expr:
        case Element(_, found):
            return found
        case Position(place):
            return (place,)
        case Delta(left, right):
            return (left, right)
        case Along(at=Place() as at):
            return (at,)
    return ()


_RANK = {
    kind: rank
    for rank, kind in enumerate(
        (Const, Element, Position, Delta, Apply, Along, Power, Reduce, Mul, Add, Where)
    )
}


def _key(expr: Expr, kids: tuple[Expr, ...], where: tuple[Place, ...]) -> tuple:
    """(rank, structure, ages of fresh indices, structure with their names).

    The name of a fresh index tells how many were made before; it decides only what nothing else
    decides, so that the same input has the same order whatever was computed before it.
    """
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
    digest = blake2b(type(expr).__name__.encode() + b"".join(parts), digest_size=10)
    if where:
        digest.update(", ".join(show_place(place, names) for place in where).encode())
    match expr:
        case Const(value):
            # Python writes no more than 4300 decimal digits.
            digest.update(str(value).encode() if bits(value) < 8192 else str(hash(value)).encode())
        case Element(array, _):
            digest.update(repr(array).encode())
        case Apply(function, _):
            digest.update(function.name.encode())
        case Along(function, index, _, _):
            digest.update(f"{function.name} {index}".encode())
        case Reduce(kind, index, _):
            digest.update(f"{kind} {index}".encode())
        case Where(kind):
            digest.update(kind.encode())
    return digest.digest()
