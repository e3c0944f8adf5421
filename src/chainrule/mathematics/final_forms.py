"""Right sides of the final rules that compute: None where a rule does not apply."""

from __future__ import annotations

from functools import reduce

from chainrule.language.algebra import (
    ONE,
    ZERO,
    add,
    along,
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
    Expr,
    Mul,
    Power,
    Reduce,
    Where,
)
from chainrule.language.passes import parts
from chainrule.mathematics import functions as known
from chainrule.mathematics.conditions import is_even
from chainrule.mathematics.patterns import (
    absolute,
    exp,
    expm1,
    log,
    log1p,
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
    factors = inside.factors if isinstance(inside, Mul) else (inside,)
    below = [f for f in factors if isinstance(f, Power) and f.exponent is _MINUS_ONE]
    above = [f for f in factors if f not in below and not isinstance(f, Const)]
    if len(below) != 1 or len(above) != 1 or isinstance(above[0], Power):
        return None
    terms = (*_terms(above[0]), *_terms(below[0].base))
    if any(scaled(term)[0] is not ZERO for term in terms):
        return None
    number, _ = split_number(inside)
    return _log_near_one(mul(const(number), above[0]), below[0].base, log(inside))


def _terms(side: Expr) -> tuple[Expr, ...]:
    return side.terms if isinstance(side, Add) else (side,)


_MINUS_ONE = const(-1)


def difference_of_logs(bound):
    above, below, amount = bound["·a"], bound["·b"], bound["·number"]
    return mul(amount, _log_near_one(above, below, log(above) - log(below)))


def _log_near_one(above: Expr, below: Expr, far: Expr) -> Expr:
    gap = above - below
    return where("<", absolute(gap), absolute(below) / 2, log1p(gap / below), far)


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
    if (root := _root(gap)) is None:
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
        gap, both = inside - near.argument, sqrt(inside) + near
        if gap.size < inside.size:
            return amount * where("==", both, ZERO, ZERO, gap / both)
        return None
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


def joined_reciprocals(bound):
    """a^-n b^-n as |a b|^-n for an even n: either may overflow where the product does not."""
    exponent = bound["·number"]
    if exponent.value >= 0 or not is_even(exponent):
        return None
    return power(absolute(bound["·a"] * bound["·b"]), exponent)


def difference_of_reciprocals(bound):
    left, right, amount = bound["·a"], bound["·b"], bound["·number"]
    gap = right - left
    return amount * gap / left / right if gap.size < left.size + right.size else None


def root_of_squares(bound):
    """√(a² + Σ f² + …) by the largest of the terms, whose squares overflow."""
    inside = bound["·a"]
    if not isinstance(inside, Add):
        return None
    roots = [_root(term) for term in inside.terms]
    if None not in roots:
        return reduce(_hypotenuse, roots)
    for base in _squared(inside):
        rest = inside - power(base, 2)
        if rest.size < inside.size:
            far = absolute(base) * sqrt(1 + rest / power(base, 2))
            return where("<", absolute(base), HUGE, sqrt(inside), far)
    return None


def _hypotenuse(left: Expr, right: Expr) -> Expr:
    return where("<", left, right, _longer(right, left), _longer(left, right))


def _longer(long: Expr, short: Expr) -> Expr:
    ratio = absolute(short / where("==", long, ZERO, ONE, long))
    return long * sqrt(1 + ratio**2)


def _root(term: Expr) -> Expr | None:
    """The nonnegative root of a term that is a square by its form."""
    match term:
        case Const(value) if value > 0:
            return sqrt(term) if value != 1 else ONE
        case Power(base, Const(exponent)) if exponent.denominator == 1 and exponent % 2 == 0:
            return power(absolute(base), exponent / 2)
        case Mul(factors):
            roots = [_root(factor) for factor in factors]
            return None if any(root is None for root in roots) else mul(*roots)
        case Reduce("sum", index, Power(base, Const(exponent))) if exponent == 2:
            return along(known.norm, index, base, None)
    return None


def log_of_large_square(bound):
    """log(1 + c a²) by log |a| where the square may overflow."""
    inside = bound["·a"]
    factors = inside.factors if isinstance(inside, Mul) else (inside,)
    squares = [f for f in factors if isinstance(f, Power) and f.exponent is _TWO]
    if not squares:
        return None
    base = squares[0].base
    rest = inside / squares[0]
    far = 2 * log(absolute(base)) + log(rest + power(base, -2))
    return where("<", absolute(base), HUGE, log1p(inside), far)


def log_with_square(bound):
    """log(a (1 + c b²)^n) as log(a) and the logarithm of what may overflow."""
    inside, times = bound["·b"], ONE
    if isinstance(inside, Power) and isinstance(inside.exponent, Const):
        inside, times = inside.base, inside.exponent
    if not (_squared(inside) and ONE in inside.terms):
        return None
    return log(bound["·a"]) + times * log1p(inside - 1)


def by_large_square(bound):
    """n a^k / (b + c a²), which is n a^(k - 2) / (b/a² + c) where the square may overflow."""
    above, below = bound["·a"], bound["·b"]
    for base in _squared(below):
        for times in (1, 2):
            number = _multiple(above, power(base, times))
            if number is not None:
                divided = add(*(term / power(base, 2) for term in _terms(below)))
                far = number * power(base, times - 2) / divided
                return where("<", absolute(base), HUGE, above / below, far)
    return None


def _squared(expr: Expr) -> list[Expr]:
    """What is squared in the terms of a sum."""
    terms = expr.terms if isinstance(expr, Add) else ()
    factors = [f for t in terms for f in (t.factors if isinstance(t, Mul) else (t,))]
    return [f.base for f in factors if isinstance(f, Power) and f.exponent is _TWO]


def _multiple(expr: Expr, base: Expr) -> Expr | None:
    """The number n with expr = n × base, if there is one."""
    (first, _), (second, _) = (split_number(_terms(side)[0]) for side in (expr, base))
    number = const(first / second)
    return number if number * base is expr else None


def over_vanishing(bound):
    """a (b/(e^a - 1) + c) multiplied out: a and its divisor may both be 0."""
    outer, terms = bound["·a"], bound["·b"]
    if not isinstance(terms, Add):
        return None
    below = power(expm1(outer), -1)
    if not any(below in (t.factors if isinstance(t, Mul) else (t,)) for t in terms.terms):
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
