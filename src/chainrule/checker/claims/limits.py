"""Limits and infinity: `\\lim_{m → ∞} f(m) = v`, `e^{-∞} = 0`, `1/∞ = 0`.

A value is followed towards the point along a sequence, in balls. Infinity in a formula is a
number that grows; two of them in one member are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import flint

from chainrule.checker.claims.exchange import replaced
from chainrule.checker.claims.numbers import balls
from chainrule.checker.claims.page import Page
from chainrule.checker.findings import Finding
from chainrule.language.expr import Expr
from chainrule.language.inline import elements
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.names import named
from chainrule.notation.reading import ChainItem
from chainrule.notation.tree import EQUAL, Node

INFINITY = float("inf")
# Stands for infinity in a formula; no user can type it.
GROWING = "·∞"
STEPS = range(2, 10)


@dataclass(frozen=True)
class Limit:
    """A number, or plus or minus infinity; `number` is a float near it."""

    number: float


def findings(page: Page) -> Iterator[Finding]:
    """Equations with a limit or with infinity on a side."""
    for item in page.in_turn(page.reading.chains):
        if not any(_speaks_of_infinity(node) for node in item.members):
            continue
        values = [_value(page, item, undecorated(node)) for node in item.members]
        for position in range(1, len(item.members)):
            if item.relations[position - 1].kind not in EQUAL | {"approx"}:
                continue
            yield from _judged(page, item, values, position)


def _speaks_of_infinity(node: Node) -> bool:
    return any(
        (isinstance(part, tree.Big) and part.kind == "lim")
        or (isinstance(part, tree.Symbol) and part.name == "infinity")
        for part in tree.walk(node)
    )


def _judged(page: Page, item: ChainItem, values: list[Limit | None], at: int) -> Iterator[Finding]:
    member = item.members[at]
    if values[at] is None:
        return
    step, head = _verdict(values[at - 1], values[at]), _verdict(values[0], values[at])
    known = [verdict for verdict in (step, head) if verdict is not None]
    if not known or (step is None and head == "wrong"):
        # What the chain says of its first member in between was not understood.
        return
    verdict = "wrong" if "wrong" in known else "holds"
    against = values[0] if head == "wrong" else values[at - 1]
    found = page.finding(
        member.start,
        member.end,
        verdict,
        counterexample=f"{_shown(against)} against {_shown(values[at])}"
        if verdict == "wrong"
        else None,
    )
    yield _with(found, step or verdict, head or verdict)


def _with(found: Finding, step: str, head: str) -> Finding:
    return Finding(**{**vars(found), "step": step, "head": head})


def _verdict(left: Limit | None, right: Limit | None) -> str | None:
    if left is None or right is None:
        return None
    return "holds" if _close(left.number, right.number) else "wrong"


def _close(a: float, b: float) -> bool:
    return a == b or abs(a - b) <= 1e-4 * max(1.0, abs(a), abs(b)) < INFINITY


def _shown(value: Limit | None) -> str:
    return {INFINITY: "∞", -INFINITY: "-∞"}.get(value.number, f"{value.number:.6g}")


def _value(page: Page, item: ChainItem, node: Node) -> Limit | None:
    """What a member tends to."""
    if isinstance(node, tree.Big) and node.kind == "lim":
        return _limit(page, item, node)
    count = sum(isinstance(p, tree.Symbol) and p.name == "infinity" for p in tree.walk(node))
    if count > 1:
        return None
    if count == 0:
        expr = _expression(page, item, node)
        number = None if expr is None or elements(expr) or expr.free else balls(expr, {}, {})
        return None if number is None else Limit(float(number.ravel()[0]))
    expr = _expression(page, item, replaced(node, "infinity", tree.Symbol(GROWING)))
    return None if expr is None else followed(expr, GROWING, INFINITY)


def _expression(page: Page, item: ChainItem, node: Node) -> Expr | None:
    found = page.value(node, item.scope)
    return None if found is None else found[1].inlined(found[0].expr)


def _limit(page: Page, item: ChainItem, node: tree.Big) -> Limit | None:
    """`\\lim_{m → a} f(m)` with f of one number; from both sides where a is finite."""
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
    if found is None:
        return None
    expr = found[1].inlined(found[0].expr)
    limits = {followed(expr, name.text, towards, side) for side in sides}
    return limits.pop() if len(limits) == 1 else None


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


def followed(expr: Expr, name: str, towards: float, side: int = 1) -> Limit | None:
    """Where a value goes as one number goes to a point; None where that is not clear.

    >>> from chainrule.language.algebra import apply, element
    >>> from chainrule.language.expr import Array
    >>> from chainrule.mathematics.functions import exp
    >>> followed(apply(exp, -element(Array("m"))), "m", INFINITY)
    Limit(number=0.0)
    """
    if expr.free or any(array.name != name or array.sizes for array in elements(expr)):
        return None
    found = []
    for step in STEPS:
        far = flint.arb(10) ** step
        at = {INFINITY: far, -INFINITY: -far}.get(towards)
        at = flint.arb(towards) + side / far if at is None else at
        value = balls(expr, {name: at}, {})
        if value is None:
            return None
        found.append(value.ravel()[0])
    return _settled(found)


def _settled(values: list[flint.arb]) -> Limit | None:
    """The number that values approach, or infinity where they keep growing."""
    numbers = [float(value) for value in values]
    steps = [abs(b - a) for a, b in pairwise(numbers)]
    if abs(numbers[-1]) == INFINITY:
        grows = all(value > 0 for value in values[-3:]) or all(value < 0 for value in values[-3:])
        return Limit(numbers[-1]) if grows else None
    if steps[-1] <= 1e-6:
        number = numbers[-1]
        return Limit(float(round(number)) if abs(number - round(number)) < 1e-6 else number)
    if all(later >= 0.9 * earlier > 0.01 for earlier, later in pairwise(steps)):
        rising = numbers[-1] > numbers[0]
        return Limit(INFINITY if rising else -INFINITY)
    return None
