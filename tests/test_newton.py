"""Jacobians and Hessians keep their structure, and Newton's method uses them."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

import chainrule
from chainrule.errors import BadOption
from chainrule.language.algebra import along, element, total
from chainrule.language.expr import Array
from chainrule.language.index import Index
from chainrule.language.program import Definition, Program
from chainrule.mathematics.functions import FUNCTIONS
from chainrule.program.structure import StructuredProgram
from chainrule.training.data import from_arrays, one_hot
from chainrule.training.gauss_newton import GaussNewton
from chainrule.training.newton import Damping, Hessian, newton_steps, second_derivatives
from chainrule.training.sizing import network_for
from chainrule.transform.jacobian import jacobian, with_gradient

SOFTMAX = r"""
$x \in \mathbb{R}^{1 \times D}$ is a row, $y$ a one-hot row, $W \in \mathbb{R}^{D \times K}$.
$$ z = x W + b $$
$$ J = - \sum_k y_k \log \text{softmax}(z)_k $$
"""
LOGISTIC = r"""
The features are $x \in \mathbb{R}^d$, with weights $w \in \mathbb{R}^d$ and $b \in \mathbb{R}$;
the label is $y \in \{0, 1\}$.
$$ p = \sigma(w^\top x + b) $$
$$ L = - y \log p - (1 - y) \log (1 - p) $$
"""
RANDOM = np.random.default_rng(0)


def test_the_jacobian_of_a_batch_is_never_dense():
    n, i, k = Index("n", "N"), Index("i", "K"), Index("k", "K")
    z, p = Array("z", ("N", "K")), Array("p", ("N", "K"))
    body = along(FUNCTIONS["softmax"], k, element(z, n, k), i)
    program = Program((Definition(p, (n, i), body),))
    values = {"z": RANDOM.standard_normal((7, 5))}
    made = StructuredProgram(program, jacobian(program, "p", "z"))
    found = made(values)
    assert found.shape == (7, 5, 7, 5) and found.stored <= 7 * 5 * 5 + 7 * 5
    assert "δ[" in found.structure
    p = np.exp(values["z"]) / np.exp(values["z"]).sum(1, keepdims=True)
    blocks = np.einsum("ni,ij->nij", p, np.eye(5)) - np.einsum("ni,nj->nij", p, p)
    dense = found.dense()
    np.testing.assert_allclose(np.einsum("ninj->nij", dense), blocks, atol=1e-14)
    assert np.count_nonzero(dense) == blocks.size
    joined = made.joined(values)
    assert joined.structure == "δ[n, j] × (n, i, k)"
    np.testing.assert_allclose(joined.parts[0].numbers, blocks, atol=1e-14)
    np.testing.assert_array_equal(made.joined(values).dense(), dense)


def test_parts_are_joined_without_changing_what_was_given():
    i, j, a, x = Index("i", "n"), Index("j", "n"), Array("A", ("n", "n")), Array("x", ("n",))
    body = total(j, element(a, i, j) * element(x, j)) + element(x, i) ** 2
    program = Program((Definition(Array("y", ("n",)), (i,), body),))
    values = {"A": RANDOM.standard_normal((4, 4)), "x": RANDOM.standard_normal(4)}
    given = values["A"].copy()
    made = StructuredProgram(program, jacobian(program, "y", "x"))
    wanted = given + np.diag(2 * values["x"])
    np.testing.assert_allclose(made.joined(values).parts[0].numbers, wanted)
    np.testing.assert_array_equal(values["A"], given)


def test_a_hessian_with_an_identity_in_it():
    i, j, k = Index("i", "n"), Index("j", "m"), Index("k", "r")
    t, u, v = Array("T", ("n", "m")), Array("U", ("n", "r")), Array("V", ("m", "r"))
    product = total(k, element(u, i, k) * element(v, j, k))
    loss = total(i, total(j, (element(t, i, j) - product) ** 2)) / 2
    program, slope = with_gradient(Program((Definition(Array("J"), (), loss),)), "J", "U")
    hessian = StructuredProgram(program, jacobian(program, slope.name, "U"))
    values = {"V": RANDOM.standard_normal((11, 3)), "U": RANDOM.standard_normal((7, 3))}
    found = hessian(values)
    assert found.shape == (7, 3, 7, 3) and found.stored == 9
    np.testing.assert_allclose(found.dense()[4, :, 4], values["V"].T @ values["V"])
    assert not found.dense()[4, :, 5].any()
    np.testing.assert_allclose(found.parts[0].numbers, values["V"].T @ values["V"])


def networks():
    rows = RANDOM.standard_normal((60, 4))
    data = from_arrays(rows, RANDOM.integers(0, 3, 60))
    network = network_for(chainrule.read(SOFTMAX).reading, data, {}, l2=0.01, dtype="float64")
    yield network, rows, one_hot(data.target, data.classes)
    data = from_arrays(rows, RANDOM.integers(0, 2, 60))
    network = network_for(chainrule.read(LOGISTIC).reading, data, {}, l2=0.01, dtype="float64")
    yield network, rows, data.target.astype(float)


@pytest.mark.parametrize("network, rows, target", list(networks()), ids=["softmax", "logistic"])
def test_hessians_are_the_differences_of_gradients(network, rows, target):
    parameters = {n: RANDOM.standard_normal(s) for n, s in network.shapes.items()}
    found = Hessian(network).matrix(parameters, rows, target)
    direction = {n: RANDOM.standard_normal(s) for n, s in network.shapes.items()}
    ends = []
    for h in (1e-6, -1e-6):
        moved = {n: parameters[n] + h * direction[n] for n in parameters}
        slopes = network.step(moved, rows, target)[1]
        ends.append(np.concatenate([slopes[n].ravel() for n in parameters]))
    flat = np.concatenate([direction[n].ravel() for n in parameters])
    np.testing.assert_allclose(found @ flat, (ends[0] - ends[1]) / 2e-6, atol=1e-7)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_ten_steps_are_enough(dtype):
    random = np.random.default_rng(0)
    rows = random.standard_normal((300, 6))
    labels = (rows @ random.standard_normal((6, 4))).argmax(1)
    document = chainrule.read(SOFTMAX)
    trained = document.fit((rows, labels), optimiser="newton", l2=1e-3, dtype=dtype)
    assert 3 <= len(trained.fitted.history) <= 10 and not trained.fitted.interrupted
    losses = [epoch.loss for epoch in trained.fitted.history]
    assert losses == sorted(losses, reverse=True)
    more = document.fit((rows, labels), optimiser="newton", l2=1e-3, epochs=99, dtype=dtype)
    assert more.loss == trained.loss


def test_what_newton_does_not_do():
    document = chainrule.read(SOFTMAX)
    data = (RANDOM.standard_normal((50, 4)), RANDOM.integers(0, 3, 50))
    with pytest.raises(BadOption, match="convex"):
        document.fit(data, optimiser="newton")
    with pytest.raises(BadOption, match="own steps"):
        document.fit(data, optimiser="newton", learning_rate=0.1)


def steps_of(curvature, network, rows, target, count=4):
    parameters = {n: np.zeros(s) for n, s in network.shapes.items()}
    data = replace(from_arrays(rows, np.arange(len(rows)) * 0.5), target=target)
    damping = Damping() if isinstance(curvature, GaussNewton) else None
    for _ in islice(newton_steps(network, parameters, data, curvature, damping), count):
        pass
    return parameters


@pytest.mark.parametrize("network, rows, target", list(networks()), ids=["softmax", "logistic"])
def test_gauss_newton_of_a_convex_model_is_newton(network, rows, target):
    parameters = {n: RANDOM.standard_normal(s) for n, s in network.shapes.items()}
    wanted = Hessian(network).matrix(parameters, rows, target)
    for memory in (1, 10**9):
        found = GaussNewton(replace(network, memory=memory)).matrix(parameters, rows, target)
        np.testing.assert_allclose(found, wanted, atol=1e-12)
    one, other = (steps_of(c(network), network, rows, target) for c in (Hessian, GaussNewton))
    for name in one:
        np.testing.assert_allclose(one[name], other[name], atol=1e-9)


SQUARES = r"""
$x \in \mathbb{R}^{1 \times D}$, $W \in \mathbb{R}^{D \times H}$, $v \in \mathbb{R}^H$,
$y \in \mathbb{R}$.
$$ h = \tanh(x W + b) $$
$$ p = h v $$
$$ L = \frac{1}{2} (p - y)^2 $$
"""


def test_gauss_newton_of_a_network_is_its_jacobian_squared():
    rows, target = RANDOM.standard_normal((30, 3)), RANDOM.standard_normal(30)
    reading = chainrule.read(SQUARES).reading
    network = network_for(reading, from_arrays(rows, target), {"H": 4}, l2=0.01, dtype="float64")
    parameters = {n: RANDOM.standard_normal(s) for n, s in network.shapes.items()}
    found = GaussNewton(network).matrix(parameters, rows, target)
    flat = np.concatenate([array.ravel() for array in parameters.values()])

    def predicted(flat):
        ends = np.cumsum([array.size for array in parameters.values()])[:-1]
        parts = zip(parameters.items(), np.split(flat, ends), strict=True)
        return network.predict({n: part.reshape(a.shape) for (n, a), part in parts}, rows)

    steps = 1e-6 * np.eye(len(flat))
    slopes = np.stack([(predicted(flat + s) - predicted(flat - s)) / 2e-6 for s in steps], -1)
    wanted = slopes.T @ slopes / 30 + 2 * 0.01 * np.eye(len(flat))
    np.testing.assert_allclose(found, wanted, atol=1e-8)


def test_a_network_learns_by_gauss_newton():
    random = np.random.default_rng(1)
    rows = random.standard_normal((200, 2))
    target = np.sin(rows[:, 0]) * rows[:, 1] + 0.01
    document = chainrule.read(SQUARES)
    options = {"size": {"H": 10}, "epochs": 40, "held_out": 0.2, "dtype": "float64"}
    found = document.fit((rows, target), optimiser="gauss-newton", **options)
    losses = [epoch.loss for epoch in found.fitted.history]
    assert losses == sorted(losses, reverse=True) and losses[-1] < 2e-3
    by_adam = document.fit((rows, target), **options)
    assert losses[-1] < by_adam.fitted.history[-1].loss / 10


def test_gauss_newton_does_without_strict_convexity():
    data = (RANDOM.standard_normal((50, 4)), RANDOM.integers(0, 3, 50))
    found = chainrule.read(SOFTMAX).fit(data, optimiser="gauss-newton", epochs=8)
    losses = [epoch.loss for epoch in found.fitted.history]
    assert losses == sorted(losses, reverse=True)


BENT = r"""
$x \in \mathbb{R}^{1 \times D}$, $w \in \mathbb{R}^D$, $y \in \mathbb{R}$.
$$ p = x w $$
$$ L = \tanh(p - y) $$
"""


def test_a_loss_that_is_not_convex_in_the_output():
    data = (RANDOM.standard_normal((50, 4)), RANDOM.standard_normal(50))
    with pytest.raises(BadOption, match="convex in p"):
        chainrule.read(BENT).fit(data, optimiser="gauss-newton")


def test_no_hessian_holds_an_outer_product_of_features_for_every_example():
    """x_i x_k w of all examples is as large as examples × d × d; x_i w is enough."""
    for document, by, rows in ((LOGISTIC, "w", 5), (SOFTMAX, "W", 5)):
        data = from_arrays(RANDOM.standard_normal((30, rows)), np.arange(30) % 2)
        network = network_for(chainrule.read(document).reading, data, {}, l2=0.0)
        made = second_derivatives(network.gradients, [by], "float64").pairs[by, by]
        assert "D * D" not in made.compiled.source and "d * d" not in made.compiled.source
