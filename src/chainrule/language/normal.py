"""Constructors that bind no index: numbers, elements, sums, products, powers, conditions."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache

from chainrule.language.expr import (
    Add,
    Apply,
    Array,
    Const,
    Delta,
    Element,
    Expr,
    Mul,
    Position,
    Power,
    Where,
    bits,
    ordered,
)
from chainrule.language.function import Function
from chainrule.language.index import Index, Place, place_of

Number = int | float | Fraction

# Powers of numbers are worked out up to so many bits; beyond that they stay powers.
BITS = 8192


@lru_cache(maxsize=4096)
def const(value: Number | str) -> Expr:
    return Const(Fraction(value))


ZERO, ONE, MINUS_ONE = const(0), const(1), const(-1)


def lift(value: Expr | Number) -> Expr:
    return value if isinstance(value, Expr) else const(value)


def element(array: Array, *where: Index | Place | int | str) -> Expr:
    if len(where) != len(array.sizes):
        raise ValueError(f"{array!r} takes {len(array.sizes)} places, not {len(where)}")
    return Element(array, tuple(place_of(w) for w in where))


def position(where: Index | Place | int | str) -> Expr:
    where = place_of(where)
    return Position(where) if where.terms else const(where.offset)


def add(*terms: Expr | Number) -> Expr:
    """The sum, with like terms collected."""
    alike: dict[Expr, list[Expr]] = {}
    constant = ZERO.value
    for term in _flat(terms, Add):
        if isinstance(term, Const):
            constant += term.value
        else:
            alike.setdefault(split_number(term)[1], []).append(term)
    kept = []
    for rest, found in alike.items():
        if len(found) == 1:
            kept += found
        elif amount := sum(split_number(term)[0] for term in found):
            kept.append(mul(Const(amount), rest))
    if constant:
        kept.append(Const(constant))
    if len(kept) < 2:
        return kept[0] if kept else ZERO
    return Add(tuple(ordered(kept)))


def mul(*factors: Expr | Number) -> Expr:
    """The product, with powers of the same base collected."""
    constant = ONE.value
    exponents: dict[Expr, Expr] = {}
    for factor in _flat(factors, Mul):
        if isinstance(factor, Const):
            constant *= factor.value
            continue
        power_ = isinstance(factor, Power)
        base, exponent = (factor.base, factor.exponent) if power_ else (factor, ONE)
        exponents[base] = add(exponents[base], exponent) if base in exponents else exponent
    if not constant:
        return ZERO
    kept = []
    pending = list(exponents.items())
    for done, (base, exponent) in enumerate(pending, start=1):
        raised = base if exponent is ONE else power(base, exponent)
        if isinstance(raised, Const):
            constant *= raised.value
        elif isinstance(raised, Mul):
            return mul(constant, *kept, raised, *(power(b, e) for b, e in pending[done:]))
        else:
            kept.append(raised)
    return _product(constant, ordered(kept))


def _product(constant: Fraction, factors: list[Expr]) -> Expr:
    if not constant:
        return ZERO
    if constant == 1:
        return (factors[0] if len(factors) == 1 else Mul(tuple(factors))) if factors else ONE
    if not factors:
        return Const(constant)
    if len(factors) == 1 and isinstance(factors[0], Add):
        return add(*(mul(Const(constant), term) for term in factors[0].terms))
    return Mul((Const(constant), *factors))


def _flat(parts: Iterable[Expr | Number], kind: type) -> list[Expr]:
    flat = []
    for part in map(lift, parts):
        flat.extend(part.kids if type(part) is kind else (part,))
    return flat


def split_number(term: Expr) -> tuple[Fraction, Expr]:
    """(number, rest) with term = number × rest."""
    if isinstance(term, Const):
        return term.value, ONE
    if isinstance(term, Mul) and isinstance(term.factors[0], Const):
        rest = term.factors[1:]
        return term.factors[0].value, rest[0] if len(rest) == 1 else Mul(rest)
    return ONE.value, term


def power(base: Expr | Number, exponent: Expr | Number) -> Expr:
    """base ** exponent over the reals; integer powers of products and powers are taken apart."""
    base, exponent = lift(base), lift(exponent)
    if exponent is ZERO or base is ONE:
        return ONE
    if exponent is ONE:
        return base
    if not isinstance(exponent, Const):
        return Power(base, exponent)
    amount = exponent.value
    whole = amount.denominator == 1
    match base:
        case Const(value) if whole and (value or amount > 0) and bits(value) * abs(amount) <= BITS:
            return Const(value ** int(amount))
        case Power(inner, Const(inner_exponent)) if whole:
            return power(inner, Const(inner_exponent * amount))
        case Mul(factors) if whole:
            return mul(*(power(factor, exponent) for factor in factors))
        case Delta() if whole and amount > 0:
            return base
    return Power(base, exponent)


def apply(function: Function, argument: Expr | Number) -> Expr:
    return Apply(function, lift(argument))


def delta(left: Index | Place | int | str, right: Index | Place | int | str) -> Expr:
    """1 where the two places agree, else 0; decided at once where it can be."""
    left, right = place_of(left), place_of(right)
    difference = left - right
    if not difference.terms:
        return ONE if difference.offset == 0 else ZERO
    left, right = sorted((left, right), key=lambda place: place.order)
    return Delta(left, right)


COMPARISONS = {"<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne}


def where(kind: str, left: Expr | Number, right: Expr | Number, yes, no) -> Expr:
    """yes where `left kind right` holds, else no; kind is one of <, <=, ==, !=."""
    left, right, yes, no = lift(left), lift(right), lift(yes), lift(no)
    if kind in (">", ">="):
        kind, left, right = {">": "<", ">=": "<="}[kind], right, left
    if kind not in COMPARISONS:
        raise ValueError(f"unknown comparison {kind}")
    if yes is no:
        return yes
    if isinstance(left, Const) and isinstance(right, Const):
        return yes if COMPARISONS[kind](left.value, right.value) else no
    if isinstance(left, Position) and isinstance(right, Position):
        gap = left.place - right.place
        if not gap.terms:
            return yes if COMPARISONS[kind](gap.offset, 0) else no
    return Where(kind, left, right, yes, no)
