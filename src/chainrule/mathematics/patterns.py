"""The letters in which rules are written, and what their examples are made of."""

from __future__ import annotations

from chainrule.language.algebra import along, apply, element
from chainrule.language.expr import Array, Expr
from chainrule.language.function import Function
from chainrule.language.index import Index, placeholder
from chainrule.language.inline import AXIS
from chainrule.mathematics import functions as known

# fmt: off
a, b, c, n, rest = (element(Array(f"·{name}")) for name in ("a", "b", "c", "number", "rest"))
i, j, k, m = (placeholder(f"at {name}", AXIS) for name in "ijkm")


def f(index: Index) -> Expr:
    return element(Array("·f", (AXIS,)), index)


def g(index: Index) -> Expr:
    return element(Array("·g", (AXIS,)), index)


def h(index: Index) -> Expr:
    return element(Array("·h", (AXIS,)), index)


def named(function: Function):
    """The function as it is called in a rule."""
    return lambda argument: apply(function, argument)


exp, log, sqrt, absolute, sign, relu = map(named, (
    known.exp, known.log, known.sqrt, known.abs_, known.sign, known.relu))
sigmoid, tanh, softplus, log1p, expm1 = map(named, (
    known.sigmoid, known.tanh, known.softplus, known.log1p, known.expm1))
sin, cos, arcsin, arccos = map(named, (known.sin, known.cos, known.arcsin, known.arccos))
sinh, cosh, asinh, acosh, log_cosh, log1mexp = map(named, (
    known.sinh, known.cosh, known.asinh, known.acosh, known.log_cosh, known.log1mexp))
erf, erfc, erfcx, normal_cdf, log_normal_cdf = map(named, (
    known.erf, known.erfc, known.erfcx, known.normal_cdf, known.log_normal_cdf))


def softmax(body: Expr, at: Index, over: Index = j) -> Expr:
    return along(known.softmax, over, body, at)


def log_softmax(body: Expr, at: Index, over: Index = j) -> Expr:
    return along(known.log_softmax, over, body, at)


def softmax_complement(body: Expr, at: Index) -> Expr:
    return along(known.softmax_complement, j, body, at)


def logsumexp(body: Expr, over: Index = j) -> Expr:
    return along(known.logsumexp, over, body, None)


def norm(body: Expr, over: Index = j) -> Expr:
    return along(known.norm, over, body, None)


# What examples are made of.
x, y = element(Array("x")), element(Array("y"))
P, Q = Index("p", "N"), Index("q", "N")


def sample(name: str, index: Index = Q) -> Expr:
    return element(Array(name, ("N",)), index)
# fmt: on
