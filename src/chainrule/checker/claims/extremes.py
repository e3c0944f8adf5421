"""Largest values, zeros under a condition, probabilities and Jacobians in words.

`the largest value of the derivative of σ is 1/4`, `∂L/∂z vanishes when ŷ = y`, `S_j is the
probability of j`, `∂y/∂x is the Jacobian matrix`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np

from chainrule.checker.claims.bounds import bound_in_words, bound_of
from chainrule.checker.claims.numbers import GRID, Truth, balls, sample, told
from chainrule.checker.claims.page import Page
from chainrule.checker.claims.properties import distribution
from chainrule.checker.claims.subjects import SUBJECT, Subject, formula_subject, subject_of
from chainrule.checker.findings import Finding
from chainrule.errors import ChainruleError
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import Element
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import is_derivative, is_operator
from chainrule.notation.sentences import FORMULA, Sentence

_NUMBER = r"[-−+]?\d+(?:[./]\d+)?|one|zero"
_MOST = r"(?:maximum|maximal|largest|highest|greatest|max)\b(?: possible)?(?: value)?"
_LARGEST = re.compile(
    rf"\b{_MOST} of (?:the |its )?(?:derivative|gradient|slope) (?:of|for) (?:the )?"
    rf"(?P<of>[^.;]*?)\s+"
    rf"(?:is|equals|=)\s+(?:only |just )?(?P<value>{FORMULA}|{_NUMBER})(?![\w/])",
    re.I,
)
_AT_MOST = re.compile(
    rf"\b(?:derivative|gradient|slope) of (?:the )?(?P<of>[^.;]*?)\s+(?:is|never exceeds|does not "
    rf"exceed)\s+(?:at most|bounded by|never larger than|no larger than)?\s*"
    rf"(?P<value>{FORMULA}|{_NUMBER})(?![\w/])",
    re.I,
)
_VANISHES = re.compile(
    rf"(?P<thing>{FORMULA})\s*(?:vanishes|is (?:zero|0)|becomes (?:zero|0))\s*(?:exactly |only )?"
    rf"(?:when|if|for|where)\s*(?P<case>{FORMULA})",
    re.I,
)
_PROBABILITY = re.compile(
    rf"(?P<thing>{FORMULA})\s*(?:is|gives|denotes)\s+the (?:predicted )?probability (?:of|that)\b",
    re.I,
)
_JACOBIAN = re.compile(rf"(?P<thing>{FORMULA})\s*is\s+(?:an?|the)?\s*Jac+obian\b(?: matrix)?", re.I)

_TOLERANCE = 1e-9


def findings(page: Page) -> Iterator[Finding]:
    """The claims of these kinds in sentences."""
    yield from page.matched(_KINDS)


def _told(page: Page, sentence: Sentence, match: re.Match, truth: Truth) -> Finding:
    start, end = sentence.span(*match.span())
    if truth.value is None:
        return page.finding(start, end, "not-checked", diagnosis="this was not decided")
    if truth.value:
        return page.finding(start, end, "holds")
    return page.finding(start, end, "wrong", counterexample=truth.why)


def _slopes(page: Page, sentence: Sentence, match: re.Match) -> np.ndarray | None:
    """The slopes of the function that a sentence speaks of, along a line."""
    mention = SUBJECT.fullmatch(re.sub(r"\s+function$", "", match["of"].strip()))
    subject = None if mention is None else subject_of(page, mention, sentence.prints)
    slope = None if subject is None else subject.derivative()
    if slope is None:
        return None
    found = [balls(slope.expr, {slope.argument.name: np.float64(x)}, {}) for x in GRID]
    values = [float(one.ravel()[0]) for one in found if one is not None]
    return np.array(values) if len(values) > 4 else None


def _value(sentence: Sentence, match: re.Match) -> float | None:
    mark = match["value"]
    found = (
        bound_of(undecorated(sentence.prints[mark].node))
        if mark in sentence.prints
        else bound_in_words(mark)
    )
    return None if found is None else float(found)


def _largest(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    """The largest slope; along the line tried it is met at 0 or far out."""
    slopes, value = _slopes(page, sentence, match), _value(sentence, match)
    if slopes is None or value is None:
        return None
    largest = float(slopes.max())
    truth = Truth(abs(largest - value) <= 1e-6, f"the largest slope found is {largest:.6g}")
    return _told(page, sentence, match, truth)


def _at_most(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    if not re.search(r"at most|bounded by|exceed|larger than", match[0], re.I):
        return None
    slopes, value = _slopes(page, sentence, match), _value(sentence, match)
    if slopes is None or value is None:
        return None
    largest = float(slopes.max())
    truth = Truth(largest <= value + 1e-9, f"the largest slope found is {largest:.6g}")
    return _told(page, sentence, match, truth)


def _vanishing(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    """`∂L/∂z vanishes when ŷ = y`: y is given the value of ŷ, and ∂L/∂z is computed."""
    case = undecorated(sentence.prints[match["case"]].node)
    subject = formula_subject(page, sentence.prints[match["thing"]])
    if subject is None or isinstance(subject.expr, Element) or not isinstance(case, tree.Chain):
        return None
    if len(case.members) != 2 or case.relations[0].kind != "=":
        return None
    sides = [page.value(member) for member in case.members]
    if None in sides:
        return None
    exprs = [known.inlined(value.expr) for value, known in sides]
    for given, other in (exprs, exprs[::-1]):
        if isinstance(given, Element) and len(given.array.sizes) == len(other.free):
            return _told(page, sentence, match, _zero_there(subject, given, other))
    return None


def _zero_there(subject: Subject, given: Element, other) -> Truth:
    tried = 0
    order = tuple(sorted(other.free, key=lambda index: index.name))
    for values, sizes in sample(subject.expr, other, given):
        try:
            values = {**values, given.array.name: evaluate(other, values, sizes, order)}
            found = np.asarray(evaluate(subject.expr, values, sizes))
        except ChainruleError:
            return Truth(None)
        if not np.isfinite(found).all():
            continue
        tried += 1
        if np.abs(found).max(initial=0.0) > _TOLERANCE:
            return Truth(False, f"with {told(values)} it is {float(np.abs(found).max()):.6g}")
    return Truth(True) if tried else Truth(None)


def _probability(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    """One component of something that is positive and sums to 1."""
    subject = formula_subject(page, sentence.prints[match["thing"]])
    if subject is None or len(subject.indices) != 1 or isinstance(subject.expr, Element):
        return None
    return _told(page, sentence, match, distribution(subject, match))


def _jacobian(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    """A derivative of a vector by a vector."""
    node = undecorated(sentence.prints[match["thing"]].node)
    if not is_derivative(node) or is_operator(node):
        return None
    found = page.value(node)
    if found is None:
        return None
    start, end = sentence.span(*match.span())
    if len(found[0].indices) == 2:
        return page.finding(start, end, "holds")
    return page.finding(start, end, "not-checked", diagnosis="it was not read as a matrix")


_Judge = Callable[[Page, Sentence, re.Match], Finding | None]
_KINDS: tuple[tuple[re.Pattern, _Judge], ...] = (
    (_LARGEST, _largest),
    (_AT_MOST, _at_most),
    (_VANISHES, _vanishing),
    (_PROBABILITY, _probability),
    (_JACOBIAN, _jacobian),
)
