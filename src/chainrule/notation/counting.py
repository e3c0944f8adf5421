"""From which number a document counts the elements of its arrays: 1, or 0 as in `\\sum_{r=0}`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from chainrule.notation import tree
from chainrule.notation.ranges import printed_start
from chainrule.notation.scripts import letter, subscripts
from chainrule.notation.tree import Node


@dataclass
class Counting:
    """Which letters run from 0, and which letters each axis of an array is read by.

    zeros  the letters that sums run from 0, and none from 1
    ones   the letters that sums run from 1
    zeroth the axes along which an element 0 is printed or summed, and no sum runs from 1
    first  for letters and arrays of which nothing is known
    wrapped  whether arrays go on beyond their ends, other than by zeros
    axes   (letter of the array, number of the axis) → the letters that stand there
    """

    zeros: frozenset[str] = frozenset()
    ones: frozenset[str] = frozenset()
    first: int = 1
    axes: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    wrapped: bool = False
    zeroth: frozenset[tuple[str, int]] = frozenset()

    def count_from_zero(self, stated: bool) -> None:
        """Take what the words say, unless the formulas count from 1."""
        if stated and not self.ones:
            self.first = 0

    def first_of(self, text: str) -> int:
        """The number that a letter starts from."""
        return 0 if text in self.zeros else self.first

    def is_before_first(self, base: str) -> bool:
        """Whether the elements of a vector are summed from 1, so that 0 is the number of none."""
        return (base, 0) not in self.zeroth and bool(self.axes.get((base, 0), set()) & self.ones)

    def firsts(self, base: str | None, count: int) -> list[int]:
        """The numbers that the axes of an array start from."""
        found = []
        for axis in range(count):
            key = (base or "", axis)
            letters = self.axes.get(key, set())
            found.append(0 if letters & self.zeros or key in self.zeroth else self.first)
        return found


def counting(nodes: Iterable[Node]) -> Counting:
    """How the formulas of a document count."""
    nodes = list(nodes)
    starts: dict[int, set[str]] = {0: set(), 1: set()}
    inside: dict[int, set[tuple[str, int]]] = {0: set(), 1: set()}
    axes: dict[tuple[str, int], set[str]] = {}
    for part in (part for node in nodes for part in tree.walk(node)):
        match part:
            case tree.Big(_, sub) if (start := printed_start(sub)) is not None:
                marks, number = start
                letters = {letter(one) or "" for one in subscripts(marks)}
                starts[number] |= letters
                inside[number] |= {key for key, one in _places(part) if one in letters}
            case tree.Script():
                for key, one in _places(part):
                    axes.setdefault(key, set()).add(one)
    zeros = frozenset(starts[0] - starts[1] - {""})
    zeroth = {key for key, letters in axes.items() if "0" in letters} | inside[0]
    later = starts[1] - starts[0]
    counted = frozenset(key for key in zeroth - inside[1] if not axes[key] & later)
    first = 0 if zeros and not starts[1] else 1
    return Counting(zeros, frozenset(starts[1]), first, axes, zeroth=counted)


def _places(node: Node) -> Iterator[tuple[tuple[str, int], str]]:
    """((letter of the array, number of the axis), what stands there) for all that is printed."""
    for part in tree.walk(node):
        match part:
            case tree.Script(base, sub, _) if sub is not None and letter(base):
                for axis, mark in enumerate(subscripts(sub)):
                    zero = mark == tree.Number("0")
                    yield (letter(base), axis), "0" if zero else letter(mark) or ""
