"""The sum of a product of two arrays: a matrix product wherever it is one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from chainrule.program.layout import Layout
from chainrule.program.product import TYPICAL

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def contraction(
    axes: Sequence[Layout],
    result: Layout,
    sizes: Sequence[str],
    read: Callable[[int, Layout], str],
    out: str | None,
) -> str:
    """NumPy for Σ left · right.

    axes    the axes of left and of right, as they lie in memory
    result  those of the result
    sizes   the length of each axis, as code
    read    an operand (0 or 1) as a view with its axes in some order
    out     the array to write to
    """
    left, right = axes
    both = [axis for axis in left if axis in right]
    summed = tuple(axis for axis in both if axis not in result)
    batch = tuple(axis for axis in result if axis in both)
    end = "" if out is None else f", out={out}"
    if not result:
        return f"np.vdot({read(0, left)}, {read(1, left)})"
    first, second = 0, 1
    rows, columns = (tuple(a for a in result if a in own and a not in both) for own in axes)
    if result == batch + columns + rows and (rows or columns):
        first, second, rows, columns = 1, 0, columns, rows
    if result != batch + rows + columns or not summed:
        return einsum(axes, result, read, out)
    if not batch and max(len(rows), len(columns), len(summed)) == 1:
        return f"np.dot({read(first, rows + summed)}, {read(second, summed + columns)}{end})"
    if batch and len(rows) == len(columns) == len(summed) == 1:
        pair = read(first, batch + rows + summed), read(second, batch + summed + columns)
        return f"np.matmul({pair[0]}, {pair[1]}{end})"
    if not batch:
        return _folded(axes, read, (first, second), (rows, summed, columns), sizes, out)
    return einsum(axes, result, read, out)


def einsum(
    axes: Sequence[Layout], result: Layout, read: Callable[[int, Layout], str], out: str | None
) -> str:
    """A sum of products along letters; the arguments are those of `contraction`."""
    end = "" if out is None else f", out={out}"
    terms = ["".join(LETTERS[axis] for axis in layout) for layout in (*axes, result)]
    pair = f"{read(0, axes[0])}, {read(1, axes[1])}"
    return f'np.einsum("{terms[0]},{terms[1]}->{terms[2]}", {pair}{end})'


def _folded(axes, read, which, groups, sizes: Sequence[str], out: str | None) -> str:
    """A matrix product after folding several axes into one; axes, read, sizes: see contraction.

    which   the operand on the left of the product and the one on the right
    groups  the axes of rows, summed over, of columns
    """
    rows, summed, columns = groups

    def length(axes: Layout) -> str:
        return " * ".join(sizes[axis] for axis in axes)

    def matrix(k: int, *parts: Layout) -> str:
        if axes[k] == sum(parts[::-1], ()) != sum(parts, ()):
            # As it lies in memory, folding copies nothing.
            return f"{matrix(k, *parts[::-1])}.T"
        text = read(k, sum(parts, ()))
        if all(len(part) == 1 for part in parts if part) and sum(map(len, parts)) <= 2:
            return text
        return f"{text}.reshape({', '.join(length(part) for part in parts if part)})"

    if _is_long(axes, groups, sizes):
        return _in_parts(axes, read, which, groups, sizes, out)
    product = f"np.dot({matrix(which[0], rows, summed)}, {matrix(which[1], summed, columns)}"
    shape = ", ".join(length(part) for part in (rows, columns) if part)
    if out is not None:
        product += f", out={out}.reshape({shape})"
    whole = ", ".join(sizes[axis] for axis in rows + columns)
    return f"{product}).reshape({whole})"


def _is_long(axes: Sequence[Layout], groups, sizes: Sequence[str]) -> bool:
    """Whether both arrays have several axes last that are summed over, and few others.

    A matrix product is slow at such long sums, of which nothing is used twice.
    """
    rows, summed, columns = groups
    if len(summed) < 2 or not rows or not columns or any(a[-len(summed) :] != summed for a in axes):
        return False
    first, rest, *both = (_count(part, sizes) for part in (summed[:1], summed[1:], rows, columns))
    return first > 1 and prod(both) <= rest * sum(both)


def _count(axes: Layout, sizes: Sequence[str]) -> int:
    return prod(int(sizes[axis]) if sizes[axis].isdecimal() else TYPICAL for axis in axes)


def _in_parts(axes, read, which, groups, sizes: Sequence[str], out: str | None) -> str:
    """The sum along one axis of the products over the others: `_folded` where `_is_long`."""
    rows, summed, columns = groups
    turned = _count(rows, sizes) < _count(columns, sizes)
    parts, which = ((columns, rows), which[::-1]) if turned else ((rows, columns), which)

    def length(axes: Layout) -> str:
        return " * ".join(sizes[axis] for axis in axes)

    shapes = [f"{length(part)}, {sizes[summed[0]]}, {length(summed[1:])}" for part in parts]
    left, right = (
        f"{read(k, part + summed)}.reshape({shape}).transpose({order})"
        for k, part, shape, order in zip(which, parts, shapes, ("1, 0, 2", "1, 2, 0"), strict=True)
    )
    end = "" if out is None else f", out={out}.reshape({', '.join(map(length, (rows, columns)))})"
    end, back = (f"{end}.T" if turned and out else end), ".T" if turned else ""
    whole = ", ".join(sizes[axis] for axis in rows + columns)
    return f"np.add.reduce(np.matmul({left}, {right}), axis=0{end}){back}.reshape({whole})"
