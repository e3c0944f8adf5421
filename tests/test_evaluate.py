"""`chainrule evaluate`: formulas as people print them, each as one number at one point."""

import numpy as np
import pytest

from chainrule.errors import BadOption, SizeMismatch, UnknownSymbol, UnreadFormula
from chainrule.single import evaluate_expression

Z = np.array([1.0, -2.0, 3.0, 5.0])
P = 1 / (1 + np.exp(-Z))
PAIRS = np.triu(np.outer(Z, Z))
PRINTED = {
    r"\prod_i z_i": np.prod(Z),
    r"\left(\prod_{i=1}^{N} z_i^2\right)^{1/4}": np.sqrt(abs(np.prod(Z))),
    r"1-\prod_{i=1}^n\left(1-\sigma(z_i)\right)": 1 - np.prod(1 - P),
    r"\sum_i \prod_{j\neq i} z_j": np.sum(np.prod(Z) / Z),
    r"\sum_{i<j} z_i z_j": np.sum(np.triu(PAIRS, 1)),
    r"\sum_i\sum_{j>i} z_i z_j": np.sum(np.triu(PAIRS, 1)),
    r"\sum_{i=1}^{N}\sum_{j=i}^{N} z_i z_j": np.sum(PAIRS),
    r"\sum_i\sum_{j=1}^{i} z_i z_j": np.sum(PAIRS),
    r"\sum_i\sum_{j=1}^{i-1} z_i z_j": np.sum(np.triu(PAIRS, 1)),
    r"\sum_{k=1}^{K}\log\sum_{j\ge k}e^{z_j}": np.sum(np.log(np.cumsum(np.exp(Z)[::-1]))),
    r"\sum_{i=1}^{N-1}(z_{i+1}-z_i)^2": np.sum(np.diff(Z) ** 2),
    r"\sum_{i=2}^{N}\left|z_i-z_{i-1}\right|": np.sum(np.abs(np.diff(Z))),
    r"\|z\|_\infty": 5.0,
    r"\|z\|_3^3": np.sum(np.abs(Z) ** 3),
    r"\sqrt[3]{\sum_i z_i}": np.cbrt(7),
    r"\max_i z_i - \min_i z_i": 7.0,
    r"\max(z_1, z_2, z_3)": 3.0,
    r"\min(z)": -2.0,
    r"\sum_i [z_i]_+^2": 35.0,
    r"(z_1-3)_+": 0.0,
    r"\exp\{-z_1\}": np.exp(-1),
    r"\tanh^{-1}(z_1/10)": np.arctanh(0.1),
    r"\cos^{-1}(z_1/10)": np.arccos(0.1),
    r"\sigma^{-1}(z_1/10)": np.log(1 / 9),
    r"\operatorname{arcosh} z_3": np.arccosh(3),
    r"\sin^2 z_1 + \cos(z_1)^2": 1.0,
    r"\arctan z_1": np.pi / 4,
}


@pytest.mark.parametrize("latex", PRINTED)
def test_what_is_printed_is_evaluated(latex):
    found = evaluate_expression(latex, {"z": Z.tolist()}, "z")
    assert found["value"] == pytest.approx(PRINTED[latex], rel=1e-12)
    direction = np.array([0.3, -0.2, 0.5, 0.7])
    sides = (Z + 1e-6 * direction).tolist(), (Z - 1e-6 * direction).tolist()
    up, down = (evaluate_expression(latex, {"z": side})["value"] for side in sides)
    slope = np.dot(found["gradient"], direction)
    assert slope == pytest.approx((up - down) / 2e-6, rel=1e-6, abs=1e-8)


def test_zero_times_the_logarithm_of_zero_is_zero():
    given = {"z": [0.5, 0.25, 0.25], "y": [0.0, 1.0, 0.0]}
    found = evaluate_expression(r"\sum_i y_i\log\frac{y_i}{z_i}", given, "z")
    assert found["value"] == pytest.approx(np.log(4))
    assert found["gradient"] == pytest.approx([0.0, -4.0, 0.0])


