"""Identities that make a value survive floating point, and that may be differentiated afterwards.

Lines and letters are as in `mathematics/rules.py`. What must look at sizes to choose a form, and
is for the last step before numbers, stands in `mathematics/final_rules.py`.
"""

from __future__ import annotations

from chainrule.language.algebra import (
    ONE,
    ZERO,
    add,
    const,
    count,
    delta,
    mul,
    position,
    power,
    total,
    where,
)
from chainrule.language.expr import Add, Along, Apply, Const, Mul, Power
from chainrule.language.index import fresh, place_of
from chainrule.language.inline import AXIS
from chainrule.mathematics import functions as known
from chainrule.mathematics.conditions import is_nonnegative, is_positive, nonnegative, positive
from chainrule.mathematics.patterns import (
    P,
    Q,
    a,
    asinh,
    b,
    cosh,
    exp,
    expm1,
    f,
    g,
    h,
    i,
    j,
    k,
    log,
    log1mexp,
    log1p,
    log_cosh,
    log_softmax,
    logsumexp,
    n,
    norm,
    sample,
    sigmoid,
    sinh,
    softmax,
    softmax_complement,
    softplus,
    sqrt,
    tanh,
    x,
    y,
)
from chainrule.mathematics.rules import Rule
from chainrule.mathematics.scales import scaled

# fmt: off

# Right sides that compute ---------------------------------------------------------------------


def _log_by_scale(bound):
    scale, rest = scaled(bound["·a"])
    return None if scale is ZERO else scale + (ZERO if rest is ONE else log(rest))


def _power_by_scale(bound):
    exponent = bound["·b"]
    if not isinstance(bound["·a"], Add | type(total(Q, sample("x")))):
        return None
    scale, rest = scaled(bound["·a"])
    if rest is not ONE and exponent is _TWO:
        # The square of a weighted sum takes in what it is multiplied by.
        return None
    return None if scale is ZERO else exp(exponent * scale) * power(rest, exponent)


_TWO = const(2)


def _into_terms(bound):
    """e^a (n e^b + …) multiplied out, if every term has a scale of its own; so for powers."""
    outer, terms, times = bound["·a"], bound["·b"], ONE
    if isinstance(terms, Power) and _is_whole(terms.exponent):
        terms, times = terms.base, terms.exponent
    if not isinstance(terms, Add) or any(scaled(term)[0] is ZERO for term in terms.terms):
        return None
    return power(add(*(exp(outer / times) * term for term in terms.terms)), times)


def _is_whole(exponent):
    return isinstance(exponent, Const) and exponent.value in (2, 3, 4)


def _log_of_two(bound):
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


def _complement(bound):
    """n - n a of a product or power of probabilities, by the logarithm of a."""
    amount, inner = bound["·number"], bound["·a"]
    if isinstance(inner, Power) and _is_whole(inner.exponent) and _is_probability(inner.base):
        base = inner.base
        powers = (power(base, times) for times in range(int(inner.exponent.value)))
        return _complement({"·number": amount, "·a": base}) * add(*powers)
    if isinstance(inner, Apply) and inner.function is known.sigmoid:
        return amount * sigmoid(-inner.argument)
    if isinstance(inner, Along):
        complement = Along(known.softmax_complement, inner.index, inner.body, inner.at)
        return amount * complement if inner.function is known.softmax else None
    if not isinstance(inner, (Mul, Power, Apply)):
        return None
    scale, rest = scaled(inner)
    return -amount * expm1(scale) if scale is not ZERO and rest is ONE else None


def _expm1_of_softplus(bound):
    """e^(-n softplus(a)) - 1 = σ(-a)^n - 1."""
    times = -bound["·number"].value
    if times not in (1, 2, 3, 4):
        return None
    return _complement({"·number": const(-1), "·a": power(sigmoid(-bound["·a"]), const(times))})


def _is_probability(base):
    return getattr(base, "function", None) in (known.sigmoid, known.softmax)


