"""Two expressions that a document says are equal, and what it says about their arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.checker.points import grid
from chainrule.language.expr import Expr
from chainrule.language.facts import Fact
from chainrule.language.index import Index
from chainrule.language.inline import elements


@dataclass(frozen=True)
class Pair:
    """Two expressions over the same free indices, with what is declared about their arrays.

    conditions  masks the document states: pairs of index names with "=" or "!="
    general     pairs of index names that the print covers in general, as δ_ij does
    fixable     sets of differentials that may be meant to be zero
    supposed    what the document supposes of single numbers in some sentence: `for y = 1`
    """

    left: Expr
    right: Expr
    declared: tuple[Fact, ...] = ()
    conditions: tuple[tuple[str, str, str], ...] = ()
    general: frozenset[frozenset[str]] = frozenset()
    fixable: tuple[tuple[str, ...], ...] = ()
    supposed: tuple[Fact, ...] = ()

    @property
    def arrays(self):
        return elements(self.left) | elements(self.right)

    @property
    def indices(self) -> list[Index]:
        return sorted(self.left.free | self.right.free, key=lambda index: index.name)

    def stated(self, sizes: dict[str, int]) -> np.ndarray:
        """Where the conditions that the document states hold, over the free indices."""
        return stated(self.conditions, self.indices, sizes)


def stated(conditions, indices: list[Index], sizes: dict[str, int]) -> np.ndarray:
    """Where conditions such as ("i", "!=", "j") hold, over the indices."""
    where = grid(indices, sizes)
    result = np.array(True)
    for left, kind, right in conditions:
        if left in where and right in where:
            same = where[left] == where[right]
            result = result & (same if kind == "=" else ~same)
    return result
