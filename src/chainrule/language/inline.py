"""Putting expressions in the place of array elements: definitions, records, functions of a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

from chainrule.errors import SizeMismatch
from chainrule.language.algebra import inside, opened, rebound, rebuilt, substitute
from chainrule.language.expr import (
    BINDERS,
    Along,
    Apply,
    Array,
    Element,
    Expr,
    OfMatrix,
    children,
    places,
)
from chainrule.language.index import Index, Place, Size, place_of, placeholder
from chainrule.language.passes import around, parts
from chainrule.language.sizes import is_unknown
from chainrule.language.walk import walk

# Placeholders of the records (see mathematics/functions.py). No user can type these names.
AXIS = "·n"
I = placeholder("i", AXIS)
K = placeholder("k", AXIS)
L = placeholder("l", AXIS)
P = placeholder("p", AXIS)


@dataclass(frozen=True)
class Lambda:
    """An expression as a function of indices: `indices ↦ body`."""

    indices: tuple[Index, ...]
    body: Expr

    def at(self, places: tuple[Place, ...]) -> Expr:
        if len(places) != len(self.indices):
            raise SizeMismatch(f"{len(places)} indices for an array with {len(self.indices)} axes")
        return substitute(self.body, dict(zip(self.indices, places, strict=True)))


def inline(expr: Expr, meanings: Mapping[str, Lambda]) -> Expr:
    """expr with every element of a named array replaced by what the array stands for."""

    def untouched(node: Expr) -> bool:
        return not any(array.name in meanings for array in node.arrays)

    def visit(node: Expr):
        if untouched(node):
            return node
        if isinstance(node, Element):
            return _read(meanings[node.array.name], node.places)
        if isinstance(node, BINDERS):
            index, body = opened(node)
            new = yield body
            return node if new is body else rebound(node, index, new)
        kids = children(node)
        new = []
        for kid in kids:
            new.append(kid if untouched(kid) else (yield kid))
        return node if tuple(new) == kids else rebuilt(node, tuple(new))

    return walk(visit, expr)


def _read(meaning: Lambda, places: tuple[Place, ...]) -> Expr:
    """What stands at places of an array: 0 outside of it, whatever its formula gives there."""
    body = meaning.at(places)
    for index, place in zip(meaning.indices, places, strict=True):
        if place.indices and not _is_whole(place, index.size):
            body = inside(place, index.size, body)
    return body


def _is_whole(place: Place, size: Size) -> bool:
    """Whether a place is an index that runs along the axis, or may turn out to."""
    if place.index is None:
        return False
    sizes = (place.index.size, size)
    return sizes[0] == sizes[1] or any(is_unknown(s) or s == AXIS for s in sizes)


def elements(expr: Expr) -> frozenset[Array]:
    """The arrays that an expression reads."""
    return expr.arrays


def all_places(expr: Expr) -> frozenset[Place]:
    """The places at which an expression and what is in it are read."""
    return frozenset(place for part in parts(expr) for place in places(part))


def abstracted(expr: Expr, body: Lambda, array: Array) -> Expr:
    """expr with an element of `array` wherever the body of a lambda stands, at some indices.

    The inverse of `inline` where the body occurs as it is; what is not found stays.

    >>> from chainrule.language.algebra import add, element, power
    >>> i, j = Index("i", "N"), Index("j", "N")
    >>> x, u = Array("x", ("N",)), Array("u", ("N",))
    >>> whole = power(add(element(x, j), 1), 2)
    >>> abstracted(whole, Lambda((i,), add(element(x, i), 1)), u) is power(element(u, j), 2)
    True
    """

    def visit(node: Expr):
        for chosen in permutations(sorted(node.free, key=lambda i: i.name), len(body.indices)):
            sizes = zip(chosen, body.indices, strict=True)
            if all(a.size == b.size for a, b in sizes):
                places = tuple(place_of(index) for index in chosen)
                if body.at(places) is node:
                    return Element(array, places)
        return (yield from around(node))

    return walk(visit, expr)


def instantiate(
    template: Expr, node: Apply | Along | OfMatrix, by: tuple[Index, ...] = ()
) -> Expr:
    """A record's template for one application: its argument, its own value, its element `at`.

    In the template ·x is the argument, ·y the function's own value, I (of a matrix I, P) the
    element read, and K (K, L) the element `by` that a derivative is taken by.
    """
    if isinstance(node, Apply):
        argument, value = Lambda((), node.argument), Lambda((), node)
        return inline(template, {"·x": argument, "·y": value})
    found, body = opened(node)
    bound = found if isinstance(node, OfMatrix) else (found,)
    read = node.at if isinstance(node, OfMatrix) else () if node.at is None else (node.at,)
    axis = bound[0].size
    places = {Index(k.name, axis): place for k, place in zip((I, P), read, strict=False)}
    places |= {Index(k.name, axis): place_of(i) for k, i in zip((K, L), by, strict=False)}
    template = substitute(substitute(template, {}, {AXIS: axis}), places)
    own = bound[: len(read)]
    here = tuple(map(place_of, own))
    match node:
        case OfMatrix(function, rows, columns, inside):
            value = OfMatrix(function, rows, columns, inside, here)
        case Along(function, index, inside):
            value = Along(function, index, inside, here[0] if here else None)
    return inline(template, {"·x": Lambda(bound, body), "·y": Lambda(own, value)})


@lru_cache(maxsize=4096)
def expanded(node: Apply | Along, stable: bool = False) -> Expr | None:
    """The application written out by its definition (or stable form); None for primitives."""
    function = node.function
    template = function.stable if stable and function.stable is not None else function.definition
    return None if template is None else instantiate(template, node)
