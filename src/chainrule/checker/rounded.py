"""Numbers that are printed rounded: how far a computation may be off for it, and `≈`.

Each number printed with decimals stands for all that are rounded, or cut off, to it. Two sides
agree where what they stand for can meet.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from chainrule.errors import ChainruleError
from chainrule.language.evaluate import evaluate
from chainrule.language.inline import elements
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.likeliest import first_value
from chainrule.notation.scope import Scope
from chainrule.notation.tree import Node
from chainrule.notation.value import Value

# More numbers in one member are not followed.
MOST_NUMBERS = 12
# What is printed as nearly equal is false where it is off by more than this share.
FAR = 0.01
_CLOSE = 1e-9

Sides = tuple[Value, Value]


def number_of(scope: Scope, value: Value) -> float | None:
    """The number that a value is; None where it depends on anything."""
    expr = scope.inlined(value.expr)
    if value.axes or expr.free or elements(expr):
        return None
    try:
        found = float(evaluate(expr, {}, _lengths(scope, expr.names)))
    except (ChainruleError, ArithmeticError):
        return None
    return found if math.isfinite(found) else None


def _lengths(scope: Scope, names: Iterable[str]) -> dict[str, int]:
    """The sizes of which the length is known."""
    known = {name: scope.sizes.find(name) for name in names}
    return {name: size for name, size in known.items() if isinstance(size, int)}


def are_numbers(scope: Scope, *sides: Value) -> bool:
    return None not in [number_of(scope, side) for side in sides]


def agree_rounded(scope: Scope, sides: Sides, nodes: tuple[Node, Node], near: bool) -> bool:
    """Whether two numbers agree as far as the printed decimals of both sides go.

    nodes  what the two values were read from
    near   whether the sign between them is `≈`
    """
    if (lists := _side_by_side(scope, sides, nodes)) is not None:
        return all(_same(scope, one) or _agree(scope, one, two, near) for one, two in lists)
    return _agree(scope, sides, nodes, near)


def _same(scope: Scope, sides: Sides) -> bool:
    numbers = [number_of(scope, side) for side in sides]
    return None not in numbers and math.isclose(*numbers, rel_tol=_CLOSE)


def _agree(scope: Scope, sides: Sides, nodes: tuple[Node, Node], near: bool) -> bool:
    numbers = [number_of(scope, side) for side in sides]
    if None in numbers or not (near or any(map(_decimals, nodes))):
        return False
    apart, size = abs(numbers[0] - numbers[1]), max(map(abs, numbers))
    if near and apart <= FAR * size:
        return True
    return apart <= sum(_reach(scope, node) for node in nodes) + _CLOSE * size


def _side_by_side(
    scope: Scope, sides: Sides, nodes: tuple[Node, Node]
) -> list[tuple[Sides, tuple[Node, Node]]] | None:
    """The elements of two lists of numbers as pairs: values, and what they were read from."""
    lists = [_listed(node) for node in nodes]
    if any(side.is_scalar for side in sides) or [] in lists or len({*map(len, lists)}) != 1:
        return None
    pairs = []
    for both in zip(*lists, strict=True):
        values = tuple(first_value(scope.copy(), _meant(node)) for node in both)
        if None in values:
            return None
        pairs.append((values, both))
    return pairs


def _meant(node: Node):
    return lambda meaning: meaning.value(node)


def _listed(node: Node) -> list[Node]:
    """What is written out in `[a, b]`, or in a matrix of one row or column."""
    match undecorated(node):
        case tree.Group("[" | "(", _, tree.List(items)):
            return list(items)
        case tree.Matrix(rows=rows):
            return [cell for row in rows for cell in row]
    return []


def _decimals(node: Node) -> list[tree.Number]:
    return [
        part for part in tree.walk(node) if isinstance(part, tree.Number) and "." in part.text
    ][:MOST_NUMBERS]


def _reach(scope: Scope, node: Node) -> float:
    """How far a member may be off, for the rounding of the numbers in it."""
    total = 0.0
    lone = isinstance(undecorated(node), tree.Number)
    base = _read(scope, node)
    for printed in _decimals(node) if base is not None else ():
        last = 10.0 ** -len(printed.text.partition(".")[2])
        digits = len(printed.text.replace(".", "").lstrip("0"))
        if digits < 2 and not lone:
            continue
        # Cut off instead of rounded, a number is less than one in the last place too small.
        step = 0.999 * last if lone or digits > 2 else last / 2
        moved = replace(printed, text=f"{float(printed.text) + step:.12f}")
        other = _read(scope, tree.transformed(node, _exchange(printed, moved)))
        total += 0.0 if other is None else abs(other - base)
    return total


def _exchange(old: Node, new: Node):
    return lambda part: new if part is old else part


def _read(scope: Scope, node: Node) -> float | None:
    trial = scope.copy()
    value = first_value(trial, lambda meaning: meaning.value(node))
    return None if value is None else number_of(trial, value)
