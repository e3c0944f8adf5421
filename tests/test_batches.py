"""Documents that write out a whole batch train as those that write one example do."""

import doctest

import numpy as np
import pytest

import chainrule
from chainrule.errors import NotTrainable
from chainrule.training import undeclared
from chainrule.training.roles import find_roles

DATA = r"Let $X \in \mathbb{R}^{N \times D}$, $Y \in \mathbb{R}^{N \times K}$ one-hot rows,"
MATRIX = DATA + r" and $W \in \mathbb{R}^{D \times K}$, $b \in \mathbb{R}^K$. "
SUM = r"$$L = -\frac{1}{N} \sum_n \sum_k Y_{nk} \log P_{nk}$$"
VECTOR = r"Let $X \in \mathbb{R}^{N \times D}$, $w \in \mathbb{R}^D$, $y \in \mathbb{R}^N$. "

# Document, then features, target, prediction, parameters.
BATCHES = {
    "softmax": (
        MATRIX + r"$$Z = X W + \mathbf{1} b^\top, \quad P = \text{softmax}(Z)$$" + SUM,
        ("X(D)", "Y(K)", "P", "W b"),
    ),
    "hidden layer": (
        DATA + r" $V \in \mathbb{R}^{D \times H}$, $W \in \mathbb{R}^{H \times K}$."
        r" $$A = \tanh(X V)$$ $$P = \text{softmax}(A W)$$"
        r" $$L = -\frac{1}{N} \operatorname{tr}(Y^\top \log P)$$",
        ("X(D)", "Y(K)", "P", "V W"),
    ),
    "losses of examples, with a penalty": (
        MATRIX + r"$$Z = X W + \mathbf{1} b^\top$$"
        r" $$\ell_n = -\sum_k Y_{nk} \log \frac{e^{Z_{nk}}}{\sum_j e^{Z_{nj}}}$$"
        r" $$L = \frac{1}{N} \sum_{n=1}^N \ell_n + \frac{\lambda}{2} \|W\|_F^2$$",
        ("X(D)", "Y(K)", "Z", "W b"),
    ),
    "another letter for the labels": (
        MATRIX.replace("Y", "C") + r"$$P = \text{softmax}(X W)$$" + SUM.replace("Y", "C"),
        ("X(D)", "C(K)", "P", "W"),
    ),
    "columns": (
        r"$X \in \mathbb{R}^{D \times N}$, $Y \in \mathbb{R}^{K \times N}$,"
        r" $W \in \mathbb{R}^{K \times D}$, $b \in \mathbb{R}^K$."
        r" $$Z = W X + b \mathbf{1}^\top$$ $$J = \frac{1}{2 N} \|Z - Y\|_F^2$$",
        ("X(D)", "Y(K)", "Z", "W b"),
    ),
    "softmax of columns": (
        r"$X \in \mathbb{R}^{D \times N}$, $Y \in \mathbb{R}^{K \times N}$,"
        r" $W \in \mathbb{R}^{K \times D}$, $b \in \mathbb{R}^K$."
        r" $$P = \text{softmax}(W X + b \mathbf{1}^\top)$$"
        r" $$L = -\frac{1}{N} \sum_n \sum_k Y_{kn} \log P_{kn}$$",
        ("X(D)", "Y(K)", "P", "W b"),
    ),
    "columns with biases as columns": (
        r"$X \in \mathbb{R}^{D \times N}$, $Y \in \mathbb{R}^{K \times N}$,"
        r" $W^{[1]} \in \mathbb{R}^{H \times D}$, $b^{[1]} \in \mathbb{R}^{H \times 1}$,"
        r" $W^{[2]} \in \mathbb{R}^{K \times H}$, $b^{[2]} \in \mathbb{R}^{K \times 1}$."
        r" $$A^{[1]} = \tanh(W^{[1]} X + b^{[1]})$$"
        r" $$A^{[2]} = \text{softmax}(W^{[2]} A^{[1]} + b^{[2]})$$"
        r" $$J = -\frac{1}{N} \sum_n \sum_k Y_{kn} \log A^{[2]}_{kn}$$",
        ("X(D)", "Y(K)", "A^{[2]}", "W^{[1]} W^{[2]} b^{[1]} b^{[2]}"),
    ),
    "one row of outputs": (
        r"$X \in \mathbb{R}^{D \times N}$, $Y \in \mathbb{R}^{1 \times N}$, $w \in \mathbb{R}^D$."
        r" $$A = \sigma(w^T X + b)$$"
        r" $$J = -\frac{1}{N} \sum_{i=1}^N (Y_i \log A_i + (1 - Y_i) \log (1 - A_i))$$",
        ("X(D)", "Y()", "A", "b w"),
    ),
    "residuals": (
        MATRIX.replace("Y", "T") + r"$$E = X W - T$$ $$J = \frac{1}{2N} \sum_{n,k} E_{nk}^2$$",
        ("X(D)", "T(K)", "prediction", "W"),
    ),
    "least squares": (
        VECTOR + r"$$J = \frac{1}{N} \|X w - y\|^2$$",
        ("X(D)", "y()", "prediction", "w"),
    ),
    "a sum": (
        VECTOR + r"$$p = \sigma(X w)$$"
        r" $$L = -\sum_{i=1}^N (y_i \log p_i + (1 - y_i) \log (1 - p_i))$$",
        ("X(D)", "y()", "p", "w"),
    ),
}


