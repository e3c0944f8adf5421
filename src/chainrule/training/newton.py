"""Newton's method: the Hessian in closed form, and steps that the whole of the data agree on.

Nocedal and Wright, Numerical Optimization, 2006, chapter 3: the step solves H d = −g, and is
halved until the loss falls by a share of what the slope along it promises.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Protocol

import numpy as np

from chainrule.errors import BadOption, NotFinite
from chainrule.program.structure import StructuredProgram
from chainrule.training.data import Dataset
from chainrule.training.network import Network
from chainrule.training.optimise import Arrays
from chainrule.training.stored import ByRows, Rows, pieces
from chainrule.transform.jacobian import second_derivative
from chainrule.transform.reverse import Gradients

LARGEST = 5000
SHARE = 1e-4
SMALLEST = 1e-10
CLOSE = 1e-9
LEAST_DAMPING = 1e-6
"""Of the mean of the diagonal; what is less is none."""
Bound = Callable[[float], float]


class Curvature(Protocol):
    """A matrix (p, p) for p parameters in a row, that stands for the second derivatives."""

    def matrix(self, parameters: Arrays, *arrays: Rows) -> np.ndarray: ...


@dataclass(frozen=True)
class Blocks:
    """(one parameter, another, not before it) → their second derivatives, in closed form."""

    pairs: dict[tuple[str, str], StructuredProgram]

    def matrix(self, parameters: Arrays, values: Arrays) -> np.ndarray:
        """(p, p) for p parameters in a row, in their order; 0 for pairs that are not here."""
        starts, count = {}, 0
        for name, parameter in parameters.items():
            starts[name] = slice(count, count + parameter.size)
            count += parameter.size
        whole = np.zeros((count, count))
        for (a, b), block in self.pairs.items():
            dense = block(values).dense().reshape(parameters[a].size, parameters[b].size)
            whole[starts[a], starts[b]] = dense
            whole[starts[b], starts[a]] = dense.T
        return whole


def second_derivatives(found: Gradients, names: Sequence[str], dtype: str) -> Blocks:
    """Those of a scalar by some of the variables that it was differentiated by."""
    program, pairs = found.program, {}
    for k, a in enumerate(names):
        depends = {array.name for array in program.needed(found.names[a]).inputs}
        for b in depends.intersection(names[k:]):
            slope = second_derivative(program, found.names[a], b)
            pairs[a, b] = StructuredProgram(program, slope, dtype)
    return Blocks(pairs)


@dataclass(frozen=True, eq=False)
class Hessian:
    """The second derivatives of a network's loss by all parameters, each pair by itself."""

    network: Network

    @cached_property
    def _blocks(self) -> Blocks:
        network = self.network
        return second_derivatives(network.gradients, list(network.shapes), network.dtype)

    def matrix(self, parameters: Arrays, *arrays: Rows) -> np.ndarray:
        def of_some(*some: np.ndarray) -> np.ndarray:
            return self._blocks.matrix(parameters, self.network.values(parameters, *some))

        return _mean(of_some, arrays)


@dataclass
class Damping:
    """What is added to the diagonal: nothing while steps succeed, more after one that did not.

    Levenberg, Quarterly of Applied Mathematics 2, 1944; Marquardt, SIAM Journal 11, 1963.
    """

    amount: float = 0.0

    def solved(self, matrix: np.ndarray, slope: np.ndarray) -> np.ndarray:
        """−(B + μ 1)⁻¹ g, with as much μ as makes the matrix positive definite."""
        level = np.trace(matrix) / len(matrix)
        while True:
            damped = matrix + self.amount * np.eye(len(matrix))
            step = _solved(damped, slope)
            if step is not None:
                return step
            self.amount = max(10 * self.amount, LEAST_DAMPING * level)

    def adapt(self, matrix: np.ndarray, share: float) -> None:
        """After a step that was cut to a share of it."""
        level = np.trace(matrix) / len(matrix)
        if share < 1:
            self.amount = max(10 * self.amount, LEAST_DAMPING * level)
        elif self.amount:
            self.amount = self.amount / 10 if self.amount > LEAST_DAMPING * level else 0.0


