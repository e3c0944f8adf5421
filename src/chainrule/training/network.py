"""A document's network, ready to be trained: compiled loss, gradients and prediction."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from chainrule.language.algebra import add, element, mul, total
from chainrule.language.expr import Add, Along, Apply, Array, Expr, Mul, Power, Reduce, children
from chainrule.language.facts import ONE_HOT, SUMS_TO_ONE, Fact
from chainrule.language.index import Index, Size
from chainrule.language.passes import parts
from chainrule.language.program import Definition, Program
from chainrule.program.build import Compiled, build
from chainrule.program.describe import describe
from chainrule.training.batch import batched, labels_name, with_labels
from chainrule.training.examples import NUMBER
from chainrule.training.metrics import shares
from chainrule.training.roles import Roles
from chainrule.training.seeds import stream
from chainrule.training.shapes import arranged
from chainrule.transform.reverse import Gradients, reverse
from chainrule.transform.stabilise import stabilise_program
from chainrule.transform.values import name_values
from chainrule.transform.windows import name_windows, windowed

if TYPE_CHECKING:
    from chainrule.program.on_jax import Traced

PENALTY = "l2"
SCALE = "factor of the loss"
WEIGHTS = "weights of examples"
FEW = 256
"""Up to how many classes a target comes as one-hot rows; beyond, as class numbers."""
PROBES = 64
"""On how many examples it is seen what a network gives."""


@dataclass(frozen=True)
class Network:
    """What `fit` trains. Parameters are addressed by the document's own names.

    roles      which symbol is what
    sizes      name of a size → integer, all known
    constants  values of the numbers the document leaves open, such as λ
    l2         weight of the squared norm of all parameters, added to the loss
    assumed    sentences for people
    memory     bytes that a call may need besides its inputs and results
    weighted   whether a step takes a weight for each example
    example    the shape of one example in the data; (): a row
    soft       whether the target of an example has a share of each class
    """

    roles: Roles
    sizes: Mapping[str, int]
    constants: Mapping[str, float] = field(default_factory=dict)
    l2: float = 0.0
    dtype: str = "float32"
    classes: bool = True
    assumed: tuple[str, ...] = ()
    memory: int = 64_000_000
    weighted: bool = False
    example: tuple[int, ...] = ()
    soft: bool = False

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {
            array.name: tuple(length(size, self.sizes) for size in array.sizes)
            for array in self.roles.parameters
        }

    def of_examples(self, number: int) -> Network:
        """The network with the number of examples to learn from, if its loss has it."""
        if NUMBER not in self.constants:
            return self
        return replace(self, constants={**self.constants, NUMBER: number})

    @property
    def gradients(self) -> Gradients:
        """Forward and backward for a batch, in the document's symbols and in stable forms."""
        return _gradients(*self._derived)

    @property
    def _derived(self) -> tuple:
        fact = (SUMS_TO_ONE if self.soft else ONE_HOT) if self.classes else None
        return self.roles, self._penalised, fact, self.labels, self.weighted

    @cached_property
    def labels(self) -> bool:
        """Whether the target comes as class numbers, since one-hot rows would be long."""
        target = self.roles.target.sizes
        hard = self.classes and not self.soft
        return hard and len(target) == 1 and length(target[0], self.sizes) > FEW

    @cached_property
    def _penalised(self) -> Program:
        """The program with λ times the squared norm of all parameters, where that is asked for."""
        roles = self.roles
        if not self.l2:
            return roles.program
        *rest, loss = roles.program.definitions
        norms = [_square(array) for array in roles.parameters]
        body = add(loss.body, mul(element(Array(PENALTY)), add(*norms)))
        return Program((*rest, Definition(loss.array, (), body)))

    @cached_property
    def step_program(self) -> tuple[Program, tuple[str, ...]]:
        """The program of a step without a scale, and its outputs: the loss, then each gradient."""
        found = self.gradients
        outputs = (self.roles.loss, *(found.names[a.name] for a in self.roles.parameters))
        return found.program, outputs

    @cached_property
    def _step(self) -> Compiled:
        """The loss and, of a factor times it, the gradients."""
        found = _gradients(*self._derived, scaled=True)
        outputs = (self.roles.loss, *(found.names[a.name] for a in self.roles.parameters))
        return self._built(found.program, outputs, quick=True)

    @cached_property
    def _step_inputs(self) -> tuple[str, ...]:
        return self._step.inputs

    @cached_property
    def _loss(self) -> Compiled:
        return self._built(_stable(*self._derived), (self.roles.loss,))

    @cached_property
    def _predict(self) -> Compiled:
        inputs = frozenset((self.roles.features.name, self.roles.target.name))
        program = name_windows(batched(self.roles.program, self.roles.loss, inputs))
        wanted = stabilise_program(program.needed(self.roles.prediction))
        return self._built(wanted, (self.roles.prediction,))

    def _built(self, program: Program, outputs: Sequence[str], quick: bool = False) -> Compiled:
        options = {"dtype": self.dtype, "quick": quick, "sizes": self.sizes}
        return build(program, outputs, memory=self.memory, **options)

    @cached_property
    def _windowed(self) -> bool:
        return bool(windowed(self.roles.program))

    @cached_property
    def traced(self) -> Traced:
        """The step as JAX runs it."""
        program, outputs = self.step_program
        options = {"quick": True, "sizes": self.sizes, "memory": self.memory}
        return build(program, outputs, "jax", self.dtype, **options)

    def in_order(self, parameters, *arrays) -> list:
        """What a step takes: parameters, numbers, features, target and weights."""
        values = self.values(parameters, *arrays)
        return [values[name] for name in self.traced.inputs]

    @property
    def source(self) -> str:
        """The source that one training step runs."""
        return self._step.source

    def step(
        self, parameters, features, target, weights=None, scale=1.0
    ) -> tuple[float, dict[str, np.ndarray]]:
        values = self.values(parameters, features, target, weights)
        values[SCALE] = np.dtype(self.dtype).type(scale)
        loss, *slopes = self._step.call(*[values[name] for name in self._step_inputs])
        return float(loss), dict(zip(self.shapes, slopes, strict=True))

    def loss(self, parameters, features, target, weights=None) -> float:
        values = self.values(parameters, features, target, weights)
        return float(self._loss(values)[self.roles.loss])

    def not_finite(self, parameters, features, target, weights=None) -> str:
        """The first equation of the forward pass whose value is not finite for this batch."""
        program = _stable(*self._derived).needed(self.roles.loss)
        names = tuple(definition.name for definition in program.definitions)
        values = self.values(parameters, features, target, weights)
        for name, array in values.items():
            if not np.isfinite(array).all():
                return f", since {name} is not finite"
        with np.errstate(all="ignore"):
            found = self._built(program, names)(values)
        for definition in program.definitions:
            array = np.asarray(found[definition.name])
            strange = np.argwhere(~np.isfinite(array))
            if len(strange):
                place = f"[{', '.join(map(str, strange[0]))}]" if array.ndim else ""
                value = f"{definition.name}{place} = {array[tuple(strange[0])]}"
                return f", since {value} in {describe(definition)}"
        return ""

    def predict(self, parameters, features) -> np.ndarray:
        values = {**parameters, **self._numbers, self.roles.features.name: self._shaped(features)}
        return self._predict(values)[self.roles.prediction]

    def probabilities(self, parameters, scores: np.ndarray) -> np.ndarray:
        """What it predicts of examples, as the probability of each class (n, k)."""
        return shares(scores, self._gives_logits(parameters))

    def _gives_logits(self, parameters) -> bool:
        """Whether scores are logits or log-probabilities, as seen on random features.

        Several probabilities are none below 0. A single score is a logit where it is the difference
        of the loss between the two classes.
        """
        width = np.prod([length(size, self.sizes) for size in self.roles.features.sizes], dtype=int)
        rows = stream(0, "probes").standard_normal((PROBES, width)).astype(self.dtype)
        scores = self.predict(parameters, rows).reshape(PROBES, -1)
        if scores.shape[1] > 1 or ((scores >= 0) & (scores <= 1)).all():
            return bool((scores < 0).any())
        axes = (length(size, self.sizes) for size in self.roles.target.sizes)
        shape = (PROBES, *axes)
        kinds = (np.full(shape, k, self.dtype) for k in (0, 1))
        zero, one = (self.loss(parameters, rows, kind) for kind in kinds)
        return math.isclose(zero - one, scores.mean(), rel_tol=1e-3, abs_tol=1e-4)

    @cached_property
    def _numbers(self) -> dict[str, np.ndarray]:
        kind = np.dtype(self.dtype)
        given = {**self.constants, PENALTY: self.l2}
        return {name: kind.type(value) for name, value in given.items()}

    def values(self, parameters, features, target, weights=None) -> dict[str, np.ndarray]:
        roles = self.roles
        given = labels_name(roles.target.name) if self.labels else roles.target.name
        values = {**parameters, **self._numbers, given: target}
        values[roles.features.name] = self._shaped(features)
        if self.weighted:
            ones = np.ones(len(features), self.dtype)
            values[WEIGHTS] = ones if weights is None else weights
        return values

    def _shaped(self, features):
        """Rows of features in the shape that the document gives an example."""
        axes = tuple(length(size, self.sizes) for size in self.roles.features.sizes)
        if len(axes) == 1:
            return features
        if self._windowed and isinstance(features, np.ndarray):
            # Windows are read with the examples last.
            features = np.asfortranarray(features)
        return arranged(features, self.example, axes)

    @cached_property
    def fan_in(self) -> dict[str, int]:
        """Parameter → how many products are added up for one output of it; biases have none."""
        found = {}
        for array in self.roles.parameters:
            summed = [axis for axis in range(len(array.sizes)) if self._is_summed(array, axis)]
            if summed and len(array.sizes) > 1:
                found[array.name] = int(np.prod([self.shapes[array.name][a] for a in summed]))
        return found

    def _is_summed(self, array: Array, axis: int) -> bool:
        """Whether an axis of a weight is the one that its input is summed over."""
        return any(_sums_axis(d.body, array, axis) for d in self.roles.program.definitions)

    @cached_property
    def activation(self) -> dict[str, str]:
        """Parameter → the function that what it is used in goes through next."""
        found = {}
        definitions = self.roles.program.definitions
        for array in self.roles.parameters:
            using = {d.name for d in definitions if array.name in d.uses}
            for definition in definitions:
                names = _applied(definition.body, using | {array.name})
                if names:
                    found.setdefault(array.name, names[0])
        return found


