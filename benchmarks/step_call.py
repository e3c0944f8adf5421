"""One training step as a call from Python, beside NumPy as people write it by hand.

Loss and four gradients of a tanh layer with softmax cross-entropy, float32; the fastest of ROUNDS
rounds, the contenders in turn.
"""

from __future__ import annotations

import sys
import timeit
from pathlib import Path

import numpy as np

from chainrule.program.build import build

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from networks import GRADIENTS, one_hidden_layer, values

ROUNDS = 9
SHAPES = ((32, 64, 32, 10), (128, 784, 128, 10))


def by_hand(x, y, W_1, b_1, W_2, b_2):
    """What a textbook says, without buffers."""
    h = np.tanh(x @ W_1 + b_1)
    theta = h @ W_2 + b_2
    theta -= theta.max(axis=1, keepdims=True)
    e = np.exp(theta)
    s = e.sum(axis=1, keepdims=True)
    loss = -(y * (theta - np.log(s))).sum() / len(x)
    dtheta = (e / s - y) / len(x)
    dphi = (dtheta @ W_2.T) * (1 - h * h)
    return loss, x.T @ dphi, dphi.sum(axis=0), h.T @ dtheta, dtheta.sum(axis=0)


def contenders(shape):
    given = {name: array.astype(np.float32) for name, array in values(*shape).items()}
    found = {"by hand": lambda: by_hand(**given)}
    for label, quick in (("stable forms", False), ("quick forms", True)):
        compiled = build(one_hidden_layer(), ["J", *GRADIENTS], quick=quick)
        arrays = [given[name] for name in compiled.inputs]
        found[label] = lambda compiled=compiled, arrays=arrays: compiled.call(*arrays)
    return found


def measure(shape):
    """Contender → microseconds a call."""
    calls = contenders(shape)
    number = 2000 if shape[0] < 100 else 100
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(ROUNDS):
        for label, call in calls.items():
            best[label] = min(best[label], timeit.timeit(call, number=number) / number * 1e6)
    return best


def main():
    for shape in SHAPES:
        best = measure(shape)
        print("examples × features × hidden × classes:", " × ".join(map(str, shape)))
        for label, microseconds in best.items():
            ratio = microseconds / best["by hand"]
            print(f"  {label:14} {microseconds:8.1f} µs  ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
