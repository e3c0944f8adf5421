"""Cases that the sentences around a display announce: "off-diagonal", "for $k \\neq y$".

The condition holds for the display that follows, and for inline formulas before it it does not.
It is bound only where one of its letters stands as a subscript in the display, so that a sentence
about something else changes nothing; the other may be that of a class, as in y_k = 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from chainrule.notation import tree
from chainrule.notation.document import Document, Formula, Heading, Prose
from chainrule.notation.leibniz import is_derivative, operand
from chainrule.notation.quantities import given_in_words
from chainrule.notation.scripts import letter, subscripts
from chainrule.notation.tree import Node

_OFF_DIAGONAL = re.compile(r"\boff[\s-]*diagonal\b", re.I)
_DIAGONAL = re.compile(r"\bdiagonal\b", re.I)
_CASE = re.compile(
    r"\b(?:for|if|when|where|case|assume|suppose|let|with|first|and|pour|si|für|falls)\W*$", re.I
)
# `$x > 0$:` at the beginning of a line, or of an item.
_ITEM = re.compile(r"(?:\A|\n)[ \t]*(?:[-*+•]|\\item\b|\(?\w{1,3}[.)])?[\s$\\(*_]*\Z")
_AFTER = re.compile(r"\s*(?:for|if|when|where|provided)\b[^.]*$")
# What follows in the same formula is what the case is said of.
_THEN = re.compile(r"(?:\\(?:Long|long)?[Rr]ightarrow\b|\\implies\b|\\to\b|[⇒→])\s*\S")

_BEHIND = re.compile(
    r"[\s$,)\]\\]*\b(?:if|for|when|whenever|where|provided|as long as)(?: that)?[\s$(\[\\]*"
)
_SPACE = re.compile(r"(?:[\s$,]|\\q?quad\b|\\[,;:! ])*")
# One side of a function, before what is said of it or behind it.
_SIDE = (
    r"\b(?:on|for|in)\b[^.;:$]{0,20}\b(?:negative|positive)[ \n]+(?:(?:half|real)[- ])?"
    r"(?:side|branch|part|piece|half|axis|line|values?|inputs?|arguments?|numbers?)\b"
)
_SIDE_BEFORE = re.compile(rf"{_SIDE}[^.;:$]{{0,20}}[\s$(\[\\]*$", re.I)
_SIDE_BEHIND = re.compile(rf"[\s$)\]\\]*{_SIDE}", re.I)
BOUNDS = {"<", ">", "<=", ">="}
_ONWARD = re.compile(
    r"[\s$,:()\[\]\\]*(?:(?:we|it|this|then|get|have|is|gives)\b[\s$,:()\[\]\\]*){0,3}"
)

# (letters or None for the two of the derivative, "=" or "!=")
Case = tuple[tuple[str, str] | None, str]


def with_circumstances(
    document: Document, statements: list[tree.Statement]
) -> list[tree.Statement]:
    """The statements, displays with the conditions that prose states for them."""
    inline = {(s.start, s.end): s.chain for s in statements}
    cases: dict[int, list[Case]] = {}
    pending: list[Case] = []
    premises, given = _premises(document, statements), given_in_words(document, statements)
    last, before = None, ""
    for part in document.parts:
        match part:
            case Heading(text=text):
                pending = list(_in_words(text))
            case Prose(text=text):
                pending += _in_words(text)
                before = text
            case Formula(display=True):
                cases[part.start] = pending
                pending, last, before = [], part.start, ""
            case Formula():
                found = _printed(inline, part, before)
                if found and last is not None and _AFTER.fullmatch(before):
                    cases[last] = [*cases[last], *found]
                else:
                    pending += found
                before = ""
    return [
        replace(
            _bound(_supposing(statement, premises), _cases_of(cases, document, statement)),
            given=(*given.get(statement.start, ()), *_side(document.text, statement)),
        )
        for statement in statements
    ]


def _side(text: str, statement: tree.Statement) -> Iterator[tree.Text]:
    """`on the negative side`: which values are meant is not understood, only that not all are."""
    chain = statement.chain
    before = _SIDE_BEFORE.search(text, max(0, chain.start - 80), chain.start)
    behind = _SIDE_BEHIND.match(text, chain.end)
    for found in filter(None, (before, behind)):
        yield tree.Text(found[0], start=found.start(), end=found.end())


def _supposing(statement: tree.Statement, premises: dict[int, tuple[Node, ...]]) -> tree.Statement:
    more = premises.get(statement.start, ())
    return replace(statement, conditions=(*statement.conditions, *more)) if more else statement


def _premises(document: Document, statements: list[tree.Statement]) -> dict[int, tuple[Node, ...]]:
    """The formulas with a number, or a comparison, that words suppose for them, by their starts.

    `for $c = 0$, $…$` and `when $x > 0$ we have $$…$$`, and behind the formula `$…$ if $x > 0$`.
    """
    found: dict[int, tuple[Node, ...]] = {}
    text = document.text
    ordered = sorted(statements, key=lambda one: one.start)
    for first, second in pairwise(ordered):
        words = text[max(0, first.start - 30) : first.start].rstrip(" $\\([")
        between = text[first.chain.end : second.start]
        supposable = _is_supposable(first.chain) or _is_case_of(first.chain, second.chain)
        begun = _ITEM.search(text, max(0, first.start - 40), first.start)
        announced = _CASE.search(words) or (begun and ":" in between)
        if supposable and announced and _ONWARD.fullmatch(between):
            found[second.start] = (*found.get(second.start, ()), first.chain)
        elif (case := _case_behind(second.chain, between)) is not None:
            found[first.start] = (*found.get(first.start, ()), case)
    return found


def _case_behind(chain: Node, between: str) -> Node | None:
    """`if $x > 0$`, `, x > 0` and `(i \\neq j)` behind a formula."""
    if isinstance(chain, tree.Group) and chain.open == "(" and _SPACE.fullmatch(between):
        pair = isinstance(chain.body, tree.Chain) and chain.body.relations[0].kind in ("=", "!=")
        return chain.body if pair or _is_comparison(chain.body) else None
    if not _is_comparison(chain):
        return None
    near = "," in between and "$" not in between and _SPACE.fullmatch(between)
    return chain if near or _BEHIND.fullmatch(between) else None


def _is_case_of(case: Node, chain: Node) -> bool:
    """Whether `i \\neq j` speaks of subscripts of a formula."""
    match case:
        case tree.Chain((tree.Symbol() as one, tree.Symbol() as other), (relation,)):
            marks = {letter(one), letter(other)} & _subscripts(chain)
            return relation.kind in ("=", "!=") and bool(marks)
    return False


def _is_supposable(chain: Node) -> bool:
    match chain:
        case tree.Chain((tree.Symbol(), tree.Number()), (tree.Relation("="),)):
            return True
    return _is_comparison(chain)


def _is_comparison(chain: Node) -> bool:
    """Whether a chain is `x > 0`."""
    return (
        isinstance(chain, tree.Chain)
        and len(chain.members) == 2
        and chain.relations[0].kind in BOUNDS
    )


def _in_words(text: str) -> Iterator[Case]:
    if _OFF_DIAGONAL.search(text):
        yield None, "!="
    elif _DIAGONAL.search(text) and not re.search(r"\bdiagonal matri", text, re.I):
        yield None, "="


def _printed(inline, part: Formula, before: str) -> list[Case]:
    """`i \\neq j`, and `i = j` after a word such as "for".

    In `i \\neq j ⇒ …` the case is said of what follows in the same formula.
    """
    if _THEN.search(part.latex):
        return []
    chains = [chain for (start, end), chain in inline.items() if part.start <= start < part.end]
    for chain in chains:
        match chain:
            case tree.Chain((tree.Symbol() as a, tree.Symbol() as b), (relation,)):
                if relation.kind == "!=" or (relation.kind == "=" and _CASE.search(before)):
                    return [((letter(a), letter(b)), relation.kind)]
    return []


def _cases_of(cases, document: Document, statement: tree.Statement) -> list[Case]:
    found = []
    for formula in document.formulas:
        if formula.display and statement.start <= formula.end and formula.start <= statement.end:
            found.extend(cases.get(formula.start, ()))
    return found


def _bound(statement: tree.Statement, cases: list[Case]) -> tree.Statement:
    if not cases:
        return statement
    letters = _subscripts(statement.chain)
    conditions = []
    for pair, kind in cases:
        pair = pair or _of_derivative(statement.chain)
        if pair and pair[0] != pair[1] and not letters.isdisjoint(pair):
            marks = tuple(tree.Symbol(text.removeprefix("\\")) for text in pair)
            conditions.append(tree.Chain(marks, (tree.Relation(kind),)))
    return replace(statement, conditions=(*statement.conditions, *conditions))


def _subscripts(node: Node) -> set[str]:
    found = set()
    for part in tree.walk(node):
        if isinstance(part, tree.Script) and part.sub is not None:
            found |= {text for mark in subscripts(part.sub) if (text := letter(mark))}
    return found


def _of_derivative(node: Node) -> tuple[str, str] | None:
    """The letters i and j of the first ∂f_i/∂x_j, ∂/∂x_j f_i in a statement."""
    for part in tree.walk(node):
        if is_derivative(part) and isinstance(part.denominator, tree.Product):
            below = operand(part.denominator)
            marks = subscripts(below.sub) if isinstance(below, tree.Script) else ()
            by = [text for mark in marks if (text := letter(mark))]
            others = sorted(_subscripts(node) - set(by) - _bound_letters(node))
            if len(by) == 1 and len(others) == 1:
                return others[0], by[0]
    return None


def _bound_letters(node: Node) -> set[str]:
    """The letters that sums run over."""
    found = set()
    for part in tree.walk(node):
        if isinstance(part, tree.Big) and part.sub is not None:
            found |= {t for p in tree.walk(part.sub) if (t := letter(p))}
    return found
