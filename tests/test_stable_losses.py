"""Losses as people write them, at inputs where the print breaks; stable forms lose no more bits."""

import flint
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.checker.accuracy import Measure, inputs
from chainrule.language.algebra import ONE, ZERO, const, element, total
from chainrule.language.arithmetic import BALLS
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import Array
from chainrule.language.index import Index
from chainrule.mathematics.patterns import exp, log, sigmoid, softplus, sqrt, tanh
from chainrule.single import evaluate_expression, read_expression
from chainrule.stable import read, stable_forms
from chainrule.transform.differentiate import differentiate
from chainrule.transform.stabilise import finish, stabilise

FAR = [800.0, -3.0, -900.0, 799.0]
SURE = [45.0, 1.0, 0.0, 2.0]
NEAR = [1e-9, 2e-9, -3e-9, 4e-9]
OFFSET = [1e8, 1e8 + 1, 1e8 + 2, 1e8 + 3]
HUGE = [3e200, -4e200, 1e190, 0.0]
CLOSE = [1 + 1e-9, 2.0, 3.0, 4.0]
WEIGHTS = [0.1, 0.2, 0.3, 0.4]
SECOND, FIRST = [0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]
P = r"\frac{e^{z_i}}{\sum_k e^{z_k}}"
Q = P.replace("z_", "t_")
S = r"\frac{1}{1+e^{-z_i}}"
LOSSES = {
    "margins": (r"\frac{1}{N}\sum_{i=1}^{N} \ln(1+e^{-y_i z_i})", {"z": FAR, "y": FIRST}),
    "to base 2": (r"\log_2 \sum_i 2^{z_i}", {"z": [1100.0, 0.0, -1100.0, 1099.0]}),
    "divergence": (rf"\sum_i y_i \log\frac{{y_i}}{{{P}}}", {"z": FAR, "y": WEIGHTS}),
    "cold": (
        r"-\sum_i y_i \log \frac{e^{z_i/T}}{\sum_j e^{z_j/T}}",
        {"z": [10.0, 0.0, -10.0, 9.9], "T": 0.01, "y": SECOND},
    ),
    "hinge": (r"\sum_i \max(0, 1-y_i z_i)^2", {"z": FAR, "y": [1.0, -1.0, 1.0, -1.0]}),
    "hypotenuses near 1": (r"\sum_i \left(\sqrt{1+z_i^2}-1\right)", {"z": NEAR}),
    "huge hypotenuses": (r"\sum_i \left(\sqrt{1+z_i^2}-1\right)", {"z": HUGE}),
    "heavy tails": (r"\sum_i\log\left(1+\frac{z_i^2}{n}\right)", {"z": NEAR, "n": 3.0}),
    "huge tails": (r"\sum_i\log(1+z_i^2)", {"z": [1e200, 2.0, 3e-190, 1e-9]}),
    "log of 1 - e": (
        r"\sum_i w_i\log(1-e^{-z_i})", {"z": [41.0, 45.0, 50.0, 60.0], "w": WEIGHTS}
    ),
    "counts": (
        r"\sum_i\left((y_i+r)\log(r+e^{z_i})-y_i z_i\right)",
        {"z": FAR, "y": SURE, "r": 2.0},
    ),
    "coins": (
        rf"-\sum_i\left({S}\log {S}+\left(1-{S}\right)\log\left(1-{S}\right)\right)",
        {"z": [100.0, -100.0, 3.0, 0.0]},
    ),
    "mixture": (
        r"-\log\sum_k w_k \frac{1}{\sqrt{2\pi}s_k} e^{-\frac{(x-z_k)^2}{2s_k^2}}",
        {"z": [0.0, 5.0, -100.0, 60.0], "w": WEIGHTS, "s": [1.0, 2.0, 0.5, 0.1], "x": 90.0},
    ),
    "two in a mixture": (
        r"\log\frac{w e^{-(z-a)^2/2}}{w e^{-(z-a)^2/2}+(1-w)e^{-(z-b)^2/2}}",
        {"z": 100.0, "a": 0.0, "b": 1.0, "w": 0.3},
    ),
    "likelihood": (r"-\log\prod_i \frac{1}{1+e^{-z_i}}", {"z": FAR}),
    "contrast": (
        r"-\log\frac{e^{a/t}}{e^{a/t}+\sum_j e^{z_j/t}}",
        {"z": [10.0, 0.0, -10.0, 9.9], "a": 9.0, "t": 0.01},
    ),
    "squashed": (r"\sum_i \log\left(1-\tanh(z_i)^2\right)", {"z": [30.0, -800.0, 400.0, 0.001]}),
    "squashed by e": (
        r"\sum_i \log\left(1-\left(\frac{e^{z_i}-e^{-z_i}}{e^{z_i}+e^{-z_i}}\right)^2\right)",
        {"z": [30.0, -800.0, 400.0, 0.001]},
    ),
    "complement of a square": (
        rf"\sum_i \log\left(1-\left({S}\right)^2\right)", {"z": [40.0, 50.0, 60.0, 800.0]}
    ),
    "steps of roots": (
        r"\sum_i w_i\left(\sqrt{z_i+1}-\sqrt{z_i}\right)",
        {"z": [1e14, 1e12, 1e15, 2e13], "w": WEIGHTS},
    ),
    "steps of logs": (
        r"\sum_i w_i\left(\log(z_i+1)-\log z_i\right)",
        {"z": [1e14, 1e12, 1e15, 2e13], "w": WEIGHTS},
    ),
    "squares": (
        r"\sum_i \left(z_i^2-y_i^2\right)",
        {"z": [1e10, 1e12, 1e9, 2e8], "y": [1e10 + 1e-5, 1e12 + 1e-3, 1e9 - 1e-6, 2e8]},
    ),
    "deviation": (
        r"\sqrt{\frac14\sum_i z_i^2-\left(\frac14\sum_i z_i\right)^2}", {"z": OFFSET}
    ),
    "covariance": (
        r"\frac14\sum_i z_i x_i-\left(\frac14\sum_i z_i\right)\left(\frac14\sum_i x_i\right)",
        {"z": OFFSET, "x": OFFSET[::-1]},
    ),
    "distance": (
        r"\sum_i a_i^2+\sum_i z_i^2-2\sum_i a_i z_i", {"z": OFFSET, "a": [1e8, 1e8, 1e8, 1e8]}
    ),
    "cosine": (
        r"\frac{\sum_i a_i z_i}{\sqrt{\sum_i a_i^2}\sqrt{\sum_i z_i^2}}", {"z": HUGE, "a": SURE}
    ),
    "root of a mean": (r"\sqrt{\frac14\sum_i z_i^2}", {"z": HUGE}),
    "log of squares": (r"\log\sum_i z_i^2", {"z": HUGE}),
    "hypotenuse": (r"\sqrt{z^2+a^2}", {"z": 3e-200, "a": 4e-200}),
    "focal": (
        rf"-\sum_i y_i\left(1-{P}\right)^g\log {P}", {"z": SURE, "y": FIRST, "g": 2.0}
    ),
    "power of a probability": (
        rf"\sum_i y_i\frac{{1-\left({P}\right)^{{0.7}}}}{{0.7}}", {"z": SURE, "y": FIRST}
    ),
    "squared error": (rf"\sum_i\left({P}-y_i\right)^2", {"z": SURE, "y": FIRST}),
    "squared error of coins": (rf"\sum_i\left({S}-y_i\right)^2", {"z": SURE, "y": FIRST}),
    "cross-entropy when sure": (rf"-\sum_i y_i\log {P}", {"z": SURE, "y": FIRST}),
    "cosh less 1": (
        r"\sum_i w_i\left(\frac{e^{z_i}+e^{-z_i}}{2}-1\right)", {"z": NEAR, "w": WEIGHTS}
    ),
    "log cosh": (r"\sum_i \log\cosh z_i", {"z": [1e-6, 900.0, -800.0, 1.0]}),
    "area": (
        r"\sum_i w_i\log\left(z_i+\sqrt{z_i^2+1}\right)",
        {"z": [1e-12, -1e10, 3.0, 1e200], "w": WEIGHTS},
    ),
    "atanh": (r"\sum_i\frac12\log\frac{1+z_i}{1-z_i}", {"z": NEAR}),
    "an interval": (r"\log\left(\sigma(a-z)-\sigma(b-z)\right)", {"z": 900.0, "a": 1.0, "b": 0.0}),
    "times between": (
        r"\sum_i w_i\log\left(1-e^{-e^{z_i}}\right)", {"z": [-50.0, 3.0, 0.0, -900.0], "w": WEIGHTS}
    ),
    "log of softplus": (r"\sum_i\log\log(1+e^{z_i})", {"z": [-900.0, 900.0, -50.0, 0.0]}),
    "a small root": (r"\frac{-b+\sqrt{b^2-4z}}{2}", {"z": 1.0, "b": 1e9}),
    "exponentials": (
        r"\sum_i w_i\left(e^{z_i}-e^{a_i}\right)",
        {"z": [1.0, 2.0, 3.0, 4.0], "a": [1 + 1e-13, 2 - 1e-13, 3 + 1e-13, 4.0], "w": WEIGHTS},
    ),
    "a margin": (
        r"-\log\frac{e^{s(z_1-m)}}{e^{s(z_1-m)}+\sum_{j=2}^{N} e^{s z_j}}",
        {"z": [30.0, -5.0, 12.0, -44.0], "s": 30.0, "m": 0.35},
    ),
    "distilled when sure": (
        rf"-\sum_i \frac{{e^{{t_i}}}}{{\sum_k e^{{t_k}}}}\log {P}",
        {"z": SURE, "t": [50.0, 2.0, 1.0, 3.0]},
    ),
    "free energy": (r"-T\log\left(\frac14\sum_i e^{-z_i/T}\right)", {"z": NEAR, "T": 0.5}),
    "power means": (r"\frac{1}{q-1}\left(1-\sum_i P^q\right)".replace("P", f"\\left({P}\\right)"),
                    {"z": SURE, "q": 1.5}),
    "parallel": (
        r"1-\frac{\sum_i a_i z_i}{\sqrt{\sum_i a_i^2}\sqrt{\sum_i z_i^2}}",
        {"z": [1.0, 2.0, 3.0, 4.000001], "a": [1.0, 2.0, 3.0, 4.0]},
    ),
    "log of 1 + tanh": (r"\sum_i w_i\log\left(1+\tanh z_i\right)", {"z": NEAR, "w": WEIGHTS}),
    "log of tanh": (r"\sum_i \log\tanh z_i", {"z": [1e-30, 1e-8, 20.0, 40.0]}),
    "density of a logistic": (r"z+2\log(1+e^{-z})", {"z": 1e-12}),
    "step of softplus": (r"\log(1+e^{z+h})-\log(1+e^{z})", {"z": -30.0, "h": 2.0**-30}),
    "Box and Cox": (r"\frac{z^l-1}{l}", {"z": 3.0, "l": 1e-12}),
    "exponential and tangent": (r"\sum_i\left(e^{z_i}-1-z_i\right)", {"z": NEAR}),
    "logarithm and tangent": (r"z-1-\log z", {"z": 1 + 2.0**-40}),
    "Cauchy": (r"\log\left(g\left(1+\left(\frac{z-m}{g}\right)^2\right)\right)",
               {"z": 1e200, "m": 0.5, "g": 0.001}),
    "Geman and McClure": (r"\frac{z^2}{1+z^2}", {"z": 1e200}),
    "softsign": (r"\frac{z}{1+|z|}", {"z": -1e300}),
    "log of 1 + 1/z": (r"\log\left(1+\frac{1}{z}\right)", {"z": 1e-200}),
    "deviance of counts": (
        r"2\left(y\log\frac{y}{z}-(y-z)\right)", {"z": 3 + 2.0**-30, "y": 3.0}
    ),
    "deviance of waiting": (
        r"2\left(\frac{y-e^{z}}{e^{z}}-\log\frac{y}{e^{z}}\right)", {"z": 2.0**-20, "y": 1.0}
    ),
    "entropy of a logit": (r"\log(1+e^{z})-z\frac{1}{1+e^{-z}}", {"z": 100.0}),
    "smooth ramp": (r"\frac12\left(z+\sqrt{z^2+l}\right)", {"z": -1e10, "l": 1e-3}),
    "smooth ramp far off": (r"\frac12\left(z+\sqrt{z^2+l}\right)", {"z": 1e200, "l": 1e-3}),
    "inverse of cosh": (r"\log\left(z+\sqrt{z^2-1}\right)", {"z": 1e200}),
    "harmonic mean": (r"\frac{4}{\sum_i\frac{1}{z_i}}", {"z": [1e-200, 2e-200, 1e-200, 1.0]}),
    "neighbours": (
        r"-\sum_i y_i\log\frac{\left(1+z_i^2\right)^{-1}}{\sum_k\left(1+z_k^2\right)^{-1}}",
        {"z": [1e180, 1.0, -1e200, 3.0], "y": WEIGHTS},
    ),
    "two in a logistic mixture": (
        r"-\log\left(w\frac{1}{1+e^{-(z-a)}}+(1-w)\frac{1}{1+e^{-(z-b)}}\right)",
        {"z": -800.0, "w": 0.4, "a": 1.0, "b": -3.0},
    ),
    "entropy when cold": (
        r"-\sum_i\frac{e^{z_i/T}}{\sum_k e^{z_k/T}}\log\frac{e^{z_i/T}}{\sum_k e^{z_k/T}}",
        {"z": [0.5, -1.2, 2.0, 0.1], "T": 0.02},
    ),
    "overlap of near distributions": (
        rf"-\log\sum_i\sqrt{{{P}\cdot {Q}}}", {"z": CLOSE, "t": [1.0, 2.0, 3.0, 4.0]}
    ),
    "overlap by a power of each": (
        rf"\log\sum_i\left({P}\right)^{{y_i}}\left({Q}\right)^{{1-y_i}}",
        {"z": CLOSE, "t": [1.0, 2.0, 3.0, 4.0], "y": WEIGHTS},
    ),
    "Hellinger": (
        rf"\frac12\sum_i\left(\sqrt{{{P}}}-\sqrt{{{Q}}}\right)^2",
        {"z": CLOSE, "t": [1.0, 2.0, 3.0, 4.0]},
    ),
    "1 less an overlap": (
        rf"1-\sum_i\sqrt{{{P}\cdot {Q}}}", {"z": CLOSE, "t": [1.0, 2.0, 3.0, 4.0]}
    ),
    "divergence of near distributions": (
        rf"\sum_i {P}\log\frac{{{P}}}{{{Q}}}", {"z": CLOSE, "t": [1.0, 2.0, 3.0, 4.0]}
    ),
    "divergence of far distributions": (
        rf"\sum_i {Q}\left(\log {Q}-\log {P}\right)", {"z": FAR, "t": [-700.0, 3.0, 900.0, -850.0]}
    ),
    "squares of near distributions": (
        rf"\sum_i\left({P}-{Q}\right)^2", {"z": CLOSE, "t": [1.0, 2.0, 3.0, 4.0]}
    ),
    "chi squared": (
        rf"\sum_i\frac{{\left({P}-{Q}\right)^2}}{{{Q}}}",
        {"z": FAR, "t": [799.0, -4.0, -800.0, 800.0]},
    ),
    "one of several": (
        rf"\frac{{1-\left(\sum_i y_i {P}\right)^{{0.7}}}}{{0.7}}", {"z": SURE, "y": FIRST}
    ),
    "impurity": (rf"1-\sum_i\left({P}\right)^2", {"z": SURE}),
    "overlap of sets": (
        rf"1-\frac{{2\sum_i y_i {S}}}{{\sum_i {S}+\sum_i y_i}}",
        {"z": [40.0, -40.0, 50.0, -50.0], "y": [1.0, 0.0, 1.0, 0.0]},
    ),
    "overlap of sets, squared": (
        rf"1-\frac{{2\sum_i y_i {S}}}{{\sum_i\left({S}\right)^2+\sum_i y_i^2}}",
        {"z": [40.0, -40.0, 50.0, -50.0], "y": [1.0, 0.0, 1.0, 0.0]},
    ),
    "ratio of sums": (
        r"\log\sum_i e^{z_i}-\log\sum_i e^{t_i}",
        {"z": [1000 + 1e-9, 2.0, 3.0, 999.0], "t": [1000.0, 2.0, 3.0, 999.0]},
    ),
    "ratio of odds": (
        r"\log\left(1+e^{a+z}\right)-\log\left(1+e^{z}\right)-a", {"z": 50.0, "a": 1.0}
    ),
    "spectral divergence": (
        r"\sum_i\left(\frac{y_i}{z_i}-\log\frac{y_i}{z_i}-1\right)",
        {"z": [1 + 2.0**-30, 2.0, 3 - 2.0**-28, 4.0], "y": [1.0, 2.0, 3.0, 4.0]},
    ),
    "chains": (r"\sum_i\left(\cosh z_i-1\right)", {"z": NEAR}),
    "reciprocals of neighbours": (r"\frac{1}{z}-\frac{1}{z+1}", {"z": 1e12}),
    "cube roots of neighbours": (r"(z+1)^{1/3}-z^{1/3}", {"z": 1e12}),
    "mean slope of a logarithm": (r"\frac{\log(1+z)}{z}", {"z": 1e-12}),
    "ratio of squares": (r"\log\frac{z^2+1}{z^2}", {"z": 1e9}),
    "logarithm of a mean": (r"\log \frac{1}{N} \sum_i e^{z_i - m}", {"z": FAR, "m": 5.0}),
    "norm of fours": (r"\left(\sum_i z_i^4\right)^{\frac14}", {"z": HUGE}),
    "norm of a degree": (r"\left(\sum_i |z_i|^p\right)^{1/p}", {"z": HUGE, "p": 3.5}),
    "power mean": (
        r"\left(\frac14\sum_i z_i^p\right)^{1/p}", {"z": [3e200, 4e200, 1e190, 2e200], "p": 3.0}
    ),
    "geometric mean": (
        r"\left(\prod_i z_i\right)^{1/4}", {"z": [3e200, 4e200, 1e190, 2e200]}
    ),
    "unit vector": (
        r"\sum_i w_i\frac{z_i}{\sqrt{\sum_j z_j^2}}", {"z": HUGE, "w": WEIGHTS}
    ),
    "normalised by its square mean": (
        r"\sum_i w_i\frac{z_i}{\sqrt{\frac14\sum_j z_j^2+a}}", {"z": HUGE, "w": WEIGHTS, "a": 1e-5}
    ),
    "distance in a logarithm": (
        r"\log\left(1+\sum_i(z_i-a_i)^2\right)", {"z": HUGE, "a": SURE}
    ),
    "logistic in a logarithm": (
        r"-\log\frac{(b/a)(z/a)^{b-1}}{\left(1+(z/a)^b\right)^2}", {"z": 1e200, "a": 2.0, "b": 3.0}
    ),
    "tails by a power": (
        r"-\log\left(\frac{a}{l}\left(1+\frac zl\right)^{-(a+1)}\right)",
        {"z": 1e200, "a": 3.0, "l": 1.0},
    ),
    "adaptive": (
        r"\frac{|a-2|}{a}\left(\left(\frac{(z/c)^2}{|a-2|}+1\right)^{a/2}-1\right)",
        {"z": 1e200, "a": 1.3, "c": 0.5},
    ),
    "density with a variance": (
        r"\sum_i\left(\log z_i+\frac{(x_i-m_i)^2}{2z_i^2}\right)",
        {"z": [1e200, 1e-3, 2.0, 1e-200], "x": [1e200, 0.0, 3.0, 1e-200], "m": [0.0] * 4},
    ),
    "compound interest": (r"\left(1+\frac{z}{n}\right)^{n}", {"z": 0.5, "n": 1e15}),
    "mean slope": (r"\frac{e^z-1}{z}", {"z": 1e-12}),
    "at least one": (r"1-\prod_i\left(1-z_i\right)", {"z": [1e-9, 2e-9, 3e-9, 4e-9]}),
    "counts by softplus": (
        r"\sum_i\left(\log(1+e^{z_i})-y_i\log\log(1+e^{z_i})\right)",
        {"z": [800.0, -800.0, 2.0, -40.0], "y": [3.0, 1.0, 0.0, 2.0]},
    ),
    "angles": (r"\sum_i\left(1-\cos z_i\right)", {"z": NEAR}),
    "counts of none": (
        r"-y\log\left(1-e^{-e^{z}}\right)+(1-y)e^{z}", {"z": -800.0, "y": 0.4}
    ),
}  # fmt: skip


