"""Identities that choose a form by the sizes of values, for the last step before numbers.

Lines and letters are as in `mathematics/rules.py`. Both sides are equal, but the right sides have
cases and largest values in them, whose derivatives would be no better than the left side's: they
are used once, from the inside out, on what is not differentiated any more.
"""

from __future__ import annotations

from chainrule.language.algebra import (
    ONE,
    ZERO,
    const,
    position,
    power,
    total,
    where,
)
from chainrule.mathematics.final_forms import (
    difference_of_log1ps,
    difference_of_logs,
    difference_of_reciprocals,
    into_case,
    less_target,
    log1p_by_largest,
    log1p_less_log,
    log_by_largest,
    log_of_large_square,
    log_of_ratio,
    power_by_largest,
    root_less_amount,
    root_less_number,
    root_of_squares,
    roots_less_count,
)
from chainrule.mathematics.patterns import (
    P,
    Q,
    a,
    b,
    c,
    exp,
    expm1,
    f,
    g,
    i,
    j,
    k,
    log,
    log1mexp,
    log1p,
    n,
    sample,
    sigmoid,
    softmax,
    softmax_complement,
    softplus,
    sqrt,
    x,
    y,
)
from chainrule.mathematics.rules import Rule
from chainrule.mathematics.stable_rules import STABILISE

# Below, log(1 + e^a) and 1 - exp(-e^a) are e^a to the last bit.
TINY_EXPONENT = const(-37)

# fmt: off
_softmax = softmax(sample("z"), P, Q)

FINAL = [
    Rule("log-of-softplus", log(softplus(a)), where("<", a, TINY_EXPONENT, a, log(softplus(a))),
         "softplus underflows", overflows=True),
    Rule("slope-of-log-softplus", sigmoid(a) / softplus(a),
         where("<", a, TINY_EXPONENT, ONE, sigmoid(a) / softplus(a)), "both underflow",
         overflows=True),
    Rule("log1mexp-of-exp", log1mexp(exp(a)), where("<", a, TINY_EXPONENT, a, log1mexp(exp(a))),
         "the inner exponential underflows", overflows=True),
    Rule("slope-of-log1mexp-of-exp", exp(a) / expm1(exp(a)),
         where("<", a, TINY_EXPONENT, ONE, exp(a) / expm1(exp(a))), "both underflow",
         overflows=True),
    Rule("difference-from-expectation", n * g(i) - n * total(k, g(k) * softmax(f(j), k)),
         n * total(k, (g(i) - g(k)) * softmax(f(j), k)), "the likeliest value cancels"),
    Rule("product-with-softmax-less-sum", n * g(i) - n * softmax(f(j), i) * total(k, g(k)),
         n * g(i) * softmax_complement(f(j), i)
         - n * softmax(f(j), i) * total(k, where("==", position(k), position(i), ZERO, g(k))),
         "the largest probability is near 1"),
    Rule("log-of-ratio", log(a), log_of_ratio, "a ratio near 1 forgets its distance from 1",
         examples=(log((1 + x**2) / (2 + x**2)), log(y / (3 + y)))),
    Rule("log-by-largest", log(a), log_by_largest, "the largest exponential may overflow",
         examples=(log(y + exp(x)), log(y * exp(x) + (1 - y) * exp(-x))), overflows=True),
    Rule("log1p-by-largest", log1p(a), log1p_by_largest, "the exponential may overflow",
         examples=(log1p(y * exp(x)),), overflows=True),
    Rule("log1p-of-large-square", log1p(a), log_of_large_square, "squares overflow",
         examples=(log1p(x**2), log1p(x**2 / 3))),
    Rule("power-by-largest", power(a, b), power_by_largest, "the largest may overflow",
         examples=(1 / (y + exp(x)), power(y * exp(x) + (1 - y) * exp(-x), -2)), overflows=True),
    Rule("difference-of-logs", n * log(a) - n * log(b), difference_of_logs,
         "near-equal logs cancel",
         examples=(log(1 + x) - log(x),)),
    Rule("difference-of-exps", n * exp(a) - n * exp(b),
         n * where("<", b, a, -exp(a) * expm1(b - a), exp(b) * expm1(a - b)),
         "near-equal exponentials cancel"),
    Rule("difference-of-log1ps", n * log1p(a) - n * log1p(b), difference_of_log1ps,
         "near-equal logs cancel", examples=(log1p(x) - log1p(y),)),
    Rule("log1p-less-log", n * log1p(a) - n * log(b), log1p_less_log, "near-equal logs cancel",
         examples=(log1p(x) - log(x),)),
    Rule("root-less-number", n * sqrt(a) + b, root_less_number, "a root near the number",
         examples=(sqrt(1 + x) - 1, 2 * sqrt(4 + x**2) - 4)),
    Rule("roots-less-count", n * total(j, sqrt(f(j))) + a, roots_less_count,
         "a sum forgets small terms", examples=(total(Q, sqrt(1 + sample("x")) - 1),)),
    Rule("root-less-amount", n * sqrt(a) + b, root_less_amount, "a root near what is taken off",
         examples=(sqrt(x**2 + 1) - x, sqrt(y**2 - 4 * x) - y, sqrt(x + y) - sqrt(y))),
    Rule("difference-of-reciprocals", n / a - n / b, difference_of_reciprocals,
         "near-equal reciprocals cancel", examples=(1 / x - 1 / (x + 1),)),
    Rule("complement-of-square", n - n * a**2, n * (1 - a) * (1 + a), "a square near 1"),
    Rule("difference-of-squares", n * a**2 - n * b**2, n * (a - b) * (a + b),
         "near-equal squares cancel"),
    Rule("sigmoid-less-target", n * sigmoid(c) - n * b, less_target, "σ near a target of 1",
         examples=(sigmoid(x) - y,)),
    Rule("shared-sigmoid-less-target", n * a * sigmoid(c) - n * b, less_target,
         "σ near a target of 1", examples=(x * sigmoid(x) - y,)),
    Rule("softmax-less-target", n * softmax(f(j), i) - n * b, less_target,
         "a probability near a target of 1", examples=(_softmax - sample("y", P),)),
    Rule("shared-softmax-less-target", n * a * softmax(f(j), i) - n * b, less_target,
         "a probability near a target of 1", examples=(x * _softmax - sample("y", P),)),
    Rule("factor-into-case", a * b, into_case, "0 times what overflows is no number",
         examples=(where("<", x, ZERO, exp(-x), ZERO) * exp(x),)),
    Rule("root-of-squares", sqrt(a), root_of_squares, "squares overflow",
         examples=(sqrt(x**2 + y**2), sqrt(1 + x**2), sqrt(2 + total(Q, sample("y") ** 2)))),
]

# Exponentials that FINAL has taken out meet those around them.
AFTERWARDS = [
    rule for rule in STABILISE
    if rule.name in ("log-by-scale", "product-of-exps", "exp-into-terms", "exp-into-sum")
]
# fmt: on
