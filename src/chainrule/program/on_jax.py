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
from chainrule.program.jax_blocks import JaxBlocks
from chainrule.program.numpy_blocks import bytes_needed


@dataclass
class Traced(Built):
    """A program that runs by JAX; its step is not compiled yet, for use inside loops.

    blocks  the same in blocks of examples, for arrays that would need more than the budget
    """

    blocks: JaxBlocks | None = None

    @cached_property
    def compiled(self) -> Callable[..., tuple]:
        return jax.jit(self.run)

    def run(self, *arrays: Any, devices: int = 1) -> tuple:
        """The results, to be traced: in blocks of examples where the arrays are that large.

        devices  over how many the examples are spread
        """
        sizes = self._sizes(*arrays)
        blocks, itemsize = self.blocks, np.dtype(self.dtype).itemsize
        examples = 0 if blocks is None else sizes[blocks.parts.size]
        if examples % devices or blocks is None:
            return self.step(*arrays)
        if bytes_needed(self.plan, sizes, itemsize) <= blocks.budget * devices:
            return self.step(*arrays)
        given = dict(zip(self.inputs, arrays, strict=True))
        found = blocks(given, sizes, blocks.rows(sizes, itemsize, devices), devices)
        return tuple(found[name] for name in self.outputs)

    def call(self, *arrays: Any) -> tuple:
        """The results as JAX has them, on its device; raises SizeMismatch."""
        self._sizes(*arrays)
        with precision(self.dtype):
            return self.compiled(*arrays)

    def _sizes(self, *arrays: Any) -> dict[str, int]:
        shapes = [np.shape(array) for array in arrays]
        return bound_sizes(dict(zip(self.plan.inputs, shapes, strict=True)), {})


def precision(dtype: str) -> AbstractContextManager:
    """Where numbers of that type are what they are called: JAX rounds float64 otherwise."""
    return jax.enable_x64(dtype == "float64")
