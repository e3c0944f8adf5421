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
    opened,
    power,
    split_number,
    substitute,
    total,
    where,
)
from chainrule.language.expr import (
    Add,
    Along,
    Apply,
    Const,
    Element,
    Expr,
    factors_of,
    terms_of,
)
from chainrule.language.index import Index, fresh, place_of
from chainrule.language.inline import AXIS
from chainrule.mathematics import functions as known
from chainrule.mathematics.patterns import (
    absolute,
    cos,
    exp,
    expm1,
    i,
    log,
    log1p,
    sign,
    sin,
    softplus,
)

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
    for times in (1, -1):
        if isinstance(found := times * expr, Apply) and found.function is known.log:
            return power(found.argument, times)
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
    for term in terms_of(other):
        for part in factors_of(term):
            if isinstance(part, Apply) and part.function is known.log:
                inside = part.argument
                if factor in factors_of(inside):
                    return where("==", factor, ZERO, ZERO, factor * other)
    return None


def log_with_its_power(bound):
    """n log(a) + m a^(-n/m) - m + …, m times e^r - 1 - r with r the logarithm of the power."""
    base, amount, rest = bound["·a"], bound["·number"], multiplied_out(bound["·rest"])
    constant = next((term for term in terms_of(rest) if isinstance(term, Const)), None)
    if constant is None:
        return None
    raised = power(base, amount / constant)
    left = rest - constant + constant * raised
    if left is not ZERO and len(terms_of(left)) > len(terms_of(rest)) - 2:
        return None
    return left - constant * exp_less_tangent(amount / constant * log(base))


def multiplied_out(expr: Expr) -> Expr:
    """(a + b) c as a c + b c, in each term."""
    found = []
    for term in terms_of(expr):
        sums = [f for f in getattr(term, "factors", ()) if isinstance(f, Add)]
        others = term / sums[0] if sums else term
        found += [others * part for part in sums[0].terms] if sums else [term]
    return add(*found)


def overlap(bound):
    """log Σ p^b q^(1-b) of two softmaxes, which is near 0 where they are near each other."""
    index = fresh(bound[AXIS])
    body = bound["·f"].at((place_of(index),))
    sides = [_share_of_log_softmax(term, index) for term in terms_of(body)]
    if len(sides) != 2 or None in sides:
        return None
    (b, p), (c, q) = sides
    if b + c is not ONE:
        return None
    gap, share = p - q, along(known.softmax, *opened(q), place_of(index))
    near = total(index, share * _power_less_tangent(gap, b))
    far = along(known.logsumexp, index, body, None)
    return where("<", largest(index, absolute(gap)), ONE, log1p(near), far)


def _share_of_log_softmax(term: Expr, index: Index) -> tuple[Expr, Along] | None:
    """(b, log softmax) of a term that is their product; None if it is none."""
    for node in factors_of(term):
        if isinstance(node, Along) and node.function is known.log_softmax:
            amount = term / node
            alone = node.at == place_of(index) and index not in amount.free
            return (amount, node) if alone else None
    return None


def _power_less_tangent(x: Expr, b: Expr) -> Expr:
    """e^(bx) - 1 - b (e^x - 1), by its series near 0."""
    numbers, powers = [], ONE
    for k in range(TERMS):
        numbers.append(const(Fraction(1, factorial(k + 2))) * powers)
        powers = 1 + b * powers
    near = b * (b - 1) * x**2 * _horner(numbers, x)
    return where("<", absolute(x), SMALL, near, expm1(b * x) - b * expm1(x))


def signed_reciprocals(bound):
    """n sign(a)/b - n/a, where b - |a| is simpler than b."""
    size, below = absolute(bound["·a"]), bound["·b"]
    gap = size - below
    if gap.size >= below.size:
        return None
    return bound["·number"] * gap / below / bound["·a"]


def softplus_of_gap(bound):
    """n softplus(a) + rest, where rest + n a is simpler: whichever does not cancel."""
    return _by_larger(bound["·number"], bound["·a"], bound["·rest"])


def _by_larger(amount: Expr, inside: Expr, rest: Expr) -> Expr | None:
    above = rest + amount * inside
    if len(terms_of(above)) > len(terms_of(rest)) + len(terms_of(inside)) - 2:
        return None
    for term in terms_of(rest):
        number, node = split_number(term)
        if number == amount.value and isinstance(node, Apply) and node.function is known.softplus:
            # Of several, the inner ones are sums of the same kind.
            inner = _by_larger(amount, node.argument, rest - term)
            rest = rest if inner is None else inner
            break
    return where("<", ZERO, inside, above + amount * softplus(-inside),
                 rest + amount * softplus(inside))


def centred_twice(bound):
    """n f_i - n/N Σ f about the mean of what is left: the first mean is rounded.

    Signs are taken out of what is summed, or the two means would be one again.
    """
    amount, index = bound["·number"], fresh(bound[AXIS])
    share = amount / count(bound[AXIS])
    if bound["·b"] is not -share:
        return None
    body = bound["·f"].at((place_of(index),))
    if isinstance(body, Apply) and body.function is known.exp:
        return None
    shift = total(index, body) / count(bound[AXIS])
    gap = sign(body - shift) * absolute(body - shift)
    here = substitute(gap, {index: bound[i]})
    return amount * here - share * total(index, gap)


def centred_exponentials(bound):
    """n e^(f_i) - n/N Σ e^f, by what the exponentials are less than the largest of them."""
    amount, index = bound["·number"], fresh(bound[AXIS])
    if bound["·b"] is not -amount / count(bound[AXIS]):
        return None
    body = bound["·f"].at((place_of(index),))
    top = largest(index, body)
    mean = total(index, expm1(body - top)) / count(bound[AXIS])
    return amount * exp(top) * (expm1(bound["·f"].at((bound[i],)) - top) - mean)


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
    return _horner(map(const, numbers), x)


def _horner(numbers: Iterable[Expr], x: Expr) -> Expr:
    result = ZERO
    for number in reversed(list(numbers)):
        result = add(number, mul(x, result))
    return result
