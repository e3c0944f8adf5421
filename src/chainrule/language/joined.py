"""Sums over one axis as one sum, so that what holds for terms holds for sums of them."""

from __future__ import annotations

from chainrule.language.algebra import add, count, mul, substitute
from chainrule.language.expr import Add, Expr, Reduce, factors_of
from chainrule.language.index import Index, fresh, place_of
from chainrule.language.passes import parts

# An index, the body of the one sum over it, and the terms that are no part of it.
Joined = tuple[Index, Expr, tuple[Expr, ...]]


def joined(node: Add) -> list[Joined]:
    """For each axis that several terms are sums over, these terms as one sum.

    What is no sum is one of equal shares.

    >>> from chainrule.language.algebra import const, element, total
    >>> from chainrule.language.expr import Array
    >>> i, j = Index("i", 4), Index("j", 4)
    >>> x, y = element(Array("x", (4,)), i), element(Array("y", (4,)), j)
    >>> ((index, body, others),) = joined(total(i, x) + total(j, y) + 8)
    >>> len(body.terms), const(2) in body.terms, others
    (3, True, ())
    """
    sizes = dict.fromkeys(s.index.size for t in node.terms if (s := _only_sum(t)) is not None)
    found = []
    for size in sizes:
        index = fresh(size)
        bodies = {term: _share(term, index) for term in node.terms}
        inside = [body for body in bodies.values() if body is not None]
        if len(inside) > 1:
            others = tuple(term for term, body in bodies.items() if body is None)
            found.append((index, add(*inside), others))
    return found


def _share(term: Expr, index: Index) -> Expr | None:
    """What a term adds for each element of the axis; None if it is no sum over it."""
    inner = _only_sum(term)
    if inner is None:
        share = term / count(index.size)
        return None if any(isinstance(part, Reduce) for part in parts(share)) else share
    if inner.index.size != index.size:
        return None
    factors = factors_of(term)
    body = substitute(inner.body, {inner.index: place_of(index)})
    return mul(*(factor for factor in factors if factor is not inner), body)


def _only_sum(term: Expr) -> Reduce | None:
    """The one sum among the factors of a term; None if there are none or several."""
    factors = factors_of(term)
    sums = [f for f in factors if isinstance(f, Reduce) and f.kind == "sum"]
    varies = len(sums) == 1 and sums[0].index in sums[0].body.free
    return sums[0] if varies else None
