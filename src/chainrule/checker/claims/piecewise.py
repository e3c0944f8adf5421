"""Functions given by cases, also where a case is missing or not defined, and their slopes.

`g(x) = {x if x > 0, 0 if x < 0}` defines; `g'(x) = {1 if x > 0, 0 if x < 0}` is a claim, and so is
that a case is `not defined`. What sentences say of such functions is in `cases_in_words`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from chainrule.checker.claims.cases_in_words import said
from chainrule.checker.claims.page import Defined, Page
from chainrule.checker.claims.pieces import (
    ALIKE,
    CLOSE,
    FAR,
    Piece,
    Pieces,
    by_cases,
    by_formula,
    called,
    number,
    of_number,
    slope,
)
from chainrule.checker.findings import Finding
from chainrule.language.expr import Expr
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.reading import ChainItem
from chainrule.notation.scripts import letter
from chainrule.notation.tree import EQUAL, Node

# A mark of a list, and nothing but that, before a formula.
_MARK = re.compile(r"[\s$.,;]*(?P<mark>[①-⑳]|\(?(?:[ivx]{1,4}|\d)[.)])[\s$]*$")
_ROMAN = {mark: k for k, mark in enumerate("i ii iii iv v vi vii viii ix x".split(), 1)}


@dataclass(frozen=True)
class Restated:
    """Another formula for a function by cases.

    differs  points at which it is not the same, each in words
    """

    item: ChainItem
    expr: Expr
    differs: list[str]


def findings(page: Page) -> Iterator[Finding | Defined]:
    """Definitions by cases that are no values, and what is claimed of them."""
    known: dict[str, Pieces] = {}
    for item in page.in_turn(page.reading.chains):
        call = called(item.members[0])
        if call is None or item.relations[0].kind not in EQUAL:
            continue
        name, primes, variable = call
        body = undecorated(item.members[1])
        if not isinstance(body, tree.Cases):
            continue
        pieces = by_cases(page, item.scope, name, body, variable)
        if pieces is None:
            continue
        if primes == 0 and not _in_same_formula(page, known.get(name), body.start):
            known[name] = pieces
            if item.defines is None:
                yield Defined(name, *page.document.braced(body.start, body.end))
                yield from _restated(page, item, pieces)
        elif item.defines is None and primes < 2:
            ours = known.get(name)
            if ours is None and any(piece.expr is None for piece in pieces.pieces):
                ours = by_formula(page, item.scope, item.members[0])
            if ours is not None:
                yield _same_cases(page, body, ours, pieces, primes)
    yield from said(page, known)


def _restated(page: Page, first: ChainItem, pieces: Pieces) -> Iterator[Finding]:
    """Cases that are `not defined`, and other formulas for the same function further down."""
    others = list(_other_formulas(page, first, pieces))
    for value, condition in undecorated(first.members[1]).rows:
        if isinstance(value, tree.Text):
            yield _undefined(page, value, condition, pieces, others)
    for known, other in pairwise(others):
        if other.differs and not known.differs and _are_alternatives(page, known, other):
            start, end = other.item.members[1].start, other.item.members[1].end
            yield page.finding(start, end, "wrong", counterexample=other.differs[0])


def _other_formulas(page: Page, first: ChainItem, pieces: Pieces) -> Iterator[Restated]:
    """What the document says the function is, up to where it is given by cases again."""
    for item in page.reading.chains:
        if item.members[0].start <= first.members[0].start or len(item.members) != 2:
            continue
        call, body = called(item.members[0]), undecorated(item.members[1])
        if call is None or call[:2] != (pieces.name, 0) or item.relations[0].kind not in EQUAL:
            continue
        if isinstance(body, tree.Cases):
            if not _in_same_formula(page, pieces, body.start):
                return
            continue
        expr = of_number(page, item.scope, body, call[2])
        differs = None if expr is None else _differences(pieces, expr)
        if differs is not None:
            yield Restated(item, expr, differs)


def _differences(pieces: Pieces, expr: Expr) -> list[str] | None:
    """The points beside each place where a formula is not the case; None if one is unknown."""
    found = []
    for piece in pieces.pieces:
        for far in FAR if piece.expr is not None and piece.sign != "=" else ():
            x = float(piece.place) + (far if piece.sign == ">" else -far)
            ours, theirs = number(piece.expr, x), number(expr, x)
            if ours is None or theirs is None:
                return None
            if abs(ours - theirs) > CLOSE:
                found.append(f"with {pieces.variable} = {x:g}: {ours:.6g} against {theirs:.6g}")
    return found


def _undefined(
    page: Page, value: Node, condition: Node, pieces: Pieces, others: list[Restated]
) -> Finding:
    """`not defined` for a case: a mistake where the document itself has a value for it."""
    place = pieces.place()
    beside = None if place is None else pieces.beside(place, 0)
    for other in others if beside is not None else ():
        found = number(other.expr, place)
        goes_on = found is not None and all(abs(side - found) <= ALIKE for side in beside)
        if goes_on and not other.differs:
            start, end = other.item.members[0].start, other.item.members[1].end
            why = f"`{page.document.text[start:end]}` further down is {found:.6g} at {place}"
            return page.finding(value.start, condition.end, "wrong", counterexample=why)
    reason = "a case without a value"
    return page.finding(value.start, condition.end, "not-checked", diagnosis=reason)


def _are_alternatives(page: Page, first: Restated, second: Restated) -> bool:
    """Whether two formulas are marked one after the other, `(i) … (ii) …`, and have a function of
    the document in common: ways to write the same with it."""
    text, starts = page.document.text, [one.item.members[0].start for one in (first, second)]
    line = text[: starts[0]].rpartition("\n")[2]
    marks = [
        _MARK.search(line),
        _MARK.fullmatch(text, first.item.members[1].end, starts[1]),
    ]
    if None in marks or _place_in_list(marks[1]) != _place_in_list(marks[0]) + 1:
        return False
    used = [
        {letter(part) for part in tree.walk(one.item.members[1])} & one.item.scope.functions.keys()
        for one in (first, second)
    ]
    return bool(used[0] & used[1])


def _place_in_list(mark: re.Match) -> int:
    """1 for `①`, `(i)`, `1.` and so on."""
    text = mark["mark"].strip("().")
    return _ROMAN[text] if text in _ROMAN else int(unicodedata.numeric(text))


def _in_same_formula(page: Page, before: Pieces | None, start: int) -> bool:
    return before is not None and any(
        f.start <= before.start and start <= f.end for f in page.document.formulas
    )


def _is_not_so(known: Pieces, piece: Piece) -> str | None:
    """Why a derivative is not what the case at one place says, or `not defined` there."""
    if not known.is_smooth(piece.place):
        return None
    slopes, told = known.beside(piece.place, 1), number(piece.expr, piece.place)
    if piece.expr is None:
        return f"on both sides of {piece.place} the slope is {slopes[0]:.6g}"
    if told is None or abs(slopes[0] - told) <= ALIKE:
        return None
    return f"at {piece.place}: {slopes[0]:.6g} against {told:.6g}"


def _same_cases(page: Page, node: Node, known: Pieces, told: Pieces, primes: int) -> Finding:
    """Whether printed cases are the function, or its slopes, on both sides of each place."""
    read = slope if primes else number
    start, end = node.start, node.end
    for piece in told.pieces:
        if piece.sign == "=":
            why = _is_not_so(known, piece) if primes else None
            if why is not None:
                return page.finding(start, end, "wrong", counterexample=why)
            continue
        if piece.expr is None:
            continue
        for far in FAR:
            x = float(piece.place) + (far if piece.sign == ">" else -far)
            ours = read(known.on(piece.sign, piece.place), x)
            theirs = number(piece.expr, x)
            if ours is None or theirs is None:
                reason = "cases that do not meet those above"
                return page.finding(start, end, "not-checked", diagnosis=reason)
            if abs(ours - theirs) > CLOSE:
                why = f"with {told.variable} = {x:g}: {ours:.6g} against {theirs:.6g}"
                found = slope(known.on(piece.sign, piece.place), x)
                missing = not primes and found is not None and abs(found - theirs) <= CLOSE
                reason = "this is the derivative: a prime is missing" if missing else None
                return page.finding(start, end, "wrong", counterexample=why, diagnosis=reason)
    return page.finding(start, end, "holds")
