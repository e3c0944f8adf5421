"""From a document and data to a trained network: what `chainrule train` and `emit` do."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from chainrule.errors import BadOption
from chainrule.notation.reading import Reading
from chainrule.training import data as datasets
from chainrule.training.course import Course
from chainrule.training.data import Dataset, Standardise
from chainrule.training.engines import check_engine
from chainrule.training.fit import Epoch, Fitted, check_counts, fit, measure, outputs
from chainrule.training.initialise import initialise
from chainrule.training.metrics import calibration_error, confusion, determination
from chainrule.training.model import Model, Source, saved_classes
from chainrule.training.network import Network
from chainrule.training.optimise import optimiser
from chainrule.training.sizing import network_for
from chainrule.training.sources import load as load_data
from chainrule.training.stored import ByRows, Rows
from chainrule.training.weights import Saved, check_writable, load

BALANCED = "balanced"


@dataclass(frozen=True)
class Trained:
    """A trained network and how it does on examples that it has not seen.

    parameters  name in the document → array
    accuracy    held-out part of examples classified rightly; None for a regression
    loss        held-out loss
    test        the held-out examples, as the network takes them
    """

    model: Model
    fitted: Fitted
    accuracy: float | None
    loss: float
    test: Dataset

    @property
    def network(self) -> Network:
        return self.model.network

    @property
    def parameters(self) -> dict[str, np.ndarray]:
        return self.fitted.parameters

    def predict(self, features) -> np.ndarray:
        """The network's output for each row of features, as they came from the user."""
        return self.model.predict(features)

    @property
    def confusion(self) -> np.ndarray | None:
        """How many held-out examples of class i were taken for class j (k, k), or None."""
        if self.test.classes is None:
            return None
        return confusion(self.scores, datasets.class_numbers(self.test), len(self.test.classes))

    @property
    def calibration_error(self) -> float | None:
        """`metrics.calibration_error` on the held-out examples; None for a regression."""
        if self.test.classes is None:
            return None
        return calibration_error(self.scores, datasets.class_numbers(self.test))

    @property
    def determination(self) -> float | None:
        """R² on the held-out examples, see `metrics.determination`; None for classes, too."""
        return None if self.test.classes else determination(self.scores, self.test.target)

    @cached_property
    def scores(self) -> np.ndarray:
        """The output for each held-out example: probabilities, or values."""
        rows = self.test.features.astype(self.network.dtype)
        found = outputs(self.network, self.parameters, rows)
        if self.test.classes is None:
            return found
        return self.network.probabilities(self.parameters, found)

    def save(self, path: str | Path) -> None:
        """The model as a safetensors file, see `Model.save`."""
        self.model.save(path)

    def as_json(self) -> dict:
        """The object that `train --format json` ends with."""
        roles = self.network.roles
        return {
            "accuracy": self.accuracy,
            "loss": self.loss,
            "parameters": {n: list(a.shape) for n, a in self.parameters.items()},
            "epochs": len(self.fitted.history),
            "seconds": round(sum(epoch.seconds for epoch in self.fitted.history), 3),
            "features": roles.features.name,
            "target": roles.target.name,
            "assumed": list(self.network.assumed),
            "confusion": None if self.confusion is None else self.confusion.tolist(),
            "calibration_error": self.calibration_error,
            "determination": self.determination,
        }


@dataclass(frozen=True)
class Session:
    """Everything that is settled before training starts.

    start       the parameters to start from
    validation  the part that decides when to stop, where one does
    """

    network: Network
    train: Dataset
    test: Dataset
    standardise: Standardise | None
    start: Mapping[str, np.ndarray]
    validation: Dataset | None = None


@dataclass(frozen=True)
class Options:
    """How to train: the same names as on the command line.

    learning_rate  None: the optimiser's own
    held_out       part of the data kept for testing; None: as `data.split` has it
    l2             weight of the squared norm; None: as the document's risk has it
    engine         numpy or jax; devices: over how many of JAX's a batch is spread
    memory         bytes that a step may need besides data, parameters and gradients; data of more
                   bytes are read from their file by batches
    schedule       of the learning rate, a name in `course.SCHEDULES`
    patience       epochs without a better validation loss before training stops; None: never
    validation     part of the data to learn from that decides on that; None: 0.1 with patience
    checkpoint     file that everything is kept in after each epoch; resume: go on from it
    class_weights  balanced: each class counts alike, however many examples it has; or none
    """

    epochs: int = 50
    batch: int = 32
    learning_rate: float | None = None
    optimiser: str = "adam"
    held_out: float | None = None
    seed: int = 0
    l2: float | None = None
    dtype: str = "float32"
    engine: str = "numpy"
    devices: int = 1
    memory: int = 64_000_000
    schedule: str = "constant"
    patience: int | None = None
    validation: float | None = None
    checkpoint: Path | None = None
    resume: bool = False
    class_weights: str = "none"

    @property
    def course(self) -> Course:
        return Course(self.schedule, self.patience, self.checkpoint, self.resume)


