"""Programs that JAX compiles and runs. Imported only where this engine is asked for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import numpy as np

from chainrule.language.evaluate import bound_sizes
from chainrule.program.built import Built


@dataclass
class Traced(Built):
    """A program that runs by JAX; its step is not compiled yet, for use inside loops."""

    @cached_property
    def compiled(self) -> Callable[..., tuple]:
        return jax.jit(self.step)

    def call(self, *arrays: Any) -> tuple:
        """The results as JAX has them, on its device; raises SizeMismatch."""
        shapes = [np.shape(array) for array in arrays]
        bound_sizes(dict(zip(self.plan.inputs, shapes, strict=True)), {})
        with precision(self.dtype):
            return self.compiled(*arrays)


def precision(dtype: str) -> AbstractContextManager:
    """Where numbers of that type are what they are called: JAX rounds float64 otherwise."""
    return jax.enable_x64(dtype == "float64")
