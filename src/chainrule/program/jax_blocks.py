"""A plan in blocks as JAX runs it: a loop over blocks of examples, within a memory budget.

Imported only where this engine is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from chainrule.program.blocks import Blocks
from chainrule.program.numpy_blocks import LEAST, bytes_needed
from chainrule.program.plan import Plan

COMBINE = {"add": jnp.add, "maximum": jnp.maximum}
NEUTRAL = {"add": 0, "maximum": -jnp.inf}
Arrays = Mapping[str, Any]


@dataclass(frozen=True)
class JaxBlocks:
    """What runs for each block, and what follows from the totals, as functions of arrays.

    budget  bytes that a device may need besides inputs and results
    """

    parts: Blocks
    block: Callable[..., tuple]
    after: Callable[..., tuple]
    budget: int

    def rows(self, sizes: Mapping[str, int], itemsize: int, devices: int) -> int:
        """How many examples of a device make a block; all blocks are alike where that is near."""
        one, two = (
            bytes_needed(self.parts.block, {**sizes, self.parts.length: k}, itemsize)
            for k in (1, 2)
        )
        most = max(LEAST, (self.budget - 2 * one + two) // max(1, two - one))
        share = sizes[self.parts.size] // devices
        near = (rows for rows in range(most, 3 * most // 4, -1) if share % rows == 0)
        return next(near, most)

    def __call__(
        self, given: Arrays, sizes: Mapping[str, int], rows: int, devices: int
    ) -> dict[str, Any]:
        """The results by name.

        rows     of each device in a block
        devices  over how many the examples are spread; each has the same number of them
        """
        totals = partial(self._totals, given, sizes, devices)
        share = sizes[self.parts.size] // devices
        whole = share // rows
        shapes = jax.eval_shape(lambda: totals(0, 1))
        held = {
            total.array.name: jnp.full_like(shapes[total.array.name], NEUTRAL[total.combine])
            for total in self.parts.totals
        }

        def step(held: Arrays, number: Any) -> tuple[Arrays, None]:
            return self._combined(held, totals(number * rows, rows)), None

        if whole:
            held, _ = jax.lax.scan(step, held, jnp.arange(whole))
        if share % rows:
            held = self._combined(held, totals(whole * rows, share % rows))
        found = self.after(*_arguments(self.parts.after, {**given, **held}, sizes))
        return dict(zip((o.name for o in self.parts.after.outputs), found, strict=True))

    def _combined(self, held: Arrays, more: Arrays) -> dict[str, Any]:
        """The totals of some blocks with those of another."""
        functions = {total.array.name: COMBINE[total.combine] for total in self.parts.totals}
        return {name: function(held[name], more[name]) for name, function in functions.items()}

    def _totals(
        self, given: Arrays, sizes: Mapping[str, int], devices: int, first: Any, rows: int
    ) -> dict[str, Any]:
        """The totals of one block: of so many rows from the first on that each device has."""
        length = self.parts.length
        some = {
            array.name: _some(given[array.name], array.sizes.index(length), first, rows, devices)
            for array in self.parts.block.inputs
            if length in array.sizes
        }
        found = self.block(*_arguments(self.parts.block, {**given, **some}, sizes))
        return dict(zip((total.array.name for total in self.parts.totals), found, strict=True))


def _arguments(plan: Plan, given: Arrays, sizes: Mapping[str, int]) -> list[Any]:
    return [*(given[array.name] for array in plan.inputs), *map(sizes.get, plan.open_sizes)]


def _some(array: Any, axis: int, first: Any, rows: int, devices: int) -> Any:
    """Rows along an axis, the same number of each device's share."""
    before, after = array.shape[:axis], array.shape[axis + 1 :]
    shares = array.reshape(*before, devices, -1, *after)
    chosen = jax.lax.dynamic_slice_in_dim(shares, first, rows, axis + 1)
    return chosen.reshape(*before, devices * rows, *after)
