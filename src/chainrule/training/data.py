"""Data to learn from: examples as rows of numbers, and a target that is a class or a number."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from chainrule.errors import (
    BadOption,
    NotFinite,
    OtherNetwork,
    SizeMismatch,
    UnknownClass,
    UnreadableData,
)
from chainrule.training.seeds import stream
from chainrule.training.stored import ByRows, Rows, pieces, rows_of_file, taken


@dataclass(frozen=True, eq=False)
class Dataset:
    """n examples of d features each.

    Features that are larger than the memory that they may take stay in their file: see `stored`.
    `features` is (n, d), all finite, float32 where that holds the numbers exactly, else float64.
    With `classes`, k names in order, `target` is the number of each example's class, int64 (n,), or
    its one-hot row, float (n, k). Without, `target` is float64, (n,) or (n, k). `example_shape` is
    that of one example before it was made a row, as (8, 8) for an image. `weights` (n,), where
    there are any, say how much each example counts; their mean is 1. `scaled` says that the
    features need no scaling; `test` is the part to judge by where the data come with one; `soft`
    that a target row has a share of each class; `unused` names arrays of the file that are not.
    """

    features: Rows
    target: Rows
    classes: tuple[str, ...] | None
    feature_names: tuple[str, ...]
    name: str
    example_shape: tuple[int, ...]
    weights: np.ndarray | None = None
    scaled: bool = False
    test: Dataset | None = None
    soft: bool = False
    unused: tuple[str, ...] = ()

    @property
    def arrays(self) -> tuple[Rows, ...]:
        """Features, target and, where there are any, weights."""
        with_weights = () if self.weights is None else (self.weights,)
        return (self.features, self.target, *with_weights)


def from_arrays(
    features: np.ndarray,
    target: np.ndarray,
    *,
    name: str = "arrays",
    feature_names: Sequence[str] = (),
) -> Dataset:
    """A dataset of arrays; the first axis counts examples, all further ones of features are joined.

    A target matrix whose rows are one-hot is taken for classes, named 0 to k − 1; so is one whose
    rows are shares that add up to 1, as soft targets.
    """
    rows, shape = rows_of(features, name)
    numbers, classes = _target(np.asarray(target), name)
    if len(numbers) != len(rows):
        raise SizeMismatch(
            f"{name} has {len(rows)} examples and {len(numbers)} targets",
            remedy="give one target for each example",
        )
    names = tuple(feature_names) or _feature_names(shape)
    soft = classes is not None and numbers.ndim == 2
    return Dataset(rows, numbers, classes, names, name, shape, soft=soft)


def weighted(dataset: Dataset, weights: np.ndarray) -> Dataset:
    """The dataset with a weight for each example. Raises UnreadableData, SizeMismatch."""
    weights = np.asarray(weights)
    if weights.shape != (len(dataset.features),):
        raise SizeMismatch(
            f"{dataset.name} has {len(dataset.features)} examples, its weights have shape"
            f" {' × '.join(map(str, weights.shape))}",
            remedy="give one weight for each example",
        )
    if weights.dtype.kind not in "biuf" or not (np.isfinite(weights) & (weights >= 0)).all():
        raise UnreadableData(
            f"the weights of {dataset.name} are not all numbers from 0 on",
            remedy="give each example a weight of 0 or more",
        )
    if not weights.any():
        raise UnreadableData(f"all weights of {dataset.name} are 0", remedy="give some above 0")
    return replace(dataset, weights=weights / weights.mean())


def without_column(dataset: Dataset, name: str) -> tuple[Dataset, np.ndarray]:
    """The dataset without one of its features, and that column (n,)."""
    if name not in dataset.feature_names:
        known = ", ".join(dataset.feature_names[:20])
        raise UnreadableData(
            f"{dataset.name} has no column {name!r} beside its target; it has {known}",
            remedy="name the column of numbers that holds the weights",
        )
    at, features = dataset.feature_names.index(name), dataset.features
    column = np.concatenate([features[part][:, at] for part in pieces(features)])
    names = tuple(other for other in dataset.feature_names if other != name)
    if isinstance(features, ByRows):
        rest = replace(features.mapped(lambda rows: np.delete(rows, at, 1)), width=len(names))
    else:
        rest = np.delete(features, at, 1)
    return replace(dataset, features=rest, feature_names=names, example_shape=(len(names),)), column


def split(
    dataset: Dataset, held_out: float | None = None, seed: int = 0
) -> tuple[Dataset, Dataset]:
    """Two datasets, to train on and to judge by; the order of examples is kept in both.

    Each class is divided in the same proportion, and keeps at least one example to train on.

    held_out  the part to judge by; None: the part that the data come with, or else a quarter
    """
    if held_out is None and dataset.test is not None:
        return replace(dataset, test=None), dataset.test
    held_out = 0.25 if held_out is None else held_out
    if not 0 < held_out < 1:
        raise BadOption(
            f"the held-out part is {held_out}", remedy="give a fraction between 0 and 1, as 0.25"
        )
    labels = class_numbers(dataset) if dataset.classes else np.zeros(len(dataset.features), int)
    order = stream(seed, "split").permutation(len(labels))
    held = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = order[labels[order] == label]
        count = min(int(len(members) * held_out + 0.5), len(members) - 1)
        held[members[:count]] = True
    if not held.any():
        raise BadOption(
            f"{held_out} of {len(labels)} examples leaves none to judge by",
            remedy="hold out a larger part, or give more data",
        )
    return select(dataset, ~held), select(dataset, held)


def select(dataset: Dataset, rows: np.ndarray) -> Dataset:
    """The examples that an index array or a mask picks."""
    weights = None if dataset.weights is None else dataset.weights[rows]
    if weights is not None and weights.any():
        weights = weights / weights.mean()
    features, target = taken(dataset.features, rows), taken(dataset.target, rows)
    return replace(dataset, features=features, target=target, weights=weights, test=None)


def balanced(dataset: Dataset) -> Dataset:
    """The dataset with weights by which each class counts alike; UnreadableData without classes."""
    if dataset.classes is None:
        raise UnreadableData(
            f"the target of {dataset.name} is a number, so there are no classes to balance",
            remedy="leave the class weights out",
        )
    numbers = class_numbers(dataset)
    counts = np.bincount(numbers, minlength=len(dataset.classes))
    weights = 1 / counts[numbers]
    if dataset.weights is not None:
        weights = weights * dataset.weights
    return replace(dataset, weights=weights / weights.mean())


def class_numbers(dataset: Dataset) -> np.ndarray:
    """The number of each example's class (n,), also where the target is one-hot."""
    target = dataset.target
    if target.ndim == 1:
        return target
    return np.concatenate([target[part].argmax(axis=1) for part in pieces(target)])


