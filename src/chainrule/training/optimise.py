"""Rules that change parameters by their gradients.

Each rule is a few numbers; what it remembers between steps is in the state that `start` makes.
`update` works in place and allocates nothing: large arrays go piece by piece through memory that
fits into a cache, so that an interruption leaves every number whole, before the step or after it.
In the formulas g is the gradient of the mean loss by the parameter p, η the learning rate (units of
p² per unit of loss for SGD and Momentum, units of p for Adam). `update` is given `scale` times g:
in backpropagation a factor of the loss costs nothing, afterwards a pass over every gradient.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Protocol

import numpy as np

from chainrule.errors import BadOption

Arrays = dict[str, np.ndarray]
PIECE = 1 << 16
"""How many numbers are worked on at once: with all that a rule remembers they fit into a cache."""


class Optimiser(Protocol):
    """What `fit` needs of a rule; a state belongs to one set of parameters.

    scale  what the loss is multiplied by before it is differentiated, above 0
    """

    @property
    def scale(self) -> float: ...

    def start(self, parameters: Arrays) -> Any: ...

    def update(self, parameters: Arrays, gradients: Arrays, state: Any) -> None: ...


@dataclass(frozen=True)
class SGD:
    """p ← p − η g. Robbins and Monro, A Stochastic Approximation Method, 1951."""

    learning_rate: float = 0.1

    @property
    def scale(self) -> float:
        return self.learning_rate

    def start(self, parameters: Arrays) -> Arrays:
        return {}

    def update(self, parameters: Arrays, gradients: Arrays, state: Arrays) -> None:
        for name, parameter in parameters.items():
            np.subtract(parameter, gradients[name], out=parameter)


@dataclass(frozen=True)
class MomentumState:
    velocity: Arrays


@dataclass(frozen=True)
class Momentum:
    """v ← μ v − η g, p ← p + v. Polyak, Some Methods of Speeding up the Convergence, 1964.

    μ is `decay`, without units: a gradient acts 1 / (1 − μ) times as far as in SGD.
    """

    learning_rate: float = 0.05
    decay: float = 0.9

    @property
    def scale(self) -> float:
        return self.learning_rate

    def start(self, parameters: Arrays) -> MomentumState:
        return MomentumState(_like(parameters, np.zeros_like))

    def update(self, parameters: Arrays, gradients: Arrays, state: MomentumState) -> None:
        for name, whole in parameters.items():
            arrays = whole, gradients[name], state.velocity[name]
            for parameter, gradient, velocity in _pieces(*arrays):
                np.multiply(velocity, self.decay, out=velocity)
                np.subtract(velocity, gradient, out=velocity)
                np.add(parameter, velocity, out=parameter)


@dataclass
class AdamState:
    """The sums Σ β₁^(t−s) g and Σ β₂^(t−s) g² over the steps s up to t, and t."""

    first: Arrays
    second: Arrays
    step: Arrays
    steps: int = 0


@dataclass(frozen=True)
class Adam:
    """m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², p ← p − η m̂ / (√v̂ + ε).

    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) at step t. Kingma and Ba, Adam, 2015, algorithm 1.
    β₁, β₂ are without units; ε, `stabiliser`, has those of a gradient.
    """

    learning_rate: float = 0.003
    first_decay: float = 0.9
    second_decay: float = 0.999
    stabiliser: float = 1e-8

    @property
    def scale(self) -> float:
        return 1.0

    def start(self, parameters: Arrays) -> AdamState:
        zeros = _like(parameters, np.zeros_like), _like(parameters, np.zeros_like)
        return AdamState(*zeros, _like(parameters, _work))

    def update(self, parameters: Arrays, gradients: Arrays, state: AdamState) -> None:
        # The sums are kept without the factors 1 − β, which go into two numbers a step with the
        # corrections: m̂ = a·first and √v̂ = b·√second. This saves two passes over each array.
        state.steps += 1
        a = (1 - self.first_decay) / (1 - self.first_decay**state.steps)
        b = math.sqrt((1 - self.second_decay) / (1 - self.second_decay**state.steps))
        rate, stabiliser = self.learning_rate * a / b, self.stabiliser / b
        for name, whole in parameters.items():
            arrays = whole, gradients[name], state.first[name], state.second[name]
            for parameter, gradient, first, second in _pieces(*arrays):
                step = state.step[name]
                step = step if step.shape == parameter.shape else step[: len(parameter)]
                np.multiply(first, self.first_decay, out=first)
                np.add(first, gradient, out=first)
                np.multiply(second, self.second_decay, out=second)
                np.multiply(gradient, gradient, out=step)
                np.add(second, step, out=second)
                np.sqrt(second, out=step)
                np.add(step, stabiliser, out=step)
                np.divide(first, step, out=step)
                np.multiply(step, rate, out=step)
                np.subtract(parameter, step, out=parameter)


@dataclass(frozen=True)
class Newton:
    """B d = −g on the whole of the data, with a line search: see `newton_steps`.

    name  which B: newton, the Hessian; gauss-newton, as in `GaussNewton`, with damping
    """

    name: str

    @property
    def scale(self) -> float:
        return 1.0

    def start(self, parameters: Arrays) -> Arrays:
        return {}

    def update(self, parameters: Arrays, gradients: Arrays, state: Arrays) -> None:
        raise BadOption(f"{self.name} steps on the whole of the data", remedy="train by `fit`")


OPTIMISERS: dict[str, Callable[..., Optimiser]] = {"sgd": SGD, "momentum": Momentum, "adam": Adam}
NEWTON, GAUSS_NEWTON = "newton", "gauss-newton"
WHOLE = (NEWTON, GAUSS_NEWTON)
"""The rules whose steps are on the whole of the data."""


def optimiser(name: str, learning_rate: float | None = None) -> Optimiser:
    """The rule of that name, with its own learning rate unless one is given.

    >>> optimiser("momentum", 0.1)
    Momentum(learning_rate=0.1, decay=0.9)
    """
    if name in WHOLE:
        if learning_rate is not None:
            raise BadOption(f"{name} finds its own steps", remedy="leave the learning rate out")
        return Newton(name)
    if name not in OPTIMISERS:
        known = ", ".join((*OPTIMISERS, *WHOLE))
        raise BadOption(f"there is no optimiser {name!r}", remedy=f"choose one of {known}")
    if learning_rate is None:
        return OPTIMISERS[name]()
    if not (math.isfinite(learning_rate) and learning_rate > 0):
        raise BadOption(
            f"the learning rate is {learning_rate}", remedy="give a number above 0, as 0.1"
        )
    return OPTIMISERS[name](learning_rate)


def _like(parameters: Arrays, make: Callable[[np.ndarray], np.ndarray]) -> Arrays:
    return {name: make(parameter) for name, parameter in parameters.items()}


def _work(parameter: np.ndarray) -> np.ndarray:
    """Memory for a step of so many of an array's rows as make a piece."""
    return np.empty_like(next(_pieces(parameter))[0])


def _pieces(*arrays: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
    """The arrays, so many rows of each at a time as make a piece."""
    like = arrays[0]
    if like.size <= PIECE:
        yield arrays
        return
    rows = max(1, PIECE * len(like) // like.size)
    for first in range(0, len(like), rows):
        yield tuple(array[first : first + rows] for array in arrays)


def remembered(state: Any) -> dict[str, Any]:
    """What a rule keeps between steps, without the memory that it works in.

    >>> remembered(Adam().start({"b": np.zeros(2)}))
    {'first': {'b': array([0., 0.])}, 'second': {'b': array([0., 0.])}, 'steps': 0}
    """
    parts = fields(state) if is_dataclass(state) else ()
    return {part.name: getattr(state, part.name) for part in parts if part.name != "step"}