def exact(expr, values, order):
    with flint.ctx.workprec(4000):
        balls = np.ravel(evaluate(expr, values, None, order, BALLS))
        return np.array([float(ball.mid()) for ball in balls])


@pytest.mark.parametrize("latex, at", LOSSES.values(), ids=LOSSES)
def test_values_and_gradients_are_right_where_the_print_breaks(latex, at):
    values = {name: np.asarray(value, float) for name, value in at.items()}
    values.setdefault("\\pi", np.asarray(np.pi))
    expr = read_expression(latex, {name: value.shape for name, value in values.items()})
    (by,) = (array for array in expr.arrays if array.name == "z")
    places = tuple(Index("k", size) for size in by.sizes)
    found = evaluate_expression(latex, at, "z")
    (true,) = exact(expr, values, [])
    slopes = exact(differentiate(expr, element(by, *places)), values, places)
    assert found["value"] == pytest.approx(true, rel=1e-6)
    assert np.ravel(found["gradient"]) == pytest.approx(slopes, abs=1e-6 * np.max(np.abs(slopes)))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("latex", [
    r"y \log\frac{y}{z} - (y - z)", r"2\left(y \log(y / z) - y + z\right)", r"z - y + y \log(y/z)",
])  # fmt: skip
def test_a_deviance_of_none_counts_nothing_times_its_logarithm_as_0(latex, dtype):
    found = evaluate_expression(latex, {"y": 0.0, "z": 3.0}, "z", dtype)
    times = 2 if latex.startswith("2") else 1
    assert (found["value"], found["gradient"]) == (3 * times, times)


