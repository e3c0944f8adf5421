"""chainrule predict: what a saved model says of new examples."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Annotated

from chainrule.cli.arguments import Argument
from chainrule.cli.options import Format, Output


def predict(
    model: Annotated[Path, Argument("A file written by train --save.")],
    data: Annotated[str, Argument("digits, or a file as for train.")],
    format: Format = Output.text,
) -> None:
    """Class and probabilities, or numbers, for each example; columns are found by their names."""
    from chainrule.training.model import load_model
    from chainrule.training.sources import load_features

    trained = load_model(model)
    features = load_features(data, trained.feature_names)
    names, rows = _table(trained, features)
    if format is Output.json:
        print(json.dumps([dict(zip(names, row, strict=True)) for row in rows], ensure_ascii=False))
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerows([names, *rows])


def _table(trained, features) -> tuple[list[str], list[list]]:
    if trained.classes is None:
        values = trained.predict(features).reshape(len(features), -1)
        names = ["value"] if values.shape[1] == 1 else [f"value {k}" for k in range(len(values[0]))]
        return names, [[_short(value) for value in row] for row in values]
    chances = trained.probabilities(features)
    labels = trained.classify(features)
    rows = [[label, *map(_short, row)] for label, row in zip(labels.tolist(), chances, strict=True)]
    return ["class", *(f"p({name})" for name in trained.classes)], rows


def _short(value: float) -> float:
    return float(f"{value:.6g}")
