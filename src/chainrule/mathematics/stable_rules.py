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
from chainrule.language.expr import Add, Apply, Const
from chainrule.language.inline import AXIS
from chainrule.mathematics import functions as known
from chainrule.mathematics.conditions import is_nonnegative, is_positive
from chainrule.mathematics.patterns import (
    P,
    Q,
    a,
    b,
    exp,
    expm1,
    f,
    g,
    i,
    j,
    k,
    log,
    log1p,
    log_softmax,
    logsumexp,
    m,
    n,
    norm,
    sample,
    sigmoid,
    softmax,
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
    return None if scale is ZERO else exp(exponent * scale) * power(rest, exponent)


def _into_terms(bound):
    """e^a (n e^b + …) multiplied out, if every term has a scale of its own."""
    outer, terms = bound["·a"], bound["·b"]
    if not isinstance(terms, Add) or any(scaled(term)[0] is ZERO for term in terms.terms):
        return None
    return add(*(exp(outer) * term for term in terms.terms))


def _root_difference(bound):
    """√a - b as a quotient, if √a + b can't be 0."""
    inside, root, amount = bound["·a"], bound["·b"], bound["·number"]
    root = root / -amount
    if isinstance(root, Const) and root.value > 0:
        return amount * (inside - root * root) / (sqrt(inside) + root)
    if isinstance(root, Apply) and root.function is known.sqrt:
        gap = inside - root.argument
        apart = isinstance(gap, Const) and gap.value
        if apart or is_positive(inside) or is_positive(root.argument):
            return amount * gap / (sqrt(inside) + root)
    return None


def _sum_of_squares_about_mean(bound):
    """a Σ f² + b (Σ f)² about the mean, where the two would cancel."""
    body, size = bound["·f"], bound[AXIS]
    index = body.indices[0]
    mean = total(index, body.body) / count(size)
    if not (is_nonnegative(bound["·a"]) and is_nonnegative(-bound["·b"])):
        return None
    spread = total(index, power(body.body - mean, 2))
    left_over = bound["·a"] / count(size) + bound["·b"]
    return bound["·a"] * spread + left_over * power(total(index, body.body), 2)


def _exponentials_less_count(bound):
    """n Σ e^f - n × (number of elements), kept together."""
    body, amount = bound["·f"], bound["·number"]
    if bound["·a"] is not mul(-1, amount, count(bound[AXIS])):
        return None
    return amount * total(body.indices[0], expm1(body.body))


def _roots_less_count(bound):
    body, amount = bound["·f"], bound["·number"]
    if bound["·a"] is not mul(-1, amount, count(bound[AXIS])):
        return None
    return amount * total(body.indices[0], (body.body - 1) / (sqrt(body.body) + 1))


STABILISE = [
    Rule("log-of-exp", log(exp(a)), a, "exp overflows", overflows=True),
    Rule("log-by-scale", log(a), _log_by_scale, "log(e^s r) = s + log r, and e^s may overflow",
         examples=(
             log(sigmoid(x)),
             log(softmax(sample("x", P), Q, P)), log(1 + exp(x)), log(exp(x) + exp(-x)),
             log(total(Q, exp(sample("x")))), log(total(Q, sample("w") * exp(sample("x")))),
             log(total(Q, sample("w") * softmax(sample("x", P), Q, P))),
             log(exp(x) * y), log(1 + total(Q, exp(sample("x")))), log(power(sigmoid(x), 3)),
         ), overflows=True),
    Rule("log-of-difference-of-exps", log(exp(a) - exp(b)), a + log(-expm1(b - a)),
         "the larger exponential may overflow", overflows=True),
    Rule("log-of-expm1", log(expm1(a)), a + log(-expm1(-a)), "expm1 overflows",
         overflows=True),
    Rule("power-by-scale", power(a, b), _power_by_scale, "a sum of exponentials may overflow",
         examples=(1 / (1 + exp(x)), 1 / total(Q, exp(sample("x"))), power(exp(x) + exp(y), -2)),
         overflows=True),
    Rule("power-of-exp", power(exp(a), b), exp(a * b), "exponents multiply before they overflow"),
    Rule("product-of-exps", exp(a) * exp(b), exp(a + b), "exponents may cancel"),
    Rule("exp-into-sum", exp(a) * total(j, exp(f(j)) * g(j)),
         total(j, exp(f(j) + a) * g(j)), "exponents may cancel"),
    Rule("exp-into-terms", exp(a) * b, _into_terms, "exponents may cancel",
         examples=(exp(x) * (exp(y) + exp(-y)),)),
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
    Rule("complement-of-sigmoid", n - n * sigmoid(a), n * sigmoid(-a), "1 - σ is 0 from 37 on"),
    Rule("complement-of-tanh-squared", n - n * tanh(a) ** 2,
         4 * n * sigmoid(2 * a) * sigmoid(-2 * a), "1 - tanh² is 0 from 19 on"),
    Rule("complement-of-softmax", n - n * softmax(f(j), i),
         n * total(k, where("==", position(k), position(i), ZERO, softmax(f(j), k))),
         "1 minus a probability near 1 is 0; the others are known"),
    Rule("delta-less-softmax", n * delta(i, k) - n * softmax(f(j), i),
         where("==", position(i), position(k),
               n * total(m, where("==", position(m), position(i), ZERO, softmax(f(j), m))),
               -n * softmax(f(j), i)),
         "1 minus a probability near 1 is 0; the others are known"),
    Rule("complement-of-expectation", n - n * total(k, g(k) * softmax(f(j), k)),
         n * total(k, (1 - g(k)) * softmax(f(j), k)), "probabilities sum to 1"),
    Rule("log1p-of-exp", log1p(exp(a)), softplus(a), "exp overflows"),
    Rule("log-of-one-plus", log(1 + a), log1p(a), "1 + a forgets a small a"),
    Rule("exp-less-one", n * exp(a) - n, n * expm1(a), "exp(a) forgets a small a"),
    Rule("exp-of-small", exp(a) * expm1(-a), -expm1(a), "exponents may cancel"),
    Rule("expm1-plus-one", n * expm1(a) + n, n * exp(a), "the two ones cancel"),
    Rule("exps-less-count", n * total(j, exp(f(j))) + a, _exponentials_less_count,
         "a sum forgets small terms", examples=(total(Q, exp(sample("x")) - 1),)),
    Rule("difference-of-roots", n * sqrt(a) + b, _root_difference, "near-equal roots cancel",
         examples=(sqrt(1 + x) - 1, sqrt(x + 3) - sqrt(x), sqrt(x + 3) - sqrt(const(3)),
                   2 * sqrt(x + 4) - 4)),
    Rule("roots-less-count", n * total(j, sqrt(f(j))) + a, _roots_less_count,
         "a sum forgets small terms", examples=(total(Q, sqrt(1 + sample("x")) - 1),)),
    Rule("centred-squares", a * total(j, f(j) ** 2) + b * total(j, f(j)) ** 2,
         _sum_of_squares_about_mean, "squares far from the mean cancel",
         examples=(total(Q, sample("x") ** 2) - total(Q, sample("x")) ** 2 / 7,)),
    Rule("norm-written-out", sqrt(total(j, f(j) ** 2)), norm(f(j)), "squares overflow",
         overflows=True),
    Rule("norm-as-power", power(total(j, f(j) ** 2), const("1/2")), norm(f(j)),
         "squares overflow", overflows=True),
]
# fmt: on
