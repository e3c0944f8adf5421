"""Sections read by themselves: what a letter is in one question it need not be in the next.

How many axes a letter has, and whether `z_1` is a name or an element of z, is told from the use
of the letter in the whole document. Where a claim is not understood so, its question is read once
more as a document of its own: with the questions around it, with what introduces it, and alone.
What is true in one of these readings is not called false.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby, pairwise

from chainrule.checker.findings import FALSE, NOT_JUDGED, TRUE, Finding
from chainrule.checker.side_by_side import Each
from chainrule.checker.supposed import PUT_IN
from chainrule.checker.worked import judge
from chainrule.notation import tree
from chainrule.notation.chains import EQUAL
from chainrule.notation.document import Document, Formula, Heading
from chainrule.notation.heads import section_breaks, undecorated
from chainrule.notation.reading import ChainItem
from chainrule.notation.scripts import letter, subscripts
from chainrule.notation.syntax import statements_of

# A document of more sections than this is read as a whole only.
SECTIONS = 60
_ITEM = re.compile(r"^[ \t]*(?:\\item\b|\\paragraph\b|\*\*[^*\n]{1,60}\*\*)", re.M)
# How deep the beginnings of questions stand that are no headings, by how they are printed.
_LEVELS = (
    (20, re.compile(r"Q\d*\b|(?i:question|problem|exercise|task|frage|aufgabe)\b")),
    (40, re.compile(r"Part\b|\d{1,2}[.)]")),
    (60, re.compile(r"\d{0,2}\s?\(?[ivx]{2,4}\s?[.)]")),
    (50, re.compile(r"\d{0,2}\s?\(?[a-zA-Z]\s?[.)]")),
    (30, re.compile(r"")),
)
_DECORATION = re.compile(r"[ \t>*#-]*(?:\\(?:item|paragraph|\w+\*?(?=\{))[\s{*]*)*")

Span = tuple[int, int]
Judge = Callable[[Document, ChainItem], list[Finding]]
# What judging a document by itself gives: its findings, and the stretches that define.
Judged = tuple[list[Finding], list]


@dataclass(frozen=True)
class _Section:
    """A stretch without a break in it; of two sections one below the other the first is above."""

    start: int
    end: int
    level: int


def with_sections(
    document: Document,
    findings: list[Finding],
    read: Callable[[Document, Judge], Judged],
    each: Each,
) -> Judged:
    """The findings, with better ones from sections read by themselves; and what these define.

    read  reads a part of the document, and judges its chains by the function that it is given
    each  does work on each of several parts
    """
    whole = {(one.start, one.end): one for one in findings}
    found, meant = dict(whole), {}
    known = {document.formulas}

    def judged(window: tuple[Document, list[Span]]) -> Judged:
        part, inside = window
        return read(part, partial(_judged_again, found, inside))

    for apart in _windows(document):
        parts = [(_part(document, spans), _open_in(found, spans[-1])) for spans in apart]
        # Formulas that were read together before say nothing new.
        wanted = [(part, keys) for part, keys in parts if keys and part.formulas not in known]
        known |= {part.formulas for part, _ in wanted}
        results = each(judged, wanted, lambda window: sum(end - start for start, end in window[1]))
        for (_, inside), (others, defined) in zip(wanted, results, strict=True):
            better = {(one.start, one.end): one for one in others}
            names = {(one.start, one.end): one for one in defined}
            for key in inside:
                if key in better and _is_better(better[key], found[key]):
                    found[key] = better[key]
                elif key in names and _may_define(whole[key], found[key]):
                    meant[key] = names[key]
                    del found[key]
    return sorted(found.values(), key=lambda one: (one.start, one.end)), list(meant.values())


def _open_in(found: dict[Span, Finding], span: Span) -> list[Span]:
    """What is open in a stretch."""
    start, end = span
    return [key for key, one in found.items() if start <= key[0] < end and _is_open(one)]


def _may_define(first: Finding, last: Finding) -> bool:
    """Whether what a section calls a definition was not understood, or of another shape before."""
    return first.verdict in ("unread", "shape") and last.verdict != "wrong"


def _judged_again(
    known: dict[Span, Finding], wanted: list[Span], document: Document, item: ChainItem
) -> list[Finding]:
    """The findings on a chain, judged again if some of them are wanted.

    Why something is false is asked again only where it was not understood before.
    """
    start, end = document.braced(item.members[0].start, item.members[-1].end)
    inside = [key for key in wanted if start <= key[0] < end]
    if not inside:
        return [one for one in known.values() if start <= one.start < end]
    return judge(document, item, {key for key in inside if known[key].verdict == "unread"})


def _is_open(finding: Finding) -> bool:
    """Whether another reading may say more: nothing false is said that is true in one of them."""
    open_ = finding.verdict == "unread" or finding.verdict in FALSE
    return open_ or finding.diagnosis == PUT_IN


def _is_better(new: Finding, old: Finding) -> bool:
    if old.verdict in FALSE:
        return new.verdict in (*TRUE, "holds-if")
    return new.verdict not in NOT_JUDGED


def _part(document: Document, spans: tuple[Span, ...]) -> Document:
    """The parts of a document that start in one of the stretches, where they stand."""
    parts = (part for part in document.parts if any(a <= part.start < b for a, b in spans))
    return replace(document, parts=tuple(parts))


def _windows(document: Document) -> Iterator[list[tuple[Span, ...]]]:
    """Stretches that are read together; what is wanted is in the last one, the largest first.

    What is wanted in one window of a list is not wanted in any other one of it.
    """
    sections = list(_sections(document))
    if not 1 < len(sections) <= SECTIONS:
        return
    runs = list(_runs(document, sections))
    if len(runs) > 1:
        yield [((run[0].start, run[-1].end),) for run in runs]
    large = []
    for k, own in enumerate(sections):
        last = next((s.start for s in sections[k + 1 :] if s.level <= own.level), sections[-1].end)
        if last != own.end:
            large.append((own.level, ((own.start, last),)))
    for _, alike in groupby(sorted(large), key=lambda one: one[0]):
        yield [window for _, window in alike]
    above = [(tuple(_above(sections[:k], own.level))[::-1], own) for k, own in enumerate(sections)]
    yield [(*spans, (own.start, own.end)) for spans, own in above if spans]
    yield [((own.start, own.end),) for own in sections]


def _runs(document: Document, sections: list[_Section]) -> Iterator[list[_Section]]:
    """The sections that follow each other up to where a letter stands for another thing."""
    run: list[_Section] = []
    known: dict[str, set] = {}
    for own in sections:
        forms = _forms(document, own)
        if run and any(known[text].isdisjoint(forms[text]) for text in known.keys() & forms.keys()):
            yield run
            run, known = [], {}
        run.append(own)
        for text, found in forms.items():
            known.setdefault(text, set()).update(found)
    if run:
        yield run


def _forms(document: Document, section: _Section) -> dict[str, set]:
    """How letters are defined in a section: with so many subscripts, or of which shape."""
    found: dict[str, set] = {}
    for formula in document.formulas:
        if not section.start <= formula.start < section.end:
            continue
        for statement in statements_of(document, formula):
            match statement.chain:
                case tree.Chain((head, body, *_), (relation, *_)):
                    head, text = undecorated(head), None
                    if relation.kind == "in" and (text := letter(head)) is not None:
                        found.setdefault(f"{text} in", set()).add(tree.show(body))
                    if relation.kind not in EQUAL or not isinstance(head, tree.Script):
                        continue
                    marks = subscripts(head.sub)
                    lettered = any(isinstance(mark, tree.Symbol) for mark in marks)
                    if lettered and head.sup is None and (text := letter(head.base)) is not None:
                        found.setdefault(text, set()).add(len(marks))
    return found


def _above(before: list[_Section], level: int) -> Iterator[tuple[int, int]]:
    """What introduces a section: the beginnings of the sections that it is part of."""
    for one in reversed(before):
        if one.level < level:
            yield one.start, one.end
            level = one.level


def _sections(document: Document) -> Iterator[_Section]:
    levels = {part.start: part.level for part in document.parts if isinstance(part, Heading)}
    taken = [(part.start, part.end) for part in document.parts if isinstance(part, Formula)]
    items = (match.start() for match in _ITEM.finditer(document.text))
    starts = {0, *levels, *section_breaks(document), *items}
    marks = sorted(mark for mark in starts if not any(a < mark < b for a, b in taken))
    for start, end in pairwise((*marks, len(document.text))):
        level = levels[start] if start in levels else _level(document.text, start)
        yield _Section(start, end, -1 if start == 0 and not _is_item(document) else level)


def _level(text: str, start: int) -> int:
    """How deep a question stands that begins without a heading."""
    at = _DECORATION.match(text, start).end()
    return next(level for level, pattern in _LEVELS if pattern.match(text, at))


def _is_item(document: Document) -> bool:
    """Whether a document begins with a question, and not with what introduces all of them."""
    return 0 in section_breaks(document) and not isinstance(document.parts[0], Heading)