@pytest.mark.parametrize("name", BATCHES)
def test_the_axis_of_examples_is_found(name):
    text, expected = BATCHES[name]
    roles = find_roles(chainrule.read(text).reading)
    parameters = " ".join(sorted(array.name for array in roles.parameters))
    assert (str(roles.features), str(roles.target), roles.prediction, parameters) == expected
    assert "of X are examples" in roles.assumed[-1]
    assert ("takes each by itself" in roles.assumed[-1]) == (name == "softmax of columns")
    assert ("not a sum" in roles.assumed[-1]) == (name == "a sum")


def test_a_batch_trains_as_one_example_does():
    one = (
        r"Let $x \in \mathbb{R}^{1 \times D}$ be a row, $y$ a one-hot row,"
        r" $W \in \mathbb{R}^{D \times K}$, $b \in \mathbb{R}^{1 \times K}$."
        r" $$p = \text{softmax}(x W + b)$$ $$L = -\sum_k y_k \log p_k$$"
    )
    fits = [
        chainrule.read(text).fit("digits", epochs=10, dtype="float64")
        for text in (one, BATCHES["softmax"][0])
    ]
    assert fits[0].accuracy == fits[1].accuracy > 0.85
    for name in ("W", "b"):
        np.testing.assert_allclose(fits[1].parameters[name], fits[0].parameters[name], atol=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        MATRIX
        + r"$$m_j = \frac1N \sum_i X_{ij}$$ $$U_{ij} = X_{ij} - m_j$$ $$P = \text{softmax}(U W)$$"
        + SUM,
        MATRIX + r"$$P = \text{softmax}(X W)$$ $$L = -(\sum_n \sum_k Y_{nk} \log P_{nk})^2$$",
    ],
)
def test_examples_that_depend_on_each_other(text):
    with pytest.raises(NotTrainable):
        find_roles(chainrule.read(text).reading)


def test_a_matrix_of_weights_has_no_examples():
    text = r"$W \in \mathbb{R}^{K \times D}$, $x \in \mathbb{R}^D$, $y \in \mathbb{R}^K$."
    roles = find_roles(chainrule.read(text + r"$$z = W x$$ $$J = \|z - y\|^2$$").reading)
    assert (roles.features.name, [array.name for array in roles.parameters]) == ("x", ["W"])


SOFTMAX = r"$$Z = X W + b$$ $$P = \text{softmax}(Z)$$" + SUM.replace("N", "n").replace("_n", "_i")
# Document, then features, target, parameters with their shapes.
UNDECLARED = {
    "softmax": (SOFTMAX.replace("nk", "ik"), ("X(D)", "Y(K)", "W(D, K) b(K)")),
    "some stated": (
        r"A batch $X \in \mathbb{R}^{n \times d}$. " + SOFTMAX.replace("nk", "ik"),
        ("X(d)", "Y(K)", "W(d, K) b(K)"),
    ),
    "a count that nobody states": (
        r"$$\hat{Y} = X W$$ $$J = \frac{1}{2N} \|\hat{Y} - Y\|^2$$",
        ("X(D)", "Y(K)", "W(D, K)"),
    ),
    "one output": (
        r"$$\hat{y} = X w + b$$ $$L = \frac{1}{2n} \|\hat{y} - y\|^2$$",
        ("X(D)", "y()", "b() w(D)"),
    ),
    "two layers": (
        r"$$H = \tanh(X W_1 + b_1)$$ $$\hat{Y} = H W_2 + b_2$$"
        r" $$L = \frac{1}{2n} \|\hat{Y} - Y\|_F^2$$",
        ("X(D)", "Y(K)", "W_1(D, M) W_2(M, K) b_1(M) b_2(K)"),
    ),
    "columns": (
        r"$$Z = W X + b \mathbf{1}^\top$$ $$L = \frac{1}{2n} \|Z - Y\|_F^2$$",
        ("X(D)", "Y(K)", "W(K, D) b(K)"),
    ),
    "a stated number stays a number": (
        r"With $b \in \mathbb{R}$: $$Z = X W + b$$ $$L = \frac{1}{2n} \|Z - Y\|_F^2$$",
        ("X(D)", "Y(K)", "W(D, K) b()"),
    ),
}


