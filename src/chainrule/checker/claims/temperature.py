"""What a factor or a temperature does to a distribution: `multiplying the scores by c > 1 makes the
softmax sharper`, `a higher temperature gives a flatter distribution`.

Sharper means that the largest probability grows: of softmax(c x) it does if c > 1, and shrinks if
0 < c < 1, unless all scores are the same. A temperature divides the scores.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from chainrule.checker.claims.bounds import bound_in_words, bound_of
from chainrule.checker.claims.numbers import balls, sample
from chainrule.checker.claims.page import Page
from chainrule.checker.findings import Finding
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.sentences import FORMULA, MARKS, Sentence
from chainrule.notation.tree import Node

_SHARP = (
    r"(?:sharp(?:er)?|sharpens|(?:more )?(?:peaked|peaky|spiky)|peakier|spikier"
    r"|more (?:confident|concentrated|deterministic)|less (?:uniform|random|flat))"
)
_FLAT = (
    r"(?:flat(?:ter)?|flattens|soft(?:er)?|softens|smooth(?:er)?|more (?:uniform|random|diverse)"
    r"|less (?:peaked|peaky|spiky|confident|concentrated|sharp))"
)
_MAKES = r"(?:makes?|gives?|leads? to|produces?|yields?|results? in|(?=sharpens|flattens|softens))"
# Neither a denial nor another clause.
_WORDS = rf"(?:(?!\b(?:not|never|no|nor|than|if|when|unless|while|but)\b)(?-i:[^.;:,{MARKS}]))"
_NUMBER = r"\d+(?:\.\d+)?"
_FACTOR = re.compile(
    rf"\b(?P<kind>multipl(?:ying|ication|ications)|scaling|dividing|division)\b"
    rf"{_WORDS}{{0,40}}?(?:\s(?:by|with)\s+(?:an? )?(?:\w+ )?(?P<by>{FORMULA}|{_NUMBER}))?\s*"
    rf"\b{_MAKES}{_WORDS}{{0,40}}?\b(?:(?P<sharp>{_SHARP})|(?P<flat>{_FLAT}))\b",
    re.I,
)
_TEMPERATURE = re.compile(
    r"\b(?:(?P<high>high(?:er)?|larger?|bigger|increasing|raising)"
    r"|(?P<low>low(?:er)?|small(?:er)?|decreasing|lowering|reducing))(?: the)?(?: softmax)?"
    rf" temperatures?\b\s*{FORMULA}?\s*\b{_MAKES}{_WORDS}{{0,40}}?"
    rf"\b(?:(?P<sharp>{_SHARP})|(?P<flat>{_FLAT}))\b",
    re.I,
)
_SOFTMAX = re.compile(r"\bsoft-?max\b", re.I)


def findings(page: Page) -> Iterator[Finding]:
    """Sentences on what scaling does to a distribution."""
    for sentence in page.in_turn(page.sentences):
        match = _TEMPERATURE.search(sentence.flat)
        if match is not None:
            yield _told(page, sentence, match, above_one=match["low"] is not None)
            continue
        match = _FACTOR.search(sentence.flat)
        if match is not None:
            above_one = _is_above_one(sentence, match["by"])
            if match["kind"].lower().startswith("divi") and above_one is not None:
                above_one = not above_one
            if _SOFTMAX.search(sentence.flat) or _is_scaled_above(page, sentence.start):
                yield _told(page, sentence, match, above_one)


def _is_above_one(sentence: Sentence, by: str | None) -> bool | None:
    """Whether the factor is more than one (True) or between zero and one (False)."""
    if by is None:
        return None
    node = undecorated(sentence.prints[by].node) if by in sentence.prints else None
    match node:
        case tree.Chain((_, bound), (relation,)) if bound_of(bound) == 1:
            return {">": True, "<": False}.get(relation.kind)
        case tree.Chain():
            return None
    number = bound_in_words(by) if node is None else bound_of(node)
    return None if number is None or number <= 0 or number == 1 else number > 1


def _told(page: Page, sentence: Sentence, match: re.Match, above_one: bool | None) -> Finding:
    start, end = sentence.span(*match.span())
    sharper = match["sharp"] is not None
    reading = "the largest probability grows" if sharper else "the largest probability shrinks"
    if above_one is None:
        which = ("the factor is more than 1", "the factor is between 0 and 1")
        divided = match["kind"].lower().startswith("divi")
        fact = which[sharper == divided]
        return page.finding(start, end, "holds-if", fact=fact, reading=reading)
    if above_one == sharper:
        return page.finding(start, end, "holds", reading=reading)
    factor, scores = (2.0 if above_one else 0.5), np.array([0.0, 1.0])
    before, after = _softmax(scores).max(), _softmax(factor * scores).max()
    why = f"with scores [0, 1] times {factor:g}: the largest goes from {before:.3f} to {after:.3f}"
    return page.finding(start, end, "wrong", reading=reading, counterexample=why)


def _is_scaled_above(page: Page, before: int) -> bool:
    """Whether the section has f(c x) last, with f the softmax."""
    for item in page.chains_before(before, section=True):
        match undecorated(item.members[0]):
            case tree.Product((_, *_, tree.Group("(", _, tree.Product()) as argument)) as head:
                return _is_softmax(page, head, argument)
    return False


def _is_softmax(page: Page, head: Node, argument: Node) -> bool:
    found = page.value(head)
    inside = None if found is None else page.value(argument.body, found[1])
    if inside is None:
        return False
    exprs = [scope.inlined(value.expr) for value, scope in (found, inside)]
    if any(len(expr.free) != 1 for expr in exprs):
        return False
    for values, sizes in sample(*exprs):
        sides = [balls(expr, values, sizes) for expr in exprs]
        if sides[0] is None or sides[1] is None:
            return False
        value, scores = (np.array([float(one) for one in side.ravel()]) for side in sides)
        if not np.allclose(value, _softmax(scores)):
            return False
    return True


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()
