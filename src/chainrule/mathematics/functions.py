"""The records of the named functions. To add a function, add a record here and nothing else.

Placeholders in the records:

    x       the argument, of an elementwise function     y       the function's own value
    xs(i)   the argument at element i of the axis        ys(i)   the value at element i
    I       the element that is read                     K       the element derived by
    J, M    indices summed over

Conventions at kinks are part of a record's sentence: relu′(0) = 0, heaviside(0) = 1/2.
"""

from __future__ import annotations

import math

import flint
import numpy as np

from chainrule.language.algebra import (
    ONE,
    ZERO,
    along,
    apply,
    const,
    delta,
    element,
    largest,
    power,
    total,
    where,
)
from chainrule.language.expr import Array, Expr
from chainrule.language.function import Function, Value
from chainrule.language.index import Index, placeholder
from chainrule.language.inline import AXIS, I, K
from chainrule.mathematics.error_function import near_zero, scaled_complement

infinity = float("inf")
FUNCTIONS: dict[str, Function] = {}

x, y = element(Array("·x")), element(Array("·y"))
J, M = placeholder("j", AXIS), placeholder("m", AXIS)


def xs(index: Index) -> Expr:
    return element(Array("·x", (AXIS,)), index)


def ys(index: Index) -> Expr:
    return element(Array("·y", (AXIS,)), index)


def define(name: str, doc: str, **fields) -> Function:
    FUNCTIONS[name] = Function(name, doc, **fields)
    return FUNCTIONS[name]


