"""Everything that training needs to go on as if it had never stopped, in one file.

The file is written beside its place and then moved there, so that a process killed at any moment
leaves a whole one: at most the epoch since the last is lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.errors import OtherNetwork, UnreadableData
from chainrule.training.course import Best
from chainrule.training.optimise import remembered
from chainrule.training.weights import read, save

FORMAT = "checkpoint 1"
Arrays = dict[str, np.ndarray]


@dataclass
class Checkpoint:
    """Where training stands.

    parameters, state  the weights, and what the optimiser remembers; both are changed in place
    generator          of the order of the examples
    history            one dictionary an epoch
    settings           what has to be the same for the run to go on: rule, batch, seed, data
    """

    parameters: Arrays
    state: Any
    generator: np.random.Generator
    best: Best
    history: list[dict]
    settings: dict[str, str]

    def write(self, path: Path) -> None:
        """Raises BadOption where the file cannot be written."""
        kept = remembered(self.state)
        facts = {
            "numbers": {name: value for name, value in kept.items() if isinstance(value, int)},
            "generator": self.generator.bit_generator.state,
            "best": {"epoch": self.best.epoch, "loss": repr(self.best.loss)},
            "history": self.history,
            "settings": self.settings,
        }
        save(
            path,
            dict(self._arrays()),
            {"format": FORMAT, "training": json.dumps(facts, sort_keys=True)},
        )

    def restore(self, path: Path) -> None:
        """Takes everything from a file that `write` wrote for the same run.

        raises  FileMissing, UnreadableData, OtherNetwork, NotFinite
        """
        saved = read(path)
        if saved.metadata.get("format") != FORMAT:
            raise UnreadableData(f"{path} is no checkpoint", remedy="give a file of --checkpoint")
        facts = json.loads(saved.metadata["training"])
        self._check(path, facts["settings"], saved.parameters)
        for name, array in self._arrays():
            np.copyto(array, saved.parameters[name])
        for name, value in facts["numbers"].items():
            setattr(self.state, name, value)
        self.generator.bit_generator.state = facts["generator"]
        self.best.epoch, self.best.loss = facts["best"]["epoch"], float(facts["best"]["loss"])
        kept = {n[5:]: a for n, a in saved.parameters.items() if n.startswith("best ")}
        self.best.parameters = kept
        self.history[:] = facts["history"]

    def _check(self, path: Path, settings: dict[str, str], arrays: Arrays) -> None:
        for name, value in self.settings.items():
            if settings.get(name) != value:
                raise OtherNetwork(
                    f"{path} was written with {name} {settings.get(name)}, this is {value}",
                    remedy="resume with the same document, data and options, or start anew",
                )
        for name, array in self._arrays():
            if name not in arrays or arrays[name].shape != array.shape:
                raise OtherNetwork(
                    f"{path} does not fit at {name}",
                    remedy="resume with the same document, data and options, or start anew",
                )

    def _arrays(self) -> Iterator[tuple[str, np.ndarray]]:
        for kind, arrays in (("weight", self.parameters), ("best", self.best.parameters)):
            for name, array in arrays.items():
                yield f"{kind} {name}", array
        for part, kept in remembered(self.state).items():
            if isinstance(kept, dict):
                yield from ((f"{part} {name}", array) for name, array in kept.items())
