"""A program that has become code: the same face whatever engine runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.program.arguments import in_order
from chainrule.program.plan import Plan


@dataclass
class Built:
    """A program that runs.

    source   the code, which stands alone
    inputs   the names of the arrays that it takes, in the order of `call`
    outputs  the names of what it returns
    step     the function in the source
    """

    plan: Plan
    source: str
    dtype: str
    step: Callable[..., tuple]

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(array.name for array in self.plan.inputs)

    @property
    def outputs(self) -> tuple[str, ...]:
        return tuple(output.name for output in self.plan.outputs)

    def __call__(self, values: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Name → result, each in memory of its own. Raises UnknownSymbol, SizeMismatch."""
        arrays = [np.asarray(array, self.dtype) for array in in_order(values, self.inputs)]
        with np.errstate(all="ignore"):
            results = self.call(*arrays)
        return {
            name: np.array(result, self.dtype)
            for name, result in zip(self.outputs, results, strict=True)
        }

    def call(self, *arrays: Any) -> tuple:
        """The results as the engine has them, for arrays in the order of `inputs`."""
        raise NotImplementedError
