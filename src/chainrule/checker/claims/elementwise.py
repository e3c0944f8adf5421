"""What sentences say of functions taken element by element, and of slopes as functions of values.

`the Jacobian of an element-wise function is diagonal`, `its derivative is multiplied element-wise`,
`the derivative of the sigmoid is a function of the function value`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

import numpy as np

from chainrule.checker.claims.numbers import GRID, UNKNOWN, Truth, balls, same
from chainrule.checker.claims.page import Page
from chainrule.checker.claims.subjects import SUBJECT, Subject, function_subject, subject_of
from chainrule.checker.findings import Finding
from chainrule.language.expr import Apply, Element
from chainrule.notation import tree
from chainrule.notation.chains import ARROWS
from chainrule.notation.sentences import FORMULA, Print, Sentence, worded

_EACH = r"(?:element|component|entry|coordinate)[- ]?wise"
_FUNCTION = r"(?:functions?|operations?|activations?(?: functions?)?|non-?linearit(?:y|ies)|maps?)"
_DIAGONAL = worded(
    rf"\bJacobians?(?: matri(?:x|ces))? of (?:an?|any|every|each|the)?\s*(?:{_EACH}\s+{_FUNCTION}"
    rf"|{_FUNCTION} (?:that (?:is|are) )?(?:applied |acting )?{_EACH})\s+(?:is|are)\s+(?:always )?"
    r"(?P<no>not |non-? ?)?(?:an? )?diagonal(?: matri(?:x|ces))?",
)
_MULTIPLIED = worded(
    rf"\b(?:derivatives?|slopes?) of (?:an?|any|every|each|the)?\s*{_FUNCTION}"
    rf"(?: (?:that|which) (?:is|was|are))? (?:applied|taken|acting) {_EACH}\b[^.;]{{0,60}}?"
    r"\b(?:is|are|must be|has to be|gets) (?P<no>not )?multiplied\s+"
    rf"(?:(?P<each>{_EACH}|by an? (?:Hadamard|{_EACH}) product)"
    r"|(?P<matrix>as a matrix|by a matrix product|from the (?:left|right)))"
    rf"(?:[^.;]{{0,40}}?\bby the (?:Hadamard|{_EACH}) product\b(?:\s*\(\s*{FORMULA}\s*\))?)?",
)
_OF_VALUE = worded(
    r"\b(?:gradients?|derivatives?|slopes?) (?:of|for) (?:the )?(?P<of>[^.;]*?)[\s,]+(?:and )?"
    r"(?:(?:show|prove|see|verify) that (?:it|this) )?"
    r"(?P<can>can|can ?not|can['’]t|may|is|be)\s+(?:be )?"
    r"(?:re-?written |expressed |written |computed )?(?:as )?(?:an? )?"
    r"(?:function of (?:(?:the|its) (?:own )?)?(?:function(?:['’]s)? )?(?:values?|outputs?)"
    r"|in terms of (?:the function itself|its (?:own )?(?:values?|outputs?)))",
)
_WITHOUT = worded(
    rf"\b(?:gradients?|derivatives?|slopes?)\b[^.;]{{0,30}}?(?P<of>{FORMULA})\s*\(?\s*without "
    rf"(?:accessing|using|knowing|access to)(?: the)? (?:inputs?|arguments?|{FORMULA})",
)


def findings(page: Page) -> Iterator[Finding]:
    """The claims of these kinds in sentences."""
    yield from page.matched(
        (
            (_DIAGONAL, _diagonal),
            (_MULTIPLIED, _multiplied),
            (_OF_VALUE, _of_value),
            (_WITHOUT, _of_value),
        )
    )


def _told(page: Page, sentence: Sentence, match: re.Match, truth: Truth) -> Finding | None:
    start, end = sentence.span(*match.span())
    if truth.value is None:
        return None
    if truth.value:
        return page.finding(start, end, "holds")
    return page.finding(start, end, "wrong", counterexample=truth.why)


def _slope_of_each() -> np.ndarray:
    """The Jacobian of tanh at each of three numbers, by differences."""
    x, step = np.array([0.5, -1.0, 2.0]), 1e-6
    moved = [(np.tanh(x + step * e) - np.tanh(x - step * e)) / (2 * step) for e in np.eye(3)]
    return np.array(moved)


def _diagonal(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    slopes = _slope_of_each()
    is_diagonal = bool(np.allclose(slopes, np.diag(np.diag(slopes)), atol=1e-9))
    why = "an element of the value depends on its own argument only: the other slopes are 0"
    return _told(page, sentence, match, Truth(is_diagonal != bool(match["no"]), why))


def _multiplied(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    """Whether the adjoint times the Jacobian is the adjoint times the slopes, each by each."""
    slopes, adjoint = _slope_of_each(), np.array([1.0, -2.0, 0.5])
    by_each = bool(np.allclose(adjoint @ slopes, adjoint * np.diag(slopes), atol=1e-9))
    why = "the Jacobian is diagonal: each element is multiplied by the slope at its own argument"
    claimed = (match["each"] is not None) != bool(match["no"])
    return _told(page, sentence, match, Truth(by_each == claimed, why))


def _of_value(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    """`f' is a function of f`: nowhere is f the same and f' another."""
    of = re.sub(r"\s+function$", "", match["of"].strip())
    mention = SUBJECT.fullmatch(of)
    if mention is None:
        return None
    subject = subject_of(page, mention, _without_arrows(sentence.prints))
    if subject is None or isinstance(subject.expr, Element):
        return None
    if isinstance(subject.expr, Apply) and isinstance(subject.expr.argument, Element):
        # Of each element of a vector the same is said as of a number.
        subject = function_subject(subject.expr.function.name)
    truth = _is_function_of_value(subject)
    if (match.groupdict().get("can") or "")[3:]:
        # cannot, can't
        truth = truth.denied()
    return _told(page, sentence, match, truth)


def _without_arrows(prints: dict[str, Print]) -> dict[str, Print]:
    """What an arrow without a left side points to, in its place."""
    found = dict(prints)
    for mark, printed in prints.items():
        match printed.node:
            case tree.Chain((tree.Empty(), node), (relation,)) if relation.kind in ARROWS:
                found[mark] = Print(node, printed.statement)
    return found


def _is_function_of_value(subject: Subject) -> Truth:
    slope = subject.derivative()
    if slope is None:
        return UNKNOWN
    name, found = subject.argument.name, []
    for x in GRID:
        pair = [balls(one.expr, {name: np.float64(x)}, {}) for one in (subject, slope)]
        if all(one is not None for one in pair):
            found.append((x, *(one.ravel()[0] for one in pair)))
    if len(found) < 5:
        return UNKNOWN
    for (x, value, there), (y, other, here) in combinations(found, 2):
        if same(value, other):
            if same(there, here):
                return UNKNOWN
            why = f"the value is {float(value):.6g} at {x:g} and at {y:g}, the slope is"
            return Truth(False, f"{why} {float(there):.6g} and {float(here):.6g}")
    return Truth(True)