def test_a_product_whose_length_is_not_known_is_not_guessed():
    with pytest.raises(UnreadFormula):
        evaluate_expression(r"\prod_{i=1}^{N} a_i", {"z": [1.0, 2.0], "b": [1.0, 2.0, 3.0]})


def test_a_mean_tells_how_many_there_are():
    found = evaluate_expression(r"\frac{1}{N} \sum_i z_i", {"z": [1.0, 2.0, 6.0]}, "z")
    assert found["value"] == 3 and found["gradient"] == pytest.approx([1 / 3] * 3)


W = np.array([0.5, 0.0, 2.0, 1.0])
MEANS = {
    r"\mathbb{E}[z]": np.mean(Z),
    r"\mathbb{E}_i[w_i z_i]": np.mean(W * Z),
    r"E[z^2] - E[z]^2": np.var(Z),
    r"\operatorname{Var}(z)": np.var(Z),
    r"\mathbb{V}\left[w z\right]": np.var(W * Z),
    r"\operatorname{Var}_i(z_i) + \operatorname{mean}(w)": np.var(Z) + np.mean(W),
    r"\operatorname{Cov}(z, w)": np.mean(Z * W) - np.mean(Z) * np.mean(W),
    r"\sum_i w_i \frac{z_i - \mathbb{E}[z]}{\sqrt{\operatorname{Var}[z] + \epsilon}}": np.dot(
        W, (Z - np.mean(Z)) / np.sqrt(np.var(Z) + 0.1)
    ),
    "log(sum(exp(z)))": np.log(np.sum(np.exp(Z))),
    r"\sigma(\beta z_1)": 1 / (1 + np.exp(-2)),
}


@pytest.mark.parametrize("latex", MEANS)
def test_means_and_variances_are_those_of_the_elements_given(latex):
    given = {"w": W.tolist(), "epsilon": 0.1, "beta": 2}
    found = evaluate_expression(latex, {"z": Z.tolist(), **given}, "z")
    assert found["value"] == pytest.approx(MEANS[latex], rel=1e-12)
    direction = np.array([0.3, -0.2, 0.5, 0.7])
    sides = (Z + 1e-6 * direction).tolist(), (Z - 1e-6 * direction).tolist()
    up, down = (evaluate_expression(latex, {"z": side, **given})["value"] for side in sides)
    slope = np.dot(found["gradient"], direction)
    assert slope == pytest.approx((up - down) / 2e-6, rel=1e-6, abs=1e-8)


def test_an_array_has_a_value_too():
    found = evaluate_expression("A z", {"z": [1, 2], "A": [[1, 2], [3, 4], [5, 6]]})
    assert found == {"value": [5.0, 11.0, 17.0]}
    assert evaluate_expression("softmax(z)", {"z": [1000, 1000]}) == {"value": [0.5, 0.5]}
    assert evaluate_expression(r"\Phi(z)", {"z": 0}) == {"value": 0.5}


@pytest.mark.parametrize(
    "latex, at, error, said",
    [
        (r"\Gamma(z)", {"z": 1}, UnknownSymbol, "Gamma is no function that is known"),
        ("softmax(z)", {"z": [1, 2]}, SizeMismatch, "an array, and not one number"),
        ("z^2", {"z": 1e39}, BadOption, "float32 cannot hold"),
        ("A z", {"z": [1, 2, 3], "A": [[1, 2]]}, SizeMismatch, "one size is 2 from A, but 3"),
        (r"\mathbb{E}[z w]", {"z": [1, 2], "w": [1, 2, 3]}, UnreadFormula, "not understood"),
    ],
)
def test_mistakes_are_named(latex, at, error, said):
    by = None if latex == "A z" else "z"
    with pytest.raises(error, match=said):
        evaluate_expression(latex, at, by, "float32")
