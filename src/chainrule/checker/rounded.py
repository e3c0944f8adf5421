"""Numbers that are printed rounded: how far a computation may be off for it, and `≈`.

Each number printed with decimals stands for all that are rounded, or cut off, to it. Two sides
agree where what they stand for can meet.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from chainrule.errors import ChainruleError
from chainrule.language.evaluate import evaluate
from chainrule.language.inline import elements
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.likeliest import first_value
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import cells
from chainrule.notation.tree import Node
from chainrule.notation.value import Value

# More numbers in one member are not followed.
MOST_NUMBERS = 12
# What is printed as nearly equal is false where it is off by more than this share.
FAR = 0.01
# … or, as a decimal number, by more than so many units in its last place.
UNITS = 50
_CLOSE = 1e-9

Sides = tuple[Value, Value]


def number_of(scope: Scope, value: Value) -> float | None:
    """The number that a value is; None where it depends on anything."""
    found = None if value.axes else numbers_of(scope, value)
    return None if found is None else found[0]


def numbers_of(scope: Scope, value: Value) -> list[float] | None:
    """The numbers that a value has as its elements; None where they depend on anything."""
    expr = scope.inlined(value.expr)
    if elements(expr) or expr.free - set(value.indices):
        return None
    names = {*expr.names, *(index.size for index in value.indices if isinstance(index.size, str))}
    try:
        found = evaluate(expr, {}, _lengths(scope, names), order=value.indices)
    except (ChainruleError, ArithmeticError):
        return None
    flat = [float(number) for number in np.ravel(found)]
    return flat if flat and all(map(math.isfinite, flat)) else None


def _lengths(scope: Scope, names: Iterable[str]) -> dict[str, int]:
    """The sizes of which the length is known."""
    known = {name: scope.sizes.find(name) for name in names}
    return {name: size for name, size in known.items() if isinstance(size, int)}


def are_numbers(scope: Scope, *sides: Value) -> bool:
    """Whether all sides are numbers, or arrays of as many numbers each."""
    found = [numbers_of(scope, side) for side in sides]
    return None not in found and len(set(map(len, found))) == 1


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
    """Whether two numbers, or the elements of two arrays of numbers, agree within rounding."""
    numbers = [numbers_of(scope, side) for side in sides]
    if None in numbers or not (near or any(map(_decimals, nodes))):
        return False
    if len({len(side.indices) for side in sides}) > 1 or len(set(map(len, numbers))) > 1:
        return False
    firsts = [found[0] for found in numbers if len(found) == 1]
    if firsts and not near and _is_exact(scope, firsts, nodes):
        return math.isclose(*firsts, rel_tol=_CLOSE)
    slack = min(map(_slack, nodes)) if near else 0.0
    reaches = [_reach(scope, n, len(numbers[0]), cut) for cut in (True, False) for n in nodes]
    for one, other, *reach in zip(*numbers, *reaches, strict=True):
        apart, size = abs(one - other), max(abs(one), abs(other))
        cut, rounded = reach[:2], reach[2:]
        # What was cut off made a number smaller.
        reached = cut[0] if abs(one) < abs(other) else rounded[0]
        reached += cut[1] if abs(other) < abs(one) else rounded[1]
        if not (near and apart <= min(FAR * size, slack)) and apart > reached + _CLOSE * size:
            return False
    return True


def _slack(node: Node) -> float:
    """How far the value of a decimal number may be from it, where `≈` stands before it."""
    printed = _unsigned(node)
    if isinstance(printed, tree.Number) and "." in printed.text:
        return UNITS * 10.0 ** -len(printed.text.partition(".")[2])
    return math.inf


def _is_exact(scope: Scope, numbers: list[float], nodes: tuple[Node, Node]) -> bool:
    """Whether a number is set equal to a computation that gives a decimal no longer than it, of
    numbers none of which is the value of something else, that may be rounded: `3.01^2 = 9.0601`.
    """
    for value, node, printed in zip(numbers, nodes, nodes[::-1], strict=True):
        printed = undecorated(printed)
        if isinstance(printed, tree.Number) and not isinstance(undecorated(node), tree.Number):
            if not tree.is_arithmetic(node):
                return False
            places = len(printed.text.partition(".")[2])
            known = not scope.values.isdisjoint(one.text for one in _decimals(node))
            return not known and abs(value - round(value, places)) <= _CLOSE * abs(value)
    return False


def _side_by_side(
    scope: Scope, sides: Sides, nodes: tuple[Node, Node]
) -> list[tuple[Sides, tuple[Node, Node]]] | None:
    """The elements of two lists of numbers as pairs: values, and what they were read from."""
    lists = [cells(undecorated(node)) for node in nodes]
    if any(side.is_scalar for side in sides) or () in lists or len({*map(len, lists)}) != 1:
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


def _decimals(node: Node) -> list[tree.Number]:
    return [
        part for part in tree.walk(node) if isinstance(part, tree.Number) and "." in part.text
    ][:MOST_NUMBERS]


def _reach(scope: Scope, node: Node, count: int, cut: bool) -> list[float]:
    """How far each element of a member may be off, for the rounding of the numbers in it.

    cut  whether a number that stands alone may have been cut off instead of rounded
    """
    total = [0.0] * count
    lone = {id(_unsigned(part)) for part in (cells(undecorated(node)) or [node])}
    base = _read(scope, node, count)
    for printed in _decimals(node) if base is not None else ():
        last = 10.0 ** -len(printed.text.partition(".")[2])
        digits = len(printed.text.replace(".", "").lstrip("0"))
        if digits < 2 and id(printed) not in lone:
            continue
        # Cut off instead of rounded, a number is less than one in the last place too small.
        wide = cut if id(printed) in lone else digits > 2
        step = 0.999 * last if wide else last / 2
        moved = replace(printed, text=f"{float(printed.text) + step:.12f}")
        other = _read(scope, tree.transformed(node, _exchange(printed, moved)), count)
        if other is not None:
            total = [t + abs(a - b) for t, a, b in zip(total, other, base, strict=True)]
    return total


def _unsigned(node: Node) -> Node:
    """3 for -3."""
    node = undecorated(node)
    match node:
        case tree.Sum((term,), _):
            return undecorated(term)
    return node


def _exchange(old: Node, new: Node):
    return lambda part: new if part is old else part


def _read(scope: Scope, node: Node, count: int) -> list[float] | None:
    trial = scope.copy()
    value = first_value(trial, lambda meaning: meaning.value(node))
    found = None if value is None else numbers_of(trial, value)
    return found if found is not None and len(found) == count else None
