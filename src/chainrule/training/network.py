"""A document's network, ready to be trained: compiled loss, gradients and prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from chainrule.errors import BadOption, SizeMismatch, UnknownSize
from chainrule.language.algebra import add, element, mul, total
from chainrule.language.expr import Add, Along, Apply, Array, Expr, Mul, Power, Reduce, children
from chainrule.language.facts import ONE_HOT, Fact
from chainrule.language.index import Index, Size
from chainrule.language.inline import elements
from chainrule.language.program import Definition, Program
from chainrule.language.walk import walk
from chainrule.notation.reading import Reading
from chainrule.program.build import Compiled, build
from chainrule.training.batch import batched, labels_name, with_labels
from chainrule.training.data import Dataset
from chainrule.training.roles import Roles, find_roles
from chainrule.transform.reverse import Gradients, reverse
from chainrule.transform.stabilise import stabilise_program
from chainrule.transform.values import name_values

if TYPE_CHECKING:
    from chainrule.program.on_jax import Traced

PENALTY = "l2"
WEIGHTS = "weights of examples"
FEW = 256
"""Up to how many classes a target comes as one-hot rows; beyond, as class numbers."""


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

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {
            array.name: tuple(length(size, self.sizes) for size in array.sizes)
            for array in self.roles.parameters
        }

    @property
    def gradients(self) -> Gradients:
        """Forward and backward for a batch, in the document's symbols and in stable forms."""
        return _gradients(self.roles, self._penalised, self.classes, self.labels, self.weighted)

    @cached_property
    def labels(self) -> bool:
        """Whether the target comes as class numbers, since one-hot rows would be long."""
        target = self.roles.target.sizes
        return self.classes and len(target) == 1 and length(target[0], self.sizes) > FEW

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
        """The program of one training step, and its outputs: the loss, then each gradient."""
        found = self.gradients
        outputs = (self.roles.loss, *(found.names[a.name] for a in self.roles.parameters))
        return found.program, outputs

    @cached_property
    def _step(self) -> Compiled:
        program, outputs = self.step_program
        return self._built(program, outputs, quick=True)

    @cached_property
    def _step_inputs(self) -> tuple[str, ...]:
        return self._step.inputs

    @cached_property
    def _loss(self) -> Compiled:
        return self._built(self.gradients.forward, (self.roles.loss,))

    @cached_property
    def _predict(self) -> Compiled:
        inputs = frozenset((self.roles.features.name, self.roles.target.name))
        program = batched(self.roles.program, self.roles.loss, inputs)
        wanted = stabilise_program(program.needed(self.roles.prediction))
        return self._built(wanted, (self.roles.prediction,))

    def _built(self, program: Program, outputs: Sequence[str], quick: bool = False) -> Compiled:
        return build(program, outputs, dtype=self.dtype, quick=quick, memory=self.memory)

    @cached_property
    def traced(self) -> Traced:
        """The step as JAX runs it."""
        program, outputs = self.step_program
        return build(program, outputs, "jax", self.dtype, quick=True)

    def in_order(self, parameters, *arrays) -> list:
        """What a step takes: parameters, numbers, features, target and weights."""
        values = self._values(parameters, *arrays)
        return [values[name] for name in self.traced.inputs]

    @property
    def source(self) -> str:
        """The source that one training step runs."""
        return self._step.source

    def step(
        self, parameters, features, target, weights=None
    ) -> tuple[float, dict[str, np.ndarray]]:
        values = self._values(parameters, features, target, weights)
        loss, *slopes = self._step.call(*[values[name] for name in self._step_inputs])
        return float(loss), dict(zip(self.shapes, slopes, strict=True))

    def loss(self, parameters, features, target, weights=None) -> float:
        values = self._values(parameters, features, target, weights)
        return float(self._loss(values)[self.roles.loss])

    def predict(self, parameters, features) -> np.ndarray:
        values = {**parameters, **self._numbers, self.roles.features.name: features}
        return self._predict(values)[self.roles.prediction]

    @cached_property
    def _numbers(self) -> dict[str, np.ndarray]:
        kind = np.dtype(self.dtype)
        given = {**self.constants, PENALTY: self.l2}
        return {name: kind.type(value) for name, value in given.items()}

    def _values(self, parameters, features, target, weights=None) -> dict[str, np.ndarray]:
        roles = self.roles
        given = labels_name(roles.target.name) if self.labels else roles.target.name
        values = {**parameters, **self._numbers, roles.features.name: features, given: target}
        if self.weighted:
            ones = np.ones(len(features), self.dtype)
            values[WEIGHTS] = ones if weights is None else weights
        return values

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
def _gradients(
    roles: Roles, program: Program, classes: bool, labels: bool, weighted: bool
) -> Gradients:
    names = [array.name for array in roles.parameters]
    inputs = frozenset((roles.features.name, roles.target.name))
    batch = batched(program, roles.loss, inputs, WEIGHTS if weighted else None)
    program = name_values(batch, whole=0)
    if labels:
        program = with_labels(program, roles.target.name)
    program = stabilise_program(program, keep=[roles.prediction])
    facts = [Fact(ONE_HOT, roles.target.name)] if classes and roles.target.sizes else []
    return reverse(program, roles.loss, names, facts)


def _square(array: Array) -> Expr:
    indices = tuple(Index(f"p{k}", size) for k, size in enumerate(array.sizes))
    body = element(array, *indices) ** 2
    for index in indices:
        body = total(index, body)
    return body


