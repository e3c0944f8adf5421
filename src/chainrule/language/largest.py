"""Which of the elements is the largest: found out without computing any of them twice."""

from __future__ import annotations

from chainrule.language.algebra import substitute
from chainrule.language.expr import Expr, Reduce
from chainrule.language.index import Place
from chainrule.language.inline import all_places


def compared(expr: Expr, other: Expr) -> Place | None:
    """The place p where `other` is the maximum over j of what expr is at p; None if it is not.

    The two are the same number at the largest element, but a product whose factors stand in
    another order may be rounded to another: who compares them reads the body of the maximum at p,
    which has an index that `other` does not have.

    >>> from chainrule.language.algebra import element, largest
    >>> from chainrule.language.expr import Array
    >>> from chainrule.language.index import Index, place_of
    >>> j, k, x = Index("j", "N"), Index("k", "N"), Array("x", ("N",))
    >>> compared(2 * element(x, k), largest(j, 2 * element(x, j))).index
    k:N
    >>> before = place_of(j) + place_of(-1)
    >>> compared(2 * element(x, k), largest(j, 2 * element(x, before))).offset
    1
    """
    if not (isinstance(other, Reduce) and other.kind == "max"):
        return None
    for place in _candidates(expr, other):
        if len(place.indices - other.free) == 1:
            if substitute(other.body, {other.index: place}) is expr:
                return place
    return None


def _candidates(expr: Expr, other: Reduce) -> list[Place]:
    """Where the index would have to be for a place in the body to be a place in expr."""
    found = set()
    for inside in all_places(other.body):
        sign = inside.coefficient(other.index)
        if abs(sign) == 1:
            rest = inside.substitute({other.index: Place(())})
            found |= {(place - rest) * sign for place in all_places(expr)}
    return sorted(found, key=lambda place: place.order)
