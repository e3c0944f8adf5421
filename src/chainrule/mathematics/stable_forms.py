"""Right sides of the stabilising rules that compute: None where a rule does not apply."""

from __future__ import annotations

from chainrule.language.algebra import (
    ONE,
    ZERO,
    add,
    along,
    const,
    mul,
    position,
    power,
    split_number,
    total,
    where,
)
from chainrule.language.expr import (
    Add,
    Along,
    Apply,
    Const,
    Mul,
    Power,
    Reduce,
    factors_of,
    terms_of,
)
from chainrule.language.index import fresh, place_of
from chainrule.language.inline import AXIS, Lambda
from chainrule.mathematics import functions as known
from chainrule.mathematics.conditions import is_even, is_nonnegative, is_positive
from chainrule.mathematics.patterns import (
    absolute,
    exp,
    expm1,
    i,
    k,
    log,
    log1mexp,
    log_cosh,
    relu,
    sigmoid,
    softplus,
    sqrt,
)
from chainrule.mathematics.scales import scaled, without_log_softmax
from chainrule.mathematics.share_forms import complement


def log_by_scale(bound):
    scale, rest = scaled(bound["·a"])
    return None if scale is ZERO else scale + (ZERO if rest is ONE else log(rest))


def power_by_scale(bound):
    base, exponent = bound["·a"], bound["·b"]
    whole = isinstance(exponent, Const) and exponent.value.denominator == 1
    divides = isinstance(exponent, Const) and exponent.value < 0
    share = _is_probability(base) and (not whole or (divides and isinstance(base, Along)))
    if not isinstance(base, (Add, Reduce)) and not share:
        return None
    scale, rest = scaled(base)
    if rest is not ONE and exponent is _TWO:
        # The square of a weighted sum takes in what it is multiplied by.
        return None
    return None if scale is ZERO else exp(exponent * scale) * power(rest, exponent)


_TWO = const(2)


def log_of_powers(bound):
    """log of a product with powers as a sum, where what is raised is positive."""
    inside, logarithm, rest, guarded = bound["·a"], ZERO, ONE, []
    for factor in factors_of(inside):
        if not isinstance(factor, Power) or factor.exponent in (ONE, _MINUS_ONE):
            rest *= factor
        elif is_even(factor.exponent):
            logarithm += factor.exponent * _log_of_size(factor.base)
        else:
            logarithm += factor.exponent * log(factor.base)
            guarded += [] if is_positive(factor.base) else [factor.base]
    if logarithm is ZERO:
        return None
    result = logarithm + (ZERO if rest is ONE else log(rest))
    for base in guarded:
        result = where("<", ZERO, base, result, log(relu(inside)))
    return result


def log1p_of_power(bound):
    """log(1 + a^b) by the logarithm of a, unless the power is multiplied out."""
    base, exponent = bound["·a"], bound["·b"]
    if isinstance(exponent, Const) and exponent.value.denominator == 1:
        return None
    by_log = softplus(exponent * log(base))
    if is_positive(base):
        return by_log
    raised = power(base, exponent)
    return where("<", ZERO, base, by_log, log(1 + relu(raised) - relu(-raised)))


def _log_of_size(expr):
    if isinstance(expr, Add) and ONE in expr.terms:
        return log(expr) if is_positive(expr) else where("<", ZERO, expr, log(expr), log(-expr))
    return log(expr if is_nonnegative(expr) else absolute(expr))


def power_of_product(bound):
    """(n Σ a)^c as n^c (Σ a)^c, and (a b d)^c as |a|^c |b|^c |d|^c where that is not negative."""
    inside, exponent = bound["·a"], bound["·b"]
    number, others = split_number(inside)
    if (isinstance(exponent, Const) and exponent.value.denominator == 1) or number <= 0:
        return None
    if isinstance(others, Reduce):
        return None if number == 1 else power(const(number), exponent) * power(others, exponent)
    if not isinstance(others, Mul) or len(others.factors) < 3:
        return None
    apart = mul(*(power(absolute(factor), exponent) for factor in inside.factors))
    return where("<", inside, ZERO, power(-relu(-inside), exponent), apart)


_MINUS_ONE = const(-1)