S_Z = r"\sigma(z)"
BOTH = {
    "one of two": (r"-\log \frac{e^{z_1}}{e^{z_1} + e^{z_2}}", {"z": [-200.0, 500.0]}),
    "preference": (r"-\log \sigma(\beta (z_1 - z_2))", {"z": [-3000.0, 10.0], "\\beta": 0.5}),
    "square of the partition": (
        r"\left( \log \sum_i e^{z_i} \right)^2",
        {"z": [900.0, 899.0, 3.0]},
    ),
    "focal": (
        r"-\left(1 - \frac{e^{z_1}}{\sum_j e^{z_j}}\right)^2 \log \frac{e^{z_1}}{\sum_j e^{z_j}}",
        {"z": [30.0, 1.0, -2.0]},
    ),
    "log variance": (
        r"\frac{1}{2} \left( z + \frac{(y - 1)^2}{e^{z}} \right)",
        {"z": -20.0, "y": 1.5},
    ),
    "tails by degrees": (
        r"\frac{n + 1}{2} \log \left( 1 + \frac{z^2}{n} \right)",
        {"z": 1e18, "n": 3.0},
    ),
    "bounded": (r"\frac{z^2 / c^2}{1 + z^2 / c^2}", {"z": 0.125, "c": 1e18}),
    "bounded far out": (r"\frac{z^2 / c^2}{1 + z^2 / c^2}", {"z": 4096.0, "c": 0.5}),
    "forgetful": (r"1 - e^{-\frac{1}{2} (z/c)^2}", {"z": 0.0009765625, "c": 128.0}),
    "square of a probability": (r"(y - \sigma(z))^2", {"z": -50.0, "y": 0.0}),
    "counts with many": (
        r"(r + y) \log\left(1 + \frac{e^{z}}{r}\right) - y z", {"z": 3.0, "r": 2.0**60, "y": 1.0}
    ),
    "counts with few": (
        r"(r + y) \log\left(1 + \frac{e^{z}}{r}\right) - y z", {"z": 800.0, "r": 2.0, "y": 3.0}
    ),
    "smooth hinge": (
        r"\frac{1}{c} \log\left(1 + e^{c (1 - y z)}\right)",
        {"z": -40.0, "c": 50.0, "y": 1.0},
    ),
    "three points": (
        r"\log\left(1 + e^{\sqrt{\sum_i (z_i - p_i)^2} - \sqrt{\sum_i (z_i - q_i)^2}}\right)",
        {"z": [2.0**66, 0.0, 1.0], "p": [0.0, 1.0, 2.0], "q": [3.0, 4.0, 5.0]},
    ),
    "dose": (r"\frac{z^{20}}{z^{20} + c^{20}}", {"z": 2.0**99, "c": 2.0**100}),
    "small dose": (r"\frac{z^{20}}{z^{20} + c^{20}}", {"z": 2.0**-40, "c": 2.0**-39}),
    "gap": (r"\log\left(e^{z_1} - e^{z_2}\right)", {"z": [1000.0, 999.0]}),
    "two successes": (rf"\log \frac{{{S_Z}^2}}{{{S_Z}^2 + (1 - {S_Z})^2}}", {"z": -300.0}),
    "mish": (r"z \tanh(\log(1 + e^z))", {"z": -60.0}),
    "root of a mean": (r"\sqrt{\frac{1}{3} \sum_i z_i^2}", {"z": [1e30, 2e30, 0.0]}),
    "extreme": (r"z + e^{-z} - \log(1 - e^{-e^{-z}})", {"z": 60.0}),
    "transport": (
        r"-c \log \sum_i w_i e^{(z_i - d_i) / c}",
        {"z": [1.0, 2.0, 3.0], "w": [0.25, 0.25, 0.5], "d": [0.0, 5.0, 1.0], "c": 2.0**-10},
    ),
    "between two": (r"-\log(\sigma(a - z) - \sigma(b - z))", {"z": 300.0, "a": 1.0, "b": -1.0}),
    "probit": (r"-\log \Phi(z)", {"z": -30.0}),
    "score of a forecast": (
        r"s\left(\frac{y-z}{s}\left(2\Phi\left(\frac{y-z}{s}\right)-1\right)"
        r"+\frac{2}{\sqrt{2\pi}}e^{-\frac12\left(\frac{y-z}{s}\right)^2}-\frac{1}{\sqrt{\pi}}\right)",
        {"z": -3e-10, "y": 0.0, "s": 34.0},
    ),
    "two near distributions and their mean": (
        rf"\frac12\sum_i {P}\log\frac{{{P}}}{{\frac12\left({P}+{Q}\right)}}"
        rf"+\frac12\sum_i {Q}\log\frac{{{Q}}}{{\frac12\left({P}+{Q}\right)}}",
        {"z": [2.0, 1.0, 0.0, 0.5], "t": [2.0, 1.0, 0.0, 0.5 + 2.0**-6]},
    ),
    "a wide grade": (
        r"-\log\left(\frac{1}{1+e^{z-b}}-\frac{1}{1+e^{z-b+h}}\right)",
        {"z": -0.85, "b": -0.85, "h": 150147280.0},
    ),
    "a narrow bin": (
        r"-\log\left(\frac{1}{1+e^{-(x+h-z)/s}}-\frac{1}{1+e^{-(x-h-z)/s}}\right)",
        {"z": -25.0, "x": 2.5, "h": 3e-8, "s": 1.8},
    ),
    "ranks at risk": (
        r"-\sum_i d_i\left(z_i-\log\sum_{j\ge i}e^{z_j}\right)",
        {"z": [90.0, 0.0, -90.0, -5.0], "d": [0.0, 1.0, 0.0, 1.0]},
    ),
    "near scales": (
        r"\log\frac{z}{s}+\frac{s^2+(m-n)^2}{2z^2}-\frac12",
        {"z": 17056.58203125, "s": 17057.83203125, "m": 1.5, "n": 1.0},
    ),
    "near coins": (
        r"\sigma(a)\log\frac{\sigma(a)}{\sigma(z)}"
        r"+\left(1-\sigma(a)\right)\log\frac{1-\sigma(a)}{1-\sigma(z)}",
        {"z": 0.25, "a": 0.25 + 2.0**-12},
    ),
    "distance in a ball": (
        r"\operatorname{arcosh}\left(1+2\frac{\sum_i(z_i-a_i)^2}"
        r"{\left(1-\sum_i z_i^2\right)\left(1-\sum_i a_i^2\right)}\right)",
        {"z": [1e-5, 2e-5, 0.0], "a": [1e-5, 3e-5, 1e-6]},
    ),
    "overlap of a degree": (
        rf"\frac{{1}}{{a-1}}\log\sum_i\left({P}\right)^a\left({Q}\right)^{{1-a}}",
        {"z": [2.0, 1.0, 0.0, 0.5], "t": [2.0, 1.0, 0.0, 0.5 + 2.0**-6], "a": 0.25},
    ),
    "least of three": (
        r"-g\log\left(e^{-z_1/g}+e^{-z_2/g}+e^{-z_3/g}\right)",
        {"z": [79.0, 46.0, -5e-6], "g": 2.25},
    ),
    "near roots": (r"\left(\sqrt{z}-\sqrt{y}\right)^2", {"z": 421696.34375, "y": 421656.75}),
    "variance of exponentials": (
        r"\frac14\sum_i e^{2z_i}-\left(\frac14\sum_i e^{z_i}\right)^2",
        {"z": [-0.68413484, -0.6841301, -0.6841341, -0.68413]},
    ),
    "a tangent in waiting": (
        r"2\left(-\log\frac{y}{z}+\frac{y-z}{z}\right)", {"z": 3 + 2.0**-12, "y": 3.0}
    ),
    "a margin between two": (
        r"\log\left(1+e^{a}\left(e^{z_1}+e^{z_2}\right)\right)-z_1",
        {"z": [71.0, 37.0], "a": 2.25},
    ),
    "beyond all sizes": (r"\log(1+|z|)-\log|z|", {"z": -1e10}),
    "nearly a right angle": (r"\cos\left(\arccos(z)+m\right)", {"z": 4.861e-7, "m": 4.86e-7}),
}  # fmt: skip