def newton_steps(
    network: Network,
    parameters: Arrays,
    train: Dataset,
    curvature: Curvature,
    damping: Damping | None = None,
) -> Iterator[tuple[float, float]]:
    """The loss before each step, and its seconds; changes the parameters in place.

    Ends where the loss cannot fall by more than rounding. Raises BadOption where there are too
    many parameters, or, without damping, the matrix is not positive definite.
    """
    count = sum(parameter.size for parameter in parameters.values())
    if count > LARGEST:
        raise BadOption(
            f"newton solves equations in all {count} parameters; {LARGEST} at most",
            remedy="use --optimiser adam",
        )
    while True:
        begin = time.perf_counter()
        found = _mean(partial(_slopes, network, parameters), train.arrays)
        loss, slope = float(found[0]), found[1:]
        matrix = curvature.matrix(parameters, *train.arrays)
        step = _definite(matrix, slope) if damping is None else damping.solved(matrix, slope)
        promised = float(slope @ step)
        if not np.isfinite(promised):
            why = _not_finite(network, parameters, train)
            raise NotFinite(f"the step of newton is not finite{why}", remedy="use --optimiser adam")
        if -promised <= CLOSE * max(1.0, abs(loss)):
            return
        # A step computes the loss in another form, with a rounding of its own.
        measured = partial(_mean, partial(network.loss, parameters), train.arrays)
        share = _falls(parameters, step, measured, partial(_bound, measured(), promised))
        if not share:
            return
        if damping is not None:
            damping.adapt(matrix, share)
        yield loss, time.perf_counter() - begin


def _not_finite(network: Any, parameters: Arrays, train: Dataset) -> str:
    """The first equation of which some examples make no finite value, as the end of a sentence."""
    for part in pieces(train.features):
        if why := network.not_finite(parameters, *(array[part] for array in train.arrays)):
            return why
    return ""


def _slopes(network: Network, parameters: Arrays, *arrays: np.ndarray) -> np.ndarray:
    """The loss, and after it the gradients as one row."""
    loss, slopes = network.step(parameters, *arrays)
    return np.concatenate([[loss], *(slopes[name].ravel() for name in parameters)], dtype=float)


def _mean(function: Callable[..., Any], arrays: tuple[Rows, ...]) -> Any:
    """What a function gives that takes a mean over the examples: of pieces that are in a file."""
    if not any(isinstance(array, ByRows) for array in arrays):
        return function(*arrays)
    found, count = 0.0, len(arrays[0])
    for part in pieces(arrays[0]):
        some = [array[part] for array in arrays]
        found = found + function(*some) * (len(some[0]) / count)
    return found


def _definite(matrix: np.ndarray, slope: np.ndarray) -> np.ndarray:
    step = _solved(matrix, slope)
    if step is None:
        raise BadOption(
            "newton needs a loss that is strictly convex, and this one is not",
            remedy="add --l2 1e-3 for softmax or logistic regression, or use --optimiser"
            " gauss-newton",
        )
    return step


def _bound(loss: float, promised: float, share: float) -> float:
    # Below the loss also where the promise is lost in rounding.
    return min(loss + SHARE * share * promised, math.nextafter(loss, -math.inf))


def _solved(matrix: np.ndarray, slope: np.ndarray) -> np.ndarray | None:
    """−B⁻¹ g by Cholesky's factors, which exist where B is positive definite; else None."""
    try:
        factor = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return None
    return -np.linalg.solve(factor.T, np.linalg.solve(factor, slope))


def _move(parameters: Arrays, start: Arrays, step: np.ndarray) -> None:
    """Sets the parameters to their start plus the step."""
    at = 0
    for name, parameter in parameters.items():
        part = step[at : at + parameter.size].reshape(parameter.shape)
        np.copyto(parameter, start[name] + part, casting="same_kind")
        at += parameter.size


def _falls(
    parameters: Arrays, step: np.ndarray, measured: Callable[[], float], bound: Bound
) -> float:
    """The share of the step that lets the loss fall, where the parameters are then; 0: none."""
    start = {name: parameter.copy() for name, parameter in parameters.items()}
    share = 1.0
    while share > SMALLEST:
        _move(parameters, start, share * step)
        if measured() <= bound(share):
            return share
        share /= 2
    _move(parameters, start, 0 * step)
    return 0.0
