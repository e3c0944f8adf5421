"""What sentences say of functions by cases: `g'(x) does not exist at x = 0`, `g'(x^-) and g'(x^+)
are not equal`, `g'(x) is equal to H(x) wherever it exists`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from operator import itemgetter

from chainrule.checker.claims.bounds import bound_of
from chainrule.checker.claims.page import Page
from chainrule.checker.claims.pieces import CLOSE, FAR, Pieces, by_formula, called, number, slope
from chainrule.checker.findings import Finding
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.sentences import FORMULA, Sentence
from chainrule.notation.tree import Node

_AT = re.compile(rf"\b(?:at|in|for|when|if)\s+(?P<place>{FORMULA})", re.I)
_EXISTS = re.compile(
    rf"(?P<thing>{FORMULA})\s*(?:does ?n[o'’]?t|do(?:es)? not|doesn['’]t)\s+exist", re.I
)
_SIDES = re.compile(
    rf"(?P<first>{FORMULA})\s*(?:and|&)\s*(?P<second>{FORMULA})\s*are\s+(?P<not>not\s+)?"
    r"(?:equal|the same)",
    re.I,
)
_EQUAL = re.compile(
    rf"(?P<first>{FORMULA})\s*(?:is (?:equal to|the same as|identical to)|equals)\s*"
    rf"(?P<second>{FORMULA})(?P<rest>[^;]*)",
    re.I,
)
_RESTRICTED = re.compile(
    rf"[\s,]*\(?(?:(?:that is|i\.e\.|for (?:all|every|any) {FORMULA}|everywhere),?\s*)*"
    r"(?:where(?:ver)?|except|but|apart)\b[^.;,]*",
    re.I,
)
_OPEN = re.compile(r"\b(?:where(?:ver)?|when(?:ever)?)\s*$", re.I)
_WHERE_IT_EXISTS = re.compile(rf"\s*{FORMULA}\s+(?:exists|is defined)\s*(?:\([^()]*\))?", re.I)


def said(page: Page, known: Mapping[str, Pieces]) -> Iterator[Finding]:
    """The findings on sentences that speak of functions by cases."""
    judges = ((_EXISTS, _existence), (_SIDES, _sides))
    pairs = pairwise((*page.sentences, None))
    for sentence, after in page.in_turn(pairs, itemgetter(0)):
        for pattern, judge in judges:
            match = pattern.search(sentence.flat)
            found = None if match is None else judge(page, sentence, match, known)
            if found is not None:
                yield found
        match = _EQUAL.search(sentence.flat)
        found = None if match is None else _equality(page, sentence, match, known, after)
        if found is not None:
            yield found


def _named(page: Page, sentence: Sentence, mark: str, known: Mapping[str, Pieces]):
    """(function, primes, argument) of a call, where the function is known by now."""
    node = sentence.prints[mark].node
    call = called(node)
    if call is None:
        return None
    name, primes, argument = call
    pieces = known.get(name)
    if pieces is None and primes:
        pieces = by_formula(page, page.scope_at(node.start), node)
    return None if pieces is None else (pieces, primes, argument)


def _place(sentence: Sentence, pieces: Pieces) -> Fraction | None:
    """`at x = 0`, or the one place where the cases meet."""
    match = _AT.search(sentence.flat)
    node = None if match is None else undecorated(sentence.prints[match["place"]].node)
    if isinstance(node, tree.Chain) and len(node.members) == 2:
        found = bound_of(node.members[1])
        return found if isinstance(found, Fraction) else None
    return pieces.place()


def _existence(page: Page, sentence: Sentence, match: re.Match, known) -> Finding | None:
    """`g'(x) does not exist at x = 0`."""
    named = _named(page, sentence, match["thing"], known)
    if named is None or named[1] != 1:
        return None
    pieces = named[0]
    place = _place(sentence, pieces)
    slopes = None if place is None else pieces.beside(place, 1)
    if slopes is None:
        return None
    start, end = sentence.span(match.start())
    left, right = slopes
    if pieces.is_smooth(place):
        why = f"on both sides of {place} the slope is {left:.6g}"
        return page.finding(start, end, "wrong", counterexample=why)
    told = f"the slopes beside {place} are {left:.6g} and {right:.6g}"
    values = pieces.beside(place, 0)
    jumps = values is not None and abs(values[0] - values[1]) > CLOSE
    if "discontinu" in sentence.flat.lower() and not jumps:
        fact = f"it is the derivative that jumps, not {pieces.name}"
        return page.finding(start, end, "holds-if", fact=fact, reading=told)
    return page.finding(start, end, "holds", reading=told)


def _sides(page: Page, sentence: Sentence, match: re.Match, known) -> Finding | None:
    """`g'(x^-) and g'(x^+) are not equal`."""
    both = [_named(page, sentence, match[key], known) for key in ("first", "second")]
    if None in both or both[0][0] != both[1][0] or both[0][1] != both[1][1]:
        return None
    marks = {_side(one[2]) for one in both}
    place = both[0][0].place()
    if marks != {"+", "-"} or place is None:
        return None
    pieces, primes = both[0][0], both[0][1]
    read = slope if primes else number
    values = [read(pieces.on(sign, place), place) for sign in ("<", ">")]
    if None in values:
        return None
    start, end = sentence.span(*match.span())
    same = abs(values[0] - values[1]) <= CLOSE
    told = f"beside {place} they are {values[0]:.6g} and {values[1]:.6g}"
    if same == (match["not"] is None):
        return page.finding(start, end, "holds", reading=told)
    return page.finding(start, end, "wrong", counterexample=told)


def _side(node: Node) -> str | None:
    """The side that `x^+` or `0^-` names."""
    if isinstance(node, tree.Script) and isinstance(node.sup, tree.Symbol):
        return node.sup.name if node.sup.name in "+-" else None
    return None


def _equality(
    page: Page, sentence: Sentence, match: re.Match, known, after: Sentence | None
) -> Finding | None:
    """`g'(x) is equal to H(x)`, on both sides of the place where the cases meet."""
    first, second = (_named(page, sentence, match[key], known) for key in ("first", "second"))
    if first is None or second is None:
        return None
    start, end = sentence.span(match.start(), match.start("rest"))
    (ours, primes, _), (theirs, others, _) = first, second
    places = {one.place() for one in (ours, theirs)} - {None}
    if len(places) != 1:
        return None
    (place,) = places
    for sign in ("<", ">"):
        for far in FAR:
            x = float(place) + (far if sign == ">" else -far)
            a = (slope if primes else number)(ours.on(sign, place), x)
            b = (slope if others else number)(theirs.on(sign, place), x)
            if a is None or b is None:
                return None
            if abs(a - b) > CLOSE:
                why = f"with {ours.variable} = {x:g}: {a:.6g} against {b:.6g}"
                return page.finding(start, end, "wrong", counterexample=why)
    restricted = _restriction(sentence, match, after)
    if restricted is not None:
        return page.finding(start, restricted, "holds")
    return page.finding(start, end, "holds-if", fact=f"x ≠ {place}")


def _restriction(sentence: Sentence, match: re.Match, after: Sentence | None) -> int | None:
    """The end of `where it exists`, `everywhere except at 0`, also on the next lines."""
    rest = _RESTRICTED.match(sentence.flat, match.start("rest"))
    if rest is None:
        return None
    further = _OPEN.search(rest[0]) and after and _WHERE_IT_EXISTS.match(after.flat)
    if further:
        return after.span(*further.span())[1]
    return sentence.span(match.start(), rest.end())[1]
