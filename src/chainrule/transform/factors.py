"""Factors and sums: common factors in front, products multiplied out, fractions over one divisor.

Each function gives the same value in another form; `simplify` keeps what costs least.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import gcd, lcm, prod

from chainrule.language.algebra import (
    ONE,
    ZERO,
    add,
    mul,
    opened,
    power,
    split_number,
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
    ordered,
    terms_of,
)
from chainrule.language.index import Index
from chainrule.language.passes import parts


def factored(expr: Expr) -> Expr:
    """A sum with the factors that all its terms share in front, powers such as p^(γ - 1) too.

    >>> from chainrule.language.algebra import element
    >>> from chainrule.language.expr import Array
    >>> a, b, x = (element(Array(name)) for name in "abx")
    >>> factored(a * x + b * x**2) is x * (a + b * x)
    True
    >>> factored(a * x ** (b + 1) - x**b) is x**b * (a * x - 1)
    True
    """
    if not isinstance(expr, Add):
        return expr
    shared = _exponents(expr.terms[0])
    for term in expr.terms[1:]:
        found = _exponents(term)
        both = ((b, _common(e, found[b])) for b, e in shared.items() if b in found)
        shared = {base: exponent for base, exponent in both if exponent is not None}
    powers = [(base, add(*exponent)) for base, exponent in shared.items()]
    if not powers:
        return expr
    inverse = mul(*(power(base, -exponent) for base, exponent in powers))
    common = mul(*(power(base, exponent) for base, exponent in powers))
    return mul(common, add(*(mul(term, inverse) for term in expr.terms)))


def _exponents(term: Expr) -> dict[Expr, tuple[Expr, Fraction]]:
    """Base → its exponent, as what is no number and a number."""
    result = {}
    for factor in factors_of(term):
        if isinstance(factor, Power):
            result[factor.base] = _parted(factor.exponent)
        elif not isinstance(factor, Const):
            result[factor] = (ZERO, ONE.value)
    return result


def _parted(exponent: Expr) -> tuple[Expr, Fraction]:
    number = sum(t.value for t in terms_of(exponent) if isinstance(t, Const))
    return add(exponent, -number), number


def _common(left: tuple[Expr, Fraction], right: tuple[Expr, Fraction]):
    """The exponent that both share; of numbers the smaller of positive, the larger of negative."""
    (rest, a), (other, b) = left, right
    if rest is not other:
        return None
    if rest is not ZERO or (a > 0 and b > 0):
        return rest, min(a, b)
    return (rest, max(a, b)) if a < 0 and b < 0 else None


def with_equal_signs(expr: Add) -> Expr:
    """The sum with y - x as -(x - y) in its products, so that factors of both signs are one."""
    found = []
    for term in expr.terms:
        pairs = [_turned(factor) for factor in factors_of(term)]
        found.append(mul(*(sign for sign, _ in pairs), *(factor for _, factor in pairs)))
    return add(*found)


def _turned(factor: Expr) -> tuple[int, Expr]:
    """(-1, x - y) for y - x, also in a sum, Σ_n c_n (t_n - p_n); else (1, the factor itself)."""
    if isinstance(factor, Add) and _turns(factor):
        return -1, negative(factor)
    if isinstance(factor, Reduce) and factor.kind == "sum":
        index, body = opened(factor)
        pairs = [_turned(one) for one in factors_of(body)]
        if prod(sign for sign, _ in pairs) < 0:
            return -1, total(index, mul(*(one for _, one in pairs)))
    return 1, factor


def _turns(expr: Add) -> bool:
    """True of one of x - y and y - x, whichever way their terms stand."""
    parts = {rest: number for number, rest in map(split_number, expr.terms)}
    return parts[ordered(list(parts))[0]] < 0


def negative(expr: Add) -> Expr:
    """y - x of x - y."""
    return add(*(-term for term in expr.terms))


def with_sign_inside(node: Mul) -> Expr:
    """-(x - y) as y - x, also where the bracket stands in a sum: -Σ_n c_n (t_n - p_n)."""
    if split_number(node)[0] > 0:
        return node
    for factor in node.factors:
        turned = None
        if isinstance(factor, Add):
            turned = negative(factor)
        elif isinstance(factor, Reduce) and factor.kind == "sum":
            index, body = opened(factor)
            inner = with_sign_inside(-body) if isinstance(body, Mul) else -body
            turned = total(index, inner) if split_number(inner)[0] > 0 else None
        if turned is not None and any(split_number(t)[0] > 0 for t in terms_of(turned)):
            return mul(-1, *(other for other in node.factors if other is not factor), turned)
    return node


def with_number_in_front(node: Expr) -> Expr:
    """A product with the numbers that the terms of its sums share in front: (2 x - 2 y) / 2."""
    found, amount = [], ONE.value
    for factor in factors_of(node):
        number = _content(factor) if isinstance(factor, Add) else ONE.value
        found.append(add(*(term / number for term in factor.terms)) if number != 1 else factor)
        amount *= number
    return mul(amount, *found)


def _content(expr: Add) -> Fraction:
    """The largest number that leaves whole ones of all terms' numbers; negative if those are."""
    numbers = [split_number(term)[0] for term in expr.terms]
    sign = -1 if all(number < 0 for number in numbers) else 1
    above, below = (n.numerator for n in numbers), (n.denominator for n in numbers)
    return sign * Fraction(gcd(*above), lcm(*below))


