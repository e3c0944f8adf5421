"""Pictures of a training run. They need matplotlib (`pip install chainrule[plot]`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.errors import BadOption
from chainrule.program.optional import optional
from chainrule.training.data import class_numbers
from chainrule.training.metrics import predicted_classes
from chainrule.training.session import Trained

MISTAKES = 25


def plot(trained: Trained, folder: Path, suffix: str = ".svg") -> list[Path]:
    """Writes the loss, the sizes of gradients, the confusion and the mistakes as pictures.

    Mistakes are shown where an example is an image: those that the network is surest of.

    suffix  .svg or .png
    raises  MissingPackage, BadOption where the folder cannot be made
    """
    figure = optional("matplotlib.figure", "plot", "a plot").Figure
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadOption(
            f"{folder} cannot be made: {error.strerror}", remedy="give another folder"
        ) from None
    written = []
    for name, draw in _pictures(trained):
        picture = figure(figsize=(6, 4.5), layout="constrained")
        draw(picture)
        written.append(folder / f"{name}{suffix}")
        picture.savefig(written[-1], metadata={"Date": None} if suffix == ".svg" else None)
    return written


def _pictures(trained: Trained) -> Iterator[tuple[str, Callable[[Any], None]]]:
    history = trained.fitted.history
    if history:
        yield "loss", lambda picture: _loss(picture.subplots(), history)
    if history and history[-1].gradients:
        yield "gradients", lambda picture: _gradients(picture.subplots(), history)
    if trained.confusion is not None:
        yield "confusion", lambda picture: _confusion(picture.subplots(), trained)
        if len(trained.test.example_shape) >= 2:
            yield "mistakes", lambda picture: _mistakes(picture, trained)


def _loss(axes: Any, history) -> None:
    epochs = [epoch.epoch for epoch in history]
    for name, label in (
        ("loss", "training"),
        ("held_out_loss", "held out"),
        ("validation_loss", "validation"),
    ):
        values = [getattr(epoch, name) for epoch in history]
        if None not in values:
            axes.plot(epochs, values, label=label)
    axes.set(xlabel="epoch", ylabel="loss")
    axes.legend()


def _gradients(axes: Any, history) -> None:
    epochs = [epoch.epoch for epoch in history]
    for name in history[-1].gradients:
        label = name.replace("$", "")
        axes.semilogy(epochs, [epoch.gradients[name] for epoch in history], label=label)
    axes.set(xlabel="epoch", ylabel="root mean square of the gradient")
    axes.legend()


def _confusion(axes: Any, trained: Trained) -> None:
    counts, classes = trained.confusion, trained.test.classes
    axes.imshow(np.sqrt(counts), cmap="Blues")
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if count > counts.max() / 4 else "black"
        axes.text(column, row, count, ha="center", va="center", color=colour)
    axes.set_xticks(range(len(classes)), classes, rotation=45, ha="right")
    axes.set_yticks(range(len(classes)), classes)
    axes.set(xlabel="taken for", ylabel="class")


def _mistakes(picture: Any, trained: Trained) -> None:
    test, scores = trained.test, trained.scores.reshape(len(trained.scores), -1)
    labels, found = class_numbers(test), predicted_classes(trained.scores)
    wrong = np.flatnonzero(found != labels)
    surest = wrong[np.argsort(-scores[wrong].max(axis=1), kind="stable")][:MISTAKES]
    grid = picture.subplots(5, 5)
    for axes in grid.flat:
        axes.axis("off")
    for axes, example in zip(grid.flat, surest, strict=False):
        axes.imshow(test.features[example].reshape(test.example_shape), cmap="gray_r")
        taken, true = test.classes[found[example]], test.classes[labels[example]]
        axes.set_title(f"{taken}, not {true}", fontsize=7)
