"""What sentences say of same, full and valid convolution, decided by computing an example."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from chainrule.checker.claims.page import Page
from chainrule.checker.claims.rows import convolved, padding
from chainrule.checker.findings import Finding
from chainrule.notation.sentences import Sentence

_SIGNAL, _KERNEL = 7, 3
_MODE = r"\b(?:same|full|valid)\b"
_SIZE = r"\b(?:sizes?|dimension\w*|lengths?|resolution|shape|images?|inputs?|outputs?|signals?)"
_SUBJECT = re.compile(
    rf"(?P<modes>{_MODE}(?:\s*(?:,|&|\band\b|\bor\b|/)\s*{_MODE})*)\s+"
    r"(?:convolutions?|padding|mode|correlations?)",
    re.I,
)


def _length(mode: str) -> int:
    return len(convolved((1,) * _SIGNAL, (1,) * _KERNEL, mode))


def _uses_of_first(mode: str) -> int:
    """How many of the results depend on the first number of the signal."""
    signal = (1,) + (0,) * (_SIGNAL - 1)
    return sum(number != 0 for number in convolved(signal, (1,) * _KERNEL, mode))


def _pads(mode: str) -> bool:
    return sum(padding(mode, _KERNEL)) > 0


# What is said of a mode → whether it is so. The first pattern that fits a stretch counts.
_FACTS: tuple[tuple[str, Callable[[str], bool], str], ...] = (
    (
        r"\b(?:no|without(?: any)?|zero amount of) (?:zero[- ])?padding",
        lambda mode: not _pads(mode),
        "padding",
    ),
    (r"\b(?:uses?|adds?|needs?|has|applies|with) (?:zero[- ])?padding", _pads, "padding"),
    (
        rf"\b(?:enlarges?|(?:makes?|gives?|produces?|yields?)\b[\w\s]{{0,30}}\b(?:bigger|larger)|"
        rf"(?:increases?|expands?)\b[\w\s]{{0,20}}{_SIZE})\b",
        lambda mode: _length(mode) > _SIGNAL,
        "size",
    ),
    (
        rf"\b(?:(?:reduces?|shrinks?|decreases?|lowers?)\b[\w\s]{{0,20}}{_SIZE}|"
        rf"lower[- ]dimension\w*|(?:makes?|gives?|produces?|yields?)\b[\w\s]{{0,30}}\bsmaller)\b",
        lambda mode: _length(mode) < _SIGNAL,
        "size",
    ),
    (
        r"\b(?:keeps?|preserves?|retains?)\b[\w\s]{0,24}\b(?:corners?|borders?|edges?)\b",
        lambda mode: _uses_of_first(mode) > 1,
        "border",
    ),
    (
        rf"\b(?:keeps?|preserves?|retains?|maintains?)\b[\w\s]{{0,20}}{_SIZE}\b(?! (?:of|from) the "
        rf"(?:corner|border))",
        lambda mode: _length(mode) == _SIGNAL,
        "size",
    ),
    (
        r"\b(?:los[es]s?|loses|loss of|discards?)\b[\w\s]{0,20}\b(?:data|information|borders?|"
        r"corners?|edges?)\b",
        lambda mode: _uses_of_first(mode) <= 1,
        "border",
    ),
)
_NOT = re.compile(r"(?:\bnot\b|n['’]t\b|\bnever\b)[\w\s]{0,16}$", re.I)


def findings(page: Page) -> Iterator[Finding]:
    """The sentences that say something of a mode that is understood."""
    for sentence in page.in_turn(page.sentences):
        if sentence.flat.rstrip().endswith("?") or re.search(r"strid", sentence.flat, re.I):
            continue
        found = _sentence(page, sentence)
        if found is not None:
            yield found


def _sentence(page: Page, sentence: Sentence) -> Finding | None:
    subjects = list(_SUBJECT.finditer(sentence.flat))
    if not subjects:
        return None
    ends = [match.start() for match in subjects[1:]] + [len(sentence.flat)]
    said, false = 0, []
    for match, end in zip(subjects, ends, strict=True):
        modes = re.findall(_MODE, match["modes"], re.I)
        for fact, words, positive in _facts(sentence.flat[match.end() : end]):
            said += 1
            false.extend(
                f"{mode.lower()} convolution {_told(mode.lower())} ({words!r} is not so)"
                for mode in modes
                if fact(mode.lower()) != positive
            )
    if not said:
        return None
    start, end = sentence.span(subjects[0].start())
    if not false:
        return page.finding(start, end, "holds", reading="the modes of convolution")
    return page.finding(
        start,
        end,
        "wrong",
        reading="the modes of convolution",
        counterexample=f"with {_SIGNAL} numbers and a filter of {_KERNEL}: {false[0]}",
        diagnosis="the modes are confused",
    )


def _facts(text: str) -> Iterator[tuple[Callable[[str], bool], str, bool]]:
    """(fact, its words, whether it is said to be so) for each thing said in a stretch."""
    taken: set[str] = set()
    for pattern, fact, topic in _FACTS:
        match = re.search(pattern, text, re.I)
        if match is not None and topic not in taken:
            taken.add(topic)
            yield fact, match[0], _NOT.search(text[: match.start()]) is None


def _told(mode: str) -> str:
    before, after = padding(mode, _KERNEL)
    return f"gives {_length(mode)} numbers and pads with {before} + {after} zeros"