def over_one_divisor(node: Expr) -> list[Expr]:
    """A sum of fractions, or one in a product, as one fraction: 1/v - c²/v² is (v - c²)/v².

    >>> from chainrule.language.algebra import element
    >>> from chainrule.language.expr import Array
    >>> c, v = element(Array("c")), element(Array("v"))
    >>> (v - c**2) / v**2 in over_one_divisor(1 / v - c**2 / v**2)
    True
    """
    found = []
    for factor in factors_of(node):
        if isinstance(factor, Add) and any(map(divisors, factor.terms)):
            rest = mul(*(other for other in factors_of(node) if other is not factor))
            top, below = _fraction(factor)
            found += [mul(rest, top, below), mul(rest, multiplied_out(top), below)]
    return found


def _fraction(expr: Add) -> tuple[Expr, Expr]:
    """(what stands above the line of one fraction, what it is multiplied with)."""
    lowest: dict[Expr, Fraction] = {}
    for term in expr.terms:
        for divisor in divisors(term):
            amount = divisor.exponent.value
            lowest[divisor.base] = min(amount, lowest.get(divisor.base, amount))
    above, below = (mul(*(power(b, k * n) for b, n in lowest.items())) for k in (-1, 1))
    return add(*(mul(term, above) for term in expr.terms)), below


def fractions_within(expr: Expr) -> int:
    """How many fractions stand in a sum that is itself divided, as in (1 - y/p) / (1 - p)."""
    found = 0
    for part in parts(expr):
        if isinstance(part, Mul) and divisors(part):
            sums = [factor for factor in part.factors if isinstance(factor, Add)]
            found += sum(len(divisors(term)) for factor in sums for term in factor.terms)
    return found


def shared_within(expr: Expr) -> int:
    """How many sums have terms that share a number, or another factor: 2 h - 2 h³ has both."""
    sums = [part for part in parts(expr) if isinstance(part, Add)]
    return sum((abs(_content(one)) != 1) + (factored(one) is not one) for one in sums)


def opposed_within(expr: Expr) -> int:
    """How many sums stand there with either sign, as x - y and y - x."""
    sums = {part for part in parts(expr) if isinstance(part, Add)}
    if len(sums) < 2:
        return 0
    return sum(negative(one) in sums for one in sums) // 2


def divisors(term: Expr) -> list[Power]:
    """The factors that divide."""
    powers = [factor for factor in factors_of(term) if isinstance(factor, Power)]
    return [p for p in powers if isinstance(p.exponent, Const) and p.exponent.value < 0]


def over_each_sum(node: Mul) -> list[Expr]:
    """The product multiplied out over one of its sums, whose terms may cancel with the rest."""
    below = divisors(node)
    found = []
    for factor in node.factors:
        if isinstance(factor, Add) and (below or any(map(divisors, factor.terms))):
            rest = node / factor
            found.append(add(*(mul(rest, term) for term in factor.terms)))
    return found


def over_its_sums(node: Add) -> Expr:
    """A sum with its terms multiplied out over one of their sums: what then cancels is gone."""
    return add(*((over_each_sum(t) or [t])[0] if isinstance(t, Mul) else t for t in node.terms))


def multiplied_out(expr: Expr) -> Expr:
    """Products of sums, and small powers of sums, written as one sum."""
    if isinstance(expr, Add):
        return add(*(multiplied_out(term) for term in expr.terms))
    if not isinstance(expr, Mul):
        return expr
    terms = [ONE]
    for factor in expr.factors:
        times = 1
        if isinstance(factor, Power) and factor.exponent in (_TWO, _THREE):
            factor, times = factor.base, int(factor.exponent.value)
        options = terms_of(factor)
        for _ in range(times):
            terms = [mul(term, option) for term in terms for option in options]
        if len(terms) > 24:
            return expr
    return add(*terms)


def in_front_of_cases(node: Where) -> Expr:
    """The factors that both cases share, in front of the cases; r < 0 for 0 < -r.

    >>> from chainrule.language.algebra import const, element
    >>> from chainrule.language.expr import Array
    >>> a, x = element(Array("a")), element(Array("x"))
    >>> in_front_of_cases(where("<", x, ZERO, a * x, 2 * a)) is a * where("<", x, ZERO, x, const(2))
    True
    """
    if node.left is ZERO and split_number(node.right)[0] < 0:
        node = where(node.kind, -node.right, ZERO, node.yes, node.no)
        return in_front_of_cases(node) if isinstance(node, Where) else node
    shared = [one for one in factors_of(node.yes) if one in factors_of(node.no)]
    shared = [one for one in shared if not isinstance(one, Const)]
    if not shared:
        return node
    yes, no = (
        mul(*(one for one in factors_of(case) if one not in shared)) for case in (node.yes, node.no)
    )
    return mul(*shared, where(node.kind, node.left, node.right, yes, no))


def sums_within(node: Reduce) -> Iterator[tuple[Expr, tuple[list[Index], list[Expr]]]]:
    """For nested sums of one product, each sum over one of the indices with its factors alone,
    and what it is multiplied with and summed over: Σ_d V_kd g_nd with A_nk, and Σ_k A_nk V_kd
    with g_nd, of Σ_k A_nk Σ_d V_kd g_nd."""
    indices, factors, waiting = [], [], [node]
    while waiting:
        factor = waiting.pop()
        if isinstance(factor, Reduce) and factor.kind == "sum":
            index, body = opened(factor)
            indices.append(index)
            waiting += factors_of(body)
        else:
            factors.append(factor)
    for index in indices if len(indices) > 1 else ():
        inside = [factor for factor in factors if index in factor.free]
        outside = [factor for factor in factors if index not in factor.free]
        others = [other for other in indices if other is not index]
        if outside:
            yield total(index, mul(*inside)), (others, outside)


_TWO, _THREE = Const(ONE.value + 1), Const(ONE.value + 2)
