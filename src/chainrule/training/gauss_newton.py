"""The Gauss–Newton matrix Jᵀ H J: J of the network's output, H of the loss by that output.

H is that of each example by itself, and J has as many numbers as the Hessian of a linear model
needs: second derivatives of the network are left out, so that the matrix has no negative
eigenvalue where the loss is convex in the output. Schraudolph, Neural Computation 14, 2002.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from chainrule.errors import BadOption
from chainrule.language.algebra import ONE, add, mul, total
from chainrule.language.expr import Expr, terms_of
from chainrule.language.program import Definition, Program
from chainrule.program.structure import Structured, StructuredProgram
from chainrule.training.batch import EXAMPLES
from chainrule.training.network import Network
from chainrule.training.newton import Blocks, second_derivatives
from chainrule.training.optimise import Arrays
from chainrule.training.stored import Rows
from chainrule.transform.jacobian import jacobian
from chainrule.transform.reverse import reverse

ROUNDING = 1e-4
"""A share of the largest eigenvalue below which a negative one is rounding."""


@dataclass(frozen=True, eq=False)
class GaussNewton:
    """The matrix of a network's loss by all its parameters; see `newton.Hessian`."""

    network: Network

    @cached_property
    def output(self) -> Definition:
        """The first value of each example after which the loss needs no parameter."""
        forward = self.network.gradients.forward
        for definition in forward.definitions[:-1]:
            name, first = definition.name, definition.indices[:1]
            moves = first == (EXAMPLES,) and self._parameters(definition.body, "")
            if moves and not self._parameters(self._moving, name):
                return definition
        raise BadOption(
            "the loss of an example is no function of one output of the network",
            remedy="use --optimiser adam",
        )

    @property
    def _terms(self) -> tuple[Expr, ...]:
        body = self.network.gradients.forward.definitions[-1].body
        return terms_of(body)

    @property
    def _moving(self) -> Expr:
        """What the loss has of the examples."""
        return add(*(term for term in self._terms if self._of_examples(term)))

    def _of_examples(self, term: Expr) -> bool:
        roles = self.network.roles
        return not {roles.features.name, roles.target.name}.isdisjoint(self._reached(term, ""))

    def _parameters(self, body: Expr, without: str) -> set[str]:
        """The parameters that an expression depends on otherwise than through one value."""
        return self._reached(body, without) & set(self.network.shapes)

    def _reached(self, body: Expr, without: str) -> set[str]:
        """Every array that an expression depends on, itself or by definitions."""
        known = self.network.gradients.forward.by_name
        found: set[str] = set()
        pending = [array.name for array in body.arrays]
        while pending:
            name = pending.pop()
            if name in found or name == without:
                continue
            found.add(name)
            if name in known:
                pending += [array.name for array in known[name].body.arrays]
        return found

    @cached_property
    def _slopes(self) -> dict[str, StructuredProgram]:
        """Parameter → the Jacobian of the output by it."""
        forward, dtype = self.network.gradients.forward, self.network.dtype
        moved = self._parameters(self.output.body, "")
        return {
            name: StructuredProgram(forward, jacobian(forward, self.output.name, name), dtype)
            for name in self.network.shapes
            if name in moved
        }

    @cached_property
    def _bend(self) -> StructuredProgram:
        """The second derivatives of the sum of the losses by the output."""
        forward = self.network.gradients.forward
        found = reverse(forward, forward.definitions[-1].name, [self.output.name])
        of, by = found.names[self.output.name], self.output.name
        slope = jacobian(found.program, of, by)
        # The loss is a mean.
        body = mul(total(EXAMPLES, ONE), slope.body)
        summed = Definition(slope.array, slope.indices, body)
        return StructuredProgram(found.program, summed, self.network.dtype)

    @cached_property
    def _penalty(self) -> Blocks:
        """The second derivatives of what the loss has of parameters only."""
        *rest, loss = self.network.gradients.forward.definitions
        body = add(*(term for term in self._terms if not self._of_examples(term)))
        names = [name for name in self.network.shapes if name in self._parameters(body, "")]
        program = Program((*rest, Definition(loss.array, (), body))).needed(loss.name)
        found = reverse(program, loss.name, names)
        return second_derivatives(found, names, self.network.dtype)

    def matrix(self, parameters: Arrays, *arrays: Rows) -> np.ndarray:
        """(p, p) for p parameters in a row, in their order; by blocks of examples."""
        count = sum(parameter.size for parameter in parameters.values())
        first = self.network.values(parameters, *(array[:1] for array in arrays))
        whole = self._penalty.matrix(parameters, first)
        rows = max(1, self.network.memory // (8 * count * self._width(parameters, *arrays)))
        levels = []
        for first in range(0, len(arrays[0]), rows):
            part = [array[first : first + rows] for array in arrays]
            values = self.network.values(parameters, *part)
            slopes = self._jacobian(parameters, values)
            bend = of_each_example(self._bend(values), len(self.output.indices))
            levels.append(np.linalg.eigvalsh((bend + bend.transpose(0, 2, 1)) / 2))
            bent = np.matmul(bend, slopes)
            whole += slopes.reshape(-1, count).T @ bent.reshape(-1, count) / len(arrays[0])
        self._check(np.concatenate(levels))
        return whole

    def _width(self, parameters: Arrays, *arrays: Rows) -> int:
        """How many numbers the output of an example has."""
        values = self.network.values(parameters, *(array[:1] for array in arrays))
        return of_each_example(self._bend(values), len(self.output.indices)).shape[-1]

    def _jacobian(self, parameters: Arrays, values: Arrays) -> np.ndarray:
        """(examples, numbers of the output, p), as float64."""
        found = []
        for name, parameter in parameters.items():
            if name in self._slopes:
                dense = self._slopes[name](values).dense()
                found.append(dense.reshape(len(dense), -1, parameter.size).astype(float))
            else:
                found.append(np.zeros((*found[0].shape[:2], parameter.size)))
        return np.concatenate(found, axis=2)

    def _check(self, levels: np.ndarray) -> None:
        """The eigenvalues of all examples: those of sure predictions are rounding beside others."""
        if levels.min() < -ROUNDING * max(abs(levels).max(), np.finfo(float).tiny):
            raise BadOption(
                f"gauss-newton needs a loss that is convex in {self.output.name}",
                remedy="use --optimiser adam",
            )


def of_each_example(found: Structured, axes: int) -> np.ndarray:
    """Second derivatives (n, i, …, n, j, …) by values of that many axes as (n, i, j)."""
    if any(part.groups[0] != part.groups[axes] for part in found.parts):
        raise BadOption(
            "the loss of an example depends on the others", remedy="use --optimiser adam"
        )
    kept = [k for k in range(2 * axes) if k != axes]
    parts = tuple(
        type(part)(tuple(part.groups[k] for k in kept), part.held, part.numbers)
        for part in found.parts
    )
    names, shape = (tuple(of[k] for k in kept) for of in (found.indices, found.shape))
    dense = Structured(names, shape, parts).dense().astype(float)
    width = int(np.prod(shape[1:axes]))
    return dense.reshape(shape[0], width, width)
