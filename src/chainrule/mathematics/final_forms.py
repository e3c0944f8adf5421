"""Right sides of the final rules that compute: None where a rule does not apply."""

from __future__ import annotations

from functools import reduce

from chainrule.language.algebra import (
    ONE,
    ZERO,
    add,
    const,
    mul,
    power,
    split_number,
    where,
)
from chainrule.language.expr import (
    Add,
    Apply,
    Const,
    Element,
    Expr,
    Power,
    Where,
    factors_of,
    terms_of,
)
from chainrule.language.passes import parts
from chainrule.mathematics import functions as known
from chainrule.mathematics.large_forms import root_of
from chainrule.mathematics.patterns import (
    absolute,
    exp,
    expm1,
    log,
    log1p,
    softplus,
    sqrt,
)
from chainrule.mathematics.scales import MASKED, scaled

# Beyond, 1 + a² is a² to the last bit.
HUGE = const(10**9)


def log_by_largest(bound):
    """log Σ r e^s with weights r of any sign."""
    return _by_largest(bound["·a"], lambda largest, rest: largest + log(rest))


def log1p_by_largest(bound):
    inside = bound["·a"]
    if not any(getattr(part, "function", None) is known.exp for part in parts(inside)):
        return None

    scale, amount = scaled(inside)
    if isinstance(scale, Expr) and scale is not ZERO:
        # One term, r e^s: large where e^s overflows, whatever r is.
        return where("<", inside, ONE, log1p(inside), scale + log(amount + exp(-scale)))

    def written(largest, rest):
        return where("<=", largest, ZERO, log1p(inside), largest + log(rest))

    return _by_largest(1 + inside, written)


def power_by_largest(bound):
    exponent = bound["·b"]
    if not (isinstance(exponent, Const) and exponent.value < 0):
        return None
    return _by_largest(
        bound["·a"], lambda largest, rest: exp(exponent * largest) * power(rest, exponent)
    )


def _by_largest(inside: Expr, written):
    """What is written of the largest exponent s, and of Σ r e^(s - largest)."""
    if not isinstance(inside, Add):
        return None
    parts = [scaled(term) for term in inside.terms]
    constant = all(isinstance(rest, Const) and rest.value > 0 for _, rest in parts)
    if constant or all(scale is ZERO for scale, _ in parts):
        return None
    counted = (s if isinstance(r, Const) else where("==", r, ZERO, MASKED, s) for s, r in parts)
    largest = reduce(_larger, counted)
    return written(largest, add(*(r * exp(s - largest) for s, r in parts)))


def _larger(left: Expr, right: Expr) -> Expr:
    return where("<", left, right, right, left)


def log_of_ratio(bound):
    """log(a/b), which near 1 is log1p((a - b)/b)."""
    inside = bound["·a"]
    factors = factors_of(inside)
    below = [f for f in factors if isinstance(f, Power) and _divides(f)]
    above = [f for f in factors if f not in below and not isinstance(f, Const)]
    if len(below) != 1 or len(above) != 1 or isinstance(above[0], Power):
        return None
    base = power(below[0].base, -below[0].exponent)
    if any(scaled(term)[0] is not ZERO for term in (*terms_of(above[0]), *terms_of(base))):
        return None
    number, _ = split_number(inside)
    return _log_near_one(mul(const(number), above[0]), base, log(inside))


def _divides(factor: Power) -> bool:
    return isinstance(factor.exponent, Const) and factor.exponent.value < 0


def difference_of_logs(bound):
    above, below, amount = bound["·a"], bound["·b"], bound["·number"]
    return mul(amount, _log_near_one(above, below, log(above) - log(below)))


def _log_near_one(above: Expr, below: Expr, far: Expr) -> Expr:
    gap = above - below
    return where("<", absolute(gap), absolute(below) / 2, log1p(gap / below), far)


def log_less_log_of_square(bound):
    """n log a - 2 n log |b|, where a - b² is simpler than a."""
    return _less_log_of_square(bound, bound["·a"], log(bound["·a"]))


def log1p_less_log_of_square(bound):
    return _less_log_of_square(bound, 1 + bound["·a"], log1p(bound["·a"]))


def _less_log_of_square(bound, above: Expr, written: Expr) -> Expr | None:
    base = bound["·b"]
    if (above - power(base, 2)).size >= above.size:
        return None
    near = _log_near_one(above, power(base, 2), written - 2 * log(absolute(base)))
    return bound["·number"] * near


def difference_of_log1ps(bound):
    above, below, amount = bound["·a"], bound["·b"], bound["·number"]
    return mul(amount, _log_near_one(1 + above, 1 + below, log1p(above) - log1p(below)))


