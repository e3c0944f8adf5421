"""Training: shuffled minibatches, one step of an optimiser for each, a measurement an epoch."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from chainrule.errors import BadOption
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
from chainrule.training.passes import (
    Batches,
    Pass,
    Trainable,
    Work,
    device_pass,
    not_finite,
    numpy_pass,
)
from chainrule.training.seeds import stream
from chainrule.training.stored import ByRows, Rows, pieces
from chainrule.training.weights import check_shapes


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

    engine   numpy, or jax with whole epochs on its devices: the same results up to rounding
    devices  over how many devices the examples of a batch are spread
    course   the schedule, when to stop, checkpoints
    validation  the part by whose loss the best parameters are told

    The same arguments give the same bytes on the same machine. Ctrl-C keeps what has been learnt.
    Errors: BadOption; OtherNetwork where `start` does not fit; NotFinite, with its epoch and step.
    """
    _check(epochs, batch, engine, devices, optimiser, course)
    rule = optimise.optimiser(optimiser, learning_rate)
    parameters, order = _start(network, start, seed, dtype), stream(seed, "batches")
    train, test, validation = (part and _cast(part, dtype) for part in (train, test, validation))
    settings = _settings(rule, batch, seed, train, epochs, course)
    run = Checkpoint(parameters, rule.start(parameters), order, Best(), [], settings)
    factor = partial(course.factor, epochs=epochs)
    one_pass = _passes(network, run, train, rule, factor, batch, engine, devices)
    with suppress(KeyboardInterrupt):
        _epochs(network, run, course, epochs, one_pass, (test, validation), progress)
        return _fitted(run, interrupted=False)
    return _fitted(run, interrupted=True)


def _check(
    epochs: int, batch: int, engine: str, devices: int, optimiser: str, course: Course
) -> None:
    check_counts(epochs, batch)
    check_engine(engine, devices, optimiser)
    course.check()


def _passes(
    network: Trainable,
    run: Checkpoint,
    train: Dataset,
    rule: Optimiser,
    factor: Callable[[int], float],
    batch: int,
    engine: str,
    devices: int,
) -> Callable[[int], Pass | None]:
    """What makes the pass of an epoch."""
    if isinstance(rule, Newton):
        return partial(_newton_pass, _whole_steps(network, run.parameters, train, rule.name))
    work = Work(network, run, Batches(train.arrays, batch, run.generator), rule, factor)
    if engine == "numpy":
        return partial(numpy_pass, work)
    device = on_devices(network, run, train.arrays, rule, batch, devices)
    return partial(device_pass, device, work)


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
    network: Trainable,
    run: Checkpoint,
    course: Course,
    epochs: int,
    one_pass: Callable[[int], Pass | None],
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
            measured = (_measured(network, run.parameters, part, number) for part in parts)
            held_out, (decisive, _) = measured
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
    """What has to be the same for a run to be resumed; nothing where it leaves no checkpoint."""
    if course.checkpoint is None:
        return {}
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


def _measured(
    network: Trainable, parameters: Arrays, part: Dataset | None, epoch: int
) -> tuple[float | None, float | None]:
    if part is None:
        return None, None
    loss, right = measure(network, parameters, part)
    if not math.isfinite(loss):
        raise not_finite(f"the held-out loss is {loss}", f"the end of epoch {epoch}")
    return loss, right


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
