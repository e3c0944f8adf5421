"""Sizes for which what is read lies inside its array: x_{2p+r} needs an x that is long enough."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from chainrule.language.expr import Along, Delta, Element, Expr, OfMatrix, Reduce, factors_of
from chainrule.language.index import Place, Size, place_of
from chainrule.language.passes import parts

ROUNDS = 12


def fitted(sizes: dict[str, int], *exprs: Expr) -> dict[str, int]:
    """The sizes with arrays long enough, or letters that run less far, where that can be.

    Places that begin before the array, and an axis that grows with the letters it is read by, ask
    for elements outside the array in any case: they are 0. An array of which some elements are
    counted out has one more than these; a matrix X of which X^T X is inverted is tall.

    >>> from chainrule.language.algebra import element
    >>> from chainrule.language.expr import Array
    >>> from chainrule.language.index import Index, place_of
    >>> place = place_of(Index("p", "M")) * 2 + place_of(Index("r", "R"))
    >>> fitted({"M": 4, "R": 3, "N": 2}, element(Array("x", ("N",)), place))
    {'M': 4, 'R': 3, 'N': 9}
    """
    reads = sorted(frozenset().union(*map(_reads, exprs)), key=repr)
    sizes = dict(sizes)
    for _ in range(ROUNDS if reads else 0):
        if not any([_fit(axis, place, sizes) for axis, place in reads]):
            break
    for size, inner in sorted(frozenset().union(*map(_grams, exprs))):
        if sizes.get(inner, 0) < sizes.get(size, 0):
            sizes[inner] = sizes[size] + 1
    return sizes


@lru_cache(maxsize=4096)
def _grams(expr: Expr) -> frozenset[tuple[str, str]]:
    """(p, n) for each inverse or determinant of `X^T X`, of which the n rows of X are summed over:
    with fewer of them than columns it is singular."""
    return frozenset(
        (part.rows.size, inner.index.size)
        for part in parts(expr)
        if isinstance(part, OfMatrix)
        for inner in factors_of(part.body)
        if isinstance(inner, Reduce) and inner.kind == "sum"
        if isinstance(part.rows.size, str) and isinstance(inner.index.size, str)
    )


def _fit(axis: Size, place: Place, sizes: dict[str, int]) -> bool:
    """Change the sizes so that one place fits; whether that was necessary and possible."""
    low, high = _ends(place, sizes)
    if low < 0 or high < _length(axis, sizes):
        return False
    own = {atom if isinstance(atom, str) else atom.size for atom, _ in place.terms}
    if isinstance(axis, str):
        if axis in own:
            return False
        sizes[axis] = high + 1
        return True
    running = [i.size for i in place.indices if place.coefficient(i) > 0 and i.size in sizes]
    long = [size for size in running if sizes[size] > 1]
    if not long:
        return False
    sizes[max(long, key=lambda size: (sizes[size], size))] -= 1
    return True


def _ends(place: Place, sizes: dict[str, int]) -> tuple[int, int]:
    low = high = place.offset
    for atom, amount in place.terms:
        if isinstance(atom, str):
            low, high = low + amount * sizes.get(atom, 0), high + amount * sizes.get(atom, 0)
        else:
            last = amount * (_length(atom.size, sizes) - 1)
            low, high = low + min(0, last), high + max(0, last)
    return low, high


def _length(size: Size, sizes: dict[str, int]) -> int:
    return size if isinstance(size, int) else sizes.get(size, 1)


@lru_cache(maxsize=4096)
def _reads(expr: Expr) -> frozenset[tuple[Size, Place]]:
    """The axes that are read at places which are computed from indices, and beside those that are
    counted out."""
    computed = ((size, at) for size, at in _places(expr) if at.indices and at.index is None)
    return frozenset((*computed, *((size, place_of(n)) for size, n in counted(expr).items())))


def counted(expr: Expr) -> dict[str, int]:
    """How many elements are counted out along an axis, for each size: 2, where x_1 and x_2 are."""
    found: dict[str, int] = {}
    for size, at in _places(expr):
        if not at.terms and isinstance(size, str):
            found[size] = max(found.get(size, 0), at.offset + 1)
    return found


def _places(expr: Expr) -> Iterator[tuple[Size, Place]]:
    """The axes of arrays, and of softmax and its kind, with the places they are read at."""
    for part in parts(expr):
        match part:
            case Element(array, places):
                yield from zip(array.sizes, places, strict=True)
            case Along(_, index, _, Place() as at):
                yield index.size, at
            case Delta(left, right):
                # Where a sum over p would read x_{2p}, the sum of δ_{i,2p} x_i does.
                pairs = ((left, right), (right, left))
                yield from ((one.index.size, at) for one, at in pairs if one.index is not None)