def root_by_scale(bound):
    scale, rest = scaled(bound["·a"])
    if scale is ZERO:
        return None
    return exp(scale / 2) * (ONE if rest is ONE else sqrt(rest))


def softpluses_less_arguments(bound):
    """n softplus(a) - n softplus(b) - n a + n b by the mirror, if that makes the rest shorter."""
    (left, right), amount = (bound["·a"], bound["·b"]), bound["·number"]
    rest = bound["·rest"] + amount * (left - right)
    if rest.size >= bound["·rest"].size:
        return None
    return amount * softplus(-left) - amount * softplus(-right) + rest


def into_terms(bound):
    """e^a (n e^b + …) multiplied out, if each term has a scale or a term is e^-a; so for powers."""
    outer, terms, times = bound["·a"], bound["·b"], ONE
    if isinstance(terms, Power) and _is_whole(terms.exponent):
        terms, times = terms.base, terms.exponent
    share = outer / times
    scales = [scaled(term)[0] for term in terms_of(terms)]
    if len(scales) < 2 or (ZERO in scales and -share not in scales):
        return None
    if all(map(_never_positive, (outer, *scales))):
        return None
    multiplied = (
        scaled(term)[1] if scale is -share else exp(share) * term
        for scale, term in zip(scales, terms.terms, strict=True)
    )
    return power(add(*multiplied), times)


def sum_into_terms(bound):
    """Σ e^f Σ_k (…) with the first sum taken into the terms of the second."""
    body = bound["·g"]
    scale, _ = scaled(total(body.indices[0], exp(bound["·f"].at((place_of(body.indices[0]),)))))
    within = into_terms({"·a": scale, "·b": body.body})
    return None if within is None else total(body.indices[0], within)


def _never_positive(scale):
    """Whether all terms of a scale are log-probabilities, so that its exponential is at most 1."""
    parts = map(split_number, terms_of(scale))
    ranges = ((amount, getattr(node, "function", known.log).range) for amount, node in parts)
    return all(amount > 0 >= high or amount < 0 <= low for amount, (low, high) in ranges)


def softmax_of_sum(bound):
    """Softmax of a sum with log-softmaxes of the same axis: of their logits, by the same shift."""
    index, place = fresh(bound[AXIS]), bound[k]
    body = bound["·f"].at((place_of(index),))
    shifted = without_log_softmax(body, index, shift=False)
    return None if shifted is body else along(known.softmax, index, shifted, place)


def _is_whole(exponent):
    return isinstance(exponent, Const) and exponent.value in (2, 3, 4)


def log_of_two(bound):
    """log(n e^a + n e^-a), and log(n e^a - m e^b)."""
    terms = bound["·a"].terms if isinstance(bound["·a"], Add) else ()
    if len(terms) != 2:
        return None
    (first, r), (second, q) = map(scaled, terms)
    if not (isinstance(r, Const) and isinstance(q, Const) and r.value and q.value):
        return None
    if r is q and r.value > 0 and first is -second:
        return _plus_log(log_cosh(first), 2 * r)
    if r.value < 0:
        first, second, r, q = second, first, q, r
    if r.value < 0 or q.value > 0:
        return None
    return _plus_log(first, r) + log1mexp(_plus_log(first, r) - _plus_log(second, -q))


def _plus_log(scale, number):
    return scale if number is ONE else scale + log(number)


def complement_of(bound):
    """n - n a of a product or power of probabilities, by the logarithm of a."""
    amount, inner = bound["·number"], bound["·a"]
    if isinstance(inner, Power) and _is_whole(inner.exponent) and _is_probability(inner.base):
        base = inner.base
        powers = (power(base, times) for times in range(int(inner.exponent.value)))
        return complement_of({"·number": amount, "·a": base}) * add(*powers)
    if (other := complement(inner)) is not None:
        return amount * other
    if not isinstance(inner, (Mul, Power, Apply)):
        return None
    if isinstance(inner, Mul) and all(isinstance(f, Add) and ONE in f.terms for f in inner.factors):
        return -amount * _product_less_one(inner.factors)
    scale, rest = scaled(inner)
    return -amount * expm1(scale) if scale is not ZERO and rest is ONE else None


