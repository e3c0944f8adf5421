"""Indices, places, and the only code that makes index names.

Three kinds of index names exist, and no user can type the last two:

    i, j, batch …   written by people: free indices
    ·0, ·1, …       bound, canonical: the number of binders nested inside the body, so that
                    sum_j x[j] and sum_k x[k] are one object
    ′0, ′1, …       fresh, for working under a binder; never left in a result

A place is an integer-affine form of indices and sizes: `2*p + r - 1`, or `N - 1` for the last
element of an axis of size N. Places count from 0.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import NamedTuple

Size = int | str
"""A number of elements: an integer, or the name of one that is not fixed yet."""

_counter = itertools.count()


class Index(NamedTuple):
    """A name that runs over 0 … size - 1."""

    name: str
    size: Size

    def __repr__(self) -> str:
        return f"{self.name}:{self.size}"


def fresh(size: Size) -> Index:
    """An index that occurs nowhere else."""
    return Index(f"′{next(_counter)}", size)


def bound(height: int, size: Size) -> Index:
    """The canonical index of a binder whose body nests `height` binders."""
    return Index(f"·{height}", size)


def placeholder(name: str, size: Size) -> Index:
    """An index for templates, which no user can type."""
    return Index(f"·{name}", size)


def is_written(index: Index) -> bool:
    """Whether a person wrote this name, as opposed to a canonical or fresh one."""
    return index.name[0] not in "·′"


def age(index: Index) -> int | None:
    """When a fresh index was made, compared to others; None for an index that is not fresh."""
    return int(index.name[1:]) if index.name[0] == "′" else None


Atom = Index | str
"""What a place is made of: an index, or the name of a size."""


@lru_cache(maxsize=65536)
def _order(atom: Atom) -> tuple:
    if isinstance(atom, str):
        return (2, atom, "")
    # Fresh names sort by age: their relative order does not depend on where the counter stood.
    if age(atom) is not None:
        return (1, f"{age(atom):012d}", str(atom.size))
    return (0, atom.name, str(atom.size))


class Place(NamedTuple):
    """sum of coefficient × atom, plus an offset; terms sorted, no zero coefficients."""

    terms: tuple[tuple[Atom, int], ...]
    offset: int = 0

    @property
    def indices(self) -> frozenset[Index]:
        return frozenset(atom for atom, _ in self.terms if isinstance(atom, Index))

    @property
    def index(self) -> Index | None:
        """The index, where the place is nothing but one index."""
        if len(self.terms) == 1 and self.offset == 0:
            atom, coefficient = self.terms[0]
            if coefficient == 1 and isinstance(atom, Index):
                return atom
        return None

    def coefficient(self, atom: Atom) -> int:
        return next((c for a, c in self.terms if a == atom), 0)

    def __add__(self, other: Place) -> Place:
        terms = dict(self.terms)
        for atom, coefficient in other.terms:
            terms[atom] = terms.get(atom, 0) + coefficient
        return _place(terms, self.offset + other.offset)

    def __mul__(self, factor: int) -> Place:
        return _place({a: c * factor for a, c in self.terms}, self.offset * factor)

    def __sub__(self, other: Place) -> Place:
        return self + other * -1

    def substitute(
        self, mapping: dict[Index, Place], sizes: dict[str, Size] | None = None
    ) -> Place:
        """The place with indices replaced by places and size names by sizes."""
        if not sizes and (plain := self.index) is not None:
            return mapping.get(plain, self)
        result = _place({}, self.offset)
        for atom, coefficient in self.terms:
            if isinstance(atom, Index):
                image = mapping.get(atom)
                if image is None:
                    image = place_of(resized(atom, sizes) if sizes else atom)
            else:
                image = place_of((sizes or {}).get(atom, atom))
            result = result + image * coefficient
        return result

    @property
    def order(self) -> tuple:
        return (*((_order(a), c) for a, c in self.terms), ((9, "", ""), self.offset))

    def __repr__(self) -> str:
        return show_place(self, {})


def resized(index: Index, sizes: dict[str, Size]) -> Index:
    size = sizes.get(index.size, index.size) if isinstance(index.size, str) else index.size
    return Index(index.name, size) if size != index.size else index


def _place(terms: dict[Atom, int], offset: int) -> Place:
    kept = [(a, c) for a, c in terms.items() if c]
    if len(kept) > 1:
        kept.sort(key=lambda term: _order(term[0]))
    return Place(tuple(kept), offset)


def place_of(value: Index | Place | int | str) -> Place:
    """The place of an index, an integer, or the name of a size."""
    if isinstance(value, Place):
        return value
    if isinstance(value, int):
        return Place((), value)
    return Place(((value, 1),), 0)


def show_place(place: Place, names: dict[Index, str]) -> str:
    """`2*p + r - 1`, with other names for some indices."""
    if (plain := place.index) is not None:
        return names.get(plain, plain.name)
    parts = []
    for atom, coefficient in place.terms:
        name = atom if isinstance(atom, str) else names.get(atom, atom.name)
        size = "" if abs(coefficient) == 1 else f"{abs(coefficient)}*"
        parts.append(("-" if coefficient < 0 else "+", size + name))
    if place.offset or not parts:
        parts.append(("-" if place.offset < 0 else "+", str(abs(place.offset))))
    text = "".join(f" {sign} {body}" for sign, body in parts)
    return text[3:] if text.startswith(" + ") else "-" + text[3:]
