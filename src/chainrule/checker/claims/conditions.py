"""Conditions in words: `F = G only if c = 1`, `greater if a < b and smaller if b > a`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from chainrule.checker.claims.bounds import bound_of
from chainrule.checker.claims.numbers import balls, same, sample, told
from chainrule.checker.claims.page import Page
from chainrule.checker.findings import Finding
from chainrule.language.expr import Expr
from chainrule.language.inline import elements
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import letter
from chainrule.notation.sentences import FORMULA, MARKS, OTHER, Sentence
from chainrule.notation.tree import Node, show

_UP = r"(?:greater|larger|bigger|higher|grows?|increases?|more)"
_DOWN = r"(?:smaller|less|lower|shrinks?|decreases?|fewer)"
_PAIRS = re.compile(
    rf"\b(?P<one>{_UP}|{_DOWN})\b{OTHER}{{0,24}}\b(?:if|when|for)\s+(?P<first>{FORMULA})"
    rf"[\s,]*(?:and|but|while|,){OTHER}{{0,24}}\b(?P<two>{_UP}|{_DOWN})\b"
    rf"{OTHER}{{0,24}}\b(?:if|when|for)\s+(?P<second>{FORMULA})",
    re.I,
)
_ONLY = re.compile(
    rf"(?P<claim>{FORMULA})?{OTHER}{{0,40}}\bonly(?:\s+\w+)?\s+(?:if|when|for)\s+"
    rf"(?P<case>{FORMULA})(?P<more>\s*(?:or|and)\b)?",
    re.I,
)
_MUST = re.compile(
    rf"\b(?:should|must|need to|have to)\s+(?:have\s+)?(?P<case>{FORMULA})\s*"
    r"(?:in order\s+)?(?:for|to)\b[^.;]{0,40}?\b(?:equation|equality)\b"
    rf"(?-i:[^.;{MARKS}]{{0,20}})",
    re.I,
)
_OPPOSITE = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_OTHERS = (2.0, 0.5, 3.0)


def findings(page: Page) -> Iterator[Finding]:
    """Contradictory pairs of conditions, and conditions that are not necessary."""
    for sentence in page.in_turn(page.sentences):
        for match in _PAIRS.finditer(sentence.flat):
            found = _pair(page, sentence, match)
            if found is not None:
                yield found
        for pattern, judge in ((_ONLY, _necessary), (_MUST, _required)):
            match = pattern.search(sentence.flat)
            found = None if match is None else judge(page, sentence, match)
            if found is not None:
                yield found


def _pair(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    """`greater if a < b and smaller if b > a`: the two conditions are the same."""
    ups = [re.fullmatch(_UP, match[key], re.I) is not None for key in ("one", "two")]
    if ups[0] == ups[1]:
        return None
    first, second = (_ordered(sentence.prints[match[key]].node) for key in ("first", "second"))
    if first is None or first != second:
        return None
    start, end = sentence.span(*match.span())
    reason = "both conditions are the same, and the consequences are opposite"
    return page.finding(start, end, "wrong", counterexample=reason, diagnosis=reason)


def _ordered(node: Node) -> tuple[str, str, str] | None:
    """An inequality with the smaller side first, as text."""
    match undecorated(node):
        case tree.Chain((left, right), (relation,)) if relation.kind in _OPPOSITE:
            if relation.kind in (">", ">="):
                return _OPPOSITE[relation.kind], show(right), show(left)
            return relation.kind, show(left), show(right)
    return None


def _necessary(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    """`F = G only if c = 1`: false where F = G at a point with another c."""
    case = undecorated(sentence.prints[match["case"]].node)
    if match["more"] or not isinstance(case, tree.Chain) or len(case.members) != 2:
        return None
    name, value = letter(case.members[0]), bound_of(case.members[1])
    if case.relations[0].kind != "=" or name is None or value is None:
        return None
    scope = page.scope_at(case.start)
    claim = _equation(page, sentence, match, name, scope)
    if claim is None:
        return None
    start, end = sentence.span(*match.span())
    exceptions = list(_found_otherwise(*claim, name, float(value)))
    if not exceptions:
        return page.finding(start, end, "not-checked", diagnosis="no exception was found")
    others = [why for why, zero in exceptions if not zero]
    if not others:
        zeros = sorted({a.name for side in claim for a in elements(side)} - {name})
        return page.finding(start, end, "holds-if", fact=f"{' and '.join(zeros)} ≠ 0")
    return _unnecessary(page, start, end, others[0])


def _unnecessary(page: Page, start: int, end: int, why: str) -> Finding:
    reason = "the condition is not necessary"
    return page.finding(start, end, "wrong", counterexample=why, diagnosis=reason)


def _required(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    """`We must have t = x for the equation above`, which is f(t) = f(x): false if f repeats."""
    case = undecorated(sentence.prints[match["case"]].node)
    if not isinstance(case, tree.Chain) or len(case.members) != 2:
        return None
    names = [letter(member) for member in case.members]
    start, end = sentence.span(*match.span())
    if case.relations[0].kind != "=" or None in names:
        return None
    for call in _calls_above(page, start, names):
        scope = page.scope_at(call.start)
        for name in names:
            scope.definitions.pop(name, None)
        found = page.value(call, scope)
        if found is None:
            continue
        expr = found[1].inlined(found[0].expr)
        why = _repeats(expr, names)
        if why is not None:
            return _unnecessary(page, start, end, why)
    return None


def _calls_above(page: Page, before: int, names: list[str]) -> Iterator[Node]:
    """One side of f(t) = f(x), nearest first, also inside larger formulas."""
    formulas = [one for one in page.sentences if one.start < before]
    for sentence in reversed(formulas[-12:]):
        for printed in sentence.prints.values():
            for part in tree.walk(printed.node):
                if isinstance(part, tree.Chain):
                    for left, right in pairwise(part.members):
                        calls = [_called(side) for side in (left, right)]
                        if None not in calls and _are_twins(calls, names):
                            yield calls[0][1]


def _called(node: Node) -> tuple[str, Node] | None:
    """(argument, call) of `f(t)` and `f(t)_i`, behind words if there are any."""
    node = undecorated(node)
    if not isinstance(node, tree.Product):
        return None
    factors = [factor for factor in node.factors if not isinstance(factor, tree.Text)]
    if len(factors) != 2:
        return None
    bracket = factors[1].base if isinstance(factors[1], tree.Script) else factors[1]
    if not isinstance(bracket, tree.Group) or (argument := letter(bracket.body)) is None:
        return None
    return argument, tree.Product(tuple(factors), ("",), start=factors[0].start, end=factors[1].end)


def _are_twins(calls: list[tuple[str, Node]], names: list[str]) -> bool:
    (first, left), (second, right) = calls
    same_function = show(left.factors[0]) == show(right.factors[0])
    return same_function and {first, second} == set(names) and first != second


def _repeats(expr: Expr, names: list[str]) -> str | None:
    """Two arguments, one the other plus a constant, with the same value."""
    arrays = [array for array in elements(expr) if array.name in names]
    if len(arrays) != 1 or len(elements(expr)) != 1:
        return None
    name = arrays[0].name
    for values, sizes in sample(expr):
        moved = {name: np.asarray(values[name]) + 1.5}
        sides = [balls(expr, at, sizes) for at in (values, moved)]
        if None in (side if side is None else 0 for side in sides):
            continue
        if all(same(a, b) for a, b in zip(sides[0].ravel(), sides[1].ravel(), strict=True)):
            both = {names[0]: values[name], names[1]: moved[name]}
            return f"{told(both)} give the same"
    return None


def _equation(
    page: Page, sentence: Sentence, match: re.Match, name: str, scope: Scope
) -> tuple[Expr, Expr] | None:
    """Both sides of the equation that the condition is for, with its letter as a number."""
    marks = [match["claim"]] if match["claim"] else []
    for mark in marks:
        node = undecorated(sentence.prints[mark].node)
        if not isinstance(node, tree.Chain) or len(node.members) != 2:
            return None
        if node.relations[0].kind != "=":
            return None
        scope.ranks = {**scope.ranks, name: 0}
        scope.size_names = scope.size_names - {name}
        scope.symbols.pop(name, None)
        sides = []
        for member in node.members:
            found = page.value(member, scope)
            if found is None:
                return None
            value, known = found
            sides.append(known.inlined(value.expr))
        if all(side.free == frozenset() for side in sides) or sides[0].free == sides[1].free:
            return sides[0], sides[1]
        return _aligned(page, node, scope)
    return None


def _aligned(page: Page, node: tree.Chain, scope: Scope) -> tuple[Expr, Expr] | None:
    """Both sides over the same axes."""
    difference = tree.Sum(node.members, ("+", "-"), start=node.start, end=node.end)
    found = page.value(difference, scope)
    if found is None:
        return None
    value, known = found
    expr = known.inlined(value.expr)
    return expr, expr * 0


def _found_otherwise(
    left: Expr, right: Expr, name: str, value: float
) -> Iterator[tuple[str, bool]]:
    """Points with another value of the letter at which both sides are the same; whether all
    else is zero there."""
    if not any(array.name == name and not array.sizes for array in elements(left - right)):
        return
    order = tuple(sorted(left.free | right.free, key=lambda index: index.name))
    for values, sizes in sample(left, right):
        for other in _OTHERS:
            if other == value:
                continue
            at = {**values, name: np.float64(other)}
            sides = [balls(side, at, sizes, order) for side in (left, right)]
            if sides[0] is None or sides[1] is None:
                continue
            pairs = zip(sides[0].ravel(), sides[1].ravel(), strict=True)
            if all(same(a, b) for a, b in pairs):
                zero = not any(np.any(number) for key, number in values.items() if key != name)
                yield f"with {told(at)} both sides are the same", zero