def one_hot(labels: Sequence, classes: Sequence[str], dtype=np.float64) -> np.ndarray:
    """A matrix (n, k) with a 1 in each row at its class; labels are names, or numbers from 0.

    >>> one_hot(["dog", "cat"], ("cat", "dog"))
    array([[0., 1.],
           [1., 0.]])
    """
    numbers = np.asarray(labels)
    if numbers.dtype.kind in "iu":
        strange = numbers[(numbers < 0) | (numbers >= len(classes))]
        if len(strange):
            raise _unknown_class(f"number {strange[0]}", classes)
    else:
        numbers = _places(labels, classes)
    rows = np.zeros((len(numbers), len(classes)), dtype)
    rows[np.arange(len(numbers)), numbers] = 1
    return rows


def with_classes(dataset: Dataset, classes: Sequence[str]) -> Dataset:
    """The same data, its classes numbered as a model knows them; UnknownClass for any other."""
    if dataset.classes is None:
        raise UnreadableData(
            f"the target of {dataset.name} is a number, where a class is needed",
            remedy=f"give a target column with {', '.join(classes[:20])}",
        )
    places = _places(dataset.classes, classes)
    if dataset.soft:
        target = np.zeros((len(dataset.target), len(classes)))
        target[:, places] = dataset.target
    else:
        target = places[class_numbers(dataset)]
    return replace(dataset, target=target, classes=tuple(classes))


def as_values(dataset: Dataset) -> Dataset:
    """The same data with a number as target (n,), where whole numbers were taken for classes."""
    if dataset.classes is None:
        return dataset
    try:
        values = np.array([float(name) for name in dataset.classes])
    except ValueError:
        raise UnreadableData(
            f"the target of {dataset.name} is text ({', '.join(dataset.classes[:5])}), "
            "where a number is needed",
            remedy="name a column of numbers as the target (--target NAME)",
        ) from None
    return replace(dataset, target=values[class_numbers(dataset)], classes=None)


