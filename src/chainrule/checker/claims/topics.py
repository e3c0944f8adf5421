"""Claims whose subject is the topic of the section: `Range for each element: 0-1`.

The topic is the one function that the nearest sentence above speaks of by name. And comparisons of
two functions: `tanh has higher derivatives than the sigmoid`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from operator import itemgetter

import numpy as np

from chainrule.checker.claims.bounds import bound_in_words, within
from chainrule.checker.claims.numbers import GRID, UNKNOWN, Truth, balls, everywhere, same
from chainrule.checker.claims.page import Page
from chainrule.checker.claims.properties import PROPERTIES
from chainrule.checker.claims.ranges import interval
from chainrule.checker.claims.subjects import (
    SUBJECT,
    Subject,
    function_subject,
    spoken,
)
from chainrule.checker.findings import Finding
from chainrule.language.algebra import const, total
from chainrule.notation.sentences import FORMULA, Sentence
from chainrule.notation.spoken import FUNCTION_WORDS

_NUMBER = r"[-−+]?(?:\d+(?:[./]\d+)?|zero|one|∞)"
_ELEMENTS = r"(?:elements?|entry|entries|components?|outputs?|values?)"
_RANGE = re.compile(
    rf"\brange\s+(?:for|of)\s+(?:each|every|all|the)\s+{_ELEMENTS}\s*(?::|is|=|are)\s*"
    rf"(?:in |from |between )?[\[(]?(?P<low>{_NUMBER})\s*(?:-|–|to|and|,)\s*(?P<high>{_NUMBER})",
    re.I,
)
_SUM = re.compile(
    rf"\bsum\s+(?:for|of|over)\s+(?:all|the|all the)\s+{_ELEMENTS}\s*(?::|is|=|equals)\s*"
    rf"(?P<value>{_NUMBER})(?!\w)",
    re.I,
)
_LISTED = re.compile(
    rf"^[\s*•-]*range[\s*]*:[\s*]*(?:(?P<interval>{FORMULA})|[\[(]\s*(?P<low>{_NUMBER})\s*"
    rf"(?:,|to)\s*(?P<high>{_NUMBER})\s*[\])])",
    re.I,
)
_OUTPUTS = re.compile(
    r"^[\s*•-]*(?:the |its |all )*(?:outputs?|output values?)\s+"
    r"(?:(?:is|are|lies?|is always|are always)\s+)?(?P<denied>not\s+|never\s+)?",
    re.I,
)
# A line that begins with a function, behind a number, bullet or label: `2. **Tanh** function`.
_TITLE = re.compile(
    rf"^[\W\d_]*(?:[A-Z]{{0,2}}[\d.()-]*\s+)?(?:the )?[\W_]*{FUNCTION_WORDS}",
    re.I,
)
_STEEPER = re.compile(
    r"^\s*(?:functions? )?(?:has|have)\s+(?:an? )?(?:higher|larger|bigger|greater|steeper)\s+"
    r"(?:derivative|gradient|slope)s?(?:\s+values?)?\s+than\s+(?:the\s+)?$",
    re.I,
)


def findings(page: Page) -> Iterator[Finding]:
    """Ranges and sums of the topic's elements, and comparisons of slopes."""
    for number, sentence in page.in_turn(enumerate(page.sentences), itemgetter(1)):
        for pattern, judge in ((_RANGE, _range), (_SUM, _sum)):
            for match in pattern.finditer(sentence.flat):
                subject = _topic(page, number, match.start())
                if subject is not None:
                    yield _told(page, sentence, match, judge(subject, match))
        yield from _comparison(page, sentence)
        yield from _of_the_topic(page, number, sentence)


def _of_the_topic(page: Page, number: int, sentence: Sentence) -> Iterator[Finding]:
    """`Range: (0, 1)` and `Outputs are not zero-centred` under the name of a function."""
    listed, outputs = _LISTED.match(sentence.flat), _OUTPUTS.match(sentence.flat)
    if listed is None and outputs is None:
        return
    subject = _topic(page, number, 0)
    if subject is None:
        return
    if listed is not None:
        yield _told(page, sentence, listed, _listed_range(subject, sentence, listed))
        return
    for kind in PROPERTIES:
        match = re.compile(rf"(?:{kind.pattern})(?!\w)", re.I).match(sentence.flat, outputs.end())
        if match is None or (kind.only_denied and not outputs["denied"]):
            continue
        truth = kind.judge(subject, match)
        start, end = sentence.span(outputs.start(), match.end())
        yield _finding(page, start, end, truth.denied() if outputs["denied"] else truth)
        return


