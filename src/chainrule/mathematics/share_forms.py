"""Right sides of the rules on probabilities and shares; None where a rule does not apply."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.language.algebra import ZERO, add, const, mul, split_number, total
from chainrule.language.expr import (
    Add,
    Along,
    Apply,
    Const,
    Element,
    Expr,
    Mul,
    Power,
    factors_of,
    terms_of,
)
from chainrule.language.inline import elements
from chainrule.language.joined import joined
from chainrule.language.passes import parts
from chainrule.mathematics import functions as known
from chainrule.mathematics.near_forms import multiplied_out
from chainrule.mathematics.patterns import log, log1mexp, sigmoid, softplus


def complement(share: Expr) -> Expr | None:
    """1 - p of a probability by a function's name."""
    match share:
        case Apply(function, argument) if function is known.sigmoid:
            return sigmoid(-argument)
        case Along(function, index, body, at) if function is known.softmax:
            return Along(known.softmax_complement, index, body, at)
    return None


def complement_of_ratio(bound):
    """n + a/b as (n b + a)/b, if the two are made of the same things, which then cancel."""
    above, below, amount = bound["·a"], bound["·b"], bound["·number"]
    names = frozenset(elements(above))
    if not isinstance(below, Add) or not names or not names <= frozenset(elements(below)):
        return None
    gap = amount * below + above
    sums = joined(gap) if isinstance(gap, Add) else ()
    for index, body, others in sums[:1]:
        better = by_probabilities(body)
        gap = add(total(index, body if better is None else better), *others)
    return gap / below


def share_of_the_rest(bound):
    """n a/b - n a p/b² of a term p of b, which is n a (b - p)/b²."""
    above, below = bound["·a"], bound["·b"]
    part = bound["·c"] / above
    if not isinstance(below, Add) or part not in below.terms:
        return None
    return bound["·number"] * above * (below - part) / below**2


def factor_in_front(bound):
    """What all terms share in front of their sum, if terms cancel then."""
    return _in_front(bound["·a"] + bound["·rest"])


def _in_front(expr: Expr) -> Expr | None:
    shared = mul(*_shared(terms_of(expr)))
    inside = [terms_of(_spread(term / shared)) for term in terms_of(expr)]
    result = add(*(part for parts in inside for part in parts))
    if shared.arrays and len(terms_of(result)) < sum(map(len, inside)):
        return shared * result
    return None


def divisor_in_front(bound):
    """What several terms are divided by in front of their sum."""
    expr = bound["·a"] + bound["·rest"]
    for divisor in filter(_is_divisor, factors_of(bound["·a"])):
        alike = [term for term in terms_of(expr) if divisor in factors_of(term)]
        if len(alike) > 1:
            shared = mul(*filter(_is_divisor, _shared(alike)))
            others = (term for term in terms_of(expr) if term not in alike)
            return add(shared * add(*(_spread(term / shared) for term in alike)), *others)
    return None


def _shared(terms: Sequence[Expr]) -> list[Expr]:
    """The factors of all terms that are no numbers."""
    first, *others = map(factors_of, terms)
    every = [factor for factor in first if all(factor in other for other in others)]
    return [factor for factor in every if others and factor.arrays]


def _is_divisor(factor: Expr) -> bool:
    return isinstance(factor, Power) and split_number(factor.exponent)[0] < 0


def _spread(term: Expr) -> Expr:
    """n (a + b) as n a + n b."""
    number, rest = split_number(term)
    return add(*(const(number) * part for part in terms_of(rest)))


def log_of_sigmoid_gap(bound):
    """log(n tanh((p - q)/2) (σ(p) σ(-q) + σ(-p) σ(q))): of the logarithms of its factors."""
    number, inside = split_number(bound["·a"])
    steep = [f for f in factors_of(inside) if isinstance(f, Apply) and f.function is known.tanh]
    crossed = [f for f in factors_of(inside) if f not in steep]
    if len(steep) != 1 or len(crossed) != 1 or len(terms_of(crossed[0])) != 2:
        return None
    first, second = map(factors_of, terms_of(crossed[0]))
    if not all(isinstance(f, Apply) and f.function is known.sigmoid for f in (*first, *second)):
        return None
    if len(first) != 2 or set(second) != {sigmoid(-factor.argument) for factor in first}:
        return None
    upper, lower = first[0].argument, -first[1].argument
    for high, low in ((upper, lower), (lower, upper)):
        gap = high - low
        shorter = _in_front(gap)
        gap = gap if shorter is None else shorter
        if gap is 2 * steep[0].argument:
            high, low, gap = (high, low, gap) if number > 0 else (low, high, -gap)
            apart = log1mexp(gap) - softplus(-high) - softplus(low)
            return apart if abs(number) == 1 else apart + log(const(abs(number)))
    return None


def affine_in_probabilities(bound):
    return by_probabilities(bound["·a"] + bound["·rest"])


def by_probabilities(expr: Expr) -> Expr | None:
    """a + b p as a (1 - p) + (a + b) p, which is exact where a or a + b is 0, for every p."""
    found, left = ZERO, expr
    for term in terms_of(expr):
        for share in factors_of(term):
            if complement(share) is not None and (split := _split(left, share)) is not None:
                constant, factor, left = split
                both = multiplied_out(constant + factor)
                found += constant * complement(share) + both * share
    return None if left is expr else found + left


def _split(expr: Expr, share: Expr) -> tuple[Expr, Expr, Expr] | None:
    """(a, b, the rest) with expr = a + b p + the rest; None where a or b is nothing."""
    constant, factor, others = ZERO, ZERO, ZERO
    for term in terms_of(expr):
        if share in factors_of(term) and all(map(_is_plain, parts(term / share))):
            factor += term / share
        elif term.free <= share.free and all(map(_is_plain, parts(term))):
            constant += term
        else:
            others += term
    if not constant.arrays or factor is ZERO or share in parts(others):
        return None
    return constant, factor, others


def _is_plain(part: Expr) -> bool:
    return isinstance(part, (Const, Element, Add, Mul))
