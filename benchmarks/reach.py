"""Time to a held-out accuracy: the same network, start, data and rule (Adam), measured an epoch.

A contender returns the number of epochs that it took; time includes the measurements.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import epochs
import numpy as np

import chainrule
from chainrule.training.data import Dataset, one_hot, replace, split
from chainrule.training.fit import Epoch, fit
from chainrule.training.sizing import network_for
from chainrule.training.sources import load

RATE = 0.003
MOST = 60


@dataclass(frozen=True)
class Goal:
    """A data set by name, the accuracy to reach, the network and the batch."""

    data: str
    accuracy: float
    hidden: int
    batch: int

    def parts(self) -> tuple[Dataset, Dataset]:
        train, test = split(load(self.data), seed=0)
        cast = [replace(part, features=part.features.astype(np.float32)) for part in (train, test)]
        return cast[0], cast[1]

    def start(self, train: Dataset) -> dict[str, np.ndarray]:
        sizes = train.features.shape[1], self.hidden, len(train.classes)
        return epochs.start(epochs.Case(*sizes, self.batch, len(train.features)))


GOALS = {"digits": Goal("digits", 0.97, 32, 32), "fashion": Goal("fashion", 0.88, 128, 128)}


def ours(goal: Goal) -> Callable[[], int]:
    train, test = goal.parts()
    network = network_for(chainrule.read(epochs.DOCUMENT).reading, train, {"H": goal.hidden})
    first = goal.start(train)
    train, test = (
        replace(part, target=one_hot(part.target, part.classes, np.float32))
        for part in (train, test)
    )

    def enough(epoch: Epoch) -> None:
        if epoch.held_out_accuracy >= goal.accuracy:
            raise KeyboardInterrupt

    options = {"epochs": MOST, "batch": goal.batch, "learning_rate": RATE}
    options |= {"start": {name: first[name] for name in network.shapes}, "progress": enough}
    return lambda: len(fit(network, train, test, **options).history)


def scikit_learn(goal: Goal) -> Callable[[], int]:
    from sklearn.neural_network import MLPClassifier

    train, test = goal.parts()
    options = {"activation": "tanh", "alpha": 0, "learning_rate_init": RATE, "random_state": 0}
    classes = np.arange(len(train.classes))

    def call() -> int:
        model = MLPClassifier((goal.hidden,), batch_size=goal.batch, **options)
        for epoch in range(1, MOST + 1):
            model.partial_fit(train.features, train.target, classes=classes)
            if model.score(test.features, test.target) >= goal.accuracy:
                return epoch
        return MOST

    return call


def torch_eager(goal: Goal) -> Callable[[], int]:
    import torch

    train, test = goal.parts()
    first = goal.start(train)
    rows, held = (torch.from_numpy(part.features) for part in (train, test))
    labels, wanted = (torch.from_numpy(part.target) for part in (train, test))

    def scores(p, x):
        h = torch.tanh(torch.addmm(p["b_1"], x, p["W_1"]))
        return torch.addmm(p["b_2"], h, p["W_2"])

    def call() -> int:
        p = {name: torch.tensor(array, requires_grad=True) for name, array in first.items()}
        rule = torch.optim.Adam(p.values(), lr=RATE)
        for epoch in range(1, MOST + 1):
            for chosen in torch.randperm(len(rows)).split(goal.batch):
                loss = torch.nn.functional.cross_entropy(scores(p, rows[chosen]), labels[chosen])
                rule.zero_grad()
                loss.backward()
                rule.step()
            with torch.no_grad():
                right = (scores(p, held).argmax(dim=1) == wanted).float().mean()
            if right >= goal.accuracy:
                return epoch
        return MOST

    return call


def contenders(name: str) -> dict[str, Callable[[], int]]:
    goal = GOALS[name]
    return {
        "chainrule": ours(goal),
        "torch": torch_eager(goal),
        "scikit-learn": scikit_learn(goal),
    }
