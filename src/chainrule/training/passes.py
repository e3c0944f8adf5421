"""One pass over the data, on NumPy or on JAX's devices, and what stops it: NaN and infinity."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

import numpy as np

from chainrule.errors import NotFinite
from chainrule.training.checkpoints import Checkpoint
from chainrule.training.optimise import Arrays, Optimiser
from chainrule.training.stored import Rows

TINY = 1e-30
"""Below, a sum of squares may have lost digits in float32."""


class Trainable(Protocol):
    """A network as training sees it; features are (n, d), the target is as in `Dataset`.

    `shapes` gives each parameter's shape. `step` returns the loss, a mean over the batch with any
    regularisation, and `scale` times its gradient by every parameter, in arrays that need only last
    until the next call; `weights` (n,), if any, multiply the loss of each example. `predict`
    returns scores (n, k) or values (n,). All arrays have the parameters' type.
    """

    shapes: Mapping[str, tuple[int, ...]]

    def step(
        self,
        parameters: Arrays,
        features: np.ndarray,
        target: np.ndarray,
        *weights: np.ndarray,
        scale: float = 1.0,
    ) -> tuple[float, Arrays]: ...

    def loss(self, parameters: Arrays, features: np.ndarray, target: np.ndarray) -> float: ...

    def predict(self, parameters: Arrays, features: np.ndarray) -> np.ndarray: ...

    def probabilities(self, parameters: Arrays, scores: np.ndarray) -> np.ndarray:
        """The scores as the probability of each class."""
        return scores

    def not_finite(self, parameters: Arrays, *arrays: np.ndarray) -> str:
        """What makes the loss of a batch leave the numbers, as the end of a sentence."""
        return ""


class Pass(NamedTuple):
    """The mean loss of an epoch's batches, the seconds of its steps, the sizes of gradients."""

    loss: float
    seconds: float
    gradients: dict[str, float]


class Batches:
    """The examples in a new random order each time; every batch is gathered into the same arrays.

    The last batch of a pass has what is left over.
    """

    def __init__(self, arrays: tuple[Rows, ...], size: int, generator: np.random.Generator):
        self._arrays = arrays
        self._size = min(size, len(arrays[0]))
        self._generator = generator
        self._buffers = tuple(np.empty((self._size, *a.shape[1:]), a.dtype) for a in self._arrays)

    def order(self) -> np.ndarray:
        """A new order of the examples."""
        return self._generator.permutation(len(self._arrays[0]))

    def of(self, order: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
        """The batches in an order of the examples."""
        buffers = self._buffers
        for first in range(0, len(order), self._size):
            rows = order[first : first + self._size]
            if len(rows) < self._size:
                buffers = tuple(buffer[: len(rows)] for buffer in buffers)
            for array, buffer in zip(self._arrays, buffers, strict=True):
                # Every index is in range; mode "raise" would gather into a copy first.
                array.take(rows, 0, buffer, "clip")
            yield buffers


class Work(NamedTuple):
    """What a pass is made of; `factor` gives the share of the learning rate in an epoch."""

    network: Trainable
    run: Checkpoint
    batches: Batches
    rule: Optimiser
    factor: Callable[[int], float]

    def rule_at(self, epoch: int) -> Optimiser:
        return replace(self.rule, learning_rate=self.rule.learning_rate * self.factor(epoch))


def numpy_pass(work: Work, epoch: int) -> Pass:
    """A step for each batch; the mean of their losses, weighed by their sizes."""
    begin, rule, batches = time.perf_counter(), work.rule_at(epoch), work.batches
    loss, gradients = _steps(work.network, work.run, batches.of(batches.order()), rule, epoch)
    seconds = time.perf_counter() - begin
    _check_finite(work.run.parameters, epoch)
    return Pass(loss, seconds, {n: _size(g) / rule.scale for n, g in gradients.items()})


def _steps(
    network: Trainable,
    run: Checkpoint,
    batches: Iterable[tuple[np.ndarray, ...]],
    rule: Optimiser,
    epoch: int,
) -> tuple[float, Arrays]:
    """The mean loss of the batches, and the gradients of the last; raises NotFinite."""
    parameters, state, total, count = run.parameters, run.state, 0.0, 0
    for step, arrays in enumerate(batches, 1):
        loss, gradients = network.step(parameters, *arrays, scale=rule.scale)
        if not math.isfinite(loss):
            why = network.not_finite(parameters, *arrays)
            raise _loss_not_finite(loss, why, epoch, step)
        rule.update(parameters, gradients, state)
        total += float(loss) * len(arrays[0])
        count += len(arrays[0])
    return total / count, gradients


def device_pass(device: Any, work: Work, epoch: int) -> Pass:
    """A pass that never comes back to Python; the parameters are those after its last step."""
    run, batches = work.run, work.batches
    order, before = batches.order(), deepcopy((run.parameters, run.state))
    losses, seconds = device.run(order, work.factor(epoch))
    strange = np.flatnonzero(~np.isfinite(losses))
    if len(strange) or not _are_finite(run.parameters):
        # The steps once more on NumPy, where the equation can be told.
        for name, array in before[0].items():
            np.copyto(run.parameters[name], array)
        run.state = before[1]
        _steps(work.network, run, batches.of(order), work.rule_at(epoch), epoch)
    if len(strange):
        raise _loss_not_finite(losses[strange[0]], "", epoch, int(strange[0]) + 1)
    _check_finite(run.parameters, epoch)
    count = len(order)
    sizes = np.full(len(losses), device.batch)
    sizes[-1] = count - device.batch * (len(losses) - 1)
    return Pass(float(losses @ sizes / count), seconds, {})


def _size(gradient: np.ndarray) -> float:
    """The root mean square of its elements."""
    squares = float(np.vdot(gradient, gradient))
    if not TINY < squares < math.inf:
        squares = float(np.sum(np.square(gradient, dtype=float)))
    return math.sqrt(squares / gradient.size)


def _are_finite(parameters: Arrays) -> bool:
    return all(np.isfinite(parameter).all() for parameter in parameters.values())


def _check_finite(parameters: Arrays, epoch: int) -> None:
    for name, parameter in parameters.items():
        if not np.isfinite(parameter).all():
            raise not_finite(f"{name} is no longer finite", f"the end of epoch {epoch}")


def _loss_not_finite(loss: float, why: str, epoch: int, step: int) -> NotFinite:
    """why: the end of a sentence, which names an equation where one is known."""
    found = not_finite(f"the loss is {loss}{why}", f"epoch {epoch}, step {step}")
    if (epoch, step) == (1, 1) and why:
        found.remedy = (
            "no step was made before that: write the equation so that it has a value for every"
            " input, as log(1 + u²) instead of log u, or start from other weights (--load)"
        )
    return found


def not_finite(what: str, when: str) -> NotFinite:
    return NotFinite(
        f"{what} at {when}",
        remedy="train with a smaller learning rate, or standardise the features",
    )
