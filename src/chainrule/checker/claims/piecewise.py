"""Functions given by cases, also where a case is missing or not defined, and their slopes.

`g(x) = {x if x > 0, 0 if x < 0}` defines; `g'(x) = {1 if x > 0, 0 if x < 0}`, `g'(x) does not
exist at x = 0`, `g'(x^-) and g'(x^+) are not equal` and `g'(x) is equal to H(x)` are claims.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from chainrule.checker.claims.bounds import bound_of
from chainrule.checker.claims.exchange import replaced
from chainrule.checker.claims.numbers import balls
from chainrule.checker.claims.page import Defined, Page
from chainrule.checker.findings import Finding
from chainrule.errors import ChainruleError
from chainrule.language.algebra import element
from chainrule.language.expr import Array, Expr
from chainrule.language.inline import elements
from chainrule.notation import tree
from chainrule.notation.chains import EQUAL
from chainrule.notation.heads import undecorated
from chainrule.notation.names import letter
from chainrule.notation.scope import Scope
from chainrule.notation.sentences import FORMULA, Sentence
from chainrule.notation.tree import Node, show
from chainrule.transform.differentiate import differentiate

_SIGNS = {"<": "<", "<=": "<", ">": ">", ">=": ">", "=": "="}
_TURNED = {"<": ">", ">": "<", "=": "="}
_CLOSE = 1e-9
# How far from a place the cases are compared.
FAR = (0.5, 1.25, 3.0)
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


@dataclass(frozen=True)
class Piece:
    """What a function is on one side of a place, or at it; None where it is not defined."""

    sign: str
    place: Fraction
    expr: Expr | None


@dataclass(frozen=True)
class Pieces:
    """A function of one number by cases."""

    name: str
    pieces: tuple[Piece, ...]
    start: int

    def on(self, sign: str, place: Fraction) -> Expr | None:
        """Its expression on one side of a place, or at it."""
        for piece in self.pieces:
            if piece.sign == sign and piece.place == place:
                return piece.expr
        return None

    def place(self) -> Fraction | None:
        """The one place where the cases meet."""
        places = {piece.place for piece in self.pieces}
        return places.pop() if len(places) == 1 else None


X = Array("x")


def findings(page: Page) -> Iterator[Finding | Defined]:
    """Definitions by cases that are no values, and what is claimed of them."""
    known: dict[str, Pieces] = {}
    for item in page.reading.chains:
        head, body = undecorated(item.members[0]), undecorated(item.members[1])
        called = _call(head)
        if called is None or not isinstance(body, tree.Cases):
            continue
        if item.relations[0].kind not in EQUAL:
            continue
        name, primes, variable = called
        pieces = _pieces(page, item.scope, name, body, variable)
        if pieces is None:
            continue
        if primes == 0 and not _in_same_formula(page, known.get(name), body.start):
            known[name] = pieces
            if item.defines is None:
                yield Defined(name, *page.document.braced(body.start, body.end))
                yield from _undefined(page, body)
        elif name in known and item.defines is None and primes < 2:
            yield _same_cases(page, body, known[name], pieces, primes)
    for sentence in page.sentences:
        yield from _said(page, sentence, known)


def _undefined(page: Page, cases: tree.Cases) -> Iterator[Finding]:
    """`not defined` for a case: nothing that could be compared."""
    for value, condition in cases.rows:
        if isinstance(value, tree.Text) and condition is not None:
            reason = "a case without a value"
            yield page.finding(value.start, condition.end, "not-checked", diagnosis=reason)


def _in_same_formula(page: Page, before: Pieces | None, start: int) -> bool:
    return before is not None and any(
        f.start <= before.start and start <= f.end for f in page.document.formulas
    )


def _call(node: Node) -> tuple[str, int, Node] | None:
    """(name, primes, argument) of `g(x)` and `g'(x)`."""
    match node:
        case tree.Product((function, tree.Group("(", ")", argument)), ("",)):
            pass
        case _:
            return None
    primes = function.primes if isinstance(function, tree.Script) else 0
    plain = function.base if isinstance(function, tree.Script) else function
    if isinstance(function, tree.Script) and (function.sub or function.sup) is not None:
        return None
    name = letter(plain)
    return None if name is None else (name, primes, argument)


def _pieces(
    page: Page, scope: Scope, name: str, cases: tree.Cases, variable: Node
) -> Pieces | None:
    """The rows of cases whose conditions compare the variable with a number."""
    if letter(variable) is None:
        return None
    found = []
    for value, condition in cases.rows:
        match condition:
            case tree.Chain((left, right), (relation,)) if relation.kind in _SIGNS:
                sign = _SIGNS[relation.kind]
            case _:
                return None
        if letter(left) != letter(variable):
            left, right, sign = right, left, _TURNED[sign]
        place = bound_of(right)
        if letter(left) != letter(variable) or not isinstance(place, Fraction):
            return None
        defined = not isinstance(value, tree.Text)
        expr = _of_number(page, scope, value, variable) if defined else None
        if defined and expr is None:
            return None
        found.append(Piece(sign, place, expr))
        if relation.kind in ("<=", ">="):
            found.append(Piece("=", place, expr))
    return Pieces(name, tuple(found), cases.start)


def _of_number(page: Page, scope: Scope, node: Node, variable: Node) -> Expr | None:
    """A formula of one number, which is called x here."""
    scope = scope.copy()
    scope.ranks = {**scope.ranks, X.name: 0}
    scope.size_names = scope.size_names - {X.name}
    scope.symbols.pop(X.name, None)
    scope.definitions.pop(X.name, None)
    found = page.value(replaced(node, show(variable), tree.Symbol(X.name)), scope)
    if found is None:
        return None
    expr = found[1].inlined(found[0].expr)
    arrays = elements(expr)
    return None if expr.free or any(array != X for array in arrays) else expr


def _number(expr: Expr | None, x: Fraction | float) -> float | None:
    if expr is None:
        return None
    found = balls(expr, {X.name: np.float64(float(x))}, {})
    return None if found is None else float(found.ravel()[0])


def _slope(expr: Expr | None, x: Fraction | float) -> float | None:
    if expr is None:
        return None
    try:
        return _number(differentiate(expr, element(X)), x)
    except ChainruleError:
        return None


def _same_cases(page: Page, node: Node, known: Pieces, said: Pieces, primes: int) -> Finding:
    """Whether printed cases are the function, or its slopes, on both sides of each place."""
    read = _slope if primes else _number
    start, end = node.start, node.end
    for piece in said.pieces:
        if piece.expr is None or piece.sign == "=":
            continue
        for far in FAR:
            x = float(piece.place) + (far if piece.sign == ">" else -far)
            ours = read(known.on(piece.sign, piece.place), x)
            theirs = _number(piece.expr, x)
            if ours is None or theirs is None:
                reason = "cases that do not meet those above"
                return page.finding(start, end, "not-checked", diagnosis=reason)
            if abs(ours - theirs) > _CLOSE:
                why = f"with x = {x:g}: {ours:.6g} against {theirs:.6g}"
                slope = _slope(known.on(piece.sign, piece.place), x)
                missing = not primes and slope is not None and abs(slope - theirs) <= _CLOSE
                reason = "this is the derivative: a prime is missing" if missing else None
                return page.finding(start, end, "wrong", counterexample=why, diagnosis=reason)
    return page.finding(start, end, "holds")


# In words --------------------------------------------------------------------------------------


def _said(page: Page, sentence: Sentence, known: dict[str, Pieces]) -> Iterator[Finding]:
    for pattern, judge in ((_EXISTS, _existence), (_SIDES, _sides), (_EQUAL, _equality)):
        match = pattern.search(sentence.flat)
        found = None if match is None else judge(page, sentence, match, known)
        if found is not None:
            yield found


def _named(sentence: Sentence, mark: str, known: dict[str, Pieces]):
    """The piecewise function that a formula calls, with its primes and argument."""
    called = _call(undecorated(sentence.prints[mark].node))
    if called is None or called[0] not in known:
        return None
    return known[called[0]], called[1], called[2]


def _place(sentence: Sentence, pieces: Pieces) -> Fraction | None:
    """`at x = 0`, or the one place where the cases meet."""
    match = _AT.search(sentence.flat)
    node = None if match is None else undecorated(sentence.prints[match["place"]].node)
    if isinstance(node, tree.Chain) and len(node.members) == 2:
        found = bound_of(node.members[1])
        return found if isinstance(found, Fraction) else None
    return pieces.place()


def _side_slopes(pieces: Pieces, place: Fraction) -> tuple[float, float] | None:
    slopes = [_slope(pieces.on(sign, place), place) for sign in ("<", ">")]
    return None if None in slopes else tuple(slopes)


def _existence(page: Page, sentence: Sentence, match: re.Match, known) -> Finding | None:
    """`g'(x) does not exist at x = 0`."""
    named = _named(sentence, match["thing"], known)
    if named is None or named[1] != 1:
        return None
    pieces = named[0]
    place = _place(sentence, pieces)
    slopes = None if place is None else _side_slopes(pieces, place)
    if slopes is None:
        return None
    start, end = sentence.span(match.start())
    left, right = slopes
    if abs(left - right) <= _CLOSE:
        why = f"on both sides of {place} the slope is {left:.6g}"
        return page.finding(start, end, "wrong", counterexample=why)
    told = f"the slopes beside {place} are {left:.6g} and {right:.6g}"
    values = [_number(pieces.on(sign, place), place) for sign in ("<", ">")]
    jumps = None not in values and abs(values[0] - values[1]) > _CLOSE
    if "discontinu" in sentence.flat.lower() and not jumps:
        fact = f"it is the derivative that jumps, not {pieces.name}"
        return page.finding(start, end, "holds-if", fact=fact, reading=told)
    return page.finding(start, end, "holds", reading=told)


def _sides(page: Page, sentence: Sentence, match: re.Match, known) -> Finding | None:
    """`g'(x^-) and g'(x^+) are not equal`."""
    both = [_named(sentence, match[key], known) for key in ("first", "second")]
    if None in both or both[0][0] != both[1][0] or both[0][1] != both[1][1]:
        return None
    marks = {_side(one[2]) for one in both}
    place = both[0][0].place()
    if marks != {"+", "-"} or place is None:
        return None
    pieces, primes = both[0][0], both[0][1]
    read = _slope if primes else _number
    values = [read(pieces.on(sign, place), place) for sign in ("<", ">")]
    if None in values:
        return None
    start, end = sentence.span(*match.span())
    same = abs(values[0] - values[1]) <= _CLOSE
    told = f"beside {place} they are {values[0]:.6g} and {values[1]:.6g}"
    if same == (match["not"] is None):
        return page.finding(start, end, "holds", reading=told)
    return page.finding(start, end, "wrong", counterexample=told)


def _side(node: Node) -> str | None:
    """The side that `x^+` or `0^-` names."""
    if isinstance(node, tree.Script) and isinstance(node.sup, tree.Symbol):
        return node.sup.name if node.sup.name in "+-" else None
    return None


def _equality(page: Page, sentence: Sentence, match: re.Match, known) -> Finding | None:
    """`g'(x) is equal to H(x)`, on both sides of the place where the cases meet."""
    first, second = (_named(sentence, match[key], known) for key in ("first", "second"))
    if first is None or second is None:
        return None
    start, end = sentence.span(match.start(), match.start("rest"))
    (ours, primes, _), (theirs, others, _) = first, second
    place = ours.place()
    if place is None or place != theirs.place():
        return None
    for sign in ("<", ">"):
        for far in FAR:
            x = float(place) + (far if sign == ">" else -far)
            a = (_slope if primes else _number)(ours.on(sign, place), x)
            b = (_slope if others else _number)(theirs.on(sign, place), x)
            if a is None or b is None:
                return None
            if abs(a - b) > _CLOSE:
                why = f"with x = {x:g}: {a:.6g} against {b:.6g}"
                return page.finding(start, end, "wrong", counterexample=why)
    if re.search(r"\b(?:where|except|but|apart)\b", match["rest"], re.I):
        return page.finding(start, end, "holds")
    return page.finding(start, end, "holds-if", fact=f"x ≠ {place}")
