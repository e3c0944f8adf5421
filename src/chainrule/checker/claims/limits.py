"""Limits and infinity: `\\lim_{m → ∞} f(m) = v`, `e^{-∞} = 0`, `1/∞ = 0`.

A value is followed towards the point along a sequence, in balls. Infinity in a formula is a
number that grows; two of them in one member are not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import pairwise

import flint
import numpy as np

from chainrule.checker.claims.exchange import replaced
from chainrule.checker.claims.numbers import Values, balls, told
from chainrule.checker.claims.page import Page
from chainrule.checker.findings import Finding
from chainrule.checker.points import lengths, shape, size_names
from chainrule.language.expr import Array, Expr
from chainrule.language.index import Index
from chainrule.language.inline import elements
from chainrule.mathematics.functions import function_named
from chainrule.notation import tree
from chainrule.notation.bounds import Bounds, parameter_bounds
from chainrule.notation.heads import undecorated
from chainrule.notation.names import named
from chainrule.notation.reading import ChainItem
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import calls, letter
from chainrule.notation.tree import EQUAL, Node

INFINITY = float("inf")
# Stands for infinity in a formula; no user can type it.
GROWING = "·∞"
STEPS = range(2, 10)
# At so many points for what else a member depends on two members are compared; fewer that have
# values say nothing.
POINTS, FEWEST = 8, 4
_LARGEST = re.compile(
    r"\b(?:largest|greatest|biggest|smallest|lowest|highest|maxim\w+|minim\w+|winn\w+|unique\w*"
    r"|argm(?:ax|in))\b[^.;]*$",
    re.I,
)


@dataclass(frozen=True)
class Side:
    """A member of a chain: a value, or what it tends to as the number `name` goes `towards`."""

    expr: Expr
    name: str = ""
    towards: float = 0.0
    sides: tuple[int, ...] = (1,)

    def at(self, values: Values, sizes: dict[str, int]) -> np.ndarray | None:
        """The value where the other arrays are these, along its free indices by name."""
        order = tuple(sorted(self.expr.free, key=lambda index: index.name))
        if not self.name:
            found = balls(self.expr, values, sizes, order)
            return None if found is None else np.vectorize(float, otypes=[float])(found)
        limits = [self._followed(side, values, sizes, order) for side in self.sides]
        if any(one is None for one in limits):
            return None
        return limits[0] if all(map(partial(_close, limits[0]), limits)) else None

    def _followed(self, side: int, values: Values, sizes, order) -> np.ndarray | None:
        return followed(self.expr, self.name, self.towards, side, values, sizes, order)


@dataclass(frozen=True)
class Comparison:
    """Whether two members are the same wherever they were looked at, and where they are not."""

    verdict: str
    counterexample: str | None = None


def findings(page: Page) -> Iterator[Finding]:
    """Equations with a limit or with infinity on a side."""
    for item in page.in_turn(page.reading.chains):
        if not any(_speaks_of_infinity(node) for node in item.members):
            continue
        found = [_side(page, item, undecorated(node)) for node in item.members]
        bounds = _bounds(item)
        for position in range(1, len(item.members)):
            if item.relations[position - 1].kind not in EQUAL | {"approx"}:
                continue
            step = _compared(found[position - 1], found[position], bounds)
            head = step if position == 1 else _compared(found[0], found[position], bounds)
            yield from _judged(page, item.members[position], step, head)


def _speaks_of_infinity(node: Node) -> bool:
    return any(
        (isinstance(part, tree.Big) and part.kind == "lim")
        or (isinstance(part, tree.Symbol) and part.name == "infinity")
        for part in tree.walk(node)
    )


def _judged(
    page: Page, member: Node, step: Comparison | None, head: Comparison | None
) -> Iterator[Finding]:
    known = [one for one in (head, step) if one is not None]
    false = any(one.verdict == "wrong" for one in known)
    if false and _LARGEST.search(page.document.text, max(0, member.start - 160), member.start):
        # `If the largest logit a_m is unique`: m is no letter for any element.
        return
    if not known or (step is None and head.verdict == "wrong"):
        # What the chain says of its first member in between was not understood.
        return
    worst = next((one for one in known if one.verdict == "wrong"), known[0])
    found = page.finding(
        member.start, member.end, worst.verdict, counterexample=worst.counterexample
    )
    verdicts = {"step": (step or worst).verdict, "head": (head or worst).verdict}
    yield replace(found, **verdicts)


def _bounds(item: ChainItem) -> dict[str, Bounds]:
    """Between which numbers parameters are, in all of the document and in this claim."""
    letters = {letter(one.members[0]) for one in item.conditions if isinstance(one, tree.Chain)}
    return item.scope.bounds | parameter_bounds(item.conditions, letters)


def _compared(left: Side | None, right: Side | None, bounds) -> Comparison | None:
    """Two members at points for all that they depend on; None where they agree at some only."""
    if left is None or right is None:
        return None
    if left.expr.free and right.expr.free and left.expr.free != right.expr.free:
        return None
    if not (_are_tied(left, right) and _are_tied(right, left)):
        return None
    alone = not _parameters(left, right)
    if not alone and not {left.name, right.name} - {"", GROWING}:
        return None
    same, different = 0, []
    for values, sizes in parameters_at(left, right, bounds):
        a, b = left.at(values, sizes), right.at(values, sizes)
        if a is not None and b is not None:
            same += _close(a, b)
            different += [] if _close(a, b) else [_told(values, a, b)]
    if same + len(different) < (1 if alone else FEWEST) or (same and different):
        return None
    return Comparison("wrong", different[0]) if different else Comparison("holds")


def _are_tied(one: Side, other: Side) -> bool:
    """Whether all that a value depends on is in the limit, too: what else K is, nobody knows; the
    length of a vector may be a number on the other side, by another name."""
    if other.name and set(elements(one.expr)) - set(elements(other.expr)) and not one.name:
        return False
    known = {size for array in elements(one.expr) for size in array.sizes}
    return not known or set(size_names(other.expr)) <= known


def _parameters(*found: Side) -> list[Array]:
    """The arrays that members depend on, beside what goes to a point."""
    arrays = {array for side in found for array in elements(side.expr) if array.name != side.name}
    return sorted(arrays, key=lambda array: array.name)


def parameters_at(left: Side, right: Side, bounds) -> Iterator[tuple[Values, dict[str, int]]]:
    """Numbers for all parameters, none of them 0, within the bounds that are stated."""
    arrays, sizes = _parameters(left, right), lengths(size_names(left.expr, right.expr))
    limits = {array.name: bounds.get(array.name, (None, None)) for array in arrays}
    if any(None not in pair and pair[0] >= pair[1] for pair in limits.values()):
        # `x > 0` and `x < 0`, of which one belongs to what stands beside.
        return
    for seed in range(POINTS if arrays else 1):
        random = np.random.default_rng(seed)
        drawn = {a.name: random.normal(size=shape(a, sizes)) for a in arrays}
        yield {name: _within(one, *limits[name]) for name, one in drawn.items()}, sizes


def _within(number: np.ndarray, low: Fraction | None, high: Fraction | None) -> np.ndarray:
    if low is not None and high is not None:
        return float(low) + float(high - low) / (1 + np.exp(-number))
    if low is not None:
        return float(low) + np.abs(number)
    return number if high is None else float(high) - np.abs(number)


def _close(a: np.ndarray, b: np.ndarray) -> bool:
    with np.errstate(invalid="ignore"):
        near = np.abs(a - b) <= 1e-4 * np.maximum(1.0, np.maximum(np.abs(a), np.abs(b)))
    return bool(np.all((a == b) | (near & np.isfinite(a) & np.isfinite(b))))


def _told(values: Values, a: np.ndarray, b: np.ndarray) -> str:
    a, b = np.broadcast_arrays(a, b)
    place = np.unravel_index(np.argmax(np.abs(a - b)), a.shape)
    shown = f"{_shown(a[place])} against {_shown(b[place])}"
    return f"with {told(values)}: {shown}" if values else shown


def _shown(number: float) -> str:
    return {INFINITY: "∞", -INFINITY: "-∞"}.get(number, f"{number:.6g}")


def _side(page: Page, item: ChainItem, node: Node) -> Side | None:
    """What a member says, if that is understood."""
    if isinstance(node, tree.Big) and node.kind == "lim":
        return _limit(page, item, node)
    count = sum(isinstance(p, tree.Symbol) and p.name == "infinity" for p in tree.walk(node))
    if count > 1:
        return None
    if count == 0:
        expr = _expression(page, item, node)
        return None if expr is None else Side(expr)
    expr = _expression(page, item, replaced(node, "infinity", tree.Symbol(GROWING)))
    return None if expr is None else Side(expr, GROWING, INFINITY)


def _expression(page: Page, item: ChainItem, node: Node) -> Expr | None:
    found = page.value(node, item.scope)
    return None if found is None else found[1].inlined(found[0].expr)


def _limit(page: Page, item: ChainItem, node: tree.Big) -> Side | None:
    """`\\lim_{m → a} f(m)`; from both sides where a is finite."""
    match node.sub:
        case tree.Chain((variable, target), (relation,)) if relation.kind == "to":
            name = named(variable, item.scope.usage)
        case _:
            return None
    towards, sides = _target(target)
    if name is None or name.places or towards is None:
        return None
    scope = item.scope.copy()
    scope.ranks = {**scope.ranks, name.text: 0}
    scope.size_names = scope.size_names - {name.text}
    scope.symbols.pop(name.text, None)
    scope.definitions.pop(name.text, None)
    found = page.value(node.body, scope)
    expr = None if found is None else found[1].inlined(found[0].expr)
    if expr is None or name.text not in {array.name for array in elements(expr)}:
        # How the value depends on the number is not known.
        return None
    if any(_is_unknown(word, scope) for word, own in calls(node.body) if own.body == variable):
        # `p(T)` of a p that is no function: hardly the product.
        return None
    return Side(expr, name.text, towards, sides)


def _is_unknown(word: Node, scope: Scope) -> bool:
    name = named(word, scope.usage)
    known = name is not None and (name.text in scope.functions or function_named(name.text))
    return name is not None and not known


def _target(node: Node) -> tuple[float | None, tuple[int, ...]]:
    """Where a limit goes, and from which sides: `0^+` from above."""
    sides = (1, -1)
    if isinstance(node, tree.Script) and isinstance(node.sup, tree.Symbol):
        sides = {"+": (1,), "-": (-1,)}.get(node.sup.name, ())
        node = node.base
    match node:
        case tree.Symbol("infinity"):
            return INFINITY, (1,)
        case tree.Sum((tree.Symbol("infinity"),), (sign,)):
            return (INFINITY if sign == "+" else -INFINITY), (1,)
        case tree.Number(text):
            return float(Fraction(text)), sides
    return None, ()


def followed(
    expr: Expr,
    name: str,
    towards: float,
    side: int = 1,
    values: Values | None = None,
    sizes: dict[str, int] | None = None,
    order: tuple[Index, ...] = (),
) -> np.ndarray | None:
    """Where a value goes as one number goes to a point; None where that is not clear.

    values, sizes  what all other arrays are
    order          the free indices of the value, each an axis of the result

    >>> from chainrule.language.algebra import apply, element
    >>> from chainrule.language.expr import Array
    >>> from chainrule.mathematics.functions import exp
    >>> float(followed(apply(exp, -element(Array("m"))), "m", INFINITY))
    0.0
    """
    if any(array.name == name and array.sizes for array in elements(expr)):
        return None
    found = []
    for step in STEPS:
        far = flint.arb(10) ** step
        at = {INFINITY: far, -INFINITY: -far}.get(towards)
        at = flint.arb(towards) + side / far if at is None else at
        value = balls(expr, {**(values or {}), name: at}, sizes or {}, order)
        if value is None:
            return None
        found.append(value)
    limits = [_settled([one[place] for one in found]) for place in np.ndindex(found[0].shape)]
    known = all(limit is not None for limit in limits)
    return np.array(limits, dtype=float).reshape(found[0].shape) if known else None


def _settled(values: list[flint.arb]) -> float | None:
    """The number that values approach, or infinity where they keep growing."""
    numbers = [float(value) for value in values]
    steps = [abs(b - a) for a, b in pairwise(numbers)]
    if abs(numbers[-1]) == INFINITY:
        grows = all(value > 0 for value in values[-3:]) or all(value < 0 for value in values[-3:])
        return numbers[-1] if grows else None
    if steps[-1] <= 1e-6:
        number = numbers[-1]
        return float(round(number)) if abs(number - round(number)) < 1e-6 else number
    if all(later >= 0.9 * earlier > 0.01 for earlier, later in pairwise(steps)):
        rising = numbers[-1] > numbers[0]
        return INFINITY if rising else -INFINITY
    return None
