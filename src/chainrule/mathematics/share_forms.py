"""Right sides of the rules on probabilities and shares; None where a rule does not apply."""

from __future__ import annotations

from chainrule.language.algebra import ZERO, add, total
from chainrule.language.expr import Add, Along, Apply, Const, Element, Expr, Mul
from chainrule.language.inline import elements
from chainrule.language.joined import joined
from chainrule.language.passes import parts
from chainrule.mathematics import functions as known
from chainrule.mathematics.patterns import sigmoid


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


def affine_in_probabilities(bound):
    return by_probabilities(bound["·a"] + bound["·rest"])


def by_probabilities(expr: Expr) -> Expr | None:
    """a + b p as a (1 - p) + (a + b) p, which is exact where a or a + b is 0, for every p."""
    found, left = ZERO, expr
    for term in _terms(expr):
        for share in _factors(term):
            if complement(share) is not None and (split := _split(left, share)) is not None:
                constant, factor, left = split
                found += constant * complement(share) + (constant + factor) * share
    return None if left is expr else found + left


def _split(expr: Expr, share: Expr) -> tuple[Expr, Expr, Expr] | None:
    """(a, b, the rest) with expr = a + b p + the rest; None where a or b is nothing."""
    constant, factor, others = ZERO, ZERO, ZERO
    for term in _terms(expr):
        if share in _factors(term) and all(map(_is_plain, parts(term / share))):
            factor += term / share
        elif term.free <= share.free and all(map(_is_plain, parts(term))):
            constant += term
        else:
            others += term
    if not constant.arrays or factor is ZERO or share in parts(others):
        return None
    return constant, factor, others


def _terms(expr: Expr) -> tuple[Expr, ...]:
    return expr.terms if isinstance(expr, Add) else (expr,)


def _factors(term: Expr) -> tuple[Expr, ...]:
    return term.factors if isinstance(term, Mul) else (term,)


def _is_plain(part: Expr) -> bool:
    return isinstance(part, (Const, Element, Add, Mul))