def _product_less_one(factors):
    """(1 + a)(1 + b) - 1 as a + (1 + a) b."""
    result, before = ZERO, ONE
    for factor in factors:
        result += before * (factor - 1)
        before *= factor
    return result


def expm1_of_softplus(bound):
    """e^(-n softplus(a)) - 1 = σ(-a)^n - 1."""
    times = -bound["·number"].value
    if times not in (1, 2, 3, 4):
        return None
    return complement_of({"·number": const(-1), "·a": power(sigmoid(-bound["·a"]), const(times))})


def _is_probability(base):
    return getattr(base, "function", None) in (known.sigmoid, known.softmax)


def root_difference(bound):
    """√a - √b as a quotient, if √a + √b can't be 0."""
    inside, root, amount = bound["·a"], bound["·b"], bound["·number"]
    root = root / -amount
    if isinstance(root, Apply) and root.function is known.sqrt:
        gap = inside - root.argument
        apart = isinstance(gap, Const) and gap.value
        shorter = gap.size < inside.size + root.argument.size
        if apart or (shorter and (is_positive(inside) or is_positive(root.argument))):
            return amount * gap / (sqrt(inside) + root)
    return None


def about_the_mean(bound):
    """a Σ w u v + b (Σ w u)(Σ w v) about the means, where the two would cancel."""
    index = fresh(bound[AXIS])
    place = (place_of(index),)
    whole, first = bound["·f"].at(place), bound["·g"].at(place)
    second = bound["·h"].at(place) if "·h" in bound else first
    scale, weight = scaled(first * second / whole)
    weight = weight if scale is ZERO else weight * exp(scale)
    if not (is_nonnegative(bound["·a"]) and is_nonnegative(-bound["·b"])):
        return None
    if weight is not ONE and not is_positive(weight):
        return None
    left, right = first / weight, second / weight
    if _has_denominator(left) or _has_denominator(right) or _has_denominator(weight):
        return None
    mass = total(index, weight)
    mass = ONE if _is_one(weight, index) else mass
    apart = [side - total(index, weight * side) / mass for side in (left, right)]
    left_over = bound["·a"] / mass + bound["·b"]
    crossed = total(index, weight * left) * total(index, weight * right)
    return bound["·a"] * total(index, weight * apart[0] * apart[1]) + left_over * crossed


def exponentials_about_the_mean(bound):
    """a Σ e^(2f) + b (Σ e^f)² about the mean."""
    index = fresh(bound[AXIS])
    raised = Lambda((index,), exp(bound["·f"].at((place_of(index),))))
    squared = Lambda((index,), raised.body**2)
    return about_the_mean({**bound, "·f": squared, "·g": raised})


def _is_one(weight, index):
    """Whether the weights are probabilities along the index."""
    return (
        isinstance(weight, Along)
        and weight.function is known.softmax
        and weight.at == place_of(index)
    )


def _has_denominator(side):
    factors = factors_of(side)
    return any(
        isinstance(factor, Power)
        and not (isinstance(factor.exponent, Const) and factor.exponent.value > 0)
        for factor in factors
    )


def without_an_element(bound):
    """n Σ_j f_j - n f_i as a sum over the others, if the terms are exponentials."""
    amount, place, index = bound["·number"], bound[i], fresh(bound[AXIS])
    body = bound["·f"].at((place_of(index),))
    if scaled(body)[0] is ZERO:
        return None
    others = where("==", position(index), position(place), ZERO, ONE)
    return amount * total(index, others * body)


def cleared_reciprocal(bound):
    """a^-m / (… + n a^-k): numerator and denominator times a^k, so that no a² has to be held."""
    base, below = bound["·a"], bound["·b"]
    amount = bound["·number"].value
    if amount >= 0 or not isinstance(below, Add):
        return None
    depths = [_depth(term, base) for term in below.terms]
    depth = max(depths)
    if depth <= 0:
        return None
    cleared = add(*(term * power(base, const(depth)) for term in below.terms))
    return power(base, const(amount + depth)) / cleared


def _depth(term, base):
    """How often a term is divided by the base."""
    for factor in factors_of(term):
        if isinstance(factor, Power) and factor.base is base:
            if isinstance(factor.exponent, Const) and factor.exponent.value < 0:
                return -factor.exponent.value
    return 0
