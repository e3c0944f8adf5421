"""The shape of one example, such as a picture, and how far filters run over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod

from chainrule.language.expr import Element, Expr
from chainrule.language.index import Index, Place, Size
from chainrule.language.passes import parts
from chainrule.language.program import Program

COLOURS = (1, 3, 4)
"""How many values a picture has at one place; a longer axis is one of its sides."""


def example_axes(shape: tuple[int, ...], sizes: tuple[Size, ...]) -> tuple[int, ...]:
    """The lengths of an array with these sizes in a document, for data of that shape.

    A grey picture gets an axis of colours where the document has one, in front; colours that come
    last go there, too. Lengths that the document states stand for any order of rows.

    >>> example_axes((8, 8), ("C", "H", "W")), example_axes((32, 32, 3), ("C", "H", "W"))
    ((1, 8, 8), (3, 32, 32))
    >>> example_axes((64,), (8, 8))
    (8, 8)
    """
    stated = tuple(size for size in sizes if isinstance(size, int))
    if len(stated) == len(sizes) and prod(stated) == prod(shape):
        return stated
    if len(sizes) == 1:
        return (prod(shape),)
    if len(shape) == len(sizes) - 1:
        return (1, *shape)
    if len(sizes) == 3 and _colours_last(shape):
        return (shape[2], *shape[:2])
    return shape


def _colours_last(shape: tuple[int, ...]) -> bool:
    return len(shape) == 3 and shape[2] in COLOURS and shape[0] not in COLOURS


def arranged(rows, shape: tuple[int, ...], axes: tuple[int, ...]):
    """Rows (n, d) of examples of some shape as an array (n, *axes), a view; of NumPy or of JAX.

    >>> import numpy as np
    >>> arranged(np.zeros((5, 12)), (2, 2, 3), (3, 2, 2)).shape
    (5, 3, 2, 2)
    """
    if len(axes) == 3 and _colours_last(shape) and axes == (shape[2], *shape[:2]):
        return rows.reshape(len(rows), *shape).transpose(0, 3, 1, 2)
    return rows.reshape(len(rows), *axes)


def window_sizes(program: Program, known: Mapping[str, int]) -> dict[str, int]:
    """How often each filter fits into what it runs over, for the sizes that this settles.

    y[p] = Σ_r w[r] x[2 p + r] has as many p as lie within x. What is read before the beginning is
    read behind the end, too: x[p + r − 1] gives as many p as x has elements, for 3 r.
    """
    found = dict(known)
    for definition in program.definitions:
        counts: dict[str, list[int]] = {}
        for length, place, index in _running(definition.body, found):
            counts.setdefault(index.size, []).append(_count(place, index, length, found))
        found |= {size: min(several) for size, several in counts.items()}
    return {size: count for size, count in found.items() if size not in known}


def _running(body: Expr, known: Mapping[str, int]) -> Iterator[tuple[int, Place, Index]]:
    """Lengths of axes, the places that are computed in them, and the one index without a size."""
    for read in (part for part in parts(body) if isinstance(part, Element)):
        for size, place in zip(read.array.sizes, read.places, strict=True):
            running = [i for i in place.indices if _length(i.size, known) is None]
            if place.index is None and len(running) == 1 and _length(size, known) is not None:
                (index,) = running
                if place.coefficient(index) > 0:
                    yield _length(size, known), place, index


def _count(place: Place, index: Index, length: int, known: Mapping[str, int]) -> int:
    """For how many values of an index a place is in an axis, or as far behind it as before it."""
    last = before = place.offset
    for atom, amount in place.terms:
        if isinstance(atom, str):
            last, before = last + amount * known[atom], before + amount * known[atom]
        elif atom != index:
            reach = amount * (_length(atom.size, known) - 1)
            last, before = last + max(0, reach), before + min(0, reach)
    room = length - 1 - last + max(0, -before)
    return max(0, room // place.coefficient(index) + 1)


def _length(size: Size, known: Mapping[str, int]) -> int | None:
    return size if isinstance(size, int) else known.get(size)
