"""Identities, one line each. To add one, add a line here and nothing else.

In a line, a, b and c stand for any expression, n for a number, f[j] and g[j] for what is summed, a
body that depends on the index j; i and k are places at which an element is read. `a` in a product
or sum may stand for several factors or terms. A rule that must compute has a function as its
right side: it is given what the variables stand for, and returns None where it does not apply.

SIMPLIFY makes shorter, STABILISE makes the same value survive floating point, and REJECTED keeps
what looks true and is not, with a point at which it fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chainrule.language.algebra import (
    ONE,
    ZERO,
    add,
    along,
    apply,
    const,
    count,
    delta,
    element,
    mul,
    position,
    power,
    total,
    where,
)
from chainrule.language.expr import Add, Apply, Array, Const, Expr
from chainrule.language.index import Index, placeholder
from chainrule.language.inline import AXIS, Lambda
from chainrule.mathematics import functions as known
from chainrule.mathematics.conditions import (
    Condition,
    is_nonnegative,
    is_positive,
    nonnegative,
    positive,
)
from chainrule.mathematics.scales import scaled

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
    fails_at  of a rejected rule: variable → value at which the sides differ
    """

    name: str
    left: Expr
    right: Expr | Computed
    why: str
    given: tuple[Condition, ...] = ()
    examples: tuple[Expr, ...] = ()
    overflows: bool = False
    fails_at: tuple[tuple[str, float], ...] = ()


# fmt: off
a, b, c, n = (element(Array(f"·{name}")) for name in ("a", "b", "c", "number"))
i, j, k, m = (placeholder(f"at {name}", AXIS) for name in "ijkm")


def f(index: Index) -> Expr:
    return element(Array("·f", (AXIS,)), index)


def g(index: Index) -> Expr:
    return element(Array("·g", (AXIS,)), index)


def _named(function):
    return lambda argument: apply(function, argument)


exp, log, sqrt, absolute, sign, relu = map(_named, (
    known.exp, known.log, known.sqrt, known.abs_, known.sign, known.relu))
sigmoid, tanh, softplus, log1p, expm1 = map(_named, (
    known.sigmoid, known.tanh, known.softplus, known.log1p, known.expm1))


def softmax(body: Expr, at: Index, over: Index = j) -> Expr:
    return along(known.softmax, over, body, at)


def log_softmax(body: Expr, at: Index) -> Expr:
    return along(known.log_softmax, j, body, at)


def logsumexp(body: Expr) -> Expr:
    return along(known.logsumexp, j, body, None)


def norm(body: Expr) -> Expr:
    return along(known.norm, j, body, None)


# What examples are made of.
x, y = element(Array("x")), element(Array("y"))
_p, _q = Index("p", "N"), Index("q", "N")


def _of(name: str, index: Index = _q) -> Expr:
    return element(Array(name, ("N",)), index)


# Right sides that compute ---------------------------------------------------------------------


def _log_by_scale(bound):
    scale, rest = scaled(bound["·a"])
    return None if scale is ZERO else scale + (ZERO if rest is ONE else log(rest))


def _power_by_scale(bound):
    exponent = bound["·b"]
    if not isinstance(bound["·a"], Add | type(total(_q, _of("x")))):
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


SIMPLIFY = [
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
    Rule("square-of-sqrt", power(sqrt(a), 2), a, "sqrt undoes the square where it is defined"),
    Rule("sqrt-of-square", sqrt(power(a, 2)), absolute(a), "a root is never negative"),
    Rule("square-of-abs", power(absolute(a), 2), power(a, 2), "a square has no sign"),
    Rule("abs-of-nonnegative", absolute(a), a, "nothing to change", (nonnegative(a),),
         examples=(absolute(exp(x)), absolute(power(x, 2)))),
    Rule("abs-by-sign", a * sign(a), absolute(a), "the sign makes it nonnegative"),
    Rule("relu-of-nonnegative", relu(a), a, "nothing to cut", (nonnegative(a),),
         examples=(relu(exp(x)), relu(softplus(x)))),
    Rule("sign-of-positive", sign(a), ONE, "its definition", (positive(a),),
         examples=(sign(exp(x)),)),
]

STABILISE = [
    Rule("log-of-exp", log(exp(a)), a, "exp overflows", overflows=True),
    Rule("log-by-scale", log(a), _log_by_scale, "log(e^s r) = s + log r, and e^s may overflow",
         examples=(
             log(sigmoid(x)),
             log(softmax(_of("x", _p), _q, _p)), log(1 + exp(x)), log(exp(x) + exp(-x)),
             log(total(_q, exp(_of("x")))), log(total(_q, _of("w") * exp(_of("x")))),
             log(total(_q, _of("w") * softmax(_of("x", _p), _q, _p))),
             log(exp(x) * y), log(1 + total(_q, exp(_of("x")))), log(power(sigmoid(x), 3)),
         ), overflows=True),
    Rule("log-of-difference-of-exps", log(exp(a) - exp(b)), a + log(-expm1(b - a)),
         "the larger exponential may overflow", overflows=True),
    Rule("log-of-expm1", log(expm1(a)), a + log(-expm1(-a)), "expm1 overflows",
         overflows=True),
    Rule("power-by-scale", power(a, b), _power_by_scale, "a sum of exponentials may overflow",
         examples=(1 / (1 + exp(x)), 1 / total(_q, exp(_of("x"))), power(exp(x) + exp(y), -2)),
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
         "a sum forgets small terms", examples=(total(_q, exp(_of("x")) - 1),)),
    Rule("difference-of-roots", n * sqrt(a) + b, _root_difference, "near-equal roots cancel",
         examples=(sqrt(1 + x) - 1, sqrt(x + 3) - sqrt(x), sqrt(x + 3) - sqrt(const(3)),
                   2 * sqrt(x + 4) - 4)),
    Rule("roots-less-count", n * total(j, sqrt(f(j))) + a, _roots_less_count,
         "a sum forgets small terms", examples=(total(_q, sqrt(1 + _of("x")) - 1),)),
    Rule("centred-squares", a * total(j, f(j) ** 2) + b * total(j, f(j)) ** 2,
         _sum_of_squares_about_mean, "squares far from the mean cancel",
         examples=(total(_q, _of("x") ** 2) - total(_q, _of("x")) ** 2 / 7,)),
    Rule("norm-written-out", sqrt(total(j, f(j) ** 2)), norm(f(j)), "squares overflow",
         overflows=True),
    Rule("norm-as-power", power(total(j, f(j) ** 2), const("1/2")), norm(f(j)),
         "squares overflow", overflows=True),
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
