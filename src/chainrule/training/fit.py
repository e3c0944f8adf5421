"""Training: shuffled minibatches, one step of an optimiser for each, a measurement an epoch."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np

from chainrule.errors import BadOption, NotFinite
from chainrule.training import optimise
from chainrule.training.checkpoints import Checkpoint
from chainrule.training.course import PLAIN, Best, Course
from chainrule.training.data import Dataset, class_numbers
from chainrule.training.engines import check_engine, on_devices
from chainrule.training.gauss_newton import GaussNewton
from chainrule.training.initialise import initialise
from chainrule.training.metrics import accuracy
from chainrule.training.newton import Damping, Hessian, newton_steps
from chainrule.training.optimise import GAUSS_NEWTON, Arrays, Newton, Optimiser
from chainrule.training.seeds import stream
from chainrule.training.stored import ByRows, Rows, pieces
from chainrule.training.weights import check_shapes

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


@dataclass(frozen=True)
class Epoch:
    """One pass over the training data, counted from 1.

    `loss` is the mean over its batches, each before its step; `seconds` is the time of the steps,
    without the measurement on held-out data, which is None where there are no such data or classes;
    `validation_loss` is that of the part that decides when to stop; `gradients` are the root mean
    squares of each parameter's gradient at the last step, where the engine tells them.
    """

    epoch: int
    loss: float
    held_out_loss: float | None
    held_out_accuracy: float | None
    seconds: float
    validation_loss: float | None = None
    gradients: dict[str, float] = field(default_factory=dict)


class Pass(NamedTuple):
    """The mean loss of an epoch's batches, the seconds of its steps, the sizes of gradients."""

    loss: float
    seconds: float
    gradients: dict[str, float]


@dataclass(frozen=True, eq=False)
class Fitted:
    """The parameters, the epochs that were completed, and whether Ctrl-C ended them.

    The parameters are the last, or those of the epoch `best` where a validation part decides.
    """

    parameters: Arrays
    history: tuple[Epoch, ...]
    interrupted: bool
    best: int | None = None


def fit(
    network: Trainable,
    train: Dataset,
    test: Dataset | None = None,
    *,
    epochs: int = 50,
    batch: int = 32,
    learning_rate: float | None = None,
    optimiser: str = "adam",
    seed: int = 0,
    dtype: Any = np.float32,
    progress: Callable[[Epoch], None] | None = None,
    start: Mapping[str, np.ndarray] | None = None,
    engine: str = "numpy",
    devices: int = 1,
    course: Course = PLAIN,
    validation: Dataset | None = None,
) -> Fitted:
    """Train from `start`, or from random weights, and call `progress` after each epoch.

    engine   numpy, or jax, where whole epochs stay on its devices; the results are the same up to
             rounding
    devices  over how many devices the examples of a batch are spread
    course   the schedule, when to stop, checkpoints
    validation  the part by whose loss the best parameters are told

    The same arguments give the same bytes on the same machine. Ctrl-C ends training and keeps what
    has been learnt. Errors: BadOption; OtherNetwork where `start` does not fit; NotFinite where the
    loss leaves the numbers, with epoch and step.
    """
    check_counts(epochs, batch)
    check_engine(engine, devices, optimiser)
    course.check()
    rule = optimise.optimiser(optimiser, learning_rate)
    parameters, order = _start(network, start, seed, dtype), stream(seed, "batches")
    train, test, validation = (part and _cast(part, dtype) for part in (train, test, validation))
    kept = course.checkpoint is not None
    settings = _settings(rule, batch, seed, train, epochs, course) if kept else {}
    run = Checkpoint(parameters, rule.start(parameters), order, Best(), [], settings)
    factor = partial(course.factor, epochs=epochs)
    on_jax = None if engine == "numpy" else devices
    one_pass = _passes(network, run, train, rule, factor, batch, on_jax)
    measured = partial(_measured, network, parameters)
    try:
        _epochs(run, course, epochs, one_pass, measured, (test, validation), progress)
    except KeyboardInterrupt:
        return _fitted(run, interrupted=True)
    return _fitted(run, interrupted=False)


def _passes(
    network: Trainable,
    run: Checkpoint,
    train: Dataset,
    rule: Optimiser,
    factor: Callable[[int], float],
    batch: int,
    on_jax: int | None,
) -> Callable[[int], Pass | None]:
    """What makes the pass of an epoch; on_jax: over how many devices, None on NumPy."""
    if isinstance(rule, Newton):
        return partial(_newton_pass, _whole_steps(network, run.parameters, train, rule.name))
    if on_jax is None:
        batches = Batches(train.arrays, batch, run.generator)
        return partial(_one_pass, network, run, batches, rule, factor)
    device = on_devices(network, run, train.arrays, rule, batch, on_jax)
    return partial(_on_device, device, run, len(train.features), factor)


