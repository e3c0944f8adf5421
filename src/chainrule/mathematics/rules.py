"""Identities, one line each. To add one, add a line here and nothing else.

In a line, a, b and c stand for any expression, n for a number, f[j] and g[j] for what is summed, a
body that depends on the index j; i and k are places at which an element is read. `a` in a product
or sum may stand for several factors or terms. A rule that must compute has a function as its
right side: it is given what the variables stand for, and returns None where it does not apply.

SIMPLIFY makes shorter, and REJECTED keeps what looks true and is not, with a point at which it
fails. STABILISE, which makes the same value survive floating point, is `stable_rules.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chainrule.language.algebra import ONE, ZERO, add, power, split_number, total
from chainrule.language.expr import Add, Expr, terms_of
from chainrule.language.inline import Lambda
from chainrule.mathematics.conditions import Condition, nonnegative, positive
from chainrule.mathematics.patterns import (
    a,
    absolute,
    b,
    c,
    exp,
    f,
    i,
    j,
    k,
    log,
    log1p,
    log_softmax,
    logsumexp,
    n,
    relu,
    sigmoid,
    sign,
    softmax,
    softplus,
    sqrt,
    tanh,
    x,
)

Computed = Callable[[Mapping[str, Expr | Lambda]], Expr | None]


@dataclass(frozen=True)
class Rule:
    """`left = right`, where the conditions in `given` are met.

    name      as a derivation cites it
    why       the reason, in a few words
    examples  what a left side that computes, or that is too general to test as it stands, is
              tested on
    overflows of a stabilising rule: whether the left side may overflow or lose everything, rather
              than some digits only
    again     of a final rule: whether it is used inside what it made, too
    fails_at  of a rejected rule: variable → value at which the sides differ
    """

    name: str
    left: Expr
    right: Expr | Computed
    why: str
    given: tuple[Condition, ...] = ()
    examples: tuple[Expr, ...] = ()
    overflows: bool = False
    again: bool = False
    fails_at: tuple[tuple[str, float], ...] = ()


def _joined(bound):
    """n c/a - n b/a² as n (c a - b)/a², if c a - b is as simple as c."""
    factor, below = bound["·c"], bound["·a"]
    terms = terms_of(below)
    gap = add(*(factor * term for term in terms), -bound["·b"])
    return bound["·number"] * gap / below**2 if gap.size <= factor.size else None


def _mirrored(bound):
    """n - n σ(-a) as n σ(a) where the minus is printed: 1 - σ(a) stays."""
    terms = bound["·a"].terms if isinstance(bound["·a"], Add) else (bound["·a"],)
    if any(split_number(term)[0] < 0 for term in terms):
        return None
    return bound["·number"] * sigmoid(bound["·a"])


def _without_root(bound):
    """√a to an even power as a power of a."""
    amount = bound["·number"].value
    return power(bound["·a"], amount / 2) if amount % 2 == 0 else None


# fmt: off
SIMPLIFY = [
    Rule("exp-of-zero", exp(ZERO), ONE, "an empty product"),
    Rule("log-of-one", log(ONE), ZERO, "exp of 0 is 1"),
    Rule("log-of-exp", log(exp(a)), a, "log undoes exp"),
    Rule("exp-of-log", exp(log(a)), a, "exp undoes log where log is defined"),
    Rule("log-of-softmax", log(softmax(f(j), i)), log_softmax(f(j), i), "its definition"),
    Rule("exp-of-log-softmax", exp(log_softmax(f(j), i)), softmax(f(j), i), "exp undoes log"),
    Rule("exp-of-logsumexp", exp(logsumexp(f(j))), total(j, exp(f(j))), "exp undoes log"),
    Rule("product-of-exps", exp(a) * exp(b), exp(a + b), "exponents add"),
    Rule("quotient-of-exps", exp(a) / exp(b), exp(a - b), "exponents subtract"),
    Rule("sigmoid-written-out", 1 / (1 + exp(-a)), sigmoid(a), "its definition"),
    Rule("sigmoid-by-exp", exp(a) * sigmoid(-a), sigmoid(a), "e^a / (1 + e^a)"),
    Rule("softplus-written-out", log(1 + exp(a)), softplus(a), "its definition"),
    Rule("softmax-written-out", exp(f(i)) / total(j, exp(f(j))), softmax(f(j), i),
         "its definition"),
    Rule("softmax-of-log-softmax", softmax(log_softmax(f(j), i), k, i), softmax(f(j), k),
         "a shift that all logits share changes nothing"),
    Rule("sum-of-softmax", total(i, softmax(f(j), i)), ONE, "probabilities sum to 1"),
    Rule("logsumexp-written-out", log(total(j, exp(f(j)))), logsumexp(f(j)), "its definition"),
    Rule("log-softmax-written-out", n * f(i) - n * logsumexp(f(j)), n * log_softmax(f(j), i),
         "its definition"),
    Rule("tanh-written-out", (exp(a) - exp(-a)) / (exp(a) + exp(-a)), tanh(a), "its definition"),
    Rule("log1p-of-exp", log1p(exp(a)), softplus(a), "its definition"),
    Rule("softplus-less-its-mirror", n * softplus(a) - n * softplus(-a), n * a,
         "log((1 + e^a) / (1 + e^-a)) = a"),
    Rule("sigmoid-and-its-mirror", n * sigmoid(a) + n * sigmoid(-a), n,
         "the two probabilities of a coin"),
    Rule("sigmoid-of-the-mirror", n - n * sigmoid(-a), _mirrored, "the two probabilities of a coin",
         examples=(1 - sigmoid(-x), 2 - 2 * sigmoid(-2 * x))),
    Rule("fractions-joined", n * c / a - n * b / a**2, _joined, "one denominator",
         examples=(1 / (1 + absolute(x)) - absolute(x) / (1 + absolute(x)) ** 2,
                   2 * x / (1 + x**2) - 2 * x**3 / (1 + x**2) ** 2)),
    Rule("square-of-sqrt", power(sqrt(a), 2), a, "sqrt undoes the square where it is defined"),
    Rule("sqrt-of-square", sqrt(power(a, 2)), absolute(a), "a root is never negative"),
    Rule("square-of-abs", power(absolute(a), 2), power(a, 2), "a square has no sign"),
    Rule("abs-of-nonnegative", absolute(a), a, "nothing to change", (nonnegative(a),),
         examples=(absolute(exp(x)), absolute(power(x, 2)))),
    Rule("abs-by-sign", a * sign(a), absolute(a), "the sign makes it nonnegative"),
    Rule("relu-of-nonnegative", relu(a), a, "nothing to cut", (nonnegative(a),),
         examples=(relu(exp(x)), relu(softplus(x)))),
    Rule("sign-over-abs", sign(a) / absolute(a), 1 / a, "the sign and the absolute value"),
    Rule("sign-of-positive", sign(a), ONE, "its definition", (positive(a),),
         examples=(sign(exp(x)),)),
]

# For results that are read: a root that has a name of its own must be found before.
READABLE = [
    Rule("even-power-of-sqrt", power(sqrt(a), n), _without_root, "sqrt undoes the square",
         examples=(1 / sqrt(1 + x**2) ** 2, sqrt(exp(x)) ** 4)),
    Rule("product-of-roots", sqrt(a) * sqrt(b), sqrt(a * b), "roots multiply",
         (nonnegative(a), nonnegative(b)), examples=(sqrt(softplus(x)) * sqrt(exp(x) + 2),)),
    Rule("quotient-by-roots", 1 / (sqrt(a) * sqrt(b)), 1 / sqrt(a * b), "roots multiply",
         (nonnegative(a), nonnegative(b)), examples=(1 / (sqrt(softplus(x)) * sqrt(1 + x**2)),)),
]

REJECTED = [
    Rule("log-of-product", log(a * b), log(a) + log(b), "both may be negative",
         fails_at=(("a", -2.0), ("b", -3.0))),
    Rule("log-of-square", log(power(a, 2)), 2 * log(a), "a may be negative",
         fails_at=(("a", -2.0),)),
    Rule("sqrt-of-square-is-itself", sqrt(power(a, 2)), a, "a may be negative",
         fails_at=(("a", -2.0),)),
    Rule("sqrt-of-product", sqrt(a * b), sqrt(a) * sqrt(b), "both may be negative",
         fails_at=(("a", -2.0), ("b", -3.0))),
    Rule("exp-of-sum", exp(a + b), exp(a) + exp(b), "exponents add where values multiply",
         fails_at=(("a", 1.0), ("b", 2.0))),
    Rule("log-of-sum", log(a + b), log(a) + log(b), "logs add where values multiply",
         fails_at=(("a", 1.0), ("b", 2.0))),
    Rule("sign-squared", power(sign(a), 2), ONE, "the sign of 0 is 0", fails_at=(("a", 0.0),)),
    Rule("relu-of-difference", relu(a - b), relu(a) - relu(b), "relu is not linear",
         fails_at=(("a", 1.0), ("b", 2.0))),
    Rule("sigmoid-of-negative", sigmoid(-a), -sigmoid(a), "σ is odd about 1/2, not about 0",
         fails_at=(("a", 1.0),)),
    Rule("tanh-by-sigmoid", tanh(a), 2 * sigmoid(a) - 1, "the argument is doubled",
         fails_at=(("a", 1.0),)),
    Rule("difference-of-equal-roots", sqrt(a) - sqrt(b), (a - b) / (sqrt(a) + sqrt(b)),
         "0 / 0 where both are 0", fails_at=(("a", 0.0), ("b", 0.0))),
]
# fmt: on
