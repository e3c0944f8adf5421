"""Newton's method: the Hessian in closed form, and steps that the whole of the data agree on.

Nocedal and Wright, Numerical Optimization, 2006, chapter 3: the step solves H d = −g, and is
halved until the loss falls by a share of what the slope along it promises.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from chainrule.errors import BadOption, NotFinite
from chainrule.program.structure import StructuredProgram
from chainrule.training.data import Dataset
from chainrule.training.network import Network
from chainrule.training.optimise import Arrays
from chainrule.transform.jacobian import jacobian

LARGEST = 5000
SHARE = 1e-4
SMALLEST = 1e-10
CLOSE = 1e-9
Bound = Callable[[float], float]


@dataclass(frozen=True, eq=False)
class Hessian:
    """The second derivatives of a network's loss by all parameters, each pair by itself."""

    network: Network

    @cached_property
    def pairs(self) -> dict[tuple[str, str], StructuredProgram]:
        """(one parameter, another, not before it) → its block, in closed form."""
        found, names = self.network.gradients, list(self.network.shapes)
        pairs = [(a, b) for k, a in enumerate(names) for b in names[k:]]
        return {
            (a, b): StructuredProgram(
                found.program, jacobian(found.program, found.names[a], b), self.network.dtype
            )
            for a, b in pairs
        }

    def matrix(self, parameters: Arrays, *arrays: np.ndarray) -> np.ndarray:
        """(p, p) for p parameters in a row, in their order."""
        starts, count = {}, 0
        for name, parameter in parameters.items():
            starts[name] = slice(count, count + parameter.size)
            count += parameter.size
        whole = np.zeros((count, count))
        values = self.network.values(parameters, *arrays)
        for (a, b), block in self.pairs.items():
            dense = block(values).dense().reshape(parameters[a].size, parameters[b].size)
            whole[starts[a], starts[b]] = dense
            whole[starts[b], starts[a]] = dense.T
        return whole


def newton_steps(
    network: Network, parameters: Arrays, train: Dataset
) -> Iterator[tuple[float, float]]:
    """The loss before each step, and its seconds; changes the parameters in place.

    Ends where the loss cannot fall by more than rounding. Raises BadOption where there are too
    many parameters, or the loss is not convex.
    """
    count = sum(parameter.size for parameter in parameters.values())
    if count > LARGEST:
        raise BadOption(
            f"newton solves equations in all {count} parameters; {LARGEST} at most",
            remedy="use --optimiser adam",
        )
    hessian = Hessian(network)
    while True:
        begin = time.perf_counter()
        loss, slopes = network.step(parameters, *train.arrays)
        slope = np.concatenate([slopes[name].ravel() for name in parameters]).astype(float)
        step = _solved(hessian.matrix(parameters, *train.arrays), slope)
        promised = float(slope @ step)
        if not np.isfinite(promised):
            raise NotFinite("the step of newton is not finite", remedy="use --optimiser adam")
        if -promised <= CLOSE * max(1.0, abs(loss)):
            return
        bound = partial(_bound, loss, promised)
        if not _falls(network, parameters, step, train, bound):
            return
        yield loss, time.perf_counter() - begin


def _bound(loss: float, promised: float, share: float) -> float:
    return loss + SHARE * share * promised


def _solved(matrix: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """−H⁻¹ g by Cholesky's factors, which exist where H is positive definite."""
    try:
        factor = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        raise BadOption(
            "newton needs a loss that is strictly convex, and this one is not",
            remedy="add --l2 1e-3 for softmax or logistic regression, or use --optimiser adam",
        ) from None
    return -np.linalg.solve(factor.T, np.linalg.solve(factor, slope))


def _move(parameters: Arrays, start: Arrays, step: np.ndarray) -> None:
    """Sets the parameters to their start plus the step."""
    at = 0
    for name, parameter in parameters.items():
        part = step[at : at + parameter.size].reshape(parameter.shape)
        np.copyto(parameter, start[name] + part, casting="same_kind")
        at += parameter.size


def _falls(
    network: Network, parameters: Arrays, step: np.ndarray, train: Dataset, bound: Bound
) -> bool:
    """Whether some share of the step lets the loss fall; the parameters are there then."""
    start = {name: parameter.copy() for name, parameter in parameters.items()}
    share = 1.0
    while share > SMALLEST:
        _move(parameters, start, share * step)
        if network.loss(parameters, *train.arrays) <= bound(share):
            return True
        share /= 2
    _move(parameters, start, 0 * step)
    return False
