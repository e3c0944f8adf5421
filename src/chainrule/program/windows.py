"""Arrays read in windows, as convolutions and pooling do: slice by slice instead of element by
element.

x[2 p + r] for all p is one slice of x for each r. Reading them all is a `gather`; adding up what
belongs to the same element of x, which is the transpose of that, is a `fold`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, prod

from chainrule.language.index import Index, Place, Size, place_of, placeholder
from chainrule.program.operation import Form, Graph, Operation, Use

MOST = 1024
"""Up to how many slices an array is read by; beyond, element by element."""


def folded(graph: Graph, use: Use, kept: Sequence[Index]) -> Use | None:
    """The sum of what is read, over all but some indices, as a fold; None where it is none.

    Σ_p W[p, i − 2 p] adds W[p, r] to the element i = 2 p + r.
    """
    gather = graph.operations[use.value]
    if gather.kind != "gather":
        return None
    places, lengths = gather.detail
    inner = [placeholder(f"axis{k}", length) for k, length in enumerate(lengths)]
    read: dict[int, int] = {}
    for k, place in enumerate(places):
        if place.plain is not None and gather.sizes[place.plain] == lengths[k]:
            read[place.plain] = k
    outer = dict(zip(use.axes, gather.axes, strict=True))
    for index in kept:
        if outer[index] in read:
            inner[read[outer[index]]] = index
    solved = [_solved(outer[index], index, places, read, inner, set(gather.axes)) for index in kept]
    summed = [axis for index, axis in outer.items() if index not in kept]
    whole = len(read) + sum(index not in inner for index in kept) == len(places)
    if None in solved or not whole or not read.keys() >= set(summed):
        return None
    # As the elements lie that are added up, so that no slice has to be turned.
    last = [max(inner.index(atom) for atom in place.indices) for place in solved]
    order = sorted(range(len(kept)), key=last.__getitem__)
    kept = [kept[k] for k in order]
    detail = tuple(solved[k] for k in order), tuple(index.size for index in kept)
    found = graph.apply("fold", [Use(gather.values[0], tuple(inner))], kept, detail=detail)
    return None if slices(graph.operations[found.value]) is None else found


def _solved(
    axis: int, index: Index, places: Sequence[Form], read: dict[int, int], inner, axes: set[int]
) -> Place | None:
    """The index of the result that an element goes to, by the axes of the array that is read."""
    if axis in read:
        return place_of(index)
    holding = [k for k, place in enumerate(places) if axis in place.axes]
    if len(holding) != 1:
        return None
    place = places[holding[0]]
    terms = dict(place.terms)
    sign = terms.pop(axis)
    if abs(sign) != 1 or not {a for a in terms if isinstance(a, int)} <= read.keys():
        return None
    rest = place_of(place.offset)
    for atom, amount in terms.items():
        rest += place_of(inner[read[atom]] if isinstance(atom, int) else atom) * amount
    return (place_of(inner[holding[0]]) - rest) * sign


@dataclass(frozen=True)
class Slices:
    """How the array that is computed places and the one beside it are cut into slices.

    looped  the axes that code loops over
    sliced  for each place, the axis that a slice runs along; None: it is one number
    """

    operation: Operation
    looped: tuple[int, ...]
    sliced: tuple[int | None, ...]

    @property
    def beside(self) -> tuple[int, ...]:
        """The axes of the other array, of which each is one index of the places."""
        operation = self.operation
        return operation.operands[0][1] if operation.kind == "fold" else operation.axes

    @property
    def order(self) -> tuple[int, ...] | None:
        """The axes to turn a slice by, so that it lies as the one it is written to; or None."""
        beside = [axis for axis in self.beside if axis not in self.looped]
        sliced = [axis for axis in self.sliced if axis is not None]
        fold = self.operation.kind == "fold"
        here, there = (beside, sliced) if fold else (sliced, beside)
        order = tuple(here.index(axis) for axis in there)
        return None if order == tuple(range(len(order))) else order

    @property
    def apart(self) -> bool:
        """Whether no two of the elements beside belong to the same one."""
        return all(_distinct(place, self.operation) for place in self.operation.detail[0])

    @property
    def every(self) -> bool:
        """Whether elements beside that are apart and inside belong to all that there are."""
        sizes = self.operation.sizes
        counts = [[sizes[axis] for axis in place.axes] for place in self.operation.detail[0]]
        return all(
            found == [length] or (all(isinstance(n, int) for n in found) and prod(found) == length)
            for found, length in zip(counts, self.operation.detail[1], strict=True)
        )

    def text(self, size: Callable[[Size], str]) -> tuple[str, bool]:
        """A list of pairs, (slice of the array beside, slice of the array with the places).

        size  the length of an axis, as code
        Also whether all places lie inside of the array.
        """
        sizes = self.operation.sizes
        here = {axis: f"k{axis}" if axis in self.looped else ":" for axis in self.beside}
        loops = [f"for k{axis} in range({size(sizes[axis])})" for axis in self.looped]
        there, inside = [], True
        for k, (place, length) in enumerate(zip(*self.operation.detail, strict=True)):
            if surely_inside(place, length, self.operation):
                there.append(self._all(k, size))
                continue
            inside = False
            found, more = self._clipped(k, size)
            there.append(found)
            loops += more
            if self.sliced[k] is not None:
                here[self.sliced[k]] = f"a{k}:b{k}"
        pair = f"(np.s_[{', '.join(here.values())}], np.s_[{', '.join(there)}])"
        return f"[{' '.join((pair, *loops))}]", inside

    def _all(self, k: int, size: Callable[[Size], str]) -> str:
        """The slice of one axis, all of which lies inside."""
        (place, length), axis = (part[k] for part in self.operation.detail), self.sliced[k]
        if place.plain is not None and self.operation.sizes[place.plain] == length:
            return ":"
        start = _start(place, axis, size)
        if axis is None:
            return start
        return _slice(start, size(self.operation.sizes[axis]), dict(place.terms)[axis])

    def _clipped(self, k: int, size: Callable[[Size], str]) -> tuple[str, list[str]]:
        """The same where something may lie outside, and the loops that name the ends a and b."""
        (places, lengths), axis = self.operation.detail, self.sliced[k]
        start, length = _start(places[k], axis, size), size(lengths[k])
        if axis is None:
            return start, [f"for _ in range(0 <= {start} < {length})"]
        step, count = dict(places[k].terms)[axis], size(self.operation.sizes[axis])
        stop = f"min({count}, -(({start} - {length}) // {step}))"
        loops = [
            f"for a{k} in [max(0, -(({start}) // {step}))]",
            f"for b{k} in [max(a{k}, {stop})]",
        ]
        first = f"{start} + a{k}" if step == 1 else f"{start} + {step} * a{k}"
        return _slice(first, f"(b{k} - a{k})", step), loops


def _slice(start: str, count: str, step: int) -> str:
    if step == 1:
        return f"{start} : {start} + {count}"
    return f"{start} : {start} + {step} * {count} : {step}"


def _start(place: Form, axis: int | None, size: Callable[[Size], str]) -> str:
    terms = [(f"k{a}" if isinstance(a, int) else size(a), c) for a, c in place.terms if a != axis]
    text = " + ".join(name if amount == 1 else f"{amount} * {name}" for name, amount in terms)
    if place.offset or not text:
        text = f"{text} + {place.offset}" if text else str(place.offset)
    return text.replace("+ -", "- ")


def slices(operation: Operation) -> Slices | None:
    """How to read or to fold by slices; None where a place is not of that kind."""
    if operation.kind not in ("gather", "fold") or not operation.axes:
        return None
    seen: list[int] = []
    sliced, looped = [], []
    for place in operation.detail[0]:
        running = [axis for axis in place.axes if dict(place.terms)[axis] > 0]
        if not place.axes:
            sliced.append(None)
            continue
        if not running:
            return None
        chosen = max(running, key=lambda axis: _long(operation.sizes[axis]))
        sliced.append(chosen)
        looped += [axis for axis in place.axes if axis != chosen]
        seen += place.axes
    found = Slices(operation, tuple(looped), tuple(sliced))
    if len(set(seen)) < len(seen) or set(seen) != set(found.beside):
        return None
    lengths = [operation.sizes[axis] for axis in looped]
    known = all(isinstance(length, int) for length in lengths)
    few = prod(lengths) <= MOST if known else operation.kind == "fold"
    return found if few else None


def _long(size: Size) -> tuple[bool, Size]:
    return (isinstance(size, str), 0 if isinstance(size, str) else size)


def _distinct(place: Form, operation: Operation) -> bool:
    """Whether a place is another one for all other numbers along its axes, as 2 p + r for 2 r."""
    reached = 0
    for axis, amount in sorted(place.terms, key=lambda term: term[1]):
        if amount <= reached:
            return False
        size = operation.sizes[axis] if isinstance(axis, int) else "unknown"
        reached += amount * (size - 1) if isinstance(size, int) else inf
    return True


def surely_inside(place: Form, length: Size, operation: Operation) -> bool:
    """Whether a place lies within an axis whatever the sizes are."""
    if place.plain is not None and operation.sizes[place.plain] == length:
        return True
    sizes = [operation.sizes[atom] if isinstance(atom, int) else atom for atom, _ in place.terms]
    if not all(isinstance(size, int) for size in (length, *sizes)):
        return False
    ends = [
        sorted((0, coefficient * (size - 1)))
        for (_, coefficient), size in zip(place.terms, sizes, strict=True)
    ]
    low, high = (place.offset + sum(end[k] for end in ends) for k in (0, 1))
    return low >= 0 and high < length