# fmt: off
exp = define(
    "exp", "e to the power x; float64 overflows beyond 709.78.",
    derivative=y, range=(0, infinity), inverse="log", latex=r"\exp",
    value=Value(np.exp, flint.arb.exp, lambda n, x, y: y),
)
log = define(
    "log", "The natural logarithm.",
    derivative=1 / x, domain=(0, infinity), inverse="exp", latex=r"\log", spellings=("ln",),
    value=Value(np.log, flint.arb.log, lambda n, x, y: 1 / x),
)
log1p = define(
    "log1p", "log(1 + x), exact near 0.",
    definition=apply(log, 1 + x), derivative=1 / (1 + x), domain=(-1, infinity),
    value=Value(np.log1p, flint.arb.log1p, lambda n, x, y: 1 / (1 + x)),
)
expm1 = define(
    "expm1", "exp(x) - 1, exact near 0.",
    definition=apply(exp, x) - 1, derivative=y + 1, range=(-1, infinity),
    value=Value(np.expm1, flint.arb.expm1, lambda n, x, y: y + 1),
)
sqrt = define(
    "sqrt", "The square root.",
    definition=power(x, const("1/2")), derivative=1 / (2 * y),
    domain=(0, infinity), range=(0, infinity), latex=r"\sqrt",
    value=Value(np.sqrt, flint.arb.sqrt, lambda n, x, y: 0.5 / y),
)
sign = define(
    "sign", "-1, 0 or 1; its derivative is taken as 0 everywhere, also at the jump.",
    definition=where("<", x, ZERO, const(-1), where("==", x, ZERO, ZERO, ONE)),
    derivative=ZERO, range=(-1, 1), latex=r"\operatorname{sign}", spellings=("sgn",),
    value=Value(np.sign, flint.arb.sgn, lambda n, x, y: 0 * x),
)
abs_ = define(
    "abs", "The absolute value; its derivative at 0 is taken as 0.",
    definition=where("<", x, ZERO, -x, x), derivative=apply(sign, x), range=(0, infinity),
    value=Value(np.abs, abs, lambda n, x, y: n.sign(x)),
)
heaviside = define(
    "heaviside", "The unit step: 0, 1/2 at 0, 1; its derivative is taken as 0 everywhere.",
    definition=(1 + apply(sign, x)) / 2, derivative=ZERO, range=(0, 1), latex="H",
    spellings=("Heaviside", "step"), source="value 1/2 at 0: half-maximum convention",
)
floor = define(
    "floor", "The largest integer not above x; its derivative is taken as 0, also at the jumps.",
    derivative=ZERO, latex=r"\operatorname{floor}",
    value=Value(np.floor, flint.arb.floor, lambda n, x, y: 0 * x),
)
ceil = define(
    "ceil", "The smallest integer not below x; its derivative is taken as 0, also at the jumps.",
    definition=-apply(floor, -x), derivative=ZERO, latex=r"\operatorname{ceil}",
)
relu = define(
    "relu", "The larger of x and 0; its derivative at 0 is taken as 0.",
    definition=where("<", ZERO, x, x, ZERO), derivative=where("<", ZERO, x, ONE, ZERO),
    range=(0, infinity), latex=r"\operatorname{ReLU}", spellings=("ReLU", "rect", "rectifier"),
    source="Nair & Hinton, ICML 2010",
)
tanh = define(
    "tanh", "An odd squashing function with range (-1, 1).",
    definition=(apply(exp, x) - apply(exp, -x)) / (apply(exp, x) + apply(exp, -x)),
    derivative=1 - y**2, range=(-1, 1), inverse="atanh", latex=r"\tanh",
    value=Value(np.tanh, flint.arb.tanh, lambda n, x, y: 1 - y * y),
)
sinh = define(
    "sinh", "The hyperbolic sine: half of e^x less e^-x.",
    definition=(apply(exp, x) - apply(exp, -x)) / 2,
    derivative=(apply(exp, x) + apply(exp, -x)) / 2,
    stable=(apply(expm1, x) - apply(expm1, -x)) / 2, inverse="asinh", latex=r"\sinh",
)
cosh = define(
    "cosh", "The hyperbolic cosine: half of e^x and e^-x.",
    definition=(apply(exp, x) + apply(exp, -x)) / 2, derivative=apply(sinh, x),
    range=(1, infinity), inverse="acosh", latex=r"\cosh",
)
sech = define(
    "sech", "One over cosh: a bump of height 1 at 0.",
    definition=1 / apply(cosh, x), derivative=-y * apply(tanh, x),
    stable=2 * apply(exp, -apply(abs_, x)) / (1 + apply(exp, -2 * apply(abs_, x))),
    range=(0, 1), latex=r"\operatorname{sech}",
)
atanh = define(
    "atanh", "The inverse of tanh, for -1 < x < 1.",
    definition=apply(log, (1 + x) / (1 - x)) / 2, derivative=1 / (1 - x**2),
    stable=(apply(log1p, x) - apply(log1p, -x)) / 2, domain=(-1, 1),
    latex=r"\operatorname{artanh}", spellings=("artanh", "arctanh"),
)
asinh = define(
    "asinh", "The inverse of sinh: log(x + √(x² + 1)).",
    derivative=1 / apply(sqrt, 1 + x**2), latex=r"\operatorname{arsinh}",
    spellings=("arsinh", "arcsinh"),
    value=Value(np.arcsinh, flint.arb.asinh, lambda n, x, y: 1 / n.sqrt(1 + x * x)),
)
acosh = define(
    "acosh", "The inverse of cosh, for x > 1: log(x + √(x² - 1)).",
    definition=apply(log, x + apply(sqrt, x**2 - 1)),
    derivative=1 / (apply(sqrt, x - 1) * apply(sqrt, x + 1)),
    stable=apply(log1p, x - 1 + apply(sqrt, x - 1) * apply(sqrt, x + 1)),
    domain=(1, infinity), range=(0, infinity), latex=r"\operatorname{arcosh}",
    spellings=("arcosh", "arccosh"),
)
coth = define(
    "coth", "One over tanh: ±1 far away, a pole at 0.",
    definition=(apply(exp, x) + apply(exp, -x)) / (apply(exp, x) - apply(exp, -x)),
    derivative=1 - y**2, stable=1 / apply(tanh, x), domain=(0, infinity), range=(1, infinity),
    latex=r"\coth",
)
sin = define(
    "sin", "The sine of an angle in radians.", range=(-1, 1), inverse="arcsin", latex=r"\sin",
    value=Value(np.sin, flint.arb.sin, lambda n, x, y: n.cos(x)),
)
cos = define(
    "cos", "The cosine of an angle in radians.",
    derivative=-apply(sin, x), range=(-1, 1), inverse="arccos", latex=r"\cos",
    value=Value(np.cos, flint.arb.cos, lambda n, x, y: -n.sin(x)),
)
# The two are each other's derivatives, so that one of them comes late.
object.__setattr__(sin, "derivative", apply(cos, x))
tan = define(
    "tan", "The tangent of an angle in radians.",
    definition=apply(sin, x) / apply(cos, x), derivative=1 + y**2, inverse="arctan", latex=r"\tan",
    value=Value(np.tan, flint.arb.tan, lambda n, x, y: 1 + y * y),
)
arctan = define(
    "arctan", "The inverse of tan, between -π/2 and π/2.",
    derivative=1 / (1 + x**2), range=(-1.5708, 1.5708), latex=r"\arctan", spellings=("atan",),
    value=Value(np.arctan, flint.arb.atan, lambda n, x, y: 1 / (1 + x * x)),
)
arcsin = define(
    "arcsin", "The inverse of sin, for -1 < x < 1.",
    derivative=1 / apply(sqrt, 1 - x**2), domain=(-1, 1), range=(-1.5708, 1.5708),
    latex=r"\arcsin", spellings=("asin",),
    value=Value(np.arcsin, flint.arb.asin, lambda n, x, y: 1 / n.sqrt(1 - x * x)),
)
arccos = define(
    "arccos", "The inverse of cos, for -1 < x < 1.",
    derivative=-1 / apply(sqrt, 1 - x**2), domain=(-1, 1), range=(0, 3.1416),
    latex=r"\arccos", spellings=("acos",),
    value=Value(np.arccos, flint.arb.acos, lambda n, x, y: -1 / n.sqrt(1 - x * x)),
)
PI, ROOT_OF_2 = apply(arccos, const(-1)), apply(sqrt, const(2))
# The square is taken in two parts, the first exact, so that e^(-n x²) keeps all its digits.
_size = where("<", apply(abs_, x), const(40), apply(abs_, x), const(40))
_part = apply(floor, 16 * _size) / 16