@pytest.mark.parametrize("dtype, share", [("float64", 1e-8), ("float32", 3e-4)])
@pytest.mark.parametrize("latex, at", BOTH.values(), ids=BOTH)
def test_half_the_digits_of_either_dtype_are_right(latex, at, dtype, share):
    values = {n: np.asarray(np.asarray(v, dtype), float) for n, v in at.items()}
    found = evaluate_expression(latex, {n: v.tolist() for n, v in values.items()}, "z", dtype)
    expr = read_expression(latex, {name: value.shape for name, value in values.items()})
    (by,) = (array for array in expr.arrays if array.name == "z")
    places = tuple(Index("k", size) for size in by.sizes)
    (true,) = exact(expr, values, [])
    slopes = exact(differentiate(expr, element(by, *places)), values, places)
    tiny = float(np.finfo(dtype).tiny)
    assert found["value"] == pytest.approx(true, rel=share, abs=tiny)
    largest = share * float(np.max(np.abs(slopes))) + tiny
    assert np.ravel(found["gradient"]) == pytest.approx(slopes, abs=largest)


I = Index("i", "N")
T, X = element(Array("t")), element(Array("x", ("N",)), I)


@st.composite
def terms(draw, depth=3, inside=False):
    """A number, by functions that overflow, cancel and saturate, and sums over a vector."""
    if depth == 0:
        return draw(st.sampled_from([T, ONE, const(2), *([X] if inside else [])]))
    part = terms(depth - 1, inside)
    match draw(st.integers(0, 7)):
        case 0:
            return exp(draw(part))
        case 1:
            return draw(st.sampled_from((log, sqrt, sigmoid, tanh, softplus)))(draw(part))
        case 2:
            return draw(part) + draw(part)
        case 3:
            return draw(part) - draw(part)
        case 4:
            return draw(part) * draw(part)
        case 5:
            below = draw(part)
            return draw(part) / (ONE if below is ZERO else below)
        case 6:
            return draw(part) ** 2
    return draw(part) if inside else total(I, draw(terms(depth - 1, True)))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(terms())
