"""Right sides of the final rules for what is near something else; None where one does not apply."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import factorial

from chainrule.language.algebra import (
    ONE,
    ZERO,
    add,
    along,
    const,
    count,
    largest,
    mul,
    power,
    total,
    where,
)
from chainrule.language.expr import Add, Apply, Const, Element, Expr, Mul
from chainrule.language.inline import AXIS
from chainrule.mathematics import functions as known
from chainrule.mathematics.patterns import absolute, cos, exp, expm1, log, log1p, sin

# For arguments below, so many terms of a series are exact in float64.
SMALL, TERMS = const("1/8"), 10


def mean_of_exponentials(bound):
    """n log Σ e^f + n log(1/N) as n log1p of the mean of e^f - 1, where all f are near 0."""
    body, amount = bound["·f"], bound["·number"]
    share = _exponential(bound["·a"] / amount)
    if share is None or mul(share, count(bound[AXIS])) is not ONE:
        return None
    index = body.indices[0]
    near = log1p(share * total(index, expm1(body.body)))
    far = along(known.logsumexp, index, body.body, None) + log(share)
    return amount * where("<", largest(index, absolute(body.body)), ONE, near, far)


def _exponential(expr: Expr) -> Expr | None:
    """e to the power of what is a logarithm."""
    for sign in (1, -1):
        if isinstance(found := sign * expr, Apply) and found.function is known.log:
            return power(found.argument, sign)
    return None


def power_less_one(bound):
    """n a^b - n for a > 0, unless the power is multiplied out."""
    base, exponent, amount = bound["·a"], bound["·b"], bound["·number"]
    if isinstance(exponent, Const) and exponent.value.denominator == 1:
        return None
    one = isinstance(base, Add) and ONE in base.terms
    raised = exponent * (log1p(base - 1) if one else log(base))
    return amount * where("<", ZERO, base, expm1(raised), power(base, exponent) - 1)


def exp_less_tangent(x: Expr) -> Expr:
    """e^x - 1 - x, by its series near 0."""
    series = _series((Fraction(1, factorial(k + 2)) for k in range(TERMS)), x)
    return where("<", absolute(x), SMALL, x**2 * series, expm1(x) - x)


def power_near_one(bound):
    """(1 + a)^b for a variable b, which may be large where a is small."""
    base, exponent = bound["·a"], bound["·b"]
    if isinstance(exponent, Const) or not (isinstance(base, Add) and ONE in base.terms):
        return None
    near = exp(exponent * log1p(base - 1))
    return where("<", absolute(base - 1), SMALL, near, power(base, exponent))


def exp_less_mean(x: Expr) -> Expr:
    """e^x - (e^x - 1)/x, x times the slope of the quotient, by its series near 0."""
    series = _series((Fraction(1, factorial(k + 2)) for k in range(TERMS)), x)
    return expm1(x) - where("<", absolute(x), SMALL, x * series, (expm1(x) - x) / x)


def reciprocal_less_mean(x: Expr) -> Expr:
    """1/(1 + x) - log(1 + x)/x, x times the slope of the quotient, by its series near 0."""
    r = x / (2 + x)
    series = _series((Fraction(2, 2 * k + 3) for k in range(TERMS)), r**2)
    near = r**2 * series / (2 + x) - r
    return -x / (1 + x) - where("<", absolute(x), SMALL, near, (log1p(x) - x) / x)


def cosine_less_mean(x: Expr) -> Expr:
    """cos x - sin(x)/x, x times the slope of the quotient, by its series near 0."""
    numbers = (
        (-1) ** k * (Fraction(1, factorial(2 * k)) - Fraction(1, factorial(2 * k + 1)))
        for k in range(1, TERMS)
    )
    near = x**2 * _series(numbers, x**2)
    return where("<", absolute(x), SMALL, near, cos(x) - sin(x) / x)


def zero_times_logarithm(bound):
    """a (… + log(a b)), which is 0 where a is."""
    factor, other = bound["·a"], bound["·b"]
    if not isinstance(factor, Element):
        return None
    for term in other.terms if isinstance(other, Add) else (other,):
        for part in term.factors if isinstance(term, Mul) else (term,):
            if isinstance(part, Apply) and part.function is known.log:
                inside = part.argument
                if factor in (inside.factors if isinstance(inside, Mul) else (inside,)):
                    return where("==", factor, ZERO, ZERO, factor * other)
    return None


def divergence(share: Expr, log_ratio: Expr, other: Expr) -> Expr:
    """p (e^r - 1 - r), where e^r p is the other probability: q - p - p r far from r = 0."""
    near = share * exp_less_tangent(log_ratio)
    return where("<", absolute(log_ratio), ONE, near, other - share - share * log_ratio)


def log_less_tangent(x: Expr, far: Expr) -> Expr:
    """log(1 + x) - x, near 0 by the series of 2 artanh(r) with r = x / (2 + x), else as given."""
    r = x / (2 + x)
    series = _series((Fraction(2, 2 * k + 3) for k in range(TERMS)), r**2)
    return where("<", absolute(x), SMALL, r**3 * series - x * r, far)


def _series(numbers: Iterable[Fraction], x: Expr) -> Expr:
    """Σ_k number_k x^k, by Horner's rule."""
    result = ZERO
    for number in reversed(list(numbers)):
        result = add(const(number), mul(x, result))
    return result