@pytest.mark.parametrize("name", UNDECLARED)
def test_shapes_that_a_batch_leaves_out(name):
    text, expected = UNDECLARED[name]
    roles = find_roles(chainrule.read(text).reading)
    parameters = " ".join(sorted(map(str, roles.parameters)))
    assert (str(roles.features), str(roles.target), parameters) == expected
    said, line = roles.assumed[0].split(": ", 1)
    assert said == "as if it said" and line.startswith("Here $")
    stated = f"{text}\n\n{line}"
    assert str(find_roles(chainrule.read(stated).reading).parameters) == str(roles.parameters)


COLUMNS = r"""
The columns of $X \in \mathbb{R}^{D \times m}$ are examples.
$$Z = W X + b, \quad A = \text{softmax}(Z)$$
$$J = -\frac{1}{m} \sum_{i=1}^m \sum_k Y_{ki} \log A_{ki}$$
"""


def test_columns_train_as_rows_do():
    fits = [
        chainrule.read(text).fit("digits", epochs=2, dtype="float64", optimiser="momentum")
        for text in (COLUMNS, BATCHES["softmax"][0])
    ]
    assert fits[0].network.assumed[-1] == "b is a vector, with a number for each of Z"
    # They start from different weights, of other shapes.
    assert min(fit.accuracy for fit in fits) > 0.8
    shapes = [{n: a.shape for n, a in fit.parameters.items()} for fit in fits]
    assert shapes == [{"W": (10, 64), "b": (10,)}, {"W": (64, 10), "b": (10,)}]


def test_a_definition_that_is_not_understood_is_named():
    shapes = r"$b \in \mathbb{R}^3$, $W \in \mathbb{R}^{4 \times D}$."
    text = COLUMNS.replace("are examples.", f"are examples. {shapes}")
    with pytest.raises(NotTrainable, match="Z is not understood") as raised:
        find_roles(chainrule.read(text).reading)
    assert raised.value.places[0].source.startswith("$$Z = W X + b")


def test_examples_that_attend_to_each_other_are_not_columns():
    text = MATRIX + r"$$A = \text{softmax}(X X^\top)$$ $$P = \text{softmax}(A X W)$$" + SUM
    with pytest.raises(NotTrainable):
        find_roles(chainrule.read(text).reading)


def test_a_batch_without_shapes_trains_as_one_with_shapes():
    texts = UNDECLARED["softmax"][0], BATCHES["softmax"][0]
    fits = [chainrule.read(text).fit("digits", epochs=2, dtype="float64") for text in texts]
    for name in ("W", "b"):
        np.testing.assert_allclose(fits[1].parameters[name], fits[0].parameters[name], atol=1e-12)


def test_examples_in_docstrings():
    assert doctest.testmod(undeclared) == (0, 3)


def test_a_line_is_fitted_and_explained():
    random = np.random.default_rng(0)
    rows = random.standard_normal((80, 3))
    target = rows @ [1.0, -2.0, 0.5] + 7 + 0.01 * random.standard_normal(80)
    document = chainrule.read(UNDECLARED["one output"][0])
    assert document.fit((rows, target), optimiser="gauss-newton").determination > 0.99
    assert document.fit((rows, target), epochs=1).determination < 0
    assert chainrule.read(SOFTMAX.replace("nk", "ik")).fit(epochs=0).determination is None


def test_the_square_of_a_norm_needs_no_norm():
    text = DATA.replace("Y", "T") + r" $$J = \frac{1}{2n} \|X w - y\|^2 + \lambda \|w\|^2$$"
    source = chainrule.read(text).emit(of="J", by="w").source
    assert "np.vdot(w, w)" in source and "np.sqrt" not in source