def _root_difference(bound):
    """√a - √b as a quotient, if √a + √b can't be 0."""
    inside, root, amount = bound["·a"], bound["·b"], bound["·number"]
    root = root / -amount
    if isinstance(root, Apply) and root.function is known.sqrt:
        gap = inside - root.argument
        apart = isinstance(gap, Const) and gap.value
        if apart or is_positive(inside) or is_positive(root.argument):
            return amount * gap / (sqrt(inside) + root)
    return None


def _about_the_mean(bound):
    """a Σ w u v + b (Σ w u)(Σ w v) about the means, where the two would cancel."""
    index = fresh(bound[AXIS])
    place = (place_of(index),)
    whole, first = bound["·f"].at(place), bound["·g"].at(place)
    second = bound["·h"].at(place) if "·h" in bound else first
    weight = first * second / whole
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


def _is_one(weight, index):
    """Whether the weights are probabilities along the index."""
    return (
        isinstance(weight, Along)
        and weight.function is known.softmax
        and weight.at == place_of(index)
    )


def _has_denominator(side):
    factors = side.factors if isinstance(side, Mul) else (side,)
    return any(
        isinstance(factor, Power)
        and not (isinstance(factor.exponent, Const) and factor.exponent.value > 0)
        for factor in factors
    )


def _exponentials_less_count(bound):
    """n Σ e^f - n × (number of elements), kept together."""
    body, amount = bound["·f"], bound["·number"]
    if bound["·a"] is not mul(-1, amount, count(bound[AXIS])):
        return None
    return amount * total(body.indices[0], expm1(body.body))


