"""Gradients of documents: printed forms, against dual numbers, against central differences."""

import numpy as np
import pytest

import chainrule
from chainrule.language.algebra import apply, element, total
from chainrule.language.evaluate import evaluate, slope
from chainrule.language.expr import Array
from chainrule.language.facts import SUMS_TO_ONE, Fact
from chainrule.language.index import Index
from chainrule.language.inline import elements
from chainrule.language.program import Definition, Program
from chainrule.mathematics.functions import tanh
from chainrule.notation.loss import find_loss
from chainrule.transform.reverse import reverse

ROWS = r"""
The label $y$ is a one-hot row vector, $x \in \mathbb{R}^{1 \times D}$ the input.

$$
\begin{aligned}
u &= x W_1 + b_1 \\
h &= \sigma(u) \\
z &= h W_2 + b_2 \\
\hat{y} &= \text{softmax}(z) \\
J &= - \sum_k y_k \log \hat{y}_k
\end{aligned}
$$
"""

COLUMNS = r"""
Column vectors: $x \in \mathbb{R}^{d}$, $w^{(1)} \in \mathbb{R}^{p \times d}$,
$b^{(1)} \in \mathbb{R}^{p}$, $w^{(2)} \in \mathbb{R}^{m \times p}$, $b^{(2)} \in \mathbb{R}^{m}$.

$$ h^a = w^{(1)} x + b^{(1)} $$
$$ h^s = \text{softplus}(h^a) $$
$$ o^a = w^{(2)} h^s + b^{(2)} $$
$$ o^s = \text{softmax}(o^a) $$
$$ L(x, y) = -\log o^s_y $$
"""

NEURON = r"""
Let $x, w \in \mathbb{R}^d$ and $f = \sigma(w^\top x + b)$. The loss is

$$ \ell(w, b) = -y \log f - (1 - y) \log(1 - f). $$
"""

PRINTED = [
    (ROWS, "J", "W_2", "∂J/∂W₂ = hᵀ (ŷ − y)"),
    (ROWS, "J", "b_2", "∂J/∂b₂ = ŷ − y"),
    (ROWS, "J", "W_1", "∂J/∂W₁ = xᵀ ((ŷ − y) W₂ᵀ ∘ h ∘ (1 − h))"),
    (ROWS, "J", "b_1", "∂J/∂b₁ = (ŷ − y) W₂ᵀ ∘ h ∘ (1 − h)"),
    (ROWS, "J", "x", "∂J/∂x = ((ŷ − y) W₂ᵀ ∘ h ∘ (1 − h)) W₁ᵀ"),
    (ROWS, "J", "z", "∂J/∂z = ŷ − y"),
    (ROWS, "J", r"\hat{y}", "∂J/∂ŷ = −y ⊘ ŷ"),
    (COLUMNS, "L", "w^{(2)}", "∂L/∂w⁽²⁾ = (oˢ − onehot(y)) hˢᵀ"),
    (COLUMNS, "L", "b^{(2)}", "∂L/∂b⁽²⁾ = oˢ − onehot(y)"),
    (COLUMNS, "L", "w^{(1)}", "∂L/∂w⁽¹⁾ = (w⁽²⁾ᵀ (oˢ − onehot(y)) ∘ σ(hª)) xᵀ"),
    (COLUMNS, "L", "b^{(1)}", "∂L/∂b⁽¹⁾ = w⁽²⁾ᵀ (oˢ − onehot(y)) ∘ σ(hª)"),
    (COLUMNS, "L", "x", "∂L/∂x = w⁽¹⁾ᵀ (w⁽²⁾ᵀ (oˢ − onehot(y)) ∘ σ(hª))"),
]


@pytest.mark.parametrize(("text", "of", "by", "printed"), PRINTED)
def test_printed_form(text, of, by, printed):
    assert chainrule.read(text).derive(of, by).text(by) == printed