def _whole_steps(
    network: Trainable, parameters: Arrays, train: Dataset, name: str
) -> Iterator[tuple[float, float]]:
    if name == GAUSS_NEWTON:
        return newton_steps(network, parameters, train, GaussNewton(network), Damping())
    return newton_steps(network, parameters, train, Hessian(network))


def _newton_pass(steps: Iterator[tuple[float, float]], epoch: int) -> Pass | None:
    """One step on all the data; None where there is nothing left to gain."""
    step = next(steps, None)
    return None if step is None else Pass(*step, {})


def _fitted(run: Checkpoint, interrupted: bool) -> Fitted:
    history = tuple(Epoch(**record) for record in run.history)
    if not run.best.parameters:
        return Fitted(run.parameters, history, interrupted)
    return Fitted(run.best.parameters, history, interrupted, run.best.epoch)


def _epochs(
    run: Checkpoint,
    course: Course,
    epochs: int,
    one_pass: Callable[[int], Pass | None],
    measured: Callable[[Dataset | None, int], tuple[float | None, float | None]],
    parts: tuple[Dataset | None, Dataset | None],
    progress: Callable[[Epoch], None] | None,
) -> None:
    """The epochs that are still to come, noted in `run`."""
    if course.resume and course.checkpoint.exists():
        run.restore(course.checkpoint)
    # An overflow is told by the loss, with its place; NumPy's warnings would only repeat it.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for number in range(len(run.history) + 1, epochs + 1):
            if course.patience is not None and number - 1 - run.best.epoch >= course.patience:
                break
            if (done := one_pass(number)) is None:
                break
            loss, seconds, gradients = done
            held_out, (decisive, _) = (measured(part, number) for part in parts)
            if decisive is not None:
                run.best.see(number, decisive, run.parameters)
            epoch = Epoch(number, loss, *held_out, seconds, decisive, gradients)
            run.history.append(asdict(epoch))
            if course.checkpoint is not None:
                run.write(course.checkpoint)
            if progress:
                progress(epoch)


def _settings(
    rule: Optimiser, batch: int, seed: int, train: Dataset, epochs: int, course: Course
) -> dict[str, str]:
    """What has to be the same for a run to be resumed."""
    content = hashlib.sha256()
    for array in train.arrays:
        for part in pieces(array) if array.ndim == 2 else [slice(None)]:
            content.update(np.ascontiguousarray(array[part]))
    settings = {"optimiser": repr(rule), "batch": batch, "seed": seed}
    settings |= {"data": content.hexdigest()[:16], "schedule": course.schedule}
    if course.schedule != "constant":
        settings["epochs"] = epochs
    return {name: str(value) for name, value in settings.items()}


def measure(network: Trainable, parameters: Arrays, dataset: Dataset) -> tuple[float, float | None]:
    """The loss on a dataset, and the accuracy where it has classes."""
    dtype = next(iter(parameters.values())).dtype
    dataset = _cast(dataset, dtype)
    loss = 0.0
    for part in _parts(dataset.features):
        features, target = dataset.features[part], dataset.target[part]
        share = len(features) / len(dataset.features)
        loss += float(network.loss(parameters, features, target)) * share
    if dataset.classes is None:
        return loss, None
    scores = outputs(network, parameters, dataset.features)
    return loss, accuracy(network.probabilities(parameters, scores), class_numbers(dataset))


def outputs(network: Trainable, parameters: Arrays, features: Rows) -> np.ndarray:
    """What a network gives for each example; the features are of the parameters' type."""
    found = [network.predict(parameters, features[part]) for part in _parts(features)]
    return found[0] if len(found) == 1 else np.concatenate(found)


def _parts(features: Rows) -> list[slice]:
    """All at once, or piece by piece where they are in a file."""
    return list(pieces(features)) if isinstance(features, ByRows) else [slice(None)]


class Batches:
    """The examples in a new random order each time; every batch is gathered into the same arrays.

    The last batch of a pass has what is left over.
    """

    def __init__(self, arrays: tuple[Rows, ...], size: int, generator: np.random.Generator):
        self._arrays = arrays
        self._size = min(size, len(arrays[0]))
        self._generator = generator
        self._buffers = tuple(np.empty((self._size, *a.shape[1:]), a.dtype) for a in self._arrays)

    def __iter__(self) -> Iterator[tuple[np.ndarray, ...]]:
        buffers = self._buffers
        order = self._generator.permutation(len(self._arrays[0]))
        for first in range(0, len(order), self._size):
            rows = order[first : first + self._size]
            if len(rows) < self._size:
                buffers = tuple(buffer[: len(rows)] for buffer in buffers)
            for array, buffer in zip(self._arrays, buffers, strict=True):
                # Every index is in range; mode "raise" would gather into a copy first.
                array.take(rows, 0, buffer, "clip")
            yield buffers


