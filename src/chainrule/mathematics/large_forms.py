"""Right sides of the final rules against squares and powers that overflow."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce

from chainrule.language.algebra import (
    ONE,
    ZERO,
    add,
    along,
    const,
    largest,
    mul,
    power,
    split_number,
    substitute,
    total,
    where,
)
from chainrule.language.expr import (
    Add,
    Const,
    Expr,
    Mul,
    Power,
    Reduce,
    Where,
    factors_of,
    terms_of,
)
from chainrule.language.index import Index, fresh, place_of
from chainrule.language.inline import Lambda, elements
from chainrule.language.passes import parts
from chainrule.mathematics import functions as known
from chainrule.mathematics.conditions import is_even, is_nonnegative
from chainrule.mathematics.patterns import absolute, log, log1p, sqrt
from chainrule.mathematics.scales import scaled

# Beyond, 1 + a² is a² to the last bit.
HUGE = const(10**9)
_TWO = const(2)


def joined_reciprocals(bound):
    """a^-n b^-n as |a b|^-n for an even n: either may overflow where the product does not."""
    exponent = bound["·number"]
    if exponent.value >= 0 or not is_even(exponent):
        return None
    return power(absolute(bound["·a"] * bound["·b"]), exponent)


def root_of_squares(bound):
    """√(c a² + Σ f² + …) by the largest of the terms, whose squares overflow."""
    inside = bound["·a"]
    if not isinstance(inside, Add):
        return None
    roots = [root_of(term) for term in inside.terms]
    if None not in roots:
        return reduce(_hypotenuse, roots)
    for base, amount, term in squares(inside):
        rest = inside - term
        if rest.size < inside.size:
            far = absolute(base) * sqrt(amount + rest / power(base, 2))
            return where("<", absolute(base), HUGE, sqrt(inside), far)
    return None


def _hypotenuse(left: Expr, right: Expr) -> Expr:
    return where("<", left, right, _longer(right, left), _longer(left, right))


def _longer(long: Expr, short: Expr) -> Expr:
    ratio = absolute(short / where("==", long, ZERO, ONE, long))
    return long * sqrt(1 + ratio**2)


def root_of(term: Expr) -> Expr | None:
    """The nonnegative root of a term that is a square by its form."""
    match term:
        case Const(value) if value > 0:
            return sqrt(term) if value != 1 else ONE
        case Power(base, Const(exponent)) if exponent.denominator == 1 and exponent % 2 == 0:
            return power(absolute(base), exponent / 2)
        case Mul(factors):
            roots = [root_of(factor) for factor in factors]
            return None if any(root is None for root in roots) else mul(*roots)
        case Reduce("sum", index, Power(base, Const(exponent))) if exponent == 2:
            return along(known.norm, index, base, None)
    return None


def log_of_large_square(bound):
    """log(b + c a²) by log |a| where the square may overflow."""
    return _log_by_square(bound["·a"], log(bound["·a"]))


def log1p_of_large_square(bound):
    return _log_by_square(1 + bound["·a"], log1p(bound["·a"]))


def _log_by_square(inside: Expr, near: Expr) -> Expr | None:
    for base, amount, term in squares(inside):
        rest = inside - term
        far = 2 * log(absolute(base)) + log(amount + rest / power(base, 2))
        return where("<", absolute(base), HUGE, near, far)
    return None


def log_with_square(bound):
    """log(a (1 + c b²)^n) as log(a) and the logarithm of what may overflow."""
    inside, times = bound["·b"], ONE
    if isinstance(inside, Power) and isinstance(inside.exponent, Const):
        inside, times = inside.base, inside.exponent
    if not (squares(inside) and ONE in inside.terms):
        return None
    if any(_multiple(bound["·a"], power(base, -2 * times)) for base, _, _ in squares(inside)):
        # The ratio of both is near 1.
        return None
    return log(bound["·a"]) + times * log1p(inside - 1)


def power_of_large_square(bound):
    """(b + c a²)^n by |a|^2n where the square may overflow, unless n is a whole number."""
    inside, exponent = bound["·a"], bound["·b"]
    if isinstance(exponent, Const) and exponent.value.denominator == 1:
        return None
    for base, amount, term in squares(inside):
        far = power(amount + (inside - term) / power(base, 2), exponent)
        far = power(absolute(base), 2 * exponent) * far
        return where("<", absolute(base), HUGE, power(inside, exponent), far)
    return None


def by_large_square(bound):
    """n a^k / (b + c a²), which is n a^(k - 2) / (b/a² + c) where the square may overflow."""
    above, below = bound["·a"], bound["·b"]
    for base, amount, term in squares(below):
        divided = add(amount, *(t / power(base, 2) for t in terms_of(below - term)))
        found = ((times, _multiple(above, power(base, times))) for times in (1, 2))
        times, number = next((pair for pair in found if pair[1] is not None), (0, None))
        if number is not None:
            far = number * power(base, times - 2) / divided
        elif _shares(above, base):
            far = _over(above, base, 2) / divided
        else:
            continue
        return where("<", absolute(base), HUGE, above / below, far)
    return None


def over_powers_of_norm(bound):
    body = bound["·f"]
    base = along(known.norm, body.indices[0], body.body, None)
    return _over_powers(bound["·rest"], base, bound["·b"])


def over_powers_of_root(bound):
    return _over_powers(bound["·rest"], sqrt(bound["·a"]), bound["·b"])


def _over_powers(above: Expr, base: Expr, exponent: Expr) -> Expr | None:
    """a b^-n: the factors of a that are large with b are divided by it one by one."""
    times = -exponent.value if isinstance(exponent, Const) else 0
    if times < 2 or times.denominator != 1 or not _shares(above, base):
        return None
    return _over(above, base, int(times))


def _shares(above: Expr, base: Expr) -> bool:
    return any(_is_large_with(factor, base) for factor in factors_of(above))


def _is_large_with(factor: Expr, base: Expr) -> bool:
    names = frozenset(elements(base))
    return not isinstance(factor, Power) and not names.isdisjoint(elements(factor))


def _over(above: Expr, base: Expr, times: int) -> Expr:
    """above / base^times, one factor after the other divided by the base."""
    divided = ONE
    for factor in factors_of(above):
        if times and _is_large_with(factor, base):
            factor = where("==", base, ZERO, ZERO, factor / base)
            times -= 1
        divided *= factor
    return divided * power(base, -times)


def squares(expr: Expr) -> list[tuple[Expr, Expr, Expr]]:
    """(a, c, term) for each term c a² of a sum; of a sum of squares a is the norm."""
    found = []
    for term in expr.terms if isinstance(expr, Add) else ():
        for factor in factors_of(term):
            match factor:
                case Power(base, Const(exponent)) if exponent == 2:
                    found.append((base, term / factor, term))
                case Reduce("sum", index, Power(base, Const(exponent))) if exponent == 2:
                    found.append((along(known.norm, index, base, None), term / factor, term))
    return found


def _multiple(expr: Expr, base: Expr) -> Expr | None:
    """The number n with expr = n × base, if there is one."""
    (first, _), (second, _) = (split_number(terms_of(side)[0]) for side in (expr, base))
    number = const(first / second)
    return number if number * base is expr else None




def ratio_before_powers(bound):
    """a^n b^-m as |a / b|^k times what is left, k even: either power may overflow."""
    (above, n), (below, m) = (_base_and_exponent(bound[name]) for name in ("·a", "·b"))
    if not (n >= 2 and m <= -2) or isinstance(above, Const):
        return None
    times = min(n, -m) // 2 * 2
    return power(absolute(above / below), times) * power(above, n - times) * power(below, m + times)


def _base_and_exponent(expr: Expr) -> tuple[Expr, int]:
    match expr:
        case Power(base, Const(exponent)) if exponent.denominator == 1:
            return base, int(exponent)
    return expr, 1


def power_of_sum_by_largest(bound):
    """(Σ c f^p)^b by the largest of the |f|."""
    return _by_largest_base(bound["·f"], bound["·b"], ONE)


def root_of_sum_by_largest(bound):
    return _by_largest_base(bound["·f"], const("1/2"), ONE)


def product_with_power_of_sum(bound):
    """a (Σ c f^p)^b, where factors of a are powers of one of the f."""
    return _by_largest_base(bound["·f"], bound["·b"], bound["·rest"])


def product_with_power_of_powers(bound):
    """a (c x^n + d y^n + …)^b by the largest of |x|, |y|, …, of which powers are in a."""
    inside, exponent = bound["·a"], bound["·b"]
    found = [_amount_and_base(term) for term in terms_of(inside)]
    degrees = {degree for _, _, degree in found if degree}
    if len(degrees) != 1 or any(amount <= 0 for amount, _, _ in found):
        return None
    (degree,) = degrees
    whole = isinstance(exponent, Const) and exponent.value.denominator == 1
    if (whole and exponent.value > 0) or degree <= 2 or degree % 2:
        return None
    bases = [base for _, base, _ in found]
    top = reduce(lambda p, q: where("<", p, q, q, p), map(_size, bases))
    top = where("==", top, ZERO, ONE, top)
    product, gained = ONE, degree * exponent
    for factor in factors_of(bound["·rest"]):
        own, times = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, ONE)
        if any(own is base or own is absolute(base) for base in bases if base is not ONE):
            factor, gained = _ratio_power(own, top, times), gained + times
        product *= factor
    if gained is degree * exponent:
        return None
    ratios = (amount * _ratio_power(base, top, const(degree)) for amount, base, _ in found)
    return product * power(add(*ratios), exponent) * power(top, gained)


def _amount_and_base(term: Expr) -> tuple[Fraction, Expr, int]:
    """c, x and n of c x^n; n is 0 for a number, and x is 1."""
    amount, rest = split_number(term)
    match rest:
        case Const(value) if value == 1:
            return amount, ONE, 0
        case Power(base, Const(exponent)) if exponent.denominator == 1 and base.arrays:
            computed = any(isinstance(part, Where) for part in parts(base))
            return amount, base, 1 if computed else int(exponent)
    return amount, rest, 1


def _by_largest_base(body: Lambda, exponent: Expr, above: Expr) -> Expr | None:
    if isinstance(exponent, Const) and exponent.value.denominator == 1 and exponent.value > 0:
        return None
    index = fresh(body.indices[0].size)
    inside = body.at((place_of(index),))
    raised = [f for f in factors_of(inside) if isinstance(f, Power) and index in f.base.free]
    if len(raised) != 1 or scaled(inside)[0] is not ZERO:
        return None
    base, degree = raised[0].base, raised[0].exponent
    turn = -1 if isinstance(degree, Const) and degree.value < 0 else 1
    if isinstance(degree, Const) and abs(degree.value) <= 1:
        return None
    top = largest(index, _size(power(base, turn)))
    top = where("==", top, ZERO, ONE, top)
    found, gained = ONE, degree * turn * exponent
    for factor in factors_of(above):
        own, times = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, ONE)
        if _is_one_of(own, base, index):
            times *= turn
            factor, gained = _ratio_power(power(own, turn), top, times), gained + times
        found *= factor
    if above is not ONE and gained is degree * turn * exponent:
        return None
    others = (factor for factor in factors_of(inside) if factor is not raised[0])
    summed = total(index, mul(*others, _ratio_power(power(base, turn), top, degree * turn)))
    return found * power(top, gained) * power(summed, exponent)


def _size(expr: Expr) -> Expr:
    return expr if is_nonnegative(expr) else absolute(expr)


def _is_one_of(expr: Expr, base: Expr, index: Index) -> bool:
    """Whether an expression is the base, or its absolute value is, at some place."""
    places = (substitute(base, {index: place_of(other)}) for other in expr.free)
    return any(expr is place or absolute(expr) is place for place in places)


def _ratio_power(base: Expr, top: Expr, exponent: Expr) -> Expr:
    """(a / t)^n for a positive t: the ratio is computed before it is raised."""
    size = absolute(base / top)
    if is_nonnegative(base) or is_even(exponent):
        return power(size, exponent)
    if isinstance(exponent, Const) and exponent.value.denominator == 1:
        return power(size, exponent - 1) * where("==", base, ZERO, ZERO, base / top)
    apart = power(base, exponent) * power(top, -exponent)
    return where("<", base, ZERO, apart, power(size, exponent))
