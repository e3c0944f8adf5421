"""A trained network as a thing to keep: it predicts from rows as they came from the user."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from chainrule.errors import OtherNetwork, UnreadableData
from chainrule.notation.formats import read_text
from chainrule.notation.reading import read_reading
from chainrule.training.data import Standardise
from chainrule.training.metrics import predicted_classes
from chainrule.training.network import Network
from chainrule.training.roles import find_roles
from chainrule.training.weights import check_shapes, read, save

FORMAT = "1"


@dataclass(frozen=True)
class Source:
    """The text of a document and its name, from which it can be read again."""

    text: str
    name: str


@dataclass(frozen=True)
class Model:
    """A network, its parameters, and what stands between the user's numbers and its input.

    source         the document that defines the network
    standardise    None: the features are used as they are
    classes        their names in order; None: the network predicts numbers
    feature_names  the columns that it was trained on, in order
    """

    source: Source
    network: Network
    parameters: Mapping[str, np.ndarray]
    standardise: Standardise | None
    classes: tuple[str, ...] | None
    feature_names: tuple[str, ...]

    def predict(self, features) -> np.ndarray:
        """The network's output for each row of features (n, d), as they came from the user.

        raises  OtherNetwork where d is not the number of features
        """
        rows = np.asarray(features, dtype=float)
        if rows.ndim != 2 or rows.shape[1] != len(self.feature_names):
            shape = " × ".join(map(str, rows.shape))
            raise OtherNetwork(
                f"the model has {len(self.feature_names)} features, the data are {shape}",
                remedy="give one row an example, with the columns that the model was trained on",
            )
        if self.standardise is not None:
            rows = self.standardise.rows(rows)
        return self.network.predict(self.parameters, rows.astype(self.network.dtype))

    def classify(self, features) -> np.ndarray:
        """The name of the likeliest class of each row, as text (n,)."""
        chances = self.probabilities(features)
        return np.array(self.classes or (), dtype=str)[predicted_classes(chances)]

    def probabilities(self, features) -> np.ndarray:
        """The probability of each class (n, k), see `metrics.shares`."""
        return self.network.probabilities(self.parameters, self.predict(features))

    def with_parameters(self, parameters: Mapping[str, np.ndarray]) -> Model:
        """The same network with other parameters."""
        return replace(self, parameters=parameters)

    def save(self, path: str | Path) -> None:
        """Parameters, preparation and document in one safetensors file; see `load_model`."""
        prepared = {} if self.standardise is None else self.standardise.arrays()
        save(path, {**self.parameters, **prepared}, self._metadata())

    def __reduce__(self):
        # Expressions are interned, so a copy reads the document again.
        kept = (self.source, self._facts(), dict(self.parameters), self.standardise)
        return _read_off, kept

    def _facts(self) -> dict:
        network = self.network
        return {
            "sizes": dict(network.sizes),
            "constants": dict(network.constants),
            "l2": network.l2,
            "dtype": network.dtype,
            "weighted": network.weighted,
            "example": network.example,
            "classes": self.classes,
            "features": self.feature_names,
        }

    def _metadata(self) -> dict[str, str]:
        text = json.dumps(self._facts(), ensure_ascii=False, sort_keys=True)
        source = {"document": self.source.text, "name": self.source.name}
        return {"format": FORMAT, "model": text, **source}


def load_model(path: str | Path) -> Model:
    """The model that `Model.save` wrote; the network is read off the document in the file.

    raises  FileMissing, UnreadableData, OtherNetwork, NotFinite
    """
    saved = read(path)
    if saved.metadata.get("format") != FORMAT:
        raise UnreadableData(
            f"{path} holds weights, but not the network that they belong to",
            remedy="give a file that this version of `chainrule train --save` wrote",
        )
    source = Source(saved.metadata["document"], saved.metadata["name"])
    standardise = Standardise.from_arrays(saved.preparation)
    model = _read_off(source, json.loads(saved.metadata["model"]), saved.parameters, standardise)
    check_shapes(saved.parameters, model.network.shapes, str(path))
    return model


def _read_off(
    source: Source,
    facts: dict,
    parameters: Mapping[str, np.ndarray],
    standardise: Standardise | None,
) -> Model:
    """A model whose network is read off its document again."""
    roles = find_roles(read_reading(read_text(source.text, source.name)))
    facts = dict(facts, example=tuple(facts.get("example", ())))
    features = tuple(facts.pop("features"))
    classes = facts.pop("classes")
    network = Network(roles, **facts, classes=classes is not None)
    names = None if classes is None else tuple(classes)
    return Model(source, network, parameters, standardise, names, features)


def saved_classes(path: str | Path) -> tuple[str, ...] | None:
    """The class names in a weight file, in order; None where it has none."""
    facts = json.loads(read(path).metadata.get("model", "{}"))
    return tuple(facts["classes"]) if facts.get("classes") else None
