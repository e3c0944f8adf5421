"""Sentences that claim a property of something: `softmax is invariant to translation`.

A claim is read only where nothing but words of a closed list stands between what is spoken of and
the property, so that it is clear what the sentence speaks of. All else is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chainrule.checker.claims.numbers import UNKNOWN, Truth
from chainrule.checker.claims.page import Page
from chainrule.checker.claims.properties import PROPERTIES, Property
from chainrule.checker.claims.subjects import SUBJECT, Subject, subject_of
from chainrule.checker.findings import Finding
from chainrule.language.expr import Element
from chainrule.notation.sentences import FORMULA, Sentence

_COPULA = (
    "is are be being was were has have takes? maps? gives? produces? returns? yields? lies? lie "
    "outputs? ranges? turns? transforms? mapped remains? stays?"
).split()
_GLUE = (
    "values? elements? entries components? results? functions? activations? layers? outputs? "
    "non-?linearity always strictly therefore also thus hence itself indeed both clearly not never "
    "isn['’]t aren['’]t doesn['’]t does do don['’]t cannot can['’]t an? the its their which that "
    "and all each every real[- ]?valued real numbers? arbitrary valued vectors? it them into to "
    "must will of with any inputs? only"
).split()
_WORDS = re.compile(rf"(?:[\s,]|{FORMULA}|\b(?:{'|'.join((*_COPULA, *_GLUE))})\b)*", re.I)
_VERB = re.compile(rf"\b(?:{'|'.join(_COPULA)})\b", re.I)
_OWN_VERB = re.compile(r"(?:sums?|adds?|saturat|suffers?|poses?|has|have|leads?|causes?)", re.I)
_START = r"(?:(?<![\w-])|(?<=non-)|(?<=non))"
# `turns negative numbers into 0`: what stands right behind such a verb is what goes in.
_GOES_IN = re.compile(r"\b(?:maps?|turns?|transforms?)\b(?!.*\b(?:in)?to\b)", re.I | re.S)
_NOT = re.compile(r"\b(?:not|never|cannot)\b|n['’]t\b", re.I)
_NON = re.compile(r"\bnon[- ]?$|\bun$", re.I)
_SUPPOSED = re.compile(
    r"\b(?:if|whether|suppose|assum\w+|let|unless|when\w*|where|were|cases?|consider)\b", re.I
)
_PREMISE = re.compile(r"\b(?:if|suppose|assum\w+|unless)\b", re.I)
_LEADS = re.compile(
    r"(?:^|\b(?P<slope>derivatives?|gradients?|slopes?) of(?: the| a)?|"
    r"\b(?:outputs?|values?|elements?|entries|components?|range) of(?: the| a| each)?|"
    r"(?<!\w)(?P<last>[^\s]+))\s*$",
    re.I,
)
_PREPOSITIONS = frozenset(
    "of in by with for to from than under on at into through like as via between over using "
    "unlike without".split()
)
_FOR_ALL = re.compile(r"[\s,]*(?:everywhere|for (?:all|every|each|any)\b)", re.I)
_LIMITED = re.compile(
    r"[\s,]*\(?(?:only |but only )?(?:for|if|when|where|whenever|unless|except|near|provided|"
    r"almost|with|(?:at|on|in)(?! (?:the |its )?(?:inputs?|arguments?|logits)))\b",
    re.I,
)
# `the angle between v and w`: what is said is not said of w.
_BETWEEN = re.compile(rf"\b(?:between|of|from)\b[^.,;]*{FORMULA}\s*(?:and|or|to)\s*$", re.I)
_NOUNS = re.compile(
    r"\s+(?!(?:functions?|numbers?|values?|outputs?|over|until|down|up|and|or|but|for|when|if|with|"
    r"in|on|at|to|under|unlike|because|since|so|while|where|which|that|as|everywhere)\b)[a-z]+",
    re.I,
)
# `has both positive and negative outputs`: some values have the one property, some the other.
_SOME = re.compile(
    r"\b(?:both|either|some(?:times)?|partly|(?:posi|nega)tive[\s,]+(?:and|or))\s*$", re.I
)
_OTHERS = re.compile(
    r"(?:[\s,/]|\b(?:and|or|as well as|to)\b)+(?:(?:posi|nega)tive|zero|0)\b", re.I
)
_UNLIKE = re.compile(r"[\s\w,-]{0,24}?\b(?:unlike|in contrast to|but not)(?: the)?\s+$", re.I)


def findings(page: Page) -> Iterator[Finding]:
    """The claims of properties in the sentences of a document."""
    for sentence in page.in_turn(page.sentences):
        if sentence.flat.rstrip().endswith("?"):
            continue
        taken: list[tuple[int, int]] = []
        for kind in PROPERTIES:
            for match in re.finditer(rf"{_START}(?:{kind.pattern})(?!\w)", sentence.flat, re.I):
                overlaps = any(a < match.end() and match.start() < b for a, b in taken)
                found = None if overlaps else _claim(page, sentence, kind, match)
                if found is not None:
                    taken.append(match.span())
                    yield found


def _claim(page: Page, sentence: Sentence, kind: Property, match: re.Match) -> Finding | None:
    text = sentence.flat
    start, denied = match.start(), False
    if (prefix := _NON.search(text[:start])) is not None:
        start, denied = prefix.start(), True
    named = _subject(page, sentence, start)
    if named is None:
        return None
    mention, subject = named
    between = text[mention.end() : start]
    if not (_VERB.search(between) or _OWN_VERB.match(match[0])) or _GOES_IN.search(between):
        return None
    lead = _LEADS.search(text[: mention.start()])
    if _SUPPOSED.search(text[: mention.start()]) or _is_object(lead):
        return None
    rest = text[match.end() :]
    if _BETWEEN.search(text[: mention.start()]) or _is_noun(between, rest):
        return None
    if _SOME.search(text[:start]) or _OTHERS.match(rest):
        return None
    if lead is not None and lead["slope"]:
        subject = subject.derivative()
    if kind.only_denied and len(_NOT.findall(between)) % 2 == denied:
        return None
    truth = UNKNOWN if subject is None else kind.judge(subject, match)
    if len(_NOT.findall(between)) % 2 != denied:
        truth = truth.denied()
    end = match.end()
    truth, end = _contrasted(page, sentence, kind, match, truth)
    if truth.value is False and _PREMISE.search(text[: mention.start()]):
        # Under what is supposed it may be so.
        truth = UNKNOWN
    if _LIMITED.match(rest) and not _FOR_ALL.match(rest):
        truth = UNKNOWN
    first = lead.start() if lead is not None and lead["slope"] else mention.start()
    return _told(page, sentence, first, end, kind, truth)


def _subject(page: Page, sentence: Sentence, before: int) -> tuple[re.Match, Subject] | None:
    """The nearest mention to the left, across words of the closed list; inputs are passed over."""
    text = sentence.flat
    for mention in reversed(list(SUBJECT.finditer(text, 0, before))):
        if not _WORDS.fullmatch(text, mention.end(), before):
            return None
        subject = subject_of(page, mention, sentence.prints)
        if subject is not None and not isinstance(subject.expr, Element):
            return mention, subject
        if not re.search(r"\b(?:takes?|maps?|turns?|transforms?)\b", text[: mention.start()]):
            return None
    return None


def _is_object(lead: re.Match | None) -> bool:
    return lead is not None and bool(lead["last"]) and lead["last"].lower() in _PREPOSITIONS


def _is_noun(between: str, rest: str) -> bool:
    """`is a positive constant`: the property belongs to another word."""
    return bool(re.search(r"\ban?\s*$", between) and _NOUNS.match(rest))


def _contrasted(
    page: Page, sentence: Sentence, kind: Property, match: re.Match, truth: Truth
) -> tuple[Truth, int]:
    """`…, unlike the sigmoid`: the other one must lack the property."""
    text = sentence.flat
    for mention in SUBJECT.finditer(text, match.end()):
        if not _UNLIKE.fullmatch(text, match.end(), mention.start()):
            break
        other = subject_of(page, mention, sentence.prints)
        against = UNKNOWN if other is None else kind.judge(other, match).denied()
        if truth.value is True:
            truth = against
        return truth, mention.end()
    return truth, match.end()


def _told(
    page: Page, sentence: Sentence, first: int, last: int, kind: Property, truth: Truth
) -> Finding:
    start, end = sentence.span(first, last)
    match truth.value:
        case True:
            return page.finding(start, end, "holds", reading=kind.name)
        case False:
            return page.finding(
                start,
                end,
                "wrong",
                reading=kind.name,
                counterexample=truth.why or "the contrary is true at every point tried",
                diagnosis="it fails at the example" if truth.why else None,
            )
    return page.finding(
        start, end, "not-checked", reading=kind.name, diagnosis="a property that was not decided"
    )
