"""Where training starts: small random weights, as wide as keeps signals the same size in depth."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from chainrule.training.seeds import stream

# Activations that pass on half of the signal only; every other one is near the identity at 0.
HALVING = frozenset({"relu", "softplus"})


def initialise(
    shapes: Mapping[str, tuple[int, ...]],
    fan_in: Mapping[str, int],
    activation: Mapping[str, str],
    seed: int = 0,
    dtype=np.float32,
) -> dict[str, np.ndarray]:
    """One array for each parameter, drawn from a stream of its own: adding one changes no other.

    `fan_in` says how many products are added up for one output of a weight; `activation` names
    what its outputs go through. A parameter without a fan-in is a bias and starts at zero, and so
    does a 1-D one with a fan-in of 1. Weights are

    * before relu or softplus: normal with variance 2 / fan_in (He et al., Delving Deep into
      Rectifiers, 2015);
    * otherwise: uniform with variance 2 / (fan_in + fan_out) (Glorot and Bengio, Understanding the
      Difficulty of Training Deep Feedforward Neural Networks, 2010), where fan_out is the number of
      elements by fan_in, as for a matrix of either layout.

    >>> start = initialise({"W": (3, 2), "b": (2,)}, {"W": 3}, {"W": "tanh"})
    >>> start["W"].shape, start["b"]
    ((3, 2), array([0., 0.], dtype=float32))
    """
    start = {}
    for name, shape in shapes.items():
        values = _values(shape, fan_in.get(name), activation.get(name), stream(seed, name))
        start[name] = np.asarray(values, dtype)
    return start


def _values(
    shape: tuple[int, ...],
    fan_in: int | None,
    activation: str | None,
    generator: np.random.Generator,
) -> np.ndarray:
    """Drawn in float64 whatever the type in the end, so that every type starts at one place."""
    if not fan_in or (fan_in == 1 and len(shape) == 1):
        return np.zeros(shape)
    if activation in HALVING:
        return generator.standard_normal(shape) * math.sqrt(2 / fan_in)
    fan_out = math.prod(shape) / fan_in
    # A uniform number in ±w has variance w² / 3.
    width = math.sqrt(6 / (fan_in + fan_out))
    return generator.uniform(-width, width, shape)