def test_stable_forms_have_the_same_value_and_lose_no_more_bits(expr):
    if not expr.arrays:
        return
    measure = Measure(expr, "float64", inputs(expr, "float64")[::8])
    for form in (stabilise(expr), finish(expr)):
        for values, true in zip(measure.inputs, measure.true, strict=True):
            found = measure.truth(form, values, [])
            assert found is None or np.array_equal(found, true)
        assert measure.loss(form).average <= measure.loss(expr).average + 1


def test_the_form_is_chosen_by_what_it_loses():
    value, slope = stable_forms(read("log(sum(exp(x)))"), "float32", ["x"])
    assert value.rules == ("log-by-scale",)
    assert value.broken == "with x = [100, 0] in float32: inf, the true value is 100"
    assert value.before.worst == slope.before.worst == 24
    assert value.after.worst < 3 and slope.after.worst < 8
    (worst, loss), *_ = value.nodes
    assert worst is read("log(sum(exp(x)))") and loss.worst == 24
    (square,) = stable_forms(read("x^2 + 3"), "float64")
    assert square.stable is square.printed and square.broken is None


@pytest.mark.parametrize("latex", [r"\log \sum_i e^{x_i}", r"\log\left(\sum_{j} \exp(x_j)\right)"])
def test_an_expression_is_read_as_typed_and_as_printed(latex):
    assert stabilise(read(latex)).function.name == "logsumexp"
    assert stabilise(read("ln(sum(exp(x)))")) is stabilise(read("log(sum(exp(x)))"))
