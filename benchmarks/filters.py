"""An epoch of a network of filters, pooling, filters: Adam, float32, on synthetic pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

import chainrule
from chainrule.training.data import from_arrays, one_hot
from chainrule.training.fit import fit
from chainrule.training.sizing import network_for

DOCUMENT = r"""
A picture $x \in \mathbb{R}^{N \times N}$ has a one-hot label $y$; the filters are
$F \in \mathbb{R}^{C \times 3 \times 3}$ and $G \in \mathbb{R}^{D \times C \times 3 \times 3}$.

$$ a_{c,p,q} = \text{relu}(\sum_{r=1}^{3} \sum_{s=1}^{3} F_{c,r,s} x_{p+r-1,q+s-1} + b_c) $$
$$ m_{c,p,q} = \max_{1 \le r,s \le 2} a_{c,2p+r-2,2q+s-2} $$
$$ h_{d,p,q} = \text{relu}(\sum_{c=1}^{C} \sum_{r,s=1}^{3} G_{d,c,r,s} m_{c,p+r-1,q+s-1} + e_d) $$
$$ z_k = \sum_{d,p,q} V_{k,d,p,q} h_{d,p,q} + u_k $$
$$ \hat{y} = \text{softmax}(z) $$
$$ J = - \sum_k y_k \log \hat{y}_k $$
"""

RATE = 0.003


@dataclass(frozen=True)
class Case:
    side: int
    first: int
    second: int
    batch: int
    examples: int
    classes: int = 10


CASES = {"8 × 8": Case(8, 8, 16, 32, 1792), "28 × 28": Case(28, 8, 16, 64, 1024)}


def examples(case: Case) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    pictures = random.standard_normal((case.examples, case.side, case.side), dtype=np.float32)
    return pictures, random.integers(0, case.classes, case.examples)


def start(case: Case) -> dict[str, np.ndarray]:
    random = np.random.default_rng(1)
    left = (case.side - 2) // 2 - 2
    shapes = {
        "F": (case.first, 3, 3),
        "G": (case.second, case.first, 3, 3),
        "V": (case.classes, case.second, left, left),
    }
    found = {
        name: random.standard_normal(shape, dtype=np.float32) / np.prod(shape[1:]) ** 0.5
        for name, shape in shapes.items()
    }
    for name, shape in zip("beu", shapes.values(), strict=True):
        found[name] = np.zeros(shape[0], np.float32)
    return {name: array.astype(np.float32) for name, array in found.items()}


def prepared(case: Case):
    """The network, its data, and where it starts."""
    pictures, labels = examples(case)
    data = from_arrays(pictures, labels)
    sizes = {"C": case.first, "D": case.second}
    network = network_for(chainrule.read(DOCUMENT).reading, data, sizes)
    first = start(case)
    data = replace(data, target=one_hot(data.target, data.classes, np.float32))
    return network, data, {name: first[name] for name in network.shapes}


def ours(case: Case, engine: str = "numpy") -> Callable[[], float]:
    network, data, first = prepared(case)
    options = {"epochs": 1, "batch": case.batch, "learning_rate": RATE, "start": first}
    return lambda: fit(network, data, engine=engine, **options).history[-1].loss


def torch_cost(p, x, y):
    import torch

    functional = torch.nn.functional
    a = torch.relu(functional.conv2d(x[:, None], p["F"][:, None], p["b"]))
    h = torch.relu(functional.conv2d(functional.max_pool2d(a, 2), p["G"], p["e"]))
    z = torch.addmm(p["u"], h.flatten(1), p["V"].flatten(1).T)
    return functional.cross_entropy(z, y)


def torch_eager(case: Case) -> Callable[[], float]:
    import torch

    pictures, labels = (torch.from_numpy(array) for array in examples(case))

    def call() -> float:
        p = {name: torch.tensor(a, requires_grad=True) for name, a in start(case).items()}
        rule, sum_of_losses = torch.optim.Adam(p.values(), lr=RATE), 0.0
        for chosen in torch.randperm(len(pictures)).split(case.batch):
            loss = torch_cost(p, pictures[chosen], labels[chosen])
            rule.zero_grad()
            loss.backward()
            rule.step()
            sum_of_losses += loss.item()
        return sum_of_losses * case.batch / len(pictures)

    return call