@dataclass(frozen=True, eq=False)
class Standardise:
    """Features shifted and scaled to mean 0 and standard deviation 1, each column by itself.

    A constant column is shifted only. Kept with a model as the arrays `standardise.mean` and
    `standardise.scale`, float64 (d,).
    """

    mean: np.ndarray
    scale: np.ndarray

    @classmethod
    def fit(cls, features: np.ndarray, weights: np.ndarray | None = None) -> Standardise:
        # Rounding gives a constant column a tiny spread of its own, so the spread cannot tell.
        weights = np.ones(len(features)) if weights is None else weights
        parts, whole = list(pieces(features)), weights.sum()
        ends = [(features[part].max(axis=0), features[part].min(axis=0)) for part in parts]
        constant = np.max([top for top, _ in ends], 0) == np.min([low for _, low in ends], 0)
        mean = sum(weights[part] @ features[part].astype(float) for part in parts) / whole
        squares = sum(weights[part] @ (features[part] - mean) ** 2 for part in parts) / whole
        return cls(mean, np.where(constant, 1.0, np.sqrt(squares)))

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> Standardise | None:
        """What a weight file holds of it, or None."""
        if "standardise.mean" not in arrays or "standardise.scale" not in arrays:
            return None
        return cls(arrays["standardise.mean"], arrays["standardise.scale"])

    def arrays(self) -> dict[str, np.ndarray]:
        return {"standardise.mean": self.mean, "standardise.scale": self.scale}

    def apply(self, dataset: Dataset) -> Dataset:
        if dataset.features.shape[1:] != self.mean.shape:
            raise OtherNetwork(
                f"the model has {len(self.mean)} features, "
                f"{dataset.name} has {dataset.features.shape[1]}",
                remedy="give data with the columns that the model was trained on",
            )
        return replace(dataset, features=self.rows(dataset.features))

    def rows(self, features: Rows) -> Rows:
        """The rows of an array (n, d), shifted and scaled."""
        if isinstance(features, ByRows):
            return features.mapped(self._scaled)
        rows = np.empty(features.shape, np.result_type(features, np.float32))
        for part in pieces(features):
            rows[part] = self._scaled(features[part])
        return rows

    def _scaled(self, rows: np.ndarray) -> np.ndarray:
        return (rows - self.mean) / self.scale


def rows_of(features: np.ndarray, name: str) -> tuple[Rows, tuple[int, ...]]:
    """The rows (n, d) of an array (n, …) of examples, and the shape of one.

    What is mapped from a file stays there.
    """
    array = np.asarray(features)
    if array.dtype.kind not in "biuf":
        raise UnreadableData(
            f"the features of {name} are of type {array.dtype}", remedy="give an array of numbers"
        )
    if array.ndim < 2 or array.size == 0:
        raise UnreadableData(
            f"the features of {name} have shape {array.shape}",
            remedy="give one row an example, and a column a feature",
        )
    kind = np.float32 if np.can_cast(array.dtype, np.float32) else float
    if isinstance(features, np.memmap):
        rows = rows_of_file(array, kind)
    else:
        rows = np.ascontiguousarray(array, kind).reshape(len(array), -1)
    _check_finite(rows, f"the features of {name}")
    return rows, array.shape[1:]


def _feature_names(shape: tuple[int, ...]) -> tuple[str, ...]:
    places = itertools.product(*map(range, shape))
    return tuple("_".join(("x", *map(str, place))) for place in places)


def _target(target: np.ndarray, name: str) -> tuple[np.ndarray, tuple[str, ...] | None]:
    """Class numbers and class names, or values and None."""
    if target.ndim == 2 and target.shape[1] == 1:
        target = target[:, 0]
    text = target.dtype.kind == "U"
    if target.ndim not in (1, 2) or target.dtype.kind not in "biufU" or (text and target.ndim == 2):
        raise UnreadableData(
            f"the target of {name} has shape {target.shape} and type {target.dtype}",
            remedy="give one class or number for each example, or a row of numbers",
        )
    if target.ndim == 1 and target.dtype.kind in "bU":
        present, numbers = np.unique(target.astype(str), return_inverse=True)
        return numbers, tuple(map(str, present))
    values = target.astype(float)
    _check_finite(values, f"the targets of {name}")
    if values.ndim == 2:
        one_hot_rows = np.isin(values, (0, 1)).all() and (values.sum(axis=1) == 1).all()
        classes = tuple(map(str, range(values.shape[1])))
        shares = (values >= 0).all() and np.allclose(values.sum(axis=1), 1, atol=1e-4)
        if one_hot_rows:
            return values.argmax(axis=1), classes
        return (values, classes) if shares else (values, None)
    if (values == np.floor(values)).all():
        present, numbers = np.unique(values, return_inverse=True)
        return numbers, tuple(str(int(value)) for value in present)
    return values, None


def _check_finite(array: Rows, what: str) -> None:
    for part in pieces(array) if array.ndim == 2 else [slice(None)]:
        finite = np.isfinite(array[part])
        if not finite.all():
            row, *column = map(int, np.argwhere(~finite)[0])
            place = (row + (part.start or 0), *column)
            raise NotFinite(
                f"{what} hold {array[part][row, *column]} in row"
                f" {', column '.join(map(str, place))} (from 0)",
                remedy="fill in the value or leave the row out",
            )


def _places(labels: Sequence[str], classes: Sequence[str]) -> np.ndarray:
    numbers = {name: number for number, name in enumerate(classes)}
    for label in labels:
        if label not in numbers:
            raise _unknown_class(repr(str(label)), classes)
    return np.array([numbers[label] for label in labels], dtype=np.intp)


def _unknown_class(label: str, classes: Sequence[str]) -> UnknownClass:
    rest = ", …" if len(classes) > 20 else ""
    return UnknownClass(
        f"class {label} is not among the {len(classes)} that the model knows: "
        f"{', '.join(classes[:20])}{rest}",
        remedy="leave its rows out, or train on data that have it",
    )