def prepare(
    reading: Reading,
    data: str | Path | tuple | Dataset,
    options: Options,
    *,
    target: str | None = None,
    weights: str | None = None,
    sizes: Mapping[str, int],
    load_from: str | Path | None = None,
) -> Session:
    """Data loaded, split and scaled, and the network's sizes settled; raises their errors.

    Weights of a file go on with the scaling that they were trained with.
    """
    dataset = data if isinstance(data, Dataset) else load_data(
        data, target, options.memory, weights
    )
    network = network_for(reading, dataset, sizes, l2=options.l2, dtype=options.dtype)
    balanced = options.class_weights == BALANCED
    weighted = balanced or dataset.weights is not None
    network = replace(network, memory=options.memory, weighted=weighted)
    start, standardise = _start(network, load_from, options), None
    if dataset.classes is not None:
        known = None if load_from is None else saved_classes(load_from)
        dataset = datasets.with_classes(dataset, known or dataset.classes)
    train, test = datasets.split(dataset, options.held_out, options.seed)
    if load_from is not None:
        standardise = Standardise.from_arrays(start.preparation)
    elif not dataset.scaled:
        standardise = Standardise.fit(train.features, train.weights)
    if standardise is not None:
        train, test = standardise.apply(train), standardise.apply(test)
    if balanced:
        train = datasets.balanced(train)
    kept, validation = _validation(train, options)
    network = network.of_examples(len(kept.features))
    train, test = prepared(kept, network), prepared(test, network)
    validation = validation and prepared(validation, network)
    return Session(network, train, test, standardise, start.parameters, validation)


def _validation(train: Dataset, options: Options) -> tuple[Dataset, Dataset | None]:
    """What is left to learn from, and the part that decides when to stop, if there is one."""
    share = options.validation
    if share is None and options.patience is None:
        return train, None
    return datasets.split(train, 0.1 if share is None else share, options.seed)


def prepared(dataset: Dataset, network: Network) -> Dataset:
    """The target in the shape that the document gives it; classes as rows, or numbers."""
    target = dataset.target
    if not network.roles.target.sizes:
        target = target.reshape(len(target)).astype(float)
    elif dataset.classes is None:
        target = target.reshape(len(target), -1)
    elif dataset.soft:
        pass
    elif network.labels:
        target = datasets.class_numbers(dataset)
    else:
        target = _one_hot(dataset)
    return replace(dataset, target=target)


def _one_hot(dataset: Dataset) -> Rows:
    """The one-hot rows of the classes; computed when they are read, if the features are, too."""
    numbers = datasets.class_numbers(dataset)
    make = partial(datasets.one_hot, classes=dataset.classes)
    if not isinstance(dataset.features, ByRows):
        return make(numbers)
    rows = replace(dataset.features, width=len(dataset.classes), dtype=np.dtype(float))
    return replace(rows, read=lambda chosen: make(numbers[chosen]))


def train(
    reading: Reading,
    data: str | Path | tuple | Dataset,
    *,
    target: str | None = None,
    weights: str | None = None,
    sizes: Mapping[str, int] | None = None,
    save_to: str | Path | None = None,
    load_from: str | Path | None = None,
    progress: Callable[[Epoch], None] | None = None,
    told: Callable[[Session], None] | None = None,
    **options,
) -> Trained:
    """Train exactly the network that the document defines.

    weights  the column or array with a weight for each example
    told     is given the session before the first epoch, to say what was read and assumed
    options  those of `Options`
    """
    chosen = Options(**options)
    _check(chosen)
    named = {"target": target, "weights": weights, "sizes": sizes or {}}
    session = prepare(reading, data, chosen, load_from=load_from, **named)
    for path in filter(None, (save_to, chosen.checkpoint)):
        check_writable(path)
    if told is not None:
        told(session)
    fitted = _fitted(session, chosen, progress)
    loss, right = measure(session.network, fitted.parameters, session.test)
    trained = Trained(_model(reading, session, fitted), fitted, right, loss, session.test)
    if save_to is not None:
        trained.save(save_to)
    return trained


def _fitted(session: Session, chosen: Options, progress: Callable[[Epoch], None] | None) -> Fitted:
    return fit(
        session.network,
        session.train,
        session.test,
        epochs=chosen.epochs,
        batch=chosen.batch,
        learning_rate=chosen.learning_rate,
        optimiser=chosen.optimiser,
        seed=chosen.seed,
        dtype=np.dtype(chosen.dtype),
        progress=progress,
        start=session.start,
        engine=chosen.engine,
        devices=chosen.devices,
        course=chosen.course,
        validation=session.validation,
    )


def _check(options: Options) -> None:
    """What can be refused before anything is read or told."""
    check_counts(options.epochs, options.batch)
    check_engine(options.engine, options.devices, options.optimiser)
    optimiser(options.optimiser, options.learning_rate)
    options.course.check()
    if options.class_weights not in ("none", BALANCED):
        raise BadOption(
            f"class weights {options.class_weights} are not known", remedy=f"none or {BALANCED}"
        )
    if options.l2 is not None and not 0 <= options.l2 < math.inf:
        raise BadOption(f"l2 is {options.l2}", remedy="give a number from 0 on, as 1e-4")


def _model(reading: Reading, session: Session, fitted: Fitted) -> Model:
    source = Source(reading.document.text, reading.document.name)
    data = session.train
    return Model(
        source,
        session.network,
        fitted.parameters,
        session.standardise,
        data.classes,
        data.feature_names,
    )


def _start(network: Network, load_from: str | Path | None, options: Options) -> Saved:
    """What a file holds, or random parameters that suit each weight's place in the network."""
    if load_from is not None:
        return load(load_from, network.shapes)
    kind = np.dtype(options.dtype)
    random = initialise(network.shapes, network.fan_in, network.activation, options.seed, kind)
    return Saved(random, {}, {})