# One document is often trained many times over.
@lru_cache(maxsize=16)
def _stable(
    roles: Roles, program: Program, fact: str | None, labels: bool, weighted: bool
) -> Program:
    """The loss of a batch, with names for what is on the way, in a form safe in floating point."""
    inputs = frozenset((roles.features.name, roles.target.name))
    batch = batched(program, roles.loss, inputs, WEIGHTS if weighted else None)
    program = name_windows(name_values(batch, whole=0))
    if labels:
        program = with_labels(program, roles.target.name)
    return stabilise_program(program, keep=[roles.prediction])


@lru_cache(maxsize=16)
def _gradients(
    roles: Roles, program: Program, fact: str | None, labels: bool, weighted: bool, scaled=False
) -> Gradients:
    """Of the loss, or of a factor times it: what every gradient is multiplied by costs nothing."""
    names, of = [array.name for array in roles.parameters], roles.loss
    program = _stable(roles, program, fact, labels, weighted)
    if scaled:
        of = f"scaled {roles.loss}"
        body = mul(element(Array(SCALE)), element(Array(roles.loss)))
        program = Program((*program.definitions, Definition(Array(of), (), body)))
    facts = [Fact(fact, roles.target.name)] if fact is not None and roles.target.sizes else []
    return reverse(program, of, names, facts)


def _square(array: Array) -> Expr:
    indices = tuple(Index(f"p{k}", size) for k, size in enumerate(array.sizes))
    body = element(array, *indices) ** 2
    for index in indices:
        body = total(index, body)
    return body


def _sums_axis(expr: Expr, array: Array, axis: int) -> bool:
    sums = (part for part in parts(expr) if isinstance(part, Reduce))
    read = ((one.index, part) for one in sums for part in _elements_of(one.body, array))
    return any(part.places[axis].index == index for index, part in read)


def _elements_of(expr: Expr, array: Array) -> list:
    waiting, found = [expr], []
    while waiting:
        node = waiting.pop()
        if getattr(node, "array", None) == array:
            found.append(node)
        if isinstance(node, (Add, Mul, Power)):
            waiting.extend(children(node))
    return found


def _applied(expr: Expr, names: set[str]) -> list[str]:
    """The functions applied to something that holds one of the names."""
    applied = (part for part in parts(expr) if isinstance(part, (Apply, Along)))
    return [one.function.name for one in applied if any(a.name in names for a in one.arrays)]


def length(size: Size, sizes: Mapping[str, int]) -> int:
    return size if isinstance(size, int) else sizes[size]