def log1p_less_log(bound):
    above, below, amount = bound["·a"], bound["·b"], bound["·number"]
    return mul(amount, _log_near_one(1 + above, below, log1p(above) - log(below)))


def root_less_number(bound):
    """n √a - m, where the two are near each other."""
    inside, amount = bound["·a"], bound["·number"]
    near = bound["·b"] / -amount
    if not (isinstance(near, Const) and near.value > 0):
        return None
    gap, both = inside - near * near, sqrt(inside) + near
    if (root := root_of(gap)) is None:
        return amount * gap / both
    # The square may overflow; inside abs its root is divided first.
    return amount * root * absolute(root / both)


def root_less_amount(bound):
    """n √a + b, where √a and -b / n are near each other and their squares differ simply."""
    inside, amount = bound["·a"], bound["·number"]
    near = bound["·b"] / -amount
    if isinstance(near, Const):
        return None
    if isinstance(near, Apply) and near.function is known.sqrt:
        # Neither difference loses more than the roots would.
        gap, both = inside - near.argument, sqrt(inside) + near
        return amount * where("==", both, ZERO, ZERO, gap / both)
    gap = inside - power(near, 2)
    if gap.size >= inside.size:
        return None
    return amount * where("<", ZERO, near, gap / (sqrt(inside) + near), sqrt(inside) - near)


def complement_of_share(bound):
    """n + n a/√b, where b - a² is simpler than b and the two cancel if a < 0."""
    above, inside, amount = bound["·a"], bound["·b"], bound["·number"]
    gap, root = inside - power(above, 2), sqrt(inside)
    if gap.size >= inside.size:
        return None
    return amount * where("<", above, ZERO, gap / root / (root - above), 1 + above / root)


def complement_of_share_taken_off(bound):
    return complement_of_share({**bound, "·a": -bound["·a"]})


def difference_of_reciprocals(bound):
    left, right, amount = bound["·a"], bound["·b"], bound["·number"]
    gap = right - left
    return amount * gap / left / right if gap.size < left.size + right.size else None


def reciprocal_less_squares(bound):
    """n/a - n (s² + …)/a³ as n/a (1 - (s/a)² - …), where 1 - (s/a)² is a product."""
    base, terms = bound["·a"], [term / -bound["·number"] for term in terms_of(bound["·b"])]
    near = next((t for t in terms if isinstance(t, Power) and t.exponent is _TWO), None)
    if near is None or len(terms) < 2 or not isinstance(base, Element):
        return None
    terms.remove(near)
    gap = (base - near.base) / base * (1 + near.base / base)
    rest = (
        absolute(term.base / base) ** 2
        if isinstance(term, Power) and term.exponent is _TWO
        else term / base**2
        for term in terms
    )
    return bound["·number"] / base * (gap - add(*rest))


def share_less_reciprocal(bound):
    """n a/b - n/a, where a² - b is simpler than b."""
    above, below, amount = bound["·a"], bound["·b"], bound["·number"]
    gap = power(above, 2) - below
    return amount * gap / above / below if gap.size < below.size else None


def difference_of_powers(bound):
    """n a^b - n c^b for a number b, where a - c is simpler than both."""
    left, right, exponent = bound["·a"], bound["·c"], bound["·b"]
    gap, far = left - right, power(left, exponent) - power(right, exponent)
    if not isinstance(exponent, Const) or gap.size >= max(left.size, right.size):
        return None
    ratio = gap / right
    near = power(right, exponent) * expm1(exponent * log1p(ratio))
    return bound["·number"] * where("<", absolute(ratio), _HALF, near, far)


_HALF = const("1/2")


def over_vanishing(bound):
    """a (b/(e^a - 1) + c) multiplied out, and σ(a) (b/softplus(a) + c): both may be 0."""
    outer, terms = bound["·a"], bound["·b"]
    if not isinstance(terms, Add):
        return None
    slope = isinstance(outer, Apply) and outer.function is known.sigmoid
    below = power(softplus(outer.argument) if slope else expm1(outer), -1)
    if not any(below in factors_of(t) for t in terms.terms):
        return None
    return add(*(outer * term for term in terms.terms))


_TWO = const(2)


def into_case(bound):
    """A factor that is 0 in one case, times what may overflow there."""
    case, other = bound["·a"], bound["·b"]
    if not (isinstance(case, Where) and (case.yes is ZERO or case.no is ZERO)):
        return None
    if not _may_overflow(other):
        return None
    return where(case.kind, case.left, case.right, case.yes * other, case.no * other)


def _may_overflow(expr: Expr) -> bool:
    return any(getattr(part, "function", None) in _OVERFLOWING for part in parts(expr))


_OVERFLOWING = frozenset((known.exp, known.expm1, known.sinh, known.cosh))
