"""The forms a person would write, and that every matrix form equals its expression."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from chainrule.language.algebra import (
    ONE,
    ZERO,
    along,
    apply,
    const,
    count,
    delta,
    element,
    largest,
    position,
    power,
    substitute,
    total,
    where,
)
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import Array
from chainrule.language.index import Index, place_of
from chainrule.language.inline import elements
from chainrule.mathematics.functions import FUNCTIONS
from chainrule.notation.matrix import matrix_form
from chainrule.notation.matrix_values import evaluate_tree
from chainrule.notation.style import Style
from chainrule.notation.syntax import parse_formula
from chainrule.notation.tree import unread
from chainrule.notation.write import to_latex, to_text

SIZES = {"N": 11, "D": 7, "H": 5, "K": 3, "M": 2, "?1": 13}
ROWS, COLUMNS = Style(layout="rows"), Style(layout="columns")
SIGMA = replace(ROWS, functions={"softmax": (r"\sigma", "σ")})

i, a = Index("i", "D"), Index("a", "D")
j, b = Index("j", "H"), Index("b", "H")
k, c = Index("k", "K"), Index("c", "K")
n, m = Index("n", "N"), Index("m", "M")


class Named:
    """An array that is read by indexing."""

    def __init__(self, name, *sizes):
        self.array = Array(name, sizes)

    def __getitem__(self, places):
        return element(self.array, *(places if type(places) is tuple else (places,)))

    def __call__(self):
        return element(self.array)


x, h, yhat, y = Named("x", "D"), Named("h", "H"), Named(r"\hat{y}", "K"), Named("y", "K")
s, v, z, t = Named(r"\sigma", "K"), Named("v", "K"), Named("z", "K"), Named("t", "K")
W1, W2 = Named("W_1", "D", "H"), Named("W_2", "H", "K")
V1, V2 = Named("w^{(1)}", "H", "D"), Named("w^{(2)}", "K", "H")
X, G, H = Named("X", "N", "D"), Named("G", "N", "K"), Named("H", "N", "H")
A, B = Named("A", "D", "D"), Named("B", "D", "D")
w, p, q = Named("w", "D"), Named("p", "N"), Named("q", "N")
lam, T = Named(r"\lambda"), Named("T", "D", "H", "K")
WIDE = replace(COLUMNS, letters={"H": "j", "K": "k", "N": "n", "D": "i"})


def f(name, argument):
    return apply(FUNCTIONS[name], argument)


def softmax(array, at, name="softmax"):
    inner = Index("inner", at.size)
    return along(FUNCTIONS[name], inner, array[inner], at)


def delta_h(rows=True):
    """The error at the hidden layer: one network with W as D × H, one with w as H × D."""
    weight = W2[j, k] if rows else V2[k, j]
    return total(k, (yhat[k] - y[k]) * weight) * h[j] * (1 - h[j])


def logistic(n):
    return f("sigmoid", total(i, X[n, i] * w[i]))


MATRIX = [
    # softmax and its kin
    (s[k] * delta(k, c) - s[k] * s[c], (k, c), ROWS,
     r"\operatorname{diag}(\sigma) - \sigma^\top \sigma"),
    (s[k] * (delta(k, c) - s[c]), (k, c), ROWS,
     r"\operatorname{diag}(\sigma) - \sigma^\top \sigma"),
    (s[k] * delta(k, c) - s[k] * s[c], (k, c), COLUMNS,
     r"\operatorname{diag}(\sigma) - \sigma \sigma^\top"),
    (softmax(z, k) * (delta(k, c) - softmax(z, c)), (k, c), SIGMA,
     r"\operatorname{diag}(\sigma(z)) - \sigma(z)^\top \sigma(z)"),
    (s[k] * (v[k] - total(c, v[c] * s[c])), (None, k), ROWS, r"\sigma \circ (v - v \sigma^\top)"),
    (s[k] * (v[k] - total(c, v[c] * s[c])), (k, None), replace(COLUMNS, hadamard=r"\odot"),
     r"\sigma \odot (v - v^\top \sigma)"),
    (delta(k, c) - s[c], (k, c), ROWS, r"I - \mathbf{1}^\top \sigma"),
    (delta(k, c) - s[c], (k, c), COLUMNS, r"I - \mathbf{1} \sigma^\top"),
    (v[k] - s[k] * total(c, v[c]), (None, k), ROWS, r"v - \sigma \sum_{j} v_j"),
    (-t[k] / z[k], (None, k), ROWS, r"-t \oslash z"),
    (softmax(z, k) - y[k], (None, k), ROWS, r"\operatorname{softmax}(z) - y"),
    (yhat[k] - y[k], (None, k), ROWS, r"\hat{y} - y"),
    (-t[k], (None, k), ROWS, "-t"),
    (total(k, v[k] * s[k]), (None, None), ROWS, r"v \sigma^\top"),
    (total(k, v[k] * s[k]), (None, None), COLUMNS, r"v^\top \sigma"),
    (-total(k, y[k] * f("log", yhat[k])), (None, None), ROWS, r"-y \log(\hat{y})^\top"),
    # the network, one example
    (delta_h(), (None, j), ROWS, r"(\hat{y} - y) W_2^\top \circ h \circ (1 - h)"),
    (total(j, delta_h() * W1[i, j]), (None, i), ROWS,
     r"((\hat{y} - y) W_2^\top \circ h \circ (1 - h)) W_1^\top"),
    (h[j] * (yhat[k] - y[k]), (j, k), ROWS, r"h^\top (\hat{y} - y)"),
    (x[i] * delta_h(), (i, j), ROWS, r"x^\top ((\hat{y} - y) W_2^\top \circ h \circ (1 - h))"),
    (delta_h(False), (j, None), COLUMNS, r"{w^{(2)}}^\top (\hat{y} - y) \circ h \circ (1 - h)"),
    ((yhat[k] - y[k]) * h[j], (k, j), COLUMNS, r"(\hat{y} - y) h^\top"),
    (delta_h(False) * x[i], (j, i), COLUMNS,
     r"({w^{(2)}}^\top (\hat{y} - y) \circ h \circ (1 - h)) x^\top"),
    (total(j, V1[j, i] * delta_h(False)), (i, None), COLUMNS,
     r"{w^{(1)}}^\top ({w^{(2)}}^\top (\hat{y} - y) \circ h \circ (1 - h))"),
    (total(k, (yhat[k] - y[k]) * V2[k, j]) * f("sigmoid", h[j]), (j, None), COLUMNS,
     r"{w^{(2)}}^\top (\hat{y} - y) \circ \sigma(h)"),
    (total(j, W2[j, k] * h[j] * (1 - h[j]) * W1[i, j]), (k, i), ROWS,
     r"W_2^\top \operatorname{diag}(h \circ (1 - h)) W_1^\top"),
    (f("sigmoid", total(i, x[i] * W1[i, j]) + Named("b_1", "H")[j]), (None, j), ROWS,
     r"\sigma(x W_1 + b_1)"),
    (f("sigmoid", total(i, V1[j, i] * x[i]) + Named("b", "H")[j]), (j, None), COLUMNS,
     r"\sigma(w^{(1)} x + b)"),
    # batches
    (total(n, X[n, i] * G[n, k]), (i, k), ROWS, r"X^\top G"),
    (total(n, G[n, k]), (None, k), ROWS, r"\mathbf{1}^\top G"),
    (total(n, G[n, k]), (k, None), COLUMNS, r"G^\top \mathbf{1}"),
    (total(i, X[n, i] * W1[i, j]) + h[j], (n, j), ROWS, r"X W_1 + \mathbf{1} h"),
    (total(k, G[n, k] * W2[j, k]) * H[n, j] * (1 - H[n, j]), (n, j), ROWS,
     r"G W_2^\top \circ H \circ (1 - H)"),
    (along(FUNCTIONS["softmax"], a, X[n, a], i), (n, i), ROWS, r"\operatorname{softmax}(X)"),
    (total(n, X[n, i] * (total(a, X[n, a] * w[a]) - p[n])), (i, None), COLUMNS,
     r"X^\top (X w - p)"),
    (total(n, X[n, i] * total(a, X[n, a] * w[a])) - total(n, X[n, i] * p[n]), (i, None), COLUMNS,
     r"X^\top (X w - p)"),
    (total(n, X[n, i] * (logistic(n) - p[n])), (i, None), COLUMNS, r"X^\top (\sigma(X w) - p)"),
    (total(n, X[n, i] * (logistic(n) - p[n])) / count("N"), (i, None), COLUMNS,
     r"\frac{1}{N} X^\top (\sigma(X w) - p)"),
    (total(n, X[n, i] * p[n] * (1 - p[n]) * X[n, a]), (i, a), COLUMNS,
     r"X^\top \operatorname{diag}(p \circ (1 - p)) X"),
    (s[k] * delta(k, c) - s[k] * s[c], (c, k), ROWS,
     r"\operatorname{diag}(\sigma) - \sigma^\top \sigma"),
    # quadratic forms, traces, norms
    (total(a, A[i, a] * x[a]) + total(a, A[a, i] * x[a]), (i, None), COLUMNS, r"(A + A^\top) x"),
    (total(i, total(a, x[i] * A[i, a] * x[a])), (None, None), COLUMNS, r"x^\top A x"),
    (total(i, A[i, i]), (None, None), ROWS, r"\operatorname{tr}(A)"),
    (total(i, total(a, A[i, a] * B[a, i])), (None, None), ROWS, r"\operatorname{tr}(A B)"),
    (total(i, x[i] ** 2), (None, None), ROWS, r"\lVert x \rVert^2"),
    (total(i, (x[i] - w[i]) ** 2) / 2, (None, None), ROWS, r"\frac{1}{2} \lVert x - w \rVert^2"),
    (x[i] / power(total(a, x[a] ** 2), const("1/2")), (None, i), ROWS,
     r"\frac{x}{\lVert x \rVert}"),
    (total(i, total(j, W1[i, j] ** 2)), (None, None), ROWS, r"\lVert W_1 \rVert_F^2"),
    (2 * lam() * w[i], (None, i), ROWS, r"2 \lambda w"),
    (h[j] ** 2, (None, j), ROWS, r"h \circ h"),
    (f("exp", x[i]), (None, i), ROWS, "e^{x}"),
    (f("exp", z[k]) / total(c, f("exp", z[c])), (None, k), ROWS, r"\frac{e^{z}}{\sum_{j} e^{z_j}}"),
    (where("<", ZERO, z[k], v[k], ZERO), (None, k), ROWS, r"v \circ \mathbb{1}[z > 0]"),
    (z[k] - largest(c, z[c]), (None, k), ROWS, r"z - \max(z)"),
    (const(3), (None, k), ROWS, r"3 \mathbf{1}"),
    (lam() * delta(i, a), (i, a), ROWS, r"\lambda I"),
]  # fmt: skip


def _title(case):
    return f"{case[3]} {case[2].layout}"


def _numbers(expr):
    random = np.random.default_rng(17)
    return {
        array.name: random.uniform(0.3, 1.7, [SIZES[size] for size in array.sizes])
        for array in sorted(elements(expr), key=repr)
    }


def assert_equal_numbers(expr, shape, style):
    tree = matrix_form(expr, shape, style)
    assert tree is not None
    values = _numbers(expr)
    wanted = evaluate(expr, values, SIZES, [index for index in shape if index])
    for axis, index in enumerate(shape):
        wanted = wanted if index else np.expand_dims(wanted, axis)
    found = evaluate_tree(tree, values, SIZES)
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.parametrize("expr, shape, style, latex", MATRIX, ids=map(_title, MATRIX))
def test_matrix_forms_as_wanted(expr, shape, style, latex):
    assert to_latex(expr, style, shape) == latex


@pytest.mark.parametrize("layout", ["rows", "columns"])
@pytest.mark.parametrize("case", MATRIX, ids=map(_title, MATRIX))
def test_matrix_forms_equal_their_expressions(case, layout):
    expr, shape, style, _ = case
    style = replace(style, layout=layout)
    for stands in {shape, shape[::-1]}:
        assert_equal_numbers(expr, stands, style)


SPOT = position(place_of(i) * 2 + place_of(j))
INSIDE = where("<=", ZERO, SPOT, where("<", SPOT, position("D"), ONE, ZERO), ZERO)

INDEX = [
    (delta_h(), ROWS, r"h_j (1 - h_j) \sum_{k} (\hat{y}_k - y_k) W_{2,jk}"),
    (V1[j, i], ROWS, r"w^{(1)}_{ji}"),
    (Named("h^a", "H")[j] ** 2, ROWS, "(h^a_j)^2"),
    (s[k] * (delta(k, c) - s[c]), ROWS, r"\sigma_k (\delta_{ck} - \sigma_c)"),
    (softmax(Named("theta", "K"), k), ROWS, r"\operatorname{softmax}(\theta)_k"),
    (along(FUNCTIONS["softmax"], c, G[n, c] + 1, k), ROWS,
     r"\operatorname{softmax}(G + 1)_{n,k}"),
    (f("exp", z[k]) / total(c, f("exp", z[c])), ROWS, r"\frac{e^{z_k}}{\sum_{j} e^{z_j}}"),
    (-total(k, y[k] * f("log", yhat[k])), ROWS, r"-\sum_{i} y_i \log(\hat{y}_i)"),
    (1 / (1 + f("exp", -x[i])), ROWS, r"\frac{1}{1 + e^{-x_i}}"),
    (x[i] ** 2 + 2 * x[i] + 1, ROWS, "x_i^2 + 2 x_i + 1"),
    (y[k] - yhat[k] - 1, ROWS, r"y_k - \hat{y}_k - 1"),
    (-x[i] - w[i], ROWS, "-w_i - x_i"),
    (const("1/2") * x[i] ** 2, ROWS, r"\frac{1}{2} x_i^2"),
    (const("0.01") * x[i], ROWS, "0.01 x_i"),
    (const("-3/4"), ROWS, r"-\frac{3}{4}"),
    (power(x[i], const("1/2")) / (2 * w[i]), ROWS, r"\frac{\sqrt{x_i}}{2 w_i}"),
    (x[0] + x[place_of("D") + place_of(-1)], ROWS, "x_1 + x_D"),
    (x[place_of(i) + place_of(-1)], ROWS, "x_{i - 1}"),
    (position(i) * x[i], ROWS, "x_i (i - 1)"),
    (position(i) * x[i], replace(ROWS, first=0), "x_i i"),
    (count("N") * lam(), ROWS, r"N \lambda"),
    (total(n, X[n, i]) / count("N"), WIDE, r"\frac{1}{N} \sum_{n} X_{ni}"),
    (where("<", ZERO, x[i], x[i], ZERO), ROWS,
     r"\begin{cases} x_i & x_i > 0 \\ 0 & \text{otherwise} \end{cases}"),
    (where("<", ZERO, x[i], ONE, ZERO), ROWS, r"\mathbb{1}[x_i > 0]"),
    (largest(k, z[k]), ROWS, r"\max_{i} z_i"),
    (total(i, x[i]) * total(k, z[k]), ROWS,
     r"\left( \sum_{i} x_i \right) \left( \sum_{i} z_i \right)"),
    (total(k, T[i, j, k] * z[k]), ROWS, r"\sum_{k} z_k T_{ijk}"),
    (total(k, Named("k", "K")[k] * z[k]), ROWS, r"\sum_{i} k_i z_i"),
    (f("abs", f("sqrt", x[i])), ROWS, r"\lvert \sqrt{x_i} \rvert"),
    (f("sigmoid", x[i]) * (1 - f("sigmoid", x[i])), ROWS, r"\sigma(x_i) (1 - \sigma(x_i))"),
    (total(i, (x[i] - total(a, x[a])) ** 2), ROWS,
     r"\sum_{i} \left( x_i - \sum_{j} x_j \right)^2"),
    (INSIDE * h[j], ROWS, r"h_j \mathbb{1}[1 \le 2 i + j - 2 \le D]"),
    (1 - f("tanh", x[i]) ** 2, ROWS, r"1 - \tanh(x_i)^2"),
]  # fmt: skip


@pytest.mark.parametrize("expr, style, latex", INDEX, ids=[latex for *_, latex in INDEX])
def test_index_notation(expr, style, latex):
    assert to_latex(expr, style) == latex


TEXT = [
    (delta_h(), (None, j), "(ŷ − y) W₂ᵀ ∘ h ∘ (1 − h)"),
    (delta_h(), None, "h_j (1 − h_j) Σ_k (ŷ_k − y_k) W₂[j,k]"),
    (s[k] * delta(k, c) - s[k] * s[c], (k, c), "diag(σ) − σᵀ σ"),
    (delta_h(False), None, "h_j (1 − h_j) Σ_k (ŷ_k − y_k) w⁽²⁾[k,j]"),
    (1 / (1 + f("exp", -x[i])), None, "1 / (1 + exp(−x_i))"),
    (total(n, X[n, i] * p[n]) / count("N"), (i, None), "(1 / N) Xᵀ pᵀ"),
    (const("1/2") * x[i] ** 2, None, "(1/2) x_i²"),
    (softmax(Named("theta", "K"), k), None, "softmax(θ)_k"),
    (where("<", ZERO, x[i], x[i], ZERO), None, "(x_i if x_i > 0 else 0)"),
]


@pytest.mark.parametrize("expr, shape, text", TEXT, ids=[text for *_, text in TEXT])
def test_text_for_terminals(expr, shape, text):
    assert to_text(expr, ROWS, shape) == text


def test_everything_printed_is_read_without_a_gap():
    printed = [to_latex(expr, style, shape) for expr, shape, style, _ in MATRIX]
    printed += [to_latex(expr, style) for expr, style, _ in INDEX]
    for latex in printed:
        assert not [gap for statement in parse_formula(f"J = {latex}") for gap in unread(statement)]


def test_three_indices_stay_in_index_notation():
    assert matrix_form(total(k, T[i, j, k] * z[k]), (i, j), ROWS) is None
    assert to_latex(total(k, T[i, j, k] * z[k]), ROWS, (i, j)) == r"\sum_{k} z_k T_{ijk}"


def test_a_free_index_outside_the_shape_is_an_error():
    with pytest.raises(ValueError, match="free indices outside the shape"):
        matrix_form(x[i] * h[j], (i, None), ROWS)


def test_an_orientation_differs_from_the_layout():
    style = replace(ROWS, orientation={"w": "column", "p": "column"})
    gradient = total(n, X[n, i] * (logistic(n) - p[n]))
    assert to_latex(gradient, style, (i, None)) == r"X^\top (\sigma(X w) - p)"


def test_letters_of_sums_avoid_arrays_and_free_indices():
    arrays = [Named(letter, "K") for letter in "ijkl"]
    body = total(c, arrays[0][c] * arrays[1][c] * arrays[2][c] * arrays[3][k] * z[c])
    printed = to_latex(body, ROWS)
    assert r"\sum_{m}" in printed
    assert "·" not in printed and "′" not in printed


def test_random_products_of_vectors_and_matrices_keep_their_numbers():
    """Every network of a few factors that has a matrix form has an equal one."""
    P, Q = Named("P", "D", "H"), Named("Q", "H", "K")
    factors = [x[i], P[i, j], h[j], Q[j, k], z[k], 1 - h[j], P[i, j] ** 2, 1 / z[k], lam()]
    found = 0
    for size, free in itertools.product((2, 3, 4), ((), (i,), (j,), (k,), (i, j), (k, i))):
        for chosen in itertools.combinations(factors, size):
            expr = ONE
            for factor in chosen:
                expr = expr * factor
            for index in (i, j, k):
                expr = expr if index in free or index not in expr.free else total(index, expr)
            shape = (*free, None, None)[:2]
            for style in (ROWS, COLUMNS):
                if matrix_form(expr, shape, style) is not None:
                    assert_equal_numbers(expr, shape, style)
                    found += 1
    assert found > 1000


def test_a_deep_expression_is_written_without_recursion():
    expr = h[j]
    for _ in range(300):
        inner = Index("inner", "H")
        weight = Named("U", "H", "H")
        below = substitute(expr, {j: place_of(inner)})
        expr = f("tanh", total(inner, below * weight[inner, j]))
    assert to_latex(expr, ROWS, (None, j)).startswith(r"\tanh(\tanh(")
    assert to_text(expr, ROWS).startswith("tanh(Σ_")


def test_same_input_same_print():
    assert len({to_latex(delta_h(), ROWS, (None, j)) for _ in range(3)}) == 1


def test_the_slope_of_a_loss_that_nobody_defines_is_a_fraction():
    slope = element(Array(r"∂\ell/∂y", ("N",)), Index("j", "N"))
    assert to_latex(slope, COLUMNS) == r"\frac{\partial \ell}{\partial y_j}"
