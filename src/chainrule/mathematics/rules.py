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
from chainrule.mathematics.conditions import Condition, even, nonnegative, positive
from chainrule.mathematics.scales import scaled

Computed = Callable[[Mapping[str, Expr | Lambda]], Expr | None]


@dataclass(frozen=True)
class Rule:
    """`left = right`, where the conditions in `given` are met.

    name      as a derivation cites it
    why       the reason, in a few words
    examples  what a left side that computes, or that is too general to test as it stands, is
              tested on
    fails_at  of a rejected rule: variable → value at which the sides differ
    """

    name: str
    left: Expr
    right: Expr | Computed
    why: str
    given: tuple[Condition, ...] = ()
    examples: tuple[Expr, ...] = ()
    fails_at: tuple[tuple[str, float], ...] = ()


# fmt: off
a, b, c, n = (element(Array(f"·{name}")) for name in "abcn")
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


def softmax(body: Expr, at: Index) -> Expr:
    return along(known.softmax, m, body, at)


def log_softmax(body: Expr, at: Index) -> Expr:
    return along(known.log_softmax, m, body, at)


def logsumexp(body: Expr) -> Expr:
    return along(known.logsumexp, m, body, None)


def norm(body: Expr) -> Expr:
    return along(known.norm, m, body, None)


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
    inside, root, amount = bound["·a"], bound["·b"], bound["·n"]
    root = root / -amount
    if isinstance(root, Const) and root.value > 0:
        return amount * (inside - root * root) / (sqrt(inside) + root)
    if isinstance(root, Apply) and root.function is known.sqrt:
        gap = inside - root.argument
        if isinstance(gap, Const) and gap.value:
            return amount * gap / (sqrt(inside) + root)
    return None
