"""Rows of numbers as printed: signals, filters, and what they give."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from chainrule.checker.claims.bounds import bound_of
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.tree import Node


@dataclass(frozen=True)
class Row:
    """Numbers between brackets, and the zeros printed outside the inner brackets."""

    numbers: tuple[Fraction, ...]
    before: int = 0
    after: int = 0

    @property
    def padded(self) -> bool:
        return bool(self.before or self.after)


def row_of(node: Node) -> Row | None:
    """`[1, 2, 3]`, a matrix of one row, or `[0, [1, 2, 3], 0]` with zeros around; else None."""
    match undecorated(node):
        case tree.Group("[" | "(", _, tree.List(items, _)):
            cells = items
        case tree.Matrix((cells,), _):
            pass
        case _:
            return None
    inner = [k for k, cell in enumerate(cells) if isinstance(undecorated(cell), tree.Group)]
    if not inner:
        numbers = tuple(bound_of(cell) for cell in cells)
        return Row(numbers) if _all_numbers(numbers) and len(numbers) > 1 else None
    if len(inner) > 1:
        return None
    middle = row_of(cells[inner[0]])
    zeros = [_zeros(cells[: inner[0]]), _zeros(cells[inner[0] + 1 :])]
    return None if middle is None or None in zeros else Row(middle.numbers, *zeros)


def _all_numbers(numbers) -> bool:
    return all(isinstance(number, Fraction) for number in numbers)


def _zeros(cells: tuple[Node, ...]) -> int | None:
    """How many zeros are printed, or None where something else is."""
    flat = [one for cell in cells for one in (cell.items if _is_list(cell) else (cell,))]
    if all(isinstance(one, tree.Empty) or bound_of(one) == 0 for one in flat):
        return sum(not isinstance(one, tree.Empty) for one in flat)
    return None


def _is_list(node: Node) -> bool:
    return isinstance(node, tree.List)


def row_cells(node: Node) -> tuple[Node, ...]:
    """The entries of a printed row."""
    match undecorated(node):
        case tree.Group(_, _, tree.List(items, _)):
            return items
        case tree.Matrix((cells,), _):
            return cells
    return ()


def convolved(signal: tuple, kernel: tuple, mode: str) -> tuple[Fraction, ...]:
    """Sums of products of a signal and a kernel that slides over it, not turned round.

    mode  "full", "same" (as long as the signal) or "valid"

    >>> [int(x) for x in convolved((1, 2, 3), (1, 1), "full")]
    [1, 3, 5, 3]
    """
    n, k = len(signal), len(kernel)
    padded = [Fraction(0)] * (k - 1) + list(signal) + [Fraction(0)] * (k - 1)
    full = [
        sum((padded[i + j] * kernel[j] for j in range(k)), Fraction(0)) for i in range(n + k - 1)
    ]
    if mode == "full":
        return tuple(full)
    if mode == "valid":
        return tuple(full[k - 1 : n]) if n >= k else ()
    first = (k - 1) // 2
    return tuple(full[first : first + n])


def padding(mode: str, kernel: int) -> tuple[int, int]:
    """How many zeros each mode puts before and after a signal."""
    if mode == "same":
        return (kernel - 1) // 2, kernel - 1 - (kernel - 1) // 2
    return (kernel - 1, kernel - 1) if mode == "full" else (0, 0)
