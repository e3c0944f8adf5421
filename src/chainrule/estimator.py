"""A document as a scikit-learn estimator: `chainrule.Classifier` and `chainrule.Regressor`.

They need scikit-learn (`pip install chainrule[sklearn]`), whose names for things hold here.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from chainrule.documents import Document, read
from chainrule.training.data import Dataset, Standardise
from chainrule.training.fit import fit
from chainrule.training.initialise import initialise
from chainrule.training.metrics import determination
from chainrule.training.model import Model, Source
from chainrule.training.network import Network
from chainrule.training.session import prepared
from chainrule.training.sizing import network_for


class _Estimator(BaseEstimator):
    """What both have in common.

    document       a `Document`, its path or its text; it defines the network and the loss
    size           sizes that data and document leave open, as {"H": 64}
    epochs         passes over the data
    batch          examples a step; all of them where there are fewer
    learning_rate  None: the optimiser's own
    optimiser      sgd, momentum or adam
    l2             weight of the squared norm of the parameters; None: as the document has it
    random_state   of the first weights and the order of the examples
    """

    def __init__(
        self,
        document: Document | str | Path,
        *,
        size: Mapping[str, int] | None = None,
        epochs: int = 100,
        batch: int = 32,
        learning_rate: float | None = None,
        optimiser: str = "adam",
        l2: float | None = None,
        random_state: Any = None,
    ):
        self.document = document
        self.size = size
        self.epochs = epochs
        self.batch = batch
        self.learning_rate = learning_rate
        self.optimiser = optimiser
        self.l2 = l2
        self.random_state = random_state

    def fit(self, X, y, sample_weight=None):
        """Train on features X (n, d) and targets y (n,); a weight of 2 counts an example twice."""
        return self._fit(X, y, sample_weight, self.epochs, first=True)

    def _fit(self, X, y, sample_weight, epochs: int, first: bool):
        X, y = validate_data(
            self, X, y, dtype=(np.float64, np.float32), reset=first, **self._target_checks()
        )
        weights = None
        if sample_weight is not None:
            weights = _check_sample_weight(sample_weight, X, dtype=X.dtype)
            kept = weights > 0
            X, y, weights = X[kept], y[kept], weights[kept] / weights[kept].mean()
        dataset = self._dataset(X, y, weights, first)
        if first:
            self._start(dataset, str(X.dtype))
        self._train(self.model_.standardise.apply(dataset), epochs)
        self.n_iter_ = epochs if first else self.n_iter_ + epochs
        self._judge(X, dataset.target)
        return self

    def _judge(self, X: np.ndarray, target: np.ndarray) -> None:
        """What is to be said of a training."""

    def _start(self, dataset: Dataset, dtype: str) -> None:
        """A network for the data, with random weights."""
        source = self.document if isinstance(self.document, Document) else read(self.document)
        network = network_for(
            source.reading, dataset, self.size or {}, l2=self.l2, dtype=dtype, weighted=True
        )
        self._seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        start = initialise(
            network.shapes, network.fan_in, network.activation, self._seed, np.dtype(dtype)
        )
        text = source.reading.document
        names = dataset.feature_names
        scaling = Standardise.fit(dataset.features, dataset.weights)
        self.model_ = Model(
            Source(text.text, text.name), network, start, scaling, dataset.classes, names
        )

    def _train(self, dataset: Dataset, epochs: int) -> None:
        network: Network = self.model_.network
        fitted = fit(
            network,
            prepared(dataset, network),
            epochs=epochs,
            batch=self.batch,
            learning_rate=self.learning_rate,
            optimiser=self.optimiser,
            seed=self._seed,
            dtype=np.dtype(network.dtype),
            start=self.model_.parameters,
        )
        self.model_ = self.model_.with_parameters(fitted.parameters)
        self.loss_ = fitted.history[-1].loss if fitted.history else None

    def _rows(self, X) -> np.ndarray:
        check_is_fitted(self)
        return validate_data(self, X, dtype=(np.float64, np.float32), reset=False)

    def _named(self, X, y, classes, weights) -> Dataset:
        names = tuple(map(str, getattr(self, "feature_names_in_", range(X.shape[1]))))
        return Dataset(X.astype(float), y, classes, names, "X", X.shape[1:], weights)


class Classifier(ClassifierMixin, _Estimator):
    """The network of a document as a classifier of scikit-learn.

    >>> from sklearn.datasets import load_iris
    >>> document = r"$$z = x W + b$$ $$p = \\text{softmax}(z)$$ $$J = -\\sum_k y_k \\log p_k$$"
    >>> data = load_iris(return_X_y=True)
    >>> model = Classifier(document, learning_rate=0.05, random_state=0).fit(*data)
    >>> bool(model.score(*data) > 0.95)
    True
    """

    __doc__ += _Estimator.__doc__.partition("\n")[2]

    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """One more pass over these examples; `classes`, all there are, at the first call."""
        first = not hasattr(self, "classes_")
        if first and classes is None:
            raise ValueError("classes must be given at the first call of partial_fit")
        if classes is not None:
            if not first and not np.array_equal(np.unique(classes), self.classes_):
                raise ValueError(f"classes are {self.classes_} since the first call")
            self.classes_ = np.unique(classes)
        return self._fit(X, y, sample_weight, 1, first)

    def fit(self, X, y, sample_weight=None):
        """Train on features X (n, d) and classes y (n,); a weight of 2 counts an example twice."""
        vars(self).pop("classes_", None)
        return super().fit(X, y, sample_weight)

    def predict_proba(self, X) -> np.ndarray:
        """The probability of each class (n, k), in the order of `classes_`."""
        X = self._rows(X)
        return self.model_.probabilities(X)

    def predict(self, X) -> np.ndarray:
        """The likeliest class of each row (n,)."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]

    def _target_checks(self) -> dict:
        return {}

    def _dataset(self, X, y, weights, first: bool) -> Dataset:
        check_classification_targets(y)
        y = column_or_1d(y, warn=True)
        if not hasattr(self, "classes_"):
            self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise ValueError(f"two classes are needed, the data have 1 class, {self.classes_[0]}")
        if strange := set(y.tolist()) - set(self.classes_.tolist()):
            raise ValueError(f"y has {sorted(strange)[0]}, which is none of {self.classes_}")
        numbers = np.searchsorted(self.classes_, y)
        return self._named(X, numbers, tuple(map(str, self.classes_)), weights)


