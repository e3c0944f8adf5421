"""How training goes on from epoch to epoch: the learning rate, when it stops, what is kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from chainrule.errors import BadOption

Arrays = dict[str, np.ndarray]

SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": lambda done: 1.0,
    "linear": lambda done: 1.0 - done,
    "cosine": lambda done: (1.0 + math.cos(math.pi * done)) / 2,
    "steps": lambda done: 0.1 ** math.floor(3 * done),
}
"""The factor of the learning rate, by the part of the epochs that is done, from 0 to below 1.

`cosine` is that of Loshchilov and Hutter, SGDR, 2017, without restarts; `steps` divides by 10 after
each third.
"""


@dataclass(frozen=True)
class Course:
    """What happens between epochs.

    schedule    a name in SCHEDULES
    patience    stop after so many epochs without a better loss on the validation part, and keep
                the parameters of the best; None: never
    checkpoint  a file that everything is written to after each epoch
    resume      whether to go on from that file, where it is there
    """

    schedule: str = "constant"
    patience: int | None = None
    checkpoint: Path | None = None
    resume: bool = False

    def check(self) -> None:
        """Raises BadOption for what makes no sense."""
        if self.schedule not in SCHEDULES:
            raise BadOption(
                f"there is no schedule {self.schedule!r}",
                remedy=f"choose one of {', '.join(SCHEDULES)}",
            )
        if self.patience is not None and self.patience < 1:
            raise BadOption(f"patience is {self.patience}", remedy="give a whole number from 1 on")
        if self.resume and self.checkpoint is None:
            raise BadOption("there is nothing to resume from", remedy="add --checkpoint FILE")

    def factor(self, epoch: int, epochs: int) -> float:
        """What the learning rate is multiplied by in an epoch, counted from 1."""
        return SCHEDULES[self.schedule]((epoch - 1) / epochs)


PLAIN = Course()


@dataclass
class Best:
    """The epoch with the least validation loss so far, and its parameters."""

    epoch: int = 0
    loss: float = math.inf
    parameters: Arrays = field(default_factory=dict)

    def see(self, epoch: int, loss: float, parameters: Arrays) -> None:
        if loss < self.loss:
            self.epoch, self.loss = epoch, loss
            self.parameters = {name: array.copy() for name, array in parameters.items()}
