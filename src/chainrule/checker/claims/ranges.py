"""Ranges, inequalities and bounds: `σ(x) ∈ (0, 1)`, `e^x : (0 → ∞)`, `σ'(x) ≤ 1/4`, `a < b`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import flint
import numpy as np

from chainrule.checker.claims.bounds import INFINITY, Bound, bound_of, inside
from chainrule.checker.claims.numbers import (
    UNKNOWN,
    Test,
    Truth,
    Values,
    balls,
    everywhere,
    sample,
    told,
)
from chainrule.checker.claims.page import Page
from chainrule.checker.equality import is_size
from chainrule.checker.findings import Finding
from chainrule.checker.points import size_names
from chainrule.language.expr import Array, Const, Element, Expr
from chainrule.language.inline import elements
from chainrule.language.passes import has_function
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.names import named
from chainrule.notation.reading import ChainItem
from chainrule.notation.shapes import stated_shapes
from chainrule.notation.tree import Node

_ORDER = {"<": "<", "<=": "<=", ">": ">", ">=": ">="}
# What makes an inequality a supposition.
_SUPPOSED = re.compile(
    r"\b(?:if|when|where|whenever|for|assum\w+|suppose|let|such that|s\.t\.|with|unless|while|"
    r"until|provided|given|subject to|and|or|consider|case|take|choose)\W*$",
    re.I,
)
_RESTRICTED = re.compile(
    r"[\s$\\\])},.]*(?:quad|text\{)?\s*\b(?:for|if|when|where|with|whenever|unless|provided|"
    r"given|as long|at|in)\b",
    re.I,
)
_CLAIMED = re.compile(
    r"\b(?:always|for all|for every|so|since|because|hence|thus|therefore|then|that|have|note|"
    r"get|example|but|satisf\w+|obtain)\W*$",
    re.I,
)


def findings(page: Page) -> Iterator[Finding]:
    """The ranges and inequalities among the chains."""
    for item in page.in_turn(page.reading.chains):
        for position, relation in enumerate(item.relations):
            before, member = item.members[position], item.members[position + 1]
            if relation.kind in ("in", ":"):
                yield from _range(page, item, before, member)
            elif relation.kind in _ORDER:
                yield from _inequality(page, item, position)


def interval(node: Node) -> tuple[Bound, Bound, tuple[bool, bool]] | None:
    """(low, high, which ends belong to it) of `(0, 1)`, `[0, ∞)`, `(0 → 1)`."""
    match undecorated(node):
        case tree.Group("(" | "[" as first, ")" | "]" as last, body):
            pass
        case _:
            return None
    match body:
        case tree.List((low, high), (",",)):
            pass
        case tree.Chain((low, high), (relation,)) if relation.kind == "to":
            pass
        case _:
            return None
    ends = bound_of(low), bound_of(high)
    if None in ends or not ends[0] < ends[1]:
        return None
    return ends[0], ends[1], (first == "[", last == "]")


def _range(page: Page, item: ChainItem, before: Node, member: Node) -> Iterator[Finding]:
    found = interval(member)
    expr = None if found is None else _expression(page, item, before)
    if found is None or expr is None or isinstance(expr, (Element, Const)) or is_size(expr):
        return
    limits = [limit for array in elements(expr) for limit in _limits(page, item, array)]
    points = [point for point in sample(expr) if all(_is_within(point[0], *one) for one in limits)]
    truth = everywhere(expr, inside(*found), points)
    if truth.value is False and any(one.name in item.scope.opaque for one in elements(expr)):
        # It may have other values here than anywhere else.
        return
    yield _told(page, member.start, member.end, truth)


def _limits(page: Page, item: ChainItem, array: Array) -> Iterator[tuple[str, Test | None]]:
    """What the section says of where the values of an array lie; None where that is not read."""
    for other, member in _said_of(page, item, array.name.removesuffix("·")):
        if len(other.members) != 2 or other.members[0] is not member:
            yield array.name, None
            continue
        kind, last = other.relations[0].kind, other.members[1]
        if kind != "in":
            yield array.name, _beside(kind, bound_of(last))
        elif (found := interval(last)) is not None:
            yield array.name, inside(*found)
        elif not stated_shapes(tree.Chain(other.members, other.relations), other.scope):
            yield array.name, None


def _beside(kind: str, bound: Bound | None) -> Test | None:
    """The test of `x > 0`."""
    if bound is None or kind not in _ORDER:
        return None
    closed = ("=" in kind, "=" in kind)
    return inside(-INFINITY, bound, closed) if kind[0] == "<" else inside(bound, INFINITY, closed)


def _is_within(values: Values, name: str, limit: Test | None) -> bool:
    return limit is not None and all(limit(flint.arb(x)) for x in np.ravel(values[name]))


def _expression(page: Page, item: ChainItem, node: Node) -> Expr | None:
    """A member in terms of what the document does not define."""
    node = undecorated(node)
    if isinstance(node, tree.Empty):
        return None
    found = page.value(node, item.scope)
    return None if found is None else found[1].inlined(found[0].expr)


def _inequality(page: Page, item: ChainItem, position: int) -> Iterator[Finding]:
    """`a < b`: of numbers decided; of functions tried, and false only if it is said of all."""
    left, right = item.members[position : position + 2]
    ends = [_expression(page, item, node) for node in (left, right)]
    if None in ends:
        return
    if _is_supposition(page, item, ends):
        yield page.finding(right.start, right.end, "not-checked", diagnosis="a condition")
        return
    kind = item.relations[position].kind
    small, large = ends if kind in ("<", "<=") else ends[::-1]
    truth = _compared(small, large, strict=kind in ("<", ">"))
    if truth.value is False and not _is_universal(page, item, ends):
        truth = UNKNOWN
    yield _told(page, right.start, right.end, truth)


def _is_supposition(page: Page, item: ChainItem, ends: list[Expr]) -> bool:
    """Whether it says what is supposed: a bare symbol against something, or after `if`."""
    if any(isinstance(end, Element) for end in ends):
        return True
    if not elements(ends[0]) | elements(ends[1]):
        return bool(size_names(*ends))
    names = [named(undecorated(node), item.scope.usage) for node in item.members]
    if any(name is not None and name.text in item.scope.opaque for name in names):
        return True
    return bool(_SUPPOSED.search(_text_before(page, item)))


def _is_universal(page: Page, item: ChainItem, ends: list[Expr]) -> bool:
    """Whether an inequality is said of every value of the one thing that it depends on."""
    arrays = elements(ends[0]) | elements(ends[1])
    if not arrays:
        return True
    if not any(has_function(end) for end in ends):
        # `0 < η λ < 2`: a condition on free letters.
        return False
    if len(arrays) > 1 or item.conditions or size_names(*ends) != _sizes_of(arrays):
        return False
    last = item.members[-1].end
    if _RESTRICTED.match(page.document.text[last : last + 60]):
        return False
    name = next(iter(arrays)).name.removesuffix("·")
    return bool(_CLAIMED.search(_text_before(page, item))) and not _is_limited(page, item, name)


def _sizes_of(arrays) -> list[str]:
    return sorted({size for array in arrays for size in array.sizes if isinstance(size, str)})


def _is_limited(page: Page, item: ChainItem, name: str) -> bool:
    """Whether the section says between what a symbol lies."""
    return any(True for _ in _said_of(page, item, name))


def _said_of(page: Page, item: ChainItem, name: str) -> Iterator[tuple[ChainItem, Node]]:
    """The comparisons and ranges of a section with a symbol as one of their members."""
    section = page.section(item.members[0].start)
    for other in page.reading.chains:
        if page.section(other.members[0].start) != section or other is item:
            continue
        kinds = {relation.kind for relation in other.relations}
        for member in other.members if kinds & {*_ORDER, "in", "!="} else ():
            found = named(undecorated(member), other.scope.usage)
            if found is not None and found.text == name:
                yield other, member


def _text_before(page: Page, item: ChainItem) -> str:
    start = item.members[0].start
    return page.document.text[max(0, start - 60) : start].rstrip("$ (\n\\[")


def _compared(small: Expr, large: Expr, strict: bool) -> Truth:
    """Whether the one is below the other at all points tried."""
    true = false = 0
    why = None
    for values, sizes in sample(small, large):
        order = tuple(sorted(small.free | large.free, key=lambda index: index.name))
        sides = [balls(end, values, sizes, order) for end in (small, large)]
        if None in (side if side is None else 0 for side in sides):
            continue
        for a, b in zip(sides[0].ravel(), sides[1].ravel(), strict=True):
            if a < b or (not strict and a <= b):
                true += 1
            elif b < a or (strict and b <= a):
                false += 1
                given = f"with {told(values)}: " if elements(small) | elements(large) else ""
                why = why or f"{given}{float(a):.6g} against {float(b):.6g}"
    if not true and not false:
        return UNKNOWN
    return Truth(not false, why)


def _told(page: Page, start: int, end: int, truth: Truth) -> Finding:
    match truth.value:
        case True:
            return page.finding(start, end, "holds")
        case False:
            return page.finding(start, end, "wrong", counterexample=truth.why)
    return page.finding(start, end, "not-checked", diagnosis="true at some points only")