STABILISE = [
    Rule("log-of-exp", log(exp(a)), a, "exp overflows", overflows=True),
    Rule("log-of-two-exps", log(a), _log_of_two, "the larger exponential may overflow",
         examples=(log(exp(x) - exp(y)), log(exp(x) / 2 + exp(-x) / 2), log(3 - exp(x))),
         overflows=True),
    Rule("log-by-scale", log(a), _log_by_scale, "log(e^s r) = s + log r, and e^s may overflow",
         examples=(
             log(sigmoid(x)),
             log(softmax(sample("x", P), Q, P)), log(1 + exp(x)), log(exp(x) + exp(-x)),
             log(total(Q, exp(sample("x")))), log(total(Q, sample("w") * exp(sample("x")))),
             log(total(Q, sample("w") * softmax(sample("x", P), Q, P))),
             log(exp(x) * y), log(1 + total(Q, exp(sample("x")))), log(power(sigmoid(x), 3)),
         ), overflows=True),
    Rule("log-of-expm1", log(expm1(a)), a + log1mexp(a), "expm1 overflows", overflows=True),
    Rule("log-of-minus-expm1", log(-expm1(a)), log1mexp(-a), "a small exponential is forgotten",
         overflows=True),
    Rule("log-of-sinh", log(sinh(a)), a - log(const(2)) + log1mexp(2 * a), "sinh overflows",
         overflows=True),
    Rule("power-by-scale", power(a, b), _power_by_scale, "a sum of exponentials may overflow",
         examples=(1 / (1 + exp(x)), 1 / total(Q, exp(sample("x"))), power(exp(x) + exp(y), -2)),
         overflows=True),
    Rule("power-of-exp", power(exp(a), b), exp(a * b), "exponents multiply before they overflow"),
    Rule("product-of-exps", exp(a) * exp(b), exp(a + b), "exponents may cancel"),
    Rule("exp-into-sum", exp(a) * total(j, exp(f(j)) * g(j)),
         total(j, exp(f(j) + a) * g(j)), "exponents may cancel"),
    Rule("exp-into-square-of-sum", exp(a) * total(j, exp(f(j)) * g(j)) ** 2,
         total(j, exp(f(j) + a / 2) * g(j)) ** 2, "exponents may cancel"),
    Rule("exp-into-terms", exp(a) * b, _into_terms, "exponents may cancel",
         examples=(exp(x) * (exp(y) + exp(-y)), exp(x) * (exp(y) - exp(-y)) ** 2)),
    Rule("power-of-number-by-exp", power(n, a) * exp(b), exp(a * log(n) + b),
         "exponents may cancel", (positive(n),), examples=(power(const(2), x) * exp(y),)),
    Rule("sigmoid-by-exp", exp(a) * sigmoid(-a), sigmoid(a), "e^a / (1 + e^a)"),
    Rule("sigmoid-of-softplus", exp(-softplus(a)), sigmoid(-a), "1 / (1 + e^a)"),
    Rule("sigmoid-of-rest", exp(a - softplus(a)), sigmoid(a), "e^a / (1 + e^a)"),
    Rule("exp-of-log-softmax", exp(log_softmax(f(j), i)), softmax(f(j), i), "exp undoes log"),
    Rule("softmax-of-log-softmax", softmax(log_softmax(f(j), i), k, i), softmax(f(j), k),
         "a shift that all logits share changes nothing"),
    Rule("log-softmax-written-out", n * f(i) - n * logsumexp(f(j)), n * log_softmax(f(j), i),
         "the largest logit may cancel"),
    Rule("softplus-less-its-mirror", n * softplus(a) - n * softplus(-a), n * a,
         "log((1 + e^a) / (1 + e^-a)) = a"),
    Rule("mirror-of-softplus", n * a - n * softplus(a), -n * softplus(-a),
         "both are large where a is"),
    Rule("sigmoid-quotient", sigmoid(a) / sigmoid(-a), exp(a), "either may be 0 in floating point"),
    Rule("tanh-of-sigmoids", n * sigmoid(a) - n * sigmoid(-a), n * tanh(a / 2), "the two cancel"),
    Rule("tanh-of-expm1", expm1(a) * sigmoid(-a), tanh(a / 2), "expm1 overflows"),
    Rule("sigmoids-less-one", n * sigmoid(a) + n * sigmoid(b) - n, n * sigmoid(a) - n * sigmoid(-b),
         "a complement cancels less than the probability"),
    Rule("difference-of-sigmoids", n * sigmoid(a) - n * sigmoid(b),
         n * tanh((a - b) / 2) * (sigmoid(a) * sigmoid(-b) + sigmoid(-a) * sigmoid(b)),
         "the two cancel"),
    Rule("complement-of-tanh", n - n * tanh(a), 2 * n * sigmoid(-2 * a),
         "1 - tanh is 0 from 19 on"),
    Rule("complement-of-minus-tanh", n + n * tanh(a), 2 * n * sigmoid(2 * a),
         "1 + tanh is 0 from -19 on"),
    Rule("complement-of-tanh-squared", n - n * tanh(a) ** 2,
         4 * n * sigmoid(2 * a) * sigmoid(-2 * a), "1 - tanh² is 0 from 19 on"),
    Rule("difference-of-tanhs", n * tanh(a) - n * tanh(b),
         2 * n * sigmoid(2 * a) - 2 * n * sigmoid(2 * b), "the two cancel"),
    Rule("tanh-of-sinh", sinh(a) / cosh(a), tanh(a), "both overflow"),
    Rule("tanh-of-log-cosh", sinh(a) * exp(-log_cosh(a)), tanh(a), "sinh overflows"),
    Rule("complement-of-probability", n - n * a, _complement, "1 minus what is near 1 is 0",
         examples=(1 - sigmoid(x), 3 * sigmoid(x) - 3, 1 - softmax(sample("x"), P, Q),
                   1 - sigmoid(x) * sigmoid(y), 1 - power(sigmoid(x), y),
                   1 - softmax(sample("x"), P, Q) ** 2, 1 - sigmoid(x) ** 3)),
    Rule("expm1-of-softplus", expm1(n * softplus(a)), _expm1_of_softplus,
         "a probability near 1, less 1", examples=(expm1(-2 * softplus(x)), expm1(-softplus(x)))),
    Rule("complement-of-expectation", n - n * total(k, g(k) * softmax(f(j), k)),
         n * total(k, (1 - g(k)) * softmax(f(j), k)), "probabilities sum to 1"),
    Rule("sum-of-softmax", total(i, softmax(f(j), i)), ONE, "probabilities sum to 1"),
    Rule("delta-less-softmax", n * delta(i, k) - n * softmax(f(j), i),
         where("==", position(i), position(k),
               n * softmax_complement(f(j), i),
               -n * softmax(f(j), i)),
         "1 minus a probability near 1 is 0; the others are known"),
    Rule("log1p-of-exp", log1p(exp(a)), softplus(a), "exp overflows"),
    Rule("log-of-one-plus", log(1 + a), log1p(a), "1 + a forgets a small a"),
    Rule("exp-less-one", n * exp(a) - n, n * expm1(a), "exp(a) forgets a small a"),
    Rule("exp-of-small", exp(a) * expm1(-a), -expm1(a), "exponents may cancel"),
    Rule("expm1-plus-one", n * expm1(a) + n, n * exp(a), "the two ones cancel"),
    Rule("exps-less-count", n * total(j, exp(f(j))) + a, _exponentials_less_count,
         "a sum forgets small terms", examples=(total(Q, exp(sample("x")) - 1),)),
    Rule("difference-of-roots", n * sqrt(a) + b, _root_difference, "near-equal roots cancel",
         examples=(sqrt(x + 3) - sqrt(x), 2 * sqrt(x + 4) - 2 * sqrt(x))),
    Rule("centred-squares", a * total(j, f(j)) + b * total(j, g(j)) ** 2, _about_the_mean,
         "squares far from the mean cancel",
         examples=(total(Q, sample("x") ** 2) - total(Q, sample("x")) ** 2 / 7,
                   total(Q, exp(sample("y")) * sample("x") ** 2)
                   - total(Q, exp(sample("y")) * sample("x")) ** 2)),
    Rule("centred-products", a * total(j, f(j)) + b * total(j, g(j)) * total(j, h(j)),
         _about_the_mean, "products far from the means cancel",
         examples=(total(Q, sample("x") * sample("y"))
                   - total(Q, sample("x")) * total(Q, sample("y")) / 7,)),
    Rule("square-completed", n * a**2 + n * b**2 - 2 * n * a * b, n * (a - b) ** 2,
         "near-equal squares cancel"),
    Rule("square-of-sum-completed", n * a**2 + n * b**2 + 2 * n * a * b, n * (a + b) ** 2,
         "squares of opposite signs cancel"),
    Rule("squares-completed",
         n * total(j, f(j) ** 2) + n * total(j, g(j) ** 2) - 2 * n * total(j, f(j) * g(j)),
         n * total(j, (f(j) - g(j)) ** 2), "near-equal squares cancel"),
    Rule("cosh-less-one", n * exp(a) + n * exp(-a) - 2 * n, 4 * n * sinh(a / 2) ** 2,
         "exp(a) forgets the square of a small a"),
    Rule("cosh-less-one-by-name", n * cosh(a) - n, 2 * n * sinh(a / 2) ** 2,
         "cosh(a) forgets a small a"),
    Rule("asinh-written-out", log(a + sqrt(a**2 + 1)), asinh(a), "the two cancel where a < 0"),
    Rule("minus-asinh-written-out", log(sqrt(a**2 + 1) - a), -asinh(a), "the two cancel"),
    Rule("root-as-power", power(a, const("1/2")), sqrt(a), "its definition"),
    Rule("root-below", power(a, const("-1/2")), 1 / sqrt(a), "its definition"),
    Rule("norm-written-out", sqrt(total(j, f(j) ** 2)), norm(f(j)), "squares overflow",
         overflows=True),
    Rule("norm-times-number", sqrt(a * total(j, f(j) ** 2)), sqrt(a) * norm(f(j)),
         "squares overflow", (positive(a),),
         examples=(sqrt(total(Q, sample("x") ** 2) / 5), sqrt(exp(y) * total(Q, sample("x") ** 2))),
         overflows=True),
    Rule("log-of-squares", log(total(j, f(j) ** 2)), 2 * log(norm(f(j))), "squares overflow",
         overflows=True),
    Rule("log-of-squares-times-amount", log(a * total(j, f(j) ** 2)), log(a) + 2 * log(norm(f(j))),
         "squares overflow", (nonnegative(a),), examples=(log(total(Q, sample("x") ** 2) / 5),),
         overflows=True),
    Rule("log-of-amount-by-squares", log(a / total(j, f(j) ** 2)), log(a) - 2 * log(norm(f(j))),
         "squares overflow", (nonnegative(a),),
         examples=(log(exp(y) / total(Q, sample("x") ** 2)),),
         overflows=True),
]
# fmt: on
