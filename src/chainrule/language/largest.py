"""Which of the elements is the largest: found out without computing any of them twice."""

from __future__ import annotations

from chainrule.language.algebra import substitute
from chainrule.language.expr import Expr, Reduce
from chainrule.language.index import Index, place_of


def compared(expr: Expr, other: Expr) -> Index | None:
    """The index k where `other` is the maximum over j of what expr is at k; None where it is not.

    The two are the same number at the largest element, but a product whose factors stand in
    another order may be rounded to another: who compares them reads the body of the maximum at k.

    >>> from chainrule.language.algebra import element, largest
    >>> from chainrule.language.expr import Array
    >>> j, k, x = Index("j", "N"), Index("k", "N"), Array("x", ("N",))
    >>> compared(2 * element(x, k), largest(j, 2 * element(x, j)))
    k:N
    """
    if not (isinstance(other, Reduce) and other.kind == "max"):
        return None
    for index in expr.free - other.free:
        if index.size == other.index.size:
            if substitute(other.body, {other.index: place_of(index)}) is expr:
                return index
    return None
