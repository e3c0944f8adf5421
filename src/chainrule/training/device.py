"""Whole epochs on JAX's devices: a loop over minibatches that never comes back to Python.

The order of the examples, the start and the steps are those of the NumPy engine, so that both give
the same weights up to rounding. On several devices each works on its share of every minibatch;
JAX adds up the gradients. Examples that are read from a file go to the devices in blocks of whole
batches: while one is worked on, the next is read. Imported only where this engine is asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from chainrule.errors import BadOption
from chainrule.program.on_jax import Traced, precision
from chainrule.training.checkpoints import Checkpoint
from chainrule.training.optimise import Adam, Momentum, Optimiser, remembered
from chainrule.training.stored import ByRows, Rows

Tree = dict[str, Any]
EXAMPLES = "examples"


class DeviceEpochs:
    """The passes over the data of one training; `run` makes one.

    traced      loss and gradients of a batch
    inputs      (parameters, features, target, …) → the arguments of that step
    standing    where training stands: taken to the devices before the first pass, and brought
                back after each
    arrays      features, target and, where there are any, weights of all examples
    memory      bytes that blocks of examples may need, where these are read from a file
    """

    def __init__(
        self,
        traced: Traced,
        inputs: Callable[..., list],
        standing: Checkpoint,
        arrays: tuple[Rows, ...],
        rule: Optimiser,
        batch: int,
        devices: int = 1,
        memory: int = 64_000_000,
    ):
        self.dtype, self.batch = traced.dtype, min(batch, len(arrays[0]))
        self.standing, self.rate, self.held = standing, rule.learning_rate, None
        self.mesh = mesh_of(devices)
        if self.batch % devices:
            raise BadOption(
                f"a batch of {self.batch} does not divide among {devices} devices",
                remedy=f"use --batch {-(-self.batch // devices) * devices}",
            )
        # Compiled once for a network, whatever it is trained on and how often.
        known = vars(traced).setdefault("epochs", {})
        steps = Steps(traced, inputs, rule, self.mesh)
        self.streamed = any(isinstance(array, ByRows) for array in arrays)
        if self.streamed:
            self.arrays, compiled = arrays, steps.block
            row = sum(a.dtype.itemsize * int(np.prod(a.shape[1:])) for a in arrays)
            # Two at a time: one that is worked on, one that is read.
            self.together = max(1, memory // (2 * row * self.batch))
        else:
            compiled = steps.epoch
            with precision(self.dtype):
                self.arrays = tuple(self.everywhere(array) for array in arrays)
        name = rule, devices, self.streamed
        self.compiled = known.setdefault(name, jax.jit(compiled, donate_argnums=0))

    def everywhere(self, array: Any) -> jax.Array:
        """The same numbers on every device."""
        array = np.asarray(array)
        sharding = NamedSharding(self.mesh, PartitionSpec())
        return jax.make_array_from_callback(array.shape, sharding, lambda part: array[part])

    def run(self, order: np.ndarray, factor: float) -> tuple[np.ndarray, float]:
        """One pass: the loss of every step, before it, and the seconds that it took.

        factor  what the learning rate is multiplied by
        """
        begin = time.perf_counter()
        whole = len(order) // self.batch * self.batch
        batches, rest = order[:whole].reshape(-1, self.batch), order[whole:]
        with precision(self.dtype):
            if self.held is None:
                here = self.standing.parameters, remembered(self.standing.state)
                self.held = jax.tree.map(self.everywhere, here)
            rate = np.dtype(self.dtype).type(self.rate * factor)
            if self.streamed:
                losses = self._run_streamed(rate, batches, rest)
            else:
                chosen = self.everywhere(batches), self.everywhere(rest)
                found = self.compiled(self.held, rate, self.arrays, *chosen)
                self.held, losses = jax.block_until_ready(found)
        seconds = time.perf_counter() - begin
        self._bring_back()
        return np.asarray(losses), seconds

    def _run_streamed(self, rate: Any, batches: np.ndarray, rest: np.ndarray) -> np.ndarray:
        """The steps of a pass, block by block."""
        found: list[jax.Array] = []
        for block in self._blocks(batches, rest):
            # What was given before is done with before more is given.
            jax.block_until_ready(found[-1:])
            self.held, losses = self.compiled(self.held, rate, block)
            found.append(losses)
        jax.block_until_ready(self.held)
        return np.concatenate(found)

    def _blocks(self, batches: np.ndarray, rest: np.ndarray) -> Iterator[tuple[jax.Array, ...]]:
        """The examples of some batches at a time, and last those that are left over."""
        for first in range(0, len(batches), self.together):
            chosen = batches[first : first + self.together]
            yield tuple(self._block(array, chosen) for array in self.arrays)
        if len(rest):
            yield tuple(self._block(array, rest[None]) for array in self.arrays)

    def _block(self, array: Rows, chosen: np.ndarray) -> jax.Array:
        """Rows by their numbers (steps, batch); every device reads those of its share only."""
        spec = PartitionSpec(None, EXAMPLES if chosen.shape[1] % self.mesh.size == 0 else None)

        def read(part: tuple[slice, ...]) -> np.ndarray:
            rows = chosen[part[:2]]
            return array[rows.ravel()].reshape(*rows.shape, *array.shape[1:])

        shape = (*chosen.shape, *array.shape[1:])
        return jax.make_array_from_callback(shape, NamedSharding(self.mesh, spec), read)

    def _bring_back(self) -> None:
        parameters, state = self.held
        for name, array in parameters.items():
            np.copyto(self.standing.parameters[name], array)
        for part, kept in remembered(self.standing.state).items():
            if isinstance(kept, dict):
                for name, array in kept.items():
                    np.copyto(array, state[part][name])
            else:
                setattr(self.standing.state, part, int(state[part]))


@dataclass(frozen=True)
class Steps:
    """What JAX compiles: the steps of an epoch, without any data; see `DeviceEpochs`."""

    traced: Traced
    inputs: Callable[..., list]
    rule: Optimiser
    mesh: Mesh

    def epoch(self, held, rate, arrays, chosen, rest):
        """Parameters and state after a pass, and the losses; held: the same before it."""
        step = partial(self._step, rate, arrays)
        held, losses = jax.lax.scan(step, held, chosen)
        if len(rest):
            held, last = step(held, rest)
            losses = jnp.append(losses, last)
        return held, losses

    def block(self, held, rate, batches):
        """The same for a block; batches: arrays (steps, examples, …)."""
        return jax.lax.scan(partial(self._moved, rate), held, batches)

    def _step(self, rate, arrays, held, chosen):
        return self._moved(rate, held, tuple(array[chosen] for array in arrays))

    def _moved(self, rate, held, arrays):
        """Parameters and state after one step, and its loss."""
        parameters, state = held
        batch = tuple(map(self._shared, arrays))
        given = self.inputs(parameters, *batch)
        loss, *slopes = self.traced.run(*given, devices=self._devices(len(batch[0])))
        slopes = dict(zip(parameters, slopes, strict=True))
        return update(self.rule, rate, parameters, slopes, state), loss

    def _devices(self, count: int) -> int:
        """Over how many devices so many examples are spread."""
        return self.mesh.size if count % self.mesh.size == 0 else 1

    def _shared(self, array: jax.Array) -> jax.Array:
        """Every device has its share of the examples; a batch that is left over is on all."""
        spec = PartitionSpec(EXAMPLES if self._devices(len(array)) > 1 else None)
        return jax.lax.with_sharding_constraint(array, NamedSharding(self.mesh, spec))


def mesh_of(devices: int) -> Mesh:
    """So many devices in a row, on this machine and on those that JAX is connected to."""
    found = jax.devices()
    if not 1 <= devices <= len(found):
        raise BadOption(
            f"{devices} devices are asked for, and JAX has {len(found)}",
            remedy=f"use --devices {len(found)}",
        )
    return Mesh(np.array(found[:devices]), (EXAMPLES,))


def update(
    rule: Optimiser, rate: Any, parameters: Tree, slopes: Tree, state: Tree
) -> tuple[Tree, Tree]:
    """Parameters and state after a step; the formulas are in `optimise`."""
    match rule:
        case Momentum(decay=decay):
            moved = jax.tree.map(lambda v, g: decay * v - rate * g, state["velocity"], slopes)
            return jax.tree.map(jnp.add, parameters, moved), {"velocity": moved}
        case Adam():
            return _adam(rule, rate, parameters, slopes, state)
    return jax.tree.map(lambda p, g: p - rate * g, parameters, slopes), state


def _adam(rule: Adam, rate: Any, parameters: Tree, slopes: Tree, state: Tree) -> tuple[Tree, Tree]:
    steps = state["steps"] + 1
    decays = rule.first_decay, rule.second_decay
    kind = next(iter(parameters.values())).dtype
    a, b = ((1 - decay) / (1 - jnp.asarray(decay, kind) ** steps) for decay in decays)
    first = jax.tree.map(lambda m, g: decays[0] * m + g, state["first"], slopes)
    second = jax.tree.map(lambda v, g: decays[1] * v + g * g, state["second"], slopes)
    moved = jax.tree.map(
        lambda p, m, v: p - rate * a * m / (jnp.sqrt(b * v) + rule.stabiliser),
        parameters,
        first,
        second,
    )
    return moved, {"first": first, "second": second, "steps": steps}
