"""What lies outside an array is 0: which expressions are therefore 0 there, too."""

from __future__ import annotations

from chainrule.language.expr import Add, Element, Expr, Mul, Reduce
from chainrule.language.index import Place, Size


def vanishes(expr: Expr, place: Place, size: Size) -> bool:
    """Whether an expression is 0 where a place lies outside an axis of that size."""
    match expr:
        case Element(array, places):
            return (size, place) in zip(array.sizes, places, strict=True)
        case Mul(factors):
            return any(vanishes(factor, place, size) for factor in factors)
        case Add(terms):
            return all(vanishes(term, place, size) for term in terms)
        case Reduce("sum", index, body) if index not in place.indices:
            return vanishes(body, place, size)
    return False