def _sums_axis(expr: Expr, array: Array, axis: int) -> bool:
    found = []

    def visit(node: Expr):
        if isinstance(node, Reduce):
            for part in _elements_of(node.body, array):
                if part.places[axis].index == node.index:
                    found.append(node)
        yield from children(node)

    walk(visit, expr)
    return bool(found)


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
    found = []

    def visit(node: Expr):
        if isinstance(node, (Apply, Along)):
            inside = node.argument if isinstance(node, Apply) else node.body
            if any(a.name in names for a in elements(inside)):
                found.append(node.function.name)
        yield from children(node)

    walk(visit, expr)
    return found


def length(size: Size, sizes: Mapping[str, int]) -> int:
    return size if isinstance(size, int) else sizes[size]


def network_for(
    reading: Reading,
    dataset: Dataset,
    given: Mapping[str, int],
    *,
    l2: float | None = None,
    dtype: str = "float32",
    weighted: bool = False,
) -> Network:
    """The network that a document defines, with its sizes from the data and from the user.

    given   size name, or name of a symbol, → integer
    l2      weight of the penalty; None: the document's own, if its risk has one
    raises  NoLoss, NotTrainable, UnknownSize, SizeMismatch, BadOption
    """
    roles = find_roles(reading)
    assumed = list(roles.assumed)
    classes = dataset.classes is not None
    known: dict[str, int] = {}
    _fix(known, roles.features.sizes[0], dataset.features.shape[1], roles.features.name, dataset)
    _check_target(known, roles.target, dataset)
    sizes = _all_sizes(reading, roles, known, dict(given), assumed)
    constants, penalty = _numbers(reading, roles, l2, assumed)
    return Network(
        roles, sizes, constants, penalty, dtype, classes, tuple(assumed), weighted=weighted
    )


def _check_target(known: dict[str, int], target: Array, dataset: Dataset) -> None:
    """The size of a target, k classes or columns; a number is one column, or tells two classes."""
    outputs = len(dataset.classes) if dataset.classes is not None else _columns(dataset.target)
    if target.sizes:
        _fix(known, target.sizes[0], outputs, target.name, dataset)
    elif outputs != (1 if dataset.classes is None else 2):
        what = "columns" if dataset.classes is None else "classes"
        raise SizeMismatch(
            f"{target.name} is a number in the document, but {dataset.name} has {outputs} {what}",
            remedy="use data with one column, or two classes, or make it a vector in the document",
        )


def _columns(target: np.ndarray) -> int:
    return 1 if target.ndim == 1 else target.shape[1]


def _fix(known: dict[str, int], size: Size, value: int, what: str, dataset: Dataset) -> None:
    """A size that the data decide; a document that says otherwise is an error."""
    stated = size if isinstance(size, int) else known.get(size, value)
    if stated != value:
        told = f"{size} = {stated}" if isinstance(size, str) else f"{stated}"
        raise SizeMismatch(
            f"{what} has size {told} in the document, but {dataset.name} has {value}",
            remedy="use data of that size, or change the shape in the document",
        )
    if isinstance(size, str):
        known[size] = value


def _all_sizes(reading: Reading, roles: Roles, known, given: dict[str, int], assumed) -> dict:
    wanted = {s for a in roles.parameters for s in a.sizes if isinstance(s, str)}
    symbols = {d.name: d.array.sizes for d in roles.program.definitions}
    symbols |= {a.name: a.sizes for a in roles.parameters}
    for name, value in sorted(given.items()):
        size = size_meant(name, reading, symbols, wanted - set(known), assumed, value)
        if size in known and known[size] != value:
            raise SizeMismatch(
                f"{name} = {value} was given, but the data say {known[size]}",
                remedy=f"leave {name} out",
            )
        known[size] = value
    if missing := sorted(wanted - set(known)):
        of = [name for name, sizes in symbols.items() if missing[0] in sizes]
        raise UnknownSize(
            f"the size {_shown(missing[0])} of {', '.join(of)} is neither given nor in the data",
            remedy=f"--size {_option(missing[0], symbols)}=64",
        )
    return known


def size_meant(name, reading: Reading, symbols, missing: set[str], assumed, value: int) -> str:
    """The size that the user's word means: a name of the document, a symbol's, or the only one."""
    size = reading.scope.sizes.find(name)
    if size in missing or name in reading.scope.size_names:
        return size
    spelled = [n for n in symbols if name in (n, n.replace("\\", ""), n.replace("_", ""))]
    free = [s for n in spelled for s in symbols[n] if s in missing]
    if len(set(free)) == 1:
        return free[0]
    if len(missing) == 1:
        (only,) = missing
        of = [n for n, sizes in symbols.items() if only in sizes]
        assumed.append(f"{name} = {value} is the one size left open, of {', '.join(of)}")
        return only
    raise BadOption(
        f"{name} is no size of the document; open sizes: {', '.join(map(_shown, sorted(missing)))}",
        remedy="name a size or a symbol of the document",
    )


def _shown(size: str) -> str:
    return "without a name" if size.startswith("?") else size


def _option(size: str, symbols) -> str:
    if not size.startswith("?"):
        return size
    return next(n for n, sizes in symbols.items() if sizes == (size,) or size in sizes).lstrip("\\")


def _numbers(reading: Reading, roles: Roles, l2: float | None, assumed):
    """(values of the document's open numbers, weight of an added penalty)."""
    constants = {}
    for name in roles.constants:
        value = 1e-4 if l2 is None else l2
        constants[name] = value
        assumed.append(f"{name} = {value:g}" + ("" if l2 is not None else " (choose it with --l2)"))
    if constants:
        return constants, 0.0
    if l2 is None and reading.scope.regulariser:
        assumed.append("the risk has λ‖θ‖²; λ = 0.0001 for all parameters (choose it with --l2)")
        return constants, 1e-4
    return constants, l2 or 0.0
