"""Two expressions that a document says are equal, and what it says about their arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from chainrule.checker.points import Point, grid
from chainrule.errors import ChainruleError
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import Expr
from chainrule.language.facts import Fact
from chainrule.language.index import Index
from chainrule.language.inline import elements


@dataclass(frozen=True)
class Pair:
    """Two expressions over the same free indices, with what is declared about their arrays.

    conditions  masks the document states: pairs of index names with "=" or "!="
    general     pairs of index names that the print covers in general, as δ_ij does; a name alone
                with every other, as in δ_ii
    fixable     sets of differentials that may be meant to be zero
    class_axis  the axis of a matrix of targets that the classes run along, from the last
    weights     what may be a target or probabilities: vectors that weigh logarithms somewhere
    supposed    what the document supposes of single numbers in some sentence: `for y = 1`
    """

    left: Expr
    right: Expr
    declared: tuple[Fact, ...] = ()
    conditions: tuple[tuple[str, str, str], ...] = ()
    general: frozenset[frozenset[str]] = frozenset()
    fixable: tuple[tuple[str, ...], ...] = ()
    supposed: tuple[Fact, ...] = ()
    weights: frozenset[str] = frozenset()
    class_axis: int = -1

    @property
    def arrays(self):
        return elements(self.left) | elements(self.right)

    @property
    def indices(self) -> list[Index]:
        return sorted(self.left.free | self.right.free, key=lambda index: index.name)

    def stated(self, sizes: dict[str, int]) -> np.ndarray:
        """Where the conditions that the document states hold, over the free indices."""
        return stated(self.conditions, self.indices, sizes)

    def sides(self, tries: Sequence[Point]) -> Sides | None:
        """Both sides at points of the same sizes; None where one cannot be evaluated."""
        sizes = tries[0].sizes
        values = {a.name: np.stack([point.values[a.name] for point in tries]) for a in self.arrays}
        try:
            left, right = (
                evaluate(side, values, sizes, self.indices, points=len(tries))
                for side in (self.left, self.right)
            )
        except ChainruleError:
            return None
        return Sides(left, right, self.stated(sizes), sizes)


@dataclass(frozen=True)
class Sides:
    """The numbers of both sides at several points: the points first, then the free indices.

    stated  where the document says that they are equal, over the free indices
    sizes   the length of each size, alike at all points
    """

    left: np.ndarray
    right: np.ndarray
    stated: np.ndarray
    sizes: dict[str, int]

    @property
    def finite(self) -> np.ndarray:
        """The elements at which both sides have a value."""
        return np.isfinite(self.left) & np.isfinite(self.right)

    @property
    def known(self) -> np.ndarray:
        """The points at which both sides have a value at every element."""
        return self.finite.all(axis=tuple(range(1, self.left.ndim)))

    def agree(self, tolerance: float) -> np.ndarray:
        """Where they agree, relative to the larger of them and 1, or nothing is claimed."""
        with np.errstate(invalid="ignore"):
            scale = np.maximum(1.0, np.maximum(np.abs(self.left), np.abs(self.right)))
            return (np.abs(self.left - self.right) <= tolerance * scale) | ~self.stated

    def where_known(self) -> Sides:
        """The same at the points at which both sides have a value."""
        left, right = self.left[self.known], self.right[self.known]
        return replace(
            self, left=left, right=right, stated=np.broadcast_to(self.stated, left.shape)
        )


def stated(conditions, indices: list[Index], sizes: dict[str, int]) -> np.ndarray:
    """Where conditions such as ("i", "!=", "j") hold, over the indices."""
    where = grid(indices, sizes)
    result = np.array(True)
    for left, kind, right in conditions:
        if left in where and right in where:
            same = where[left] == where[right]
            result = result & (same if kind == "=" else ~same)
    return result
