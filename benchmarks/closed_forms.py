"""Work on closed forms: one step as a call, Hessians, Jacobians, a cross-entropy over a vocabulary.

Each function gives contenders by name, ours first; all of one row give the same numbers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

import chainrule
from chainrule.language.algebra import along, element, total
from chainrule.language.expr import Array
from chainrule.language.index import Index
from chainrule.language.program import Definition, Program
from chainrule.mathematics.functions import FUNCTIONS
from chainrule.program.build import build
from chainrule.program.structure import StructuredProgram
from chainrule.training.data import from_arrays, one_hot
from chainrule.training.newton import second_derivatives
from chainrule.training.sizing import network_for
from chainrule.transform.jacobian import jacobian, with_gradient

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from networks import GRADIENTS, one_hidden_layer, values

Contenders = dict[str, Callable[[], object]]
RANDOM = np.random.default_rng(0)
VOCABULARY = (2048, 256, 32_000)

SOFTMAX = r"""
$x \in \mathbb{R}^{1 \times D}$ is a row, $y$ a one-hot row, $W \in \mathbb{R}^{D \times K}$.
$$ z = x W $$
$$ J = - \sum_k y_k \log \text{softmax}(z)_k $$
"""
LOGISTIC = r"""
The features are $x \in \mathbb{R}^d$, with weights $w \in \mathbb{R}^d$; the label is
$y \in \{0, 1\}$.
$$ p = \sigma(w^\top x) $$
$$ L = - y \log p - (1 - y) \log (1 - p) $$
"""


def normal(*shape: int) -> np.ndarray:
    return RANDOM.standard_normal(shape).astype(np.float32)


def by_hand(x, y, W_1, b_1, W_2, b_2):
    """One step as a textbook has it, without buffers."""
    h = np.tanh(x @ W_1 + b_1)
    theta = h @ W_2 + b_2
    theta -= theta.max(axis=1, keepdims=True)
    e = np.exp(theta)
    s = e.sum(axis=1, keepdims=True)
    loss = -(y * (theta - np.log(s))).sum() / len(x)
    dtheta = (e / s - y) / len(x)
    dphi = (dtheta @ W_2.T) * (1 - h * h)
    return loss, x.T @ dphi, dphi.sum(axis=0), h.T @ dtheta, dtheta.sum(axis=0)


def step() -> Contenders:
    """Loss and four gradients, 32 × 64 × 32 × 10."""
    import jax
    import jax.numpy as jnp

    given = {name: array.astype(np.float32) for name, array in values(32, 64, 32, 10).items()}
    compiled = build(one_hidden_layer(), ["J", *GRADIENTS], quick=True)
    arrays = [given[name] for name in compiled.inputs]
    x, y, *p = (jnp.asarray(array) for array in given.values())

    def cost(p, x, y):
        logs = jax.nn.log_softmax(jnp.tanh(x @ p[0] + p[1]) @ p[2] + p[3])
        return -(y * logs).sum() / len(x)

    traced = jax.jit(jax.value_and_grad(cost))
    found = {
        "chainrule": lambda: compiled.call(*arrays),
        "NumPy by hand": lambda: by_hand(**given),
        "JAX jit": lambda: jax.block_until_ready(traced(p, x, y)),
    }
    return found | pytensor_step(given)


def pytensor_step(given) -> Contenders:
    try:
        import pytensor
        import pytensor.tensor as pt
    except ImportError:
        return {}
    names = list(given)
    inputs = [pt.tensor(n, dtype="float32", shape=(None,) * given[n].ndim) for n in names]
    x, y, W_1, b_1, W_2, b_2 = inputs
    logs = pt.special.log_softmax(pt.tanh(x @ W_1 + b_1) @ W_2 + b_2, axis=1)
    loss = -(y * logs).sum() / np.float32(len(given["x"]))
    slopes = pytensor.grad(loss, [W_1, b_1, W_2, b_2])
    function = pytensor.function(inputs, [loss, *slopes], mode="NUMBA", trust_input=True)
    return {"PyTensor (numba)": lambda: function(*given.values())}


def hessian(document: str, rows: np.ndarray, labels: np.ndarray, by: str) -> Callable[[], object]:
    data = from_arrays(rows, labels)
    network = network_for(chainrule.read(document).reading, data, {}, l2=0.0)
    made = second_derivatives(network.gradients, [by], "float32").pairs[by, by]
    several = len(network.roles.target.sizes)
    target = one_hot(labels, data.classes, np.float32) if several else labels.astype(np.float32)
    parameters = {name: np.zeros(shape, np.float32) for name, shape in network.shapes.items()}
    given = network.values(parameters, rows, target)
    return lambda: made(given).dense()


def logistic_hessian() -> Contenders:
    import jax
    import jax.numpy as jnp
    import torch

    rows, labels = normal(5000, 200), RANDOM.integers(0, 2, 5000)
    weighted = rows / 4
    x, y = jnp.asarray(rows), jnp.asarray(labels.astype(np.float32))
    a, b = torch.from_numpy(rows), torch.from_numpy(labels.astype(np.float32))

    def cost(w):
        z = x @ w
        return (jnp.logaddexp(0, z) - y * z).mean()

    def other(w):
        return torch.nn.functional.binary_cross_entropy_with_logits(a @ w, b)

    traced = jax.jit(jax.hessian(cost))
    found = np.empty((200, 200), np.float32)
    return {
        "chainrule": hessian(LOGISTIC, rows, labels, "w"),
        "jax.hessian, jit": lambda: jax.block_until_ready(traced(jnp.zeros(200))),
        "torch.func.hessian": lambda: torch.func.hessian(other)(torch.zeros(200)),
        "alone: its matrix product": lambda: np.dot(rows.T, weighted, out=found),
    }


def softmax_hessian() -> Contenders:
    import jax
    import jax.numpy as jnp
    import torch

    rows, labels = normal(1797, 64), np.arange(1797) % 10
    x, y = jnp.asarray(rows), jnp.asarray(labels)
    a, b = torch.from_numpy(rows), torch.from_numpy(labels)

    def cost(w):
        logs = jax.nn.log_softmax(x @ w)
        return -jnp.take_along_axis(logs, y[:, None], axis=1).mean()

    def other(w):
        return torch.nn.functional.cross_entropy(a @ w, b)

    traced = jax.jit(jax.hessian(cost))
    return {
        "chainrule": hessian(SOFTMAX, rows, labels, "W"),
        "jax.hessian, jit": lambda: jax.block_until_ready(traced(jnp.zeros((64, 10)))),
        "torch.func.hessian": lambda: torch.func.hessian(other)(torch.zeros(64, 10)),
    }


def softmax_jacobian() -> Contenders:
    """A batch of 256 × 100; jax.jacrev of it as it stands has 655 million numbers."""
    import jax
    import jax.numpy as jnp

    n, i, k = Index("n", "N"), Index("i", "K"), Index("k", "K")
    body = along(FUNCTIONS["softmax"], k, element(Array("z", ("N", "K")), n, k), i)
    program = Program((Definition(Array("p", ("N", "K")), (n, i), body),))
    made = StructuredProgram(program, jacobian(program, "p", "z"), "float32")
    z = normal(256, 100)
    given, moved = {"z": z}, jnp.asarray(z)
    written = np.empty((256, 100, 100), np.float32)
    whole = jax.jit(jax.jacrev(jax.nn.softmax))
    mapped = jax.jit(jax.vmap(jax.jacrev(jax.nn.softmax)))

    return {
        "chainrule": lambda: made.joined(given),
        "jax.jacrev": lambda: jax.block_until_ready(whole(moved)),
        "vmap(jacrev)": lambda: jax.block_until_ready(mapped(moved)),
        "alone: writing the result": lambda: written.fill(1),
    }


def factor_hessian() -> Contenders:
    """½‖T − UVᵀ‖² by U, n 200, m 400, k 5."""
    import jax
    import jax.numpy as jnp

    i, j, k = Index("i", "n"), Index("j", "m"), Index("k", "r")
    t, u, v = Array("T", ("n", "m")), Array("U", ("n", "r")), Array("V", ("m", "r"))
    product = total(k, element(u, i, k) * element(v, j, k))
    loss = total(i, total(j, (element(t, i, j) - product) ** 2)) / 2
    program, slope = with_gradient(Program((Definition(Array("J"), (), loss),)), "J", "U")
    made = StructuredProgram(program, jacobian(program, slope.name, "U"), "float32")
    given = {"T": normal(200, 400), "U": normal(200, 5), "V": normal(400, 5)}
    T, V = jnp.asarray(given["T"]), jnp.asarray(given["V"])
    traced = jax.jit(jax.hessian(lambda U: 0.5 * ((T - U @ V.T) ** 2).sum()))
    return {
        "chainrule": lambda: made(given),
        "jax.hessian, jit": lambda: jax.block_until_ready(traced(jnp.asarray(given["U"]))),
        "NumPy closed form": lambda: np.kron(np.eye(200), given["V"].T @ given["V"]),
    }


def vocabulary_products() -> Callable[[], object]:
    """The matrix products of `vocabulary`, in blocks of the examples, and nothing else."""
    count, features, words = VOCABULARY
    rows, W, block = normal(count, features), normal(features, words), 128
    z, slope = np.empty((block, words), np.float32), np.empty_like(W)

    def call() -> None:
        for first in range(0, count, block):
            part = rows[first : first + block]
            np.dot(part, W, out=z)
            np.dot(part.T, z, out=slope)

    return call


def vocabulary(which: str) -> Callable[[], object]:
    """Linear map, softmax and cross-entropy: loss and both gradients."""
    count, features, words = VOCABULARY
    rows, labels = normal(count, features), RANDOM.integers(0, words, count)
    W, b = normal(features, words) / 16, np.zeros(words, np.float32)
    if which.startswith("chainrule"):
        text = SOFTMAX.replace("x W", "x W + b")
        data = from_arrays(rows, labels)
        classes = tuple(map(str, range(words)))
        data = type(data)(**{**vars(data), "target": labels, "classes": classes})
        network = network_for(chainrule.read(text).reading, data, {}, l2=0.0)
        object.__setattr__(network, "memory", 40_000_000)
        if which == "chainrule":
            return lambda: network.step({"W": W, "b": b}, rows, labels)
        given = network.in_order({"W": W, "b": b}, rows, labels)
        return jax_call(network.traced.run, *given)
    if which == "torch":
        import torch

        x, y = torch.from_numpy(rows), torch.from_numpy(labels)
        p = [torch.from_numpy(array).requires_grad_() for array in (W, b)]

        def call():
            loss = torch.nn.functional.cross_entropy(torch.addmm(p[1], x, p[0]), y)
            return torch.autograd.grad(loss, p)

        return call
    import jax
    import jax.numpy as jnp

    def cost(p, x, y):
        logs = jax.nn.log_softmax(x @ p[0] + p[1])
        return -jnp.take_along_axis(logs, y[:, None], axis=1).mean()

    return jax_call(jax.value_and_grad(cost), (W, b), rows, labels)


def jax_call(function: Callable[..., object], *given: object) -> Callable[[], object]:
    """A call of a function that is compiled already, on arrays that lie where JAX wants them."""
    import jax
    import jax.numpy as jnp

    arrays = jax.tree.map(jnp.asarray, given)
    compiled = jax.jit(function).lower(*arrays).compile()
    return lambda: jax.block_until_ready(compiled(*arrays))