def _one_pass(
    network: Trainable,
    run: Checkpoint,
    batches: Batches,
    rule: Optimiser,
    factor: Callable[[int], float],
    epoch: int,
) -> Pass:
    """A step for each batch; the mean of their losses, weighed by their sizes."""
    parameters, state = run.parameters, run.state
    rule = replace(rule, learning_rate=rule.learning_rate * factor(epoch))
    total, count, begin = 0.0, 0, time.perf_counter()
    for step, arrays in enumerate(batches, 1):
        loss, gradients = network.step(parameters, *arrays, scale=rule.scale)
        if not math.isfinite(loss):
            why = network.not_finite(parameters, *arrays)
            raise _not_finite(f"the loss is {loss}{why}", f"epoch {epoch}, step {step}")
        rule.update(parameters, gradients, state)
        total += float(loss) * len(arrays[0])
        count += len(arrays[0])
    seconds = time.perf_counter() - begin
    _check_finite(parameters, epoch)
    return Pass(total / count, seconds, {n: _size(g) / rule.scale for n, g in gradients.items()})


def _on_device(
    device: Any, run: Checkpoint, count: int, factor: Callable[[int], float], epoch: int
) -> Pass:
    """A pass that never comes back to Python; the parameters are those after its last step."""
    losses, seconds = device.run(run.generator.permutation(count), factor(epoch))
    strange = np.flatnonzero(~np.isfinite(losses))
    if len(strange):
        at = strange[0]
        raise _not_finite(f"the loss is {losses[at]}", f"epoch {epoch}, step {at + 1}")
    _check_finite(run.parameters, epoch)
    sizes = np.full(len(losses), device.batch)
    sizes[-1] = count - device.batch * (len(losses) - 1)
    return Pass(float(losses @ sizes / count), seconds, {})


def _size(gradient: np.ndarray) -> float:
    """The root mean square of its elements."""
    squares = float(np.vdot(gradient, gradient))
    if not TINY < squares < math.inf:
        squares = float(np.sum(np.square(gradient, dtype=float)))
    return math.sqrt(squares / gradient.size)


def _check_finite(parameters: Arrays, epoch: int) -> None:
    for name, parameter in parameters.items():
        if not np.isfinite(parameter).all():
            raise _not_finite(f"{name} is no longer finite", f"the end of epoch {epoch}")


def _measured(
    network: Trainable, parameters: Arrays, part: Dataset | None, epoch: int
) -> tuple[float | None, float | None]:
    if part is None:
        return None, None
    loss, right = measure(network, parameters, part)
    if not math.isfinite(loss):
        raise _not_finite(f"the held-out loss is {loss}", f"the end of epoch {epoch}")
    return loss, right


def _not_finite(what: str, when: str) -> NotFinite:
    return NotFinite(
        f"{what} at {when}",
        remedy="train with a smaller learning rate, or standardise the features",
    )


def check_counts(epochs: int, batch: int) -> None:
    """Raises BadOption where there would be a negative number of epochs, or an empty batch."""
    for name, count, least in (("epochs", epochs, 0), ("batch", batch, 1)):
        if count < least:
            raise BadOption(f"{name} is {count}", remedy=f"give a whole number from {least} on")


def _start(
    network: Trainable, start: Mapping[str, np.ndarray] | None, seed: int, dtype: Any
) -> Arrays:
    """Copies of the arrays to start from, since training changes them in place."""
    if start is None:
        # Without activations both axes count alike, so it does not matter which one is summed.
        fan_in = {name: shape[0] for name, shape in network.shapes.items() if len(shape) > 1}
        return initialise(network.shapes, fan_in, {}, seed, dtype)
    check_shapes(start, network.shapes, "the start")
    return {name: np.array(start[name], dtype) for name in network.shapes}


def _cast(dataset: Dataset, dtype: Any) -> Dataset:
    """Features, and a target that is not class numbers, in the type of the parameters."""
    target = dataset.target
    if target.dtype.kind == "f":
        target = target.astype(dtype, copy=False)
    features = dataset.features.astype(dtype, copy=False)
    if not isinstance(features, ByRows):
        features = np.ascontiguousarray(features)
    weights = None if dataset.weights is None else dataset.weights.astype(dtype)
    return replace(dataset, features=features, target=target, weights=weights)
