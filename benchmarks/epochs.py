"""An epoch of plain SGD, float32: one tanh layer and softmax cross-entropy on synthetic data.

Every contender trains the same network from the same weights on the same examples, shuffled anew
every epoch, and gives the mean loss of its last epoch, which shows that it did the work.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

import chainrule
from chainrule.training.data import from_arrays, one_hot
from chainrule.training.fit import fit
from chainrule.training.sizing import network_for

DOCUMENT = r"""
The input $x \in \mathbb{R}^{1 \times D}$ is a row and the label $y$ is a one-hot row, with
$W_1 \in \mathbb{R}^{D \times H}$ and $W_2 \in \mathbb{R}^{H \times K}$.

$$
\begin{aligned}
h &= \tanh(x W_1 + b_1) \\
\hat{y} &= \text{softmax}(h W_2 + b_2) \\
J &= - \sum_k y_k \log \hat{y}_k
\end{aligned}
$$
"""

RATE = 0.1


@dataclass(frozen=True)
class Case:
    features: int
    hidden: int
    classes: int
    batch: int
    examples: int
    epochs: int = 3


CASES = {
    "S": Case(64, 32, 10, 32, 1792, 10),
    "M": Case(784, 128, 10, 128, 10240, 3),
    "L": Case(784, 1024, 10, 512, 5120, 2),
}


def examples(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Normal features, and the class that a linear map of them picks."""
    generator = np.random.default_rng(0)
    rows = generator.standard_normal((case.examples, case.features), dtype=np.float32)
    return rows, (rows @ generator.standard_normal((case.features, case.classes))).argmax(axis=1)


def start(case: Case) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(1)
    sizes = (case.features, case.hidden, case.classes)
    found = {}
    for k, (m, n) in enumerate(pairwise(sizes), 1):
        found[f"W_{k}"] = generator.standard_normal((m, n), dtype=np.float32) / m**0.5
        found[f"b_{k}"] = np.zeros(n, np.float32)
    return found


def ours(case: Case, engine: str = "numpy") -> Callable[[], float]:
    rows, labels = examples(case)
    data = from_arrays(rows, labels)
    network = network_for(chainrule.read(DOCUMENT).reading, data, {"H": case.hidden})
    data = replace(data, target=one_hot(data.target, data.classes, np.float32))
    first = {name: start(case)[name] for name in network.shapes}
    options = {"epochs": case.epochs, "batch": case.batch, "learning_rate": RATE}
    options |= {"optimiser": "sgd", "start": first}
    return lambda: fit(network, data, engine=engine, **options).history[-1].loss


def products(case: Case) -> Callable[[], None]:
    """The five matrix products of every step, and nothing else: no NumPy code can be faster."""
    rows, first = examples(case)[0][: case.batch], start(case)
    h = rows @ first["W_1"]
    z = h @ first["W_2"]
    slopes = {name: np.empty_like(array) for name, array in first.items()}
    steps = case.epochs * (case.examples // case.batch)

    def call() -> None:
        for _ in range(steps):
            np.dot(rows, first["W_1"], out=h)
            np.dot(h, first["W_2"], out=z)
            np.dot(h.T, z, out=slopes["W_2"])
            np.dot(z, first["W_2"].T, out=h)
            np.dot(rows.T, h, out=slopes["W_1"])

    return call


def scikit_learn(case: Case) -> Callable[[], float]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore", ConvergenceWarning)
    rows, labels = examples(case)
    model = MLPClassifier(
        (case.hidden,),
        activation="tanh",
        solver="sgd",
        alpha=0,
        batch_size=case.batch,
        learning_rate_init=RATE,
        momentum=0,
        nesterovs_momentum=False,
        max_iter=case.epochs,
        n_iter_no_change=case.epochs + 1,
        random_state=0,
    )
    return lambda: model.fit(rows, labels).loss_curve_[-1]


def torch_eager(case: Case) -> Callable[[], float]:
    import torch

    rows, labels = (torch.from_numpy(array) for array in examples(case))
    first = {name: torch.from_numpy(array) for name, array in start(case).items()}

    def call() -> float:
        p = {name: array.clone().requires_grad_() for name, array in first.items()}
        rule = torch.optim.SGD(p.values(), lr=RATE)
        for _ in range(case.epochs):
            total = 0.0
            for chosen in torch.randperm(len(rows)).split(case.batch):
                h = torch.tanh(torch.addmm(p["b_1"], rows[chosen], p["W_1"]))
                z = torch.addmm(p["b_2"], h, p["W_2"])
                loss = torch.nn.functional.cross_entropy(z, labels[chosen])
                rule.zero_grad()
                loss.backward()
                rule.step()
                total += loss.item()
        return total * case.batch / len(rows)

    return call


def jax_by_hand(case: Case) -> Callable[[], float]:
    """What people who know JAX write: a compiled epoch, `scan` over minibatches, `grad`."""
    import jax
    import jax.numpy as jnp

    rows, labels = (jnp.asarray(array) for array in examples(case))
    first = {name: jnp.asarray(array) for name, array in start(case).items()}

    def cost(p, x, y):
        z = jnp.tanh(x @ p["W_1"] + p["b_1"]) @ p["W_2"] + p["b_2"]
        logs = jax.nn.log_softmax(z)
        return -jnp.take_along_axis(logs, y[:, None], axis=1).mean()

    def step(p, chosen):
        loss, slopes = jax.value_and_grad(cost)(p, rows[chosen], labels[chosen])
        return jax.tree.map(lambda a, g: a - RATE * g, p, slopes), loss

    @jax.jit
    def epoch(p, key):
        order = jax.random.permutation(key, len(rows)).reshape(-1, case.batch)
        return jax.lax.scan(step, p, order)

    def call() -> float:
        p = first
        for key in jax.random.split(jax.random.key(0), case.epochs):
            p, losses = epoch(p, key)
        jax.block_until_ready(p)
        return float(losses.mean())

    return call
