"""A quick look at a candidate: numbers of the document's own names, computed once for many."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from chainrule.checker.compare import TOLERANCE
from chainrule.checker.fits import fitted
from chainrule.checker.pair import stated
from chainrule.checker.points import ABOVE_ZERO, ANY, BELOW_ONE, OPEN, lengths, points
from chainrule.checker.unstated import weights
from chainrule.errors import ChainruleError
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import Array
from chainrule.language.facts import ONE_HOT, Fact
from chainrule.language.index import Index
from chainrule.language.inline import elements
from chainrule.notation.by_rows import vector_of
from chainrule.notation.differentials import is_differential
from chainrule.notation.labels import is_one_hot
from chainrule.notation.scope import Scope
from chainrule.notation.value import Algebra, Misfit, Value


@dataclass
class Trial:
    """What a value should be, in a scope, and the numbers of all names at two general points.

    conditions  where it should be that, as pairs of letters with "=" or "!="
    printed     the names that are printed beside: they get numbers, too
    said        what is said instead: the points are where it has a value, if there are such
    """

    scope: Scope
    wanted: Value
    conditions: tuple[tuple[str, str, str], ...] = ()
    printed: frozenset[str] = frozenset()
    said: Value | None = None
    sizes: dict[str, int] = field(default_factory=dict)

    @cached_property
    def numbers(self) -> list[dict[str, np.ndarray]]:
        """The numbers of every name, inputs and definitions, where the wanted value has one."""
        wanted = self._resolved(self.wanted)
        program = self.scope.program()
        # A letter may be a number in one place: here it is what the wanted value takes it for.
        arrays = {array.name: array for array in sorted(program.inputs, key=repr)}
        arrays |= {array.name: array for array in sorted(elements(wanted.expr), key=repr)}
        inputs = set(arrays.values()) - {d.array for d in program.definitions}
        known = arrays.keys() | program.by_name.keys()
        inputs |= {
            self.scope.array(name)
            for name, symbol in self.scope.symbols.items()
            if name not in known and (symbol.declared or name in self.printed)
        }
        names = {size for a in inputs for size in a.sizes}
        names |= {size for d in program.definitions for size in d.array.sizes}
        names |= {index.size for index in wanted.expr.free}
        # Sizes of no array stand in formulas as numbers: the N of 1/N.
        names |= {self.scope.sizes.find(name) for name in self.scope.size_names}
        sizes = lengths(sorted(size for size in names if isinstance(size, str)))
        bodies = [definition.body for definition in program.definitions]
        # Arrays that are written out somewhere are as long as that.
        spelled = {
            size: index.size
            for definition in program.definitions
            for size, index in zip(definition.array.sizes, definition.indices, strict=True)
            if isinstance(size, str) and isinstance(index.size, int)
        }
        self.sizes = fitted(sizes | spelled, wanted.expr, *bodies) | spelled
        facts, least = sorted(self.scope.facts | self._targets(inputs)), []
        for domain in (ANY, ABOVE_ZERO, BELOW_ONE):
            tries = points(inputs, self.sizes, facts, domain, kinds=OPEN[:2])
            found = [known for point in tries if (known := self._with_definitions(point.values))]
            if found and all(map(self._is_said, found)):
                return found
            least = least or found
        return least

    def _is_said(self, known: dict[str, np.ndarray]) -> bool:
        """Whether what is said has a value where the names have these numbers."""
        if self.said is None:
            return True
        try:
            return bool(np.isfinite(evaluate(self.said.expr, known, self.sizes)).all())
        except ChainruleError:
            return True

    def _targets(self, inputs: set[Array]) -> set[Fact]:
        """The inputs that are labels, or weigh logarithms: they are one-hot."""
        bodies = (definition.body for definition in self.scope.definitions.values())
        weighing = frozenset().union(*map(weights, bodies))
        told = {fact.array for fact in self.scope.facts}
        axis = -2 if self.scope.batch_in_columns else -1
        found = {a for a in inputs if len(a.sizes) in (1, 2) and a.name in weighing - told}
        found |= {a for a in inputs if is_one_hot(a.name)}
        return {Fact(ONE_HOT, a.name, axis if len(a.sizes) == 2 else -1) for a in found}

    def _lines(self, values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Matrices X without a formula, whose rows are the vectors x_n, or whose columns are."""
        found = {}
        for name, numbers in values.items():
            small = vector_of(name)
            one = values.get(small) if name != small else None
            if one is not None and numbers.ndim == one.ndim == 2:
                sizes = [self.scope.array(text).sizes for text in (name, small)]
                if sizes[0] in (sizes[1], sizes[1][::-1]):
                    found[name] = one if sizes[0] == sizes[1] else one.T
        return found

    def _with_definitions(self, values: dict[str, np.ndarray]) -> dict[str, np.ndarray] | None:
        known = dict(values) | self._lines(values)
        for definition in self.scope.program().definitions:
            # What has no numbers is not tried, nor is what is made of it.
            with suppress(ChainruleError):
                known[definition.name] = evaluate(
                    definition.body, known, self.sizes, definition.indices
                )
        try:
            wanted = evaluate(self._resolved(self.wanted).expr, known, self.sizes)
        except ChainruleError:
            return None
        return known if np.isfinite(wanted).all() else None

    def may_hold(self, value: Value) -> bool:
        """Whether a value agrees with the wanted one at the points; False where it has none."""
        if len(value.indices) != len(self.wanted.indices) or self._differs(value):
            return False
        try:
            return bool(self.numbers) and self._agree(*self.aligned(value))
        except (Misfit, ChainruleError):
            return False

    def aligned(self, value: Value) -> tuple[Value, Value]:
        """The wanted value and another one over common axes. Errors: Misfit, ChainruleError."""
        algebra = self.scope.copy().algebra
        (left, right), _ = algebra.aligned([self.wanted, value], "the two sides")
        return self._resolved(left, algebra), self._resolved(right, algebra)

    def both(self, value: Value) -> tuple[np.ndarray, np.ndarray] | None:
        """The numbers of the wanted value and of another one, points first; None where they have
        none, or are 0 everywhere."""
        letters = self._over(self.wanted)
        if self._wanted is None or not value.expr.free <= {*value.indices, *letters}:
            return None
        found = self._numbers_of(value, letters)
        if found is None or found.shape != self._wanted.shape or not np.isfinite(found).all():
            return None
        return (self._wanted, found) if self._wanted.any() and found.any() else None

    @cached_property
    def depends(self) -> frozenset[str]:
        """The names that the wanted value changes with, at the points."""
        if self._wanted is None:
            return frozenset()
        known, letters, expr = self.stacked, self._over(self.wanted), self.wanted.expr
        names = {one.name for one in elements(expr)} & known.keys()
        order, many = (*self.wanted.indices, *letters), len(self.numbers)
        found = set()
        for name in names:
            other = {**known, name: known[name] * 1.25 + 0.125}
            with suppress(ChainruleError):
                changed = evaluate(expr, other, self.sizes, order, points=many)
                if not np.allclose(changed, self._wanted, rtol=1e-9, atol=1e-12):
                    found.add(name)
        return frozenset(found)

    def _resolved(self, value: Value, algebra: Algebra | None = None) -> Value:
        """A value with sizes as now known; the differential of a defined name is no input."""
        value = (algebra or self.scope.algebra).resolved(value)
        if any(is_differential(array.name) for array in value.expr.arrays):
            return replace(value, expr=self.scope.inlined(value.expr))
        return value

    def can_tell(self, value: Value) -> bool:
        """Whether all that a value depends on has numbers."""
        names = {one.name for one in elements(value.expr)}
        return bool(self.numbers) and names <= self.numbers[0].keys()

    def _differs(self, value: Value) -> bool:
        """Whether the numbers differ where they stand; False too where that is not seen at once."""
        both = self.both(value)
        letters = self._over(self.wanted)
        return both is not None and not self.is_close(*both, [*self.wanted.indices, *letters])

    @staticmethod
    def _over(value: Value) -> list[Index]:
        """The letters of a statement that its value depends on."""
        return sorted(value.expr.free - {*value.indices}, key=lambda index: index.name)

    @cached_property
    def _wanted(self) -> np.ndarray | None:
        if not self.numbers:
            return None
        wanted = self.wanted = self._resolved(self.wanted)
        return self._numbers_of(wanted, self._over(wanted))

    def _numbers_of(self, value: Value, letters: list[Index]) -> np.ndarray | None:
        """The numbers at all points, over the axes and then the letters."""
        order, known = (*value.indices, *letters), self.stacked
        value = self._resolved(value)
        try:
            return evaluate(value.expr, known, self.sizes, order, points=len(self.numbers))
        except ChainruleError:
            return None

    @cached_property
    def stacked(self) -> dict[str, np.ndarray]:
        shared = set.intersection(*map(set, self.numbers))
        return {name: np.stack([known[name] for known in self.numbers]) for name in shared}

    def _agree(self, left: Value, right: Value) -> bool:
        order = sorted(left.expr.free | right.expr.free, key=lambda index: index.name)
        sides = [
            np.stack([evaluate(side.expr, known, self.sizes, order) for known in self.numbers])
            for side in (left, right)
        ]
        return bool(np.isfinite(sides[1]).all()) and self.is_close(*sides, order)

    def is_close(self, a: np.ndarray, b: np.ndarray, order: list[Index]) -> bool:
        """Whether numbers over points and then indices agree where the conditions hold."""
        scale = np.maximum(1.0, np.maximum(np.abs(a), np.abs(b)))
        close = np.abs(a - b) <= 10 * TOLERANCE * scale
        meant = stated(self.conditions, order, self.sizes) & self._at_the_class(order)
        return bool((close | ~meant).all())

    @cached_property
    def _hot(self) -> dict[str, str]:
        """The one-hot vector, and the one letter that may be its class where nothing is said."""
        letters = self._over(self.wanted)
        names = {fact.array for fact in self.scope.facts if fact.kind == ONE_HOT}
        names &= self.scope.symbols.keys()
        pairs = [(name, one.name) for name in names for one in letters if self._fits(name, one)]
        return dict(pairs) if len(pairs) == 1 else {}

    def _fits(self, name: str, index: Index) -> bool:
        """Whether an index counts the elements of a vector."""
        sizes = self.scope.sizes
        return [*map(sizes.find, self.scope.array(name).sizes)] == [sizes.find(index.size)]

    def _at_the_class(self, order: list[Index]) -> np.ndarray:
        """Where the letter of the class is the class, as the document says of a one-hot vector."""
        meant = np.array(True)
        for name, text in (self.scope.hot or self._hot).items():
            numbers = self.stacked.get(name)
            for axis, index in enumerate(order):
                if index.name == text and numbers is not None and numbers.ndim == 2:
                    shape = [1] * (len(order) + 1)
                    shape[0], shape[axis + 1] = numbers.shape
                    meant = meant & (numbers == 1).reshape(shape)
        return meant