def _bell(n: Expr) -> Expr:
    """e^(-n x²)"""
    return apply(exp, -n * _part**2) * apply(exp, -n * (_size - _part) * (_size + _part))


erf = define(
    "erf", "The error function: 2/√π times the integral of e^(-t²) from 0 to x.",
    derivative=2 * apply(exp, -x**2) / apply(sqrt, PI),
    stable=where("<", apply(abs_, x), const("3/4"), near_zero(x), apply(sign, x) * (
        1 - _bell(ONE) * scaled_complement(apply(abs_, x)))),
    range=(-1, 1), latex=r"\operatorname{erf}", source="Abramowitz & Stegun 7.1.1",
    value=Value(
        np.vectorize(math.erf, otypes=[float]), flint.arb.erf,
        lambda n, x, y: 2 / math.sqrt(math.pi) * n.exp(-x * x),
    ),
)
erfc = define(
    "erfc", "The complement 1 - erf(x), which keeps its digits where it is tiny.",
    definition=1 - apply(erf, x), derivative=-2 * apply(exp, -x**2) / apply(sqrt, PI),
    stable=where("<", x, const("1/2"), 1 - apply(erf, x),
                 _bell(ONE) * scaled_complement(apply(abs_, x))),
    range=(0, 2), latex=r"\operatorname{erfc}",
    value=Value(
        np.vectorize(math.erfc, otypes=[float]), flint.arb.erfc,
        lambda n, x, y: -2 / math.sqrt(math.pi) * n.exp(-x * x),
    ),
)
erfcx = define(
    "erfcx", "The scaled complement e^(x²) erfc(x): near 1/(√π x) for large x.",
    definition=apply(exp, x**2) * apply(erfc, x),
    derivative=2 * x * y - 2 / apply(sqrt, PI),
    stable=where("<", x, ZERO, 2 * apply(exp, x**2) - scaled_complement(apply(abs_, x)),
                 scaled_complement(apply(abs_, x))),
    range=(0, infinity), latex=r"\operatorname{erfcx}",
    source="Shepherd & Laframboise, Math. Comp. 1981",
)
_upper_tail = _bell(const("1/2")) * scaled_complement(apply(abs_, x) / ROOT_OF_2) / 2
normal_cdf = define(
    "normal_cdf", "The distribution function of the standard normal distribution, Φ.",
    definition=apply(erfc, -x / ROOT_OF_2) / 2,
    derivative=apply(exp, -x**2 / 2) / apply(sqrt, 2 * PI),
    stable=where("<", x, ZERO, _upper_tail, 1 - _upper_tail), range=(0, 1), latex=r"\Phi",
)
log_normal_cdf = define(
    "log_normal_cdf", "The logarithm of the normal distribution function, far into its tail.",
    definition=apply(log, apply(normal_cdf, x)),
    derivative=apply(sqrt, 2 / PI) / apply(erfcx, -x / ROOT_OF_2),
    stable=where("<", x, ZERO,
                 apply(log, scaled_complement(apply(abs_, x) / ROOT_OF_2) / 2) - x**2 / 2,
                 apply(log1p, -_upper_tail)),
    range=(-infinity, 0), latex=r"\operatorname{log\,\Phi}",
)
gelu = define(
    "gelu", "x times the normal distribution function, a smooth relu that dips below 0.",
    definition=x * apply(normal_cdf, x),
    derivative=apply(normal_cdf, x) + x * apply(exp, -x**2 / 2) / apply(sqrt, 2 * PI),
    range=(-0.17, infinity), latex=r"\operatorname{GELU}", spellings=("GELU", "GeLU"),
    definable=True,
    source="Hendrycks & Gimpel 2016",
)
log_cosh = define(
    "log_cosh", "The logarithm of cosh: x²/2 near 0, |x| - log 2 far away.",
    definition=apply(log, apply(cosh, x)), derivative=apply(tanh, x),
    stable=where("<", apply(abs_, x), ONE, apply(log1p, apply(sinh, x) ** 2) / 2,
                 apply(abs_, x) + apply(log1p, apply(exp, -2 * apply(abs_, x)))
                 - apply(log, const(2))),
    range=(0, infinity), latex=r"\operatorname{log\,cosh}", spellings=("logcosh",),
)
log1mexp = define(
    "log1mexp", "log(1 - e^-x) for x > 0: exact near 0 and far away.",
    definition=apply(log, 1 - apply(exp, -x)), derivative=1 / apply(expm1, x),
    stable=where("<", x, const("7/10"), apply(log, -apply(expm1, -x)),
                 apply(log1p, -apply(exp, -x))),
    domain=(0, infinity), range=(-infinity, 0), latex=r"\operatorname{log1mexp}",
    source="Mächler, Accurately computing log(1 - exp(-|a|)), 2012",
)
sigmoid = define(
    "sigmoid", "The logistic function, a smooth step from 0 to 1.",
    definition=1 / (1 + apply(exp, -x)), derivative=y * (1 - y),
    stable=where("<", x, ZERO, apply(exp, -apply(abs_, x)), ONE)
    / (1 + apply(exp, -apply(abs_, x))),
    quick=(1 + apply(tanh, x / 2)) / 2,
    range=(0, 1), inverse="logit", latex=r"\sigma", spellings=("logistic", "sigm"),
    source="Verhulst 1845",
)
softplus = define(
    "softplus", "A smooth relu: x for large x, exp(x) for very negative x.",
    definition=apply(log, 1 + apply(exp, x)), derivative=apply(sigmoid, x),
    stable=apply(relu, x) + apply(log1p, apply(exp, -apply(abs_, x))),
    quick=apply(relu, x) + apply(log, 1 + apply(exp, -apply(abs_, x))),
    range=(0, infinity), latex=r"\operatorname{softplus}", source="Dugas et al., NIPS 2000",
)
# Near 1/2, where x and 1 - x are alike, 2x - 1 is exact.
_from_half = apply(log1p, 2 * x - 1) - apply(log1p, 1 - 2 * x)
_log_odds = apply(log, x) - apply(log1p, -x)
logit = define(
    "logit", "The inverse of the sigmoid, for 0 < x < 1: the logarithm of the odds.",
    definition=apply(log, x / (1 - x)), derivative=1 / (x * (1 - x)),
    stable=where("<", x, const("1/4"), _log_odds,
                 where("<", const("3/4"), x, _log_odds, _from_half)),
    domain=(0, 1), latex=r"\operatorname{logit}", source="Berkson 1944",
)
silu = define(
    "silu", "x times its sigmoid, a smooth relu that dips below 0.",
    definition=x * apply(sigmoid, x),
    derivative=apply(sigmoid, x) * (1 + x * (1 - apply(sigmoid, x))),
    stable=x * apply(sigmoid, x), range=(-0.2785, infinity), latex=r"\operatorname{SiLU}",
    spellings=("SiLU", "swish"), source="Elfwing et al., Neural Networks 2018",
)
softmax = define(
    "softmax", "Probabilities from logits: positive, and they sum to 1 over the axis.",
    axis="along",
    definition=apply(exp, xs(I)) / total(J, apply(exp, xs(J))),
    derivative=ys(I) * (delta(I, K) - ys(K)),
    stable=apply(exp, xs(I) - largest(M, xs(M)))
    / total(J, apply(exp, xs(J) - largest(M, xs(M)))),
    range=(0, 1), latex=r"\operatorname{softmax}", spellings=("Softmax",), source="Bridle 1990",
)
# log Σ exp(x - max): the largest terms give 1 exactly, so that log1p can keep a tiny rest.
_is_largest = ("==", xs(J), largest(M, xs(M)))
_rest = total(J, where(*_is_largest, ZERO, apply(exp, xs(J) - largest(M, xs(M)))))
_ties = total(J, where(*_is_largest, ONE, ZERO))
_log_of_shifted_sum = apply(log1p, where("==", _ties, ONE, _rest, _rest + _ties - 1))
_rounded_log_of_sum = apply(log, total(J, apply(exp, xs(J) - largest(M, xs(M)))))
logsumexp = define(
    "logsumexp", "The logarithm of a sum of exponentials, a smooth maximum over the axis.",
    axis="over",
    definition=apply(log, total(J, apply(exp, xs(J)))),
    derivative=along(softmax, J, xs(J), K),
    stable=largest(M, xs(M)) + _log_of_shifted_sum,
    quick=largest(M, xs(M)) + _rounded_log_of_sum,
    latex=r"\operatorname{logsumexp}", spellings=("lse", "LSE"),
    source="Blanchard, Higham & Higham, IMA J. Numer. Anal. 2021",
)
log_softmax = define(
    "log_softmax", "The logarithm of softmax, without computing it.",
    axis="along",
    definition=xs(I) - apply(log, total(J, apply(exp, xs(J)))),
    derivative=delta(I, K) - along(softmax, J, xs(J), K),
    # The difference is never above 0; inside abs it is computed before the logarithm is added.
    stable=-apply(abs_, xs(I) - largest(M, xs(M))) - _log_of_shifted_sum,
    quick=xs(I) - largest(M, xs(M)) - _rounded_log_of_sum,
    range=(-infinity, 0), latex=r"\operatorname{log\,softmax}",
    spellings=("logsoftmax", "log-softmax"), source="Bridle 1990",
)
# Where one argument is above all others, the others are summed; elsewhere 1 - p is not small.
softmax_complement = define(
    "softmax_complement", "1 - softmax: the probability of all other elements of the axis.",
    axis="along",
    definition=1 - along(softmax, J, xs(J), I),
    derivative=along(softmax, J, xs(J), I) * (along(softmax, J, xs(J), K) - delta(I, K)),
    stable=where("==", xs(I), largest(M, xs(M)),
                 where("==", _ties, ONE, _rest / (1 + _rest), 1 - along(softmax, J, xs(J), I)),
                 1 - along(softmax, J, xs(J), I)),
    range=(0, 1), latex=r"\operatorname{softmax^c}",
)
_largest_size = largest(M, apply(abs_, xs(M)))
_nonzero_size = where("==", _largest_size, ZERO, ONE, _largest_size)
norm = define(
    "norm", "The Euclidean length over the axis; its derivative at 0 is taken as 0.",
    axis="over",
    definition=apply(sqrt, total(J, xs(J) ** 2)),
    derivative=where("==", y, ZERO, ZERO, xs(K) / y),
    # The ratio stands inside abs, since a bare power of a ratio is taken apart.
    stable=_largest_size * apply(sqrt, total(J, apply(abs_, xs(J) / _nonzero_size) ** 2)),
    range=(0, infinity), latex=r"\operatorname{norm}",
    source="Blue, ACM Trans. Math. Softw. 1978",
)
# fmt: on


def function_named(name: str) -> Function | None:
    """The record with this name or spelling."""
    return _BY_SPELLING.get(name)


_BY_SPELLING = {name: f for f in FUNCTIONS.values() for name in (f.name, *f.spellings)}
