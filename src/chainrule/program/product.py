"""Products and sums of products: what is multiplied when, where a scalar goes, what is a matrix
product.

A sum is never multiplied out: factors are arrays by the time they come here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from math import prod

import opt_einsum

from chainrule.language.index import Index, Size, place_of
from chainrule.program.one_hot import can_pick, one_hot, picked, scaled_less
from chainrule.program.operation import Graph, Use
from chainrule.program.windows import folded

TYPICAL = 32
"""The length assumed of an axis whose size is a name, where two orders are compared."""


@dataclass
class Product:
    """The multiplication of uses in one graph.

    graph   where the operations go
    order   indices → the order their axes should have in a new array
    """

    graph: Graph
    order: Callable[[Sequence[Index]], tuple[Index, ...]]

    def elementwise(self, scale: Use | None, above: list[Use], below: list[Use]) -> Use:
        """scale × product of above / product of below; small arrays are combined first."""
        graph = self.graph
        tops, bottoms = _grouped(graph, above), _grouped(graph, below)
        for axes in [axes for axes in tops if axes in bottoms]:
            tops[axes] = graph.elementwise("divide", tops[axes], bottoms.pop(axes))
        factors = _small_first(tops)
        if scale is not None or not factors:
            factors = self._scaled_first(scale, factors)
        result = factors[0]
        for factor in factors[1:]:
            result = graph.elementwise("multiply", result, factor)
        for divisor in _small_first(bottoms):
            result = graph.elementwise("divide", result, divisor)
        return result

    def _scaled_first(self, scale: Use | None, factors: list[Use]) -> list[Use]:
        if not factors:
            return [self.graph.number(1) if scale is None else scale]
        return [self.scaled(scale, factors[0]), *factors[1:]]

    def scaled(self, scale: Use, use: Use) -> Use:
        if self.graph.is_number(scale, -1):
            return self.graph.elementwise("negative", use)
        inside = scaled_less(self.graph, use, scale)
        return self.graph.elementwise("multiply", use, scale) if inside is None else inside

    def scalar(self, scale: Use | None, above: list[Use], below: list[Use]) -> Use | None:
        """The scalar factors as one; None for 1."""
        graph = self.graph
        for use in above:
            scale = use if scale is None else graph.elementwise("multiply", scale, use)
        for use in below:
            scale = graph.elementwise("divide", graph.number(1) if scale is None else scale, use)
        return scale

    def contracted(
        self,
        scale: Use | None,
        above: list[Use],
        below: list[Use],
        over: Sequence[Index],
        nonnegative: Collection[int] = (),
    ) -> Use:
        """scale × the sum over indices of product of above / product of below.

        nonnegative  values of which no element is below 0
        """
        graph = self.graph
        above = list(above)
        for divisor in below:
            above = self._divided(above, divisor)
        above, over = self._picked(above, over)
        held = {index for use in above for index in use.axes}
        for index in over:
            if index not in held:
                scale = self.scalar(scale, [graph.position(place_of(index.size))], [])
        if not above:
            return graph.number(1) if scale is None else scale
        over = [index for index in over if index in held]
        above = [self._summed_alone(k, above, over) for k in range(len(above))]
        keep = {index for use in above for index in use.axes} - set(over)
        rooted = self._rooted(scale, above, keep, nonnegative)
        if rooted is not None:
            scale, above = rooted
        elif scale is not None and self._belongs_inside(above, keep):
            k = min(range(len(above)), key=lambda k: self._cheapest(above[k]))
            above[k], scale = self.scaled(scale, above[k]), None
        result = self._in_path_order(above, keep)
        return result if scale is None else self.scaled(scale, result)

    def _picked(self, above: list[Use], over: Sequence[Index]) -> tuple[list[Use], list[Index]]:
        """Without the one-hot factors that are summed over: Σ_k [k = c] f(k) is f(c)."""
        above, over = list(above), list(over)
        for use in above:
            found = one_hot(self.graph, use)
            others = [other for other in above if other is not use]
            if found is None or found.index not in over:
                continue
            if any(found.index in u.axes for u in others) and all(
                can_pick(u, found) for u in others
            ):
                over.remove(found.index)
                picks = [picked(self.graph, u, found) for u in others]
                return self._picked(picks, over)
        return above, over

    def _divided(self, above: list[Use], divisor: Use) -> list[Use]:
        wide = [use for use in above if set(use.axes) >= set(divisor.axes)]
        if not wide:
            return [*above, self.graph.elementwise("divide", self.graph.number(1), divisor)]
        chosen = min(wide, key=lambda use: len(use.axes))
        above.remove(chosen)
        return [*above, self.graph.elementwise("divide", chosen, divisor)]

    def _summed_alone(self, k: int, above: list[Use], over: Sequence[Index]) -> Use:
        """Factor k already summed over the indices that no other factor has."""
        use, rest = above[k], above[:k] + above[k + 1 :]
        others = {index for other in rest for index in other.axes}
        alone = [index for index in use.axes if index in over and index not in others]
        if not alone:
            return use
        kept = [i for i in use.axes if i not in alone]
        found = folded(self.graph, use, kept)
        return self.graph.apply("sum", [use], kept) if found is None else found

    def _rooted(
        self,
        scale: Use | None,
        above: list[Use],
        keep: set[Index],
        nonnegative: Collection[int],
    ) -> tuple[Use | None, list[Use]] | None:
        """w x_i x_k as √w x_i × √w x_k, where no w is below 0; None where that is not so.

        The product of an array with itself, XᵀDX as (√D X)ᵀ(√D X), takes half the work. The scale
        that is left is for the result.
        """
        weights = [use for use in above if keep.isdisjoint(use.axes)]
        wide = [use for use in above if use not in weights]
        squares = {use.value for use in weights if weights.count(use) == 2}
        if not _is_symmetric(wide) or any(
            use.value not in nonnegative and use.value not in squares for use in weights
        ):
            return None
        if not weights:
            return scale, above
        inside = scale if scale is not None and scale.value in nonnegative else None
        root = self.graph.elementwise("sqrt", self.elementwise(inside, weights, []))
        cheapest = min(wide, key=self._cheapest).value
        found = [
            self.graph.elementwise("multiply", use, root) if use.value == cheapest else use
            for use in wide
        ]
        return None if scale is inside else scale, found

    def _belongs_inside(self, above: list[Use], keep: set[Index]) -> bool:
        """Whether multiplying a factor by a scalar costs no more than multiplying the result."""
        return len(above) > 1 and min(self._cost(use.axes) for use in above) <= self._cost(keep)

    def _cheapest(self, use: Use) -> tuple:
        # Of equals the one computed last: inputs are better left as they are.
        return (self._cost(use.axes), -use.value)

    def _cost(self, axes) -> int:
        return prod(length(index.size) for index in axes)

    def _in_path_order(self, uses: list[Use], keep: set[Index]) -> Use:
        # Of x_i x_k p_j p_l the pairs x p are one array read twice, and no larger than x x and p p:
        # of paths that cost the same, the one that meets different arrays first is taken.
        # The pair whose indices the result has first is the first one.
        kept = dict.fromkeys(index for use in uses for index in use.axes if index in keep)
        place = {index: k for k, index in enumerate(self.order(list(kept)))}
        last = len(place)
        written = sorted(uses, key=lambda use: min([last, *(place.get(i, last) for i in use.axes)]))
        met = [[u.value for u in written[:k]].count(use.value) for k, use in enumerate(written)]
        apart = [written[k] for k in sorted(range(len(written)), key=met.__getitem__)]
        found = [(order, *_path(order, keep)) for order in (apart, list(uses))]
        uses, path, _ = min(found, key=lambda one: one[2])
        for pair in path:
            chosen = [uses[k] for k in pair]
            uses = [use for k, use in enumerate(uses) if k not in pair]
            result = chosen[0]
            for k, other in enumerate(chosen[1:], 2):
                later = {i for use in (*uses, *chosen[k:]) for i in use.axes}
                result = self._pair(result, other, keep | later)
            uses.append(result)
        return uses[0]

    def _pair(self, left: Use, right: Use, keep: set[Index]) -> Use:
        axes = tuple(dict.fromkeys((*left.axes, *right.axes)))
        kept = [index for index in axes if index in keep]
        if len(kept) == len(axes):
            return self.graph.elementwise("multiply", left, right)
        return self.graph.apply("contract", [left, right], self.order(kept))


def _is_symmetric(uses: list[Use]) -> bool:
    """Whether each array is there twice, under different indices."""
    values = [use.value for use in uses]
    return len(set(uses)) == len(uses) > 0 and all(values.count(value) == 2 for value in values)


def length(size: Size) -> int:
    return size if isinstance(size, int) else TYPICAL


def _path(uses: list[Use], keep: set[Index]) -> tuple[list[tuple[int, ...]], int]:
    """Which factors to multiply together, one after the other, and how many operations it takes."""
    if len(uses) < 3:
        return [tuple(range(len(uses)))] if len(uses) == 2 else [], 0
    letters: dict[Index, str] = {}
    for use in uses:
        for index in use.axes:
            letters.setdefault(index, opt_einsum.get_symbol(len(letters)))
    inputs = ",".join("".join(letters[i] for i in use.axes) for use in uses)
    output = "".join(letter for index, letter in letters.items() if index in keep)
    shapes = [tuple(length(i.size) for i in use.axes) for use in uses]
    path, told = opt_einsum.contract_path(f"{inputs}->{output}", *shapes, shapes=True)
    return [tuple(sorted(step)) for step in path], int(told.opt_cost)


def _grouped(graph: Graph, uses: list[Use]) -> dict[frozenset[Index], Use]:
    """One product for each set of axes."""
    groups: dict[frozenset[Index], Use] = {}
    for use in uses:
        axes = frozenset(use.axes)
        known = groups.get(axes)
        groups[axes] = use if known is None else graph.elementwise("multiply", known, use)
    return groups


def _small_first(groups: dict[frozenset[Index], Use]) -> list[Use]:
    return sorted(groups.values(), key=lambda use: len(use.axes))
