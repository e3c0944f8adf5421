"""Programs that JAX compiles and runs. Imported only where this engine is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import numpy as np

from chainrule.language.evaluate import bound_sizes
from chainrule.program.arguments import in_order
from chainrule.program.plan import Plan


@dataclass
class Traced:
    """A program that runs by JAX; the same face as `Compiled`.

    source  the code, which stands alone
    step    the function in it, not compiled yet: for use inside loops and other functions
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

    @cached_property
    def compiled(self) -> Callable[..., tuple]:
        return jax.jit(self.step)

    def __call__(self, values: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Name → result. Raises UnknownSymbol, SizeMismatch."""
        arrays = [np.asarray(array, self.dtype) for array in in_order(values, self.inputs)]
        shapes = [array.shape for array in arrays]
        bound_sizes(dict(zip(self.plan.inputs, shapes, strict=True)), {})
        results = self.call(*arrays)
        return {
            name: np.asarray(result, self.dtype)
            for name, result in zip(self.outputs, results, strict=True)
        }

    def call(self, *arrays: Any) -> tuple:
        """The results as JAX has them, on its device."""
        with precision(self.dtype):
            return self.compiled(*arrays)


def precision(dtype: str) -> AbstractContextManager:
    """Where numbers of that type are what they are called: JAX rounds float64 otherwise."""
    return jax.enable_x64(dtype == "float64")
