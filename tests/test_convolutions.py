"""Convolutions and pooling that documents define: values by loops, slopes by differences, code."""

import numpy as np
import pytest

import chainrule
from chainrule.checker.fits import fitted
from chainrule.language.algebra import element
from chainrule.language.expr import Array
from chainrule.language.index import Index, place_of
from chainrule.program.build import build
from chainrule.transform.reverse import reverse
from chainrule.transform.stabilise import stabilise_program

RANDOM = np.random.default_rng(5)
x, w = RANDOM.normal(size=13), RANDOM.normal(size=3)
X, K = RANDOM.normal(size=(7, 11)), RANDOM.normal(size=(2, 3))


def at(array, *places):
    """The element at places that count from 1; 0 outside."""
    inside = all(1 <= p <= n for p, n in zip(places, array.shape, strict=True))
    return array[tuple(p - 1 for p in places)] if inside else 0.0


def sums(count, term):
    return np.array([sum(term(p, r) for r in (1, 2, 3)) for p in range(1, count + 1)])


def image(rows, columns, term):
    grid = range(1, rows + 1), range(1, columns + 1)
    return np.array([[term(p, q) for q in grid[1]] for p in grid[0]])


# Name → (formula, values of its symbols, what it gives, computed by loops).
LAYERS = {
    "valid": (
        r"y_p = \sum_{r=1}^{3} w_r x_{p+r-1}",
        {"x": x, "w": w},
        sums(11, lambda p, r: at(w, r) * at(x, p + r - 1)),
    ),
    "as long as the signal": (
        r"y_p = \sum_{r=1}^{3} w_r x_{p+r-2}",
        {"x": x, "w": w},
        sums(13, lambda p, r: at(w, r) * at(x, p + r - 2)),
    ),
    "full, the filter turned round": (
        r"y_p = \sum_{r=1}^{3} w_r x_{p-r+1}",
        {"x": x, "w": w},
        np.convolve(x, w),
    ),
    "stride": (
        r"y_p = \sum_{r=1}^{3} w_r x_{2p+r-2}",
        {"x": x, "w": w},
        sums(6, lambda p, r: at(w, r) * at(x, 2 * p + r - 2)),
    ),
    "stride with padding, from 0": (
        r"y_p = \sum_{r=0}^{2} w_r x_{3p+r-1}",
        {"x": x, "w": w},
        sums(5, lambda p, r: at(w, r) * at(x, 3 * (p - 1) + (r - 1) - 1 + 1)),
    ),
    "dilation": (
        r"y_p = \sum_{r=1}^{3} w_r x_{p+3r-3}",
        {"x": x, "w": w},
        sums(7, lambda p, r: at(w, r) * at(x, p + 3 * r - 3)),
    ),
    "stride and dilation": (
        r"y_p = \sum_{r=1}^{3} w_r x_{3(p-1)+2(r-1)+1}",
        {"x": x, "w": w},
        sums(3, lambda p, r: at(w, r) * at(x, 3 * p + 2 * r - 4)),
    ),
    "largest of each window": (
        r"y_p = \max_{r \in \{1, 2, 3\}} x_{2p+r-2}",
        {"x": x},
        np.array([max(x[2 * p : 2 * p + 3]) for p in range(6)]),
    ),
    "filter over an image": (
        r"y_{p,q} = \sum_{r=1}^{2} \sum_{s=1}^{3} K_{r,s} X_{p+r-1, 2q+s-2}",
        {"X": X, "K": K},
        image(6, 5, lambda p, q: sum(
            at(K, r, s) * at(X, p + r - 1, 2 * q + s - 2) for r in (1, 2) for s in (1, 2, 3)
        )),
    ),
    "largest of each square": (
        r"y_{p,q} = \max_{1 \le r, s \le 2} X_{2p+r-2, 2q+s-2}",
        {"X": X},
        image(3, 5, lambda p, q: X[2 * p - 2 : 2 * p, 2 * q - 2 : 2 * q].max()),
    ),
}  # fmt: skip


def network(name):
    """The program of a layer with a loss that weighs what it gives, and the values."""
    formula, values, wanted = LAYERS[name]
    axes = "p" if wanted.ndim == 1 else "p,q"
    y, t = f"y_{{{axes}}}", f"t_{{{axes}}}"
    loss = rf"J = \sum_{{{axes}}} ({t} {y} + \frac{{1}}{{2}} {y}^2)"
    reading = chainrule.read(f"$$ {formula} $$ $$ {loss} $$").reading
    weights = np.random.default_rng(1).normal(size=wanted.shape)
    return reading.scope.program(archived=True), {**values, "t": weights}, wanted


@pytest.mark.parametrize("name", LAYERS)
def test_values_and_slopes(name):
    program, values, wanted = network(name)
    found = reverse(program, "J", [key for key in values if key != "t"])
    outputs = ["y", *found.names.values()]
    compiled = build(stabilise_program(found.program, outputs), outputs, dtype="float64")
    results = compiled({key: values[key] for key in compiled.inputs})
    assert results["y"] == pytest.approx(wanted, rel=1e-12, abs=1e-14)

    def loss(changed):
        return float(program.run({**values, **changed})["J"])

    random = np.random.default_rng(2)
    for variable, slope in found.names.items():
        assert results[slope].shape == values[variable].shape
        for _ in range(3):
            step = 1e-5 * random.normal(size=values[variable].shape)
            here = values[variable]
            rise = loss({variable: here + step}) - loss({variable: here - step})
            assert (results[slope] * 2 * step).sum() == pytest.approx(rise, rel=1e-5)


@pytest.mark.parametrize(
    "formula, by, printed",
    [
        (r"y_p = \sum_r w_r x_{p+r-1}", "x", "∂J/∂x_i = Σ_j t_j w[i − j + 1]"),
        (r"y_p = \sum_r w_r x_{2p+r-2}", "x", "∂J/∂x_i = Σ_j t_j w[i − 2 j + 2]"),
        (r"y_p = \sum_r w_r x_{2p+r-2}", "w", "∂J/∂w_i = Σ_j t_j x[i + 2 j − 2]"),
        (r"y_p = \sum_r w_r x_{p+2r-2}", "x", "∂J/∂x_i = Σ_j t[i − 2 j + 2] w_j"),
    ],
)
def test_the_gradient_of_a_convolution_is_a_convolution(formula, by, printed):
    document = chainrule.read(rf"$$ {formula} $$ $$ J = \sum_p t_p y_p $$")
    assert document.derive("J", by).text(by) == printed


def test_sizes_fit_what_is_read():
    p, r, n = Index("p", "M"), Index("r", 3), Index("n", "N")
    signal = Array("x", ("N",))
    window = element(signal, place_of(p) * 2 + place_of(r))
    assert fitted({"M": 4, "N": 2}, window) == {"M": 4, "N": 9}
    fixed = element(Array("x", (10,)), place_of(p) * 2 + place_of(r))
    assert fitted({"M": 9}, fixed) == {"M": 4}
    before = element(signal, place_of(n) - place_of(1))
    assert fitted({"N": 3}, before, element(signal, place_of(n) + place_of(r))) == {"N": 3}


@pytest.mark.parametrize(
    "formula",
    [
        r"h_t = \tanh(a h_{t-1} + b x_t)",
        r"y_p = \sum_r w_r x_{p^2+r}",
        r"y_p = \sum_r w_r x_{p/2+r}",
        r"y_p = \sum_{r \in R} w_r x_{p+r}",
    ],
)
def test_other_subscripts_are_not_read(formula):
    checked = chainrule.read(f"$$ {formula} $$").check()
    assert set(checked.counts) <= {"unread"}
