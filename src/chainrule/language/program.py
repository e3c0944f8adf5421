"""Programs: ordered lists of named definitions, the bookkeeping of backpropagation.

phi[n, j] = sum_i x[n, i] * W[i, j] + b[j]
h[n, j] = sigmoid(phi[n, j])
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.errors import UnknownSymbol
from chainrule.language.algebra import element
from chainrule.language.evaluate import bound_sizes, evaluate
from chainrule.language.expr import Array, Element, Expr
from chainrule.language.index import Index
from chainrule.language.inline import Lambda, elements, inline


@dataclass(frozen=True)
class Definition:
    """`array[indices] = body`; the body's free indices are among the indices."""

    array: Array
    indices: tuple[Index, ...]
    body: Expr

    @property
    def name(self) -> str:
        return self.array.name

    @property
    def meaning(self) -> Lambda:
        return Lambda(self.indices, self.body)

    @property
    def left(self) -> Element:
        return element(self.array, *self.indices)

    @cached_property
    def uses(self) -> frozenset[str]:
        return frozenset(array.name for array in elements(self.body))


@dataclass(frozen=True)
class Program:
    """Definitions in an order in which each uses only inputs and earlier ones."""

    definitions: tuple[Definition, ...]

    @cached_property
    def by_name(self) -> dict[str, Definition]:
        return {definition.name: definition for definition in self.definitions}

    @cached_property
    def inputs(self) -> tuple[Array, ...]:
        """The arrays that are used but not defined, by name."""
        used = {a for definition in self.definitions for a in elements(definition.body)}
        return tuple(sorted((a for a in used if a.name not in self.by_name), key=lambda a: a.name))

    def definition(self, name: str) -> Definition:
        if name not in self.by_name:
            raise UnknownSymbol(
                f"{name} is not defined; defined are {', '.join(self.by_name)}",
                remedy="ask for one of these names",
            )
        return self.by_name[name]

    def needed(self, *names: str) -> Program:
        """The part of the program that the named definitions depend on, in the same order."""
        wanted = set(names)
        kept = []
        for definition in reversed(self.definitions):
            if definition.name in wanted:
                kept.append(definition)
                wanted |= definition.uses
        return Program(tuple(reversed(kept)))

    def inlined(self, name: str, keep: frozenset[str] = frozenset()) -> Expr:
        """The body of one definition with all others, except those kept, put in."""
        meanings: dict[str, Lambda] = {}
        for definition in self.needed(name).definitions:
            body = inline(definition.body, meanings)
            if definition.name == name:
                return body
            if definition.name not in keep:
                meanings[definition.name] = Lambda(definition.indices, body)
        return self.definition(name).body

    def run(self, values: Mapping[str, Any], sizes: Mapping[str, int] | None = None) -> dict:
        """Every definition's numbers in float64, by `evaluate`: name → array."""
        found = dict(values)
        known = [array for array in self.inputs if array.name in values]
        sizes = bound_sizes({a: np.shape(values[a.name]) for a in known}, sizes or {})
        for definition in self.definitions:
            found[definition.name] = evaluate(definition.body, found, sizes, definition.indices)
        return found
