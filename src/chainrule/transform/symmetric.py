"""One order for the two places of a symmetric matrix, so that A_ij and A_ji are like terms."""

from __future__ import annotations

from collections.abc import Iterable

from chainrule.language.algebra import of_matrix, opened, substitute
from chainrule.language.expr import Element, Expr, OfMatrix
from chainrule.language.facts import SYMMETRIC, Fact
from chainrule.language.index import Place, is_written, place_of
from chainrule.language.passes import around
from chainrule.language.walk import walk


def with_places_in_order(expr: Expr, facts: Iterable[Fact], used: set[Fact]) -> Expr:
    """The expression with the places of symmetric matrices and of their inverses in order.

    Derivatives are to be taken before: they tell A_ij from A_ji.

    used  the facts that changed something are added to it

    >>> from chainrule.language.algebra import element
    >>> from chainrule.language.expr import Array
    >>> from chainrule.language.index import Index
    >>> A, i, j = Array("A", ("N", "N")), *(Index(name, "N") for name in "ij")
    >>> both = element(A, i, j) + element(A, j, i)
    >>> with_places_in_order(both, [Fact(SYMMETRIC, "A")], set()) is 2 * element(A, i, j)
    True
    """
    symmetric = {fact.array: fact for fact in facts if fact.kind == SYMMETRIC}

    def visit(node: Expr):
        match node:
            case Element(array, places) if array.name in symmetric:
                ordered = tuple(sorted(places, key=_rank))
                if ordered != places:
                    used.add(symmetric[array.name])
                return Element(array, ordered)
            case OfMatrix(at=(_, _)):
                pair, body = opened(node)
                body = yield body
                swapped = dict(zip(pair, map(place_of, reversed(pair)), strict=True))
                turned = yield substitute(body, swapped)
                at = sorted(node.at, key=_rank) if turned is body else node.at
                return of_matrix(node.function, *pair, body, at)
        return (yield from around(node))

    return walk(visit, expr) if symmetric else expr


def _rank(place: Place) -> tuple:
    """What is free stands before what is summed over; of those the first opened."""
    text = repr(place)
    bound = not all(is_written(index) for index in place.indices)
    return (bound, len(text), text)
