"""What lies outside an array is 0: which expressions are therefore 0 there, too."""

from __future__ import annotations

from chainrule.language.expr import Add, Const, Element, Expr, Mul, Power, Reduce, children
from chainrule.language.index import Place, Size


def vanishes(expr: Expr, place: Place, size: Size) -> bool:
    """Whether an expression is 0 where a place lies outside an axis of that size.

    A product is, if one factor is and no other may be infinite there, as 1 / x outside x is.
    """
    match expr:
        case Element(array, places):
            return (size, place) in zip(array.sizes, places, strict=True)
        case Mul(factors):
            zero = any(vanishes(factor, place, size) for factor in factors)
            return zero and all(_finite(factor, place, size) for factor in factors)
        case Add(terms):
            return all(vanishes(term, place, size) for term in terms)
        case Reduce("sum", index, body) if index not in place.indices:
            return vanishes(body, place, size)
    return False


def _finite(expr: Expr, place: Place, size: Size) -> bool:
    """Whether a factor stays finite whatever it reads outside of arrays."""
    match expr:
        case Add() | Mul() | Reduce():
            return all(_finite(child, place, size) for child in children(expr))
        case Power(base, Const(amount)) if amount > 0 and amount.denominator == 1:
            return _finite(base, place, size)
        case Element():
            return True
    return not _reads_outside(expr, place, size)


def _reads_outside(expr: Expr, place: Place, size: Size) -> bool:
    if isinstance(expr, Element):
        there = (size, place) in zip(expr.array.sizes, expr.places, strict=True)
        return there or any(one.index is None for one in expr.places)
    return any(_reads_outside(child, place, size) for child in children(expr))