@pytest.mark.parametrize(("text", "of", "by", "printed"), PRINTED)
def test_against_dual_numbers_and_differences(text, of, by, printed):
    document = chainrule.read(text)
    found = document.derive(of, by)
    question = found.question
    whole = question.program.inlined(question.of.name, keep=frozenset((by,)))
    closed = found.gradients.closed(by)
    meanings = {d.name: d for d in found.gradients.forward.definitions if d.name != by}
    steps = Program((*meanings.values(), closed))
    body = steps.inlined(closed.name, keep=frozenset((by,)))
    arrays = elements(whole) | elements(body)
    values = _values(arrays)
    gradient = evaluate(body, values, order=closed.indices)
    duals, differences = np.empty_like(gradient), np.empty_like(gradient)
    for spot in np.ndindex(gradient.shape):
        direction = np.zeros(gradient.shape)
        direction[spot] = 1.0
        duals[spot] = slope(whole, values, {by: direction})
        ahead, behind = values[by] + 1e-6 * direction, values[by] - 1e-6 * direction
        rise = evaluate(whole, values | {by: ahead}) - evaluate(whole, values | {by: behind})
        differences[spot] = rise / 2e-6
    np.testing.assert_allclose(gradient, duals, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(gradient, differences, rtol=1e-4, atol=1e-8)


def _values(arrays):
    """Random numbers; sizes are distinct primes, and targets are one-hot."""
    primes = iter((2, 3, 5, 7, 11))
    sizes = {}
    for size in sorted({size for array in arrays for size in array.sizes}):
        sizes[size] = next(primes)
    random = np.random.default_rng(0)
    values = {}
    for array in sorted(arrays, key=lambda one: one.name):
        shape = tuple(sizes[size] for size in array.sizes)
        values[array.name] = random.uniform(0.1, 0.9, shape)
        if array.name in ("y", "onehot(y)"):
            values[array.name] = np.eye(*shape)[-1] if len(shape) == 1 else np.eye(*shape)
            values[array.name] = (np.arange(shape[0]) == 1).astype(float)
    return values


SOFTMAX_LOSS = r"$$p = \text{softmax}(z)$$ $$J = -\sum_k t_k \log p_k$$"


def test_a_loss_printed_as_a_function_goes_before_the_numbers_it_uses():
    document = chainrule.read(NEURON)
    assert document.derive(r"\ell", "w").text("w") == "∂ℓ/∂w = (f − y) x"
    assert document.derive(r"\ell", "b").text("b") == "∂ℓ/∂b = f − y"


def test_softmax_cross_entropy_needs_the_fact():
    document = chainrule.read(SOFTMAX_LOSS)
    assert document.derive("J", "z").text("z") == "∂J/∂z = p Σ_j t_j − t"
    program = find_loss(document.reading).program
    found = reverse(program, "J", ["z"], [Fact(SUMS_TO_ONE, "t")])
    (index,) = found.closed("z").indices
    size = index.size
    body = found.closed("z").body
    assert body is element(Array("p", (size,)), index) - element(Array("t", (size,)), index)
    assert found.facts == (Fact(SUMS_TO_ONE, "t"),)


def test_a_deep_program_has_one_adjoint_a_definition():
    i, j = Index("i", "H"), Index("j", "H")
    definitions, below = [], Array("x", ("H",))
    for layer in range(64):
        weights, value = Array(f"W{layer}", ("H", "H")), Array(f"h{layer}", ("H",))
        body = apply(tanh, total(j, element(weights, i, j) * element(below, j)))
        definitions.append(Definition(value, (i,), body))
        below = value
    definitions.append(Definition(Array("J"), (), total(i, element(below, i))))
    names = [f"W{layer}" for layer in range(64)]
    found = reverse(Program(tuple(definitions)), "J", names)
    assert len(found.backward.definitions) <= 2 * 64 + 1
    assert set(found.names) == set(names)