def _listed_range(subject: Subject, sentence: Sentence, match: re.Match) -> Truth:
    if match["interval"] is None:
        return _range(subject, match)
    found = interval(sentence.prints[match["interval"]].node)
    return UNKNOWN if found is None else within(subject, found[0], found[1], (True, True))


def _topic(page: Page, number: int, before: int) -> Subject | None:
    """The function that the nearest heading, or short line that begins with it, is about."""
    section = page.section(page.sentences[number].start)
    for place in range(number, -1, -1):
        sentence = page.sentences[place]
        text = sentence.flat[:before] if place == number else sentence.flat
        if _TITLE.match(text) and (sentence.heading or len(text.split()) <= 8):
            names = {spoken(match) for match in SUBJECT.finditer(text) if not match["formula"]}
            if len(names) == 1:
                return function_subject(names.pop())
            return None
        if sentence.start < section or (sentence.heading and place != number):
            return None
    return None


def _range(subject: Subject, match: re.Match) -> Truth:
    low, high = bound_in_words(match["low"]), bound_in_words(match["high"])
    if low is None or high is None or not low < high:
        return UNKNOWN
    return within(subject, low, high, closed=(True, True))


def _sum(subject: Subject, match: re.Match) -> Truth:
    value = bound_in_words(match["value"])
    if len(subject.indices) != 1 or value is None or value in (float("inf"), -float("inf")):
        return UNKNOWN
    wanted = balls(const(value), {}, {}).ravel()[0]
    return everywhere(total(subject.indices[0], subject.expr), lambda v: same(v, wanted))


def _told(page: Page, sentence: Sentence, match: re.Match, truth: Truth) -> Finding:
    return _finding(page, *sentence.span(*match.span()), truth)


def _finding(page: Page, start: int, end: int, truth: Truth) -> Finding:
    if truth.value is None:
        return page.finding(start, end, "not-checked", diagnosis="this was not decided")
    if truth.value:
        return page.finding(start, end, "holds")
    why = truth.why or "the contrary is true at every point tried"
    return page.finding(start, end, "wrong", counterexample=why)


def _comparison(page: Page, sentence: Sentence) -> Iterator[Finding]:
    """`A has higher derivatives than B`: everywhere, or at their largest."""
    mentions = [match for match in SUBJECT.finditer(sentence.flat) if not match["formula"]]
    for first, second in pairwise(mentions):
        if not _STEEPER.match(sentence.flat[first.end() : second.start()]):
            continue
        slopes = [function_subject(spoken(match)).derivative() for match in (first, second)]
        if None in slopes:
            continue
        start, end = sentence.span(first.start(), second.end())
        yield _compared(page, start, end, *(_values(slope) for slope in slopes))


def _values(slope: Subject) -> np.ndarray:
    name = slope.argument.name
    found = [balls(slope.expr, {name: np.float64(x)}, {}) for x in GRID]
    return np.array([np.nan if one is None else float(one.ravel()[0]) for one in found])


def _compared(page: Page, start: int, end: int, ours: np.ndarray, theirs: np.ndarray) -> Finding:
    known = np.isfinite(ours) & np.isfinite(theirs)
    ours, theirs, places = ours[known], theirs[known], np.array(GRID)[known]
    if not known.any():
        return page.finding(start, end, "not-checked", diagnosis="this was not decided")
    if (ours >= theirs).all():
        return page.finding(start, end, "holds")
    where = places[ours < theirs][0]
    largest = f"{ours.max():.6g} against {theirs.max():.6g}"
    if ours.max() > theirs.max():
        return page.finding(start, end, "holds-if", fact=f"the largest values are meant: {largest}")
    why = f"at {where:g}; at their largest {largest}"
    return page.finding(start, end, "wrong", counterexample=why)