class Regressor(RegressorMixin, _Estimator):
    """The network of a document as a regressor of scikit-learn; targets of size 1 or k.

    >>> from sklearn.datasets import load_diabetes
    >>> document = r"Let $x, w \\in \\mathbb{R}^D$. $$f = w^\\top x + b, \\quad J = (f - y)^2$$"
    >>> data = load_diabetes(return_X_y=True)
    >>> model = Regressor(document, learning_rate=1.0, random_state=0).fit(*data)
    >>> bool(model.score(*data) > 0.5)
    True
    """

    __doc__ += _Estimator.__doc__.partition("\n")[2]

    def partial_fit(self, X, y, sample_weight=None):
        """One more pass over these examples."""
        return self._fit(X, y, sample_weight, 1, first=not hasattr(self, "model_"))

    def _judge(self, X: np.ndarray, target: np.ndarray) -> None:
        explained = determination(self.model_.predict(X), target)
        if self.n_iter_ > 1 and explained is not None and explained < 0:
            warnings.warn(
                "the mean of the target predicts the training data better than what was learnt;"
                " give more epochs or a larger learning_rate, or scale the target"
                " (sklearn.compose.TransformedTargetRegressor)",
                ConvergenceWarning,
                stacklevel=4,
            )

    def predict(self, X) -> np.ndarray:
        """The network's output for each row, (n,) or (n, k) as y was."""
        X = self._rows(X)
        found = self.model_.predict(X)
        return found.reshape(len(found), -1)[:, 0] if self._flat else found

    def _target_checks(self) -> dict:
        return {"multi_output": True, "y_numeric": True}

    def _dataset(self, X, y, weights, first: bool) -> Dataset:
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        self._flat = y.ndim == 1
        return self._named(X, y.astype(float), None, weights)
