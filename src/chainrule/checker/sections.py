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

from chainrule.checker.equality import AXES
from chainrule.checker.findings import FALSE, NOT_JUDGED, TRUE, Finding
from chainrule.checker.numbers_put_in import PUT_IN
from chainrule.checker.side_by_side import Each
from chainrule.checker.stated import are_lines
from chainrule.checker.worked import judge
from chainrule.notation import tree
from chainrule.notation.document import Document, Formula, Prose
from chainrule.notation.heads import undecorated
from chainrule.notation.numbers_of_each import numbers_in_words
from chainrule.notation.outline import outline
from chainrule.notation.reading import ChainItem
from chainrule.notation.scripts import letter, subscripts
from chainrule.notation.syntax import statements_of
from chainrule.notation.tree import EQUAL

# A document of more sections than this is cut at its headings only, or read as a whole.
SECTIONS = 60
# Questions and items stand deeper than this.
HEADINGS = 10
# A printed sum: what it runs over may be another thing in each section.
_SUM = re.compile(r"\\sum(?![a-z])|[Σ∑]")
_STOP = re.compile(r"(?<=[.;!?])\s+|\n\s*\n|\n(?=[ \t]*\\item\b)")

Span = tuple[int, int]
Judge = Callable[[Document, ChainItem], list[Finding]]
# What judging a document by itself gives: its findings, and the stretches that define.
Judged = tuple[list[Finding], list]


@dataclass(frozen=True)
class _Section:
    """A stretch without a break in it; of two sections one below the other the first is above."""

    start: int
    end: int
    level: float


def with_sections(
    document: Document,
    findings: list[Finding],
    read: Callable[[Document, Judge], Judged],
    each: Each,
    anew: tuple[Span, ...] = (),
) -> Judged:
    """The findings, with better ones from sections read by themselves; and what these define.

    read  reads a part of the document, and judges its chains by the function that it is given
    each  does work on each of several parts
    anew  where names get another shape: a section begins with the sentence, and may end with it
    """
    whole = {(one.start, one.end): one for one in findings}
    found, meant = dict(whole), {}
    known, asked = {document.formulas}, set()

    def judged(window: tuple[Document, list[Span]]) -> Judged:
        part, inside = window
        return read(part, partial(_judged_again, found, asked, inside))

    for apart in _windows(document, anew):
        parts = [(_part(document, spans), _open_in(found, spans[-1])) for spans in apart]
        # Formulas that were read together before say nothing new.
        wanted = [(part, keys) for part, keys in parts if keys and part.formulas not in known]
        known |= {part.formulas for part, _ in wanted}
        results = each(judged, wanted, lambda window: sum(end - start for start, end in window[1]))
        # What differs in the whole document and in a part of it is seldom explained by a third.
        asked |= {key for _, inside in wanted for key in inside if found[key].verdict == "wrong"}
        for (_, inside), (others, defined) in zip(wanted, results, strict=True):
            better = {(one.start, one.end): one for one in others}
            names = {(one.start, one.end): one for one in defined}
            for key in inside:
                if key in better and _is_better(better[key], found[key]):
                    found[key] = _told_better(better[key], found[key])
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
    known: dict[Span, Finding],
    asked: set[Span],
    wanted: list[Span],
    document: Document,
    item: ChainItem,
) -> list[Finding]:
    """The findings on a chain, judged again if some of them are wanted.

    Why something is false is asked again only where it was not understood before.

    asked  where that was asked again already
    """
    start, end = document.braced(item.members[0].start, item.members[-1].end)
    inside = [key for key in wanted if start <= key[0] < end]
    if not inside:
        return [one for one in known.values() if start <= one.start < end]
    return judge(document, item, {k for k in inside if k not in asked and _asks_why(known[k])})


def _asks_why(finding: Finding) -> bool:
    """Whether it was not understood, or is false for no reason seen, where sections may differ: in
    the numbers of axes, and in what sums run over."""
    if finding.verdict not in FALSE or finding.slip:
        return finding.verdict == "unread"
    misfit = finding.verdict == "shape" or AXES in (finding.diagnosis or "")
    return misfit or _SUM.search(finding.latex) is not None


def _is_open(finding: Finding) -> bool:
    """Whether another reading may say more: nothing false is said that is true in one of them."""
    open_ = finding.verdict == "unread" or finding.verdict in FALSE
    return open_ or finding.diagnosis == PUT_IN


def _is_better(new: Finding, old: Finding) -> bool:
    if old.verdict in FALSE:
        if new.verdict in FALSE:
            return new.slip and new.diagnosis is not None and _asks_why(old)
        # Which lines of a matrix are vectors, the whole document says.
        supposed = old.verdict == "shape" and are_lines(new.fact)
        return new.verdict in (*TRUE, "holds-if") and not supposed
    return new.verdict not in NOT_JUDGED


def _told_better(new: Finding, old: Finding) -> Finding:
    """A better finding; of what is false all the same only why it is."""
    if new.verdict == "wrong" == old.verdict:
        return replace(new, step=old.step, head=old.head)
    return new


def _part(document: Document, spans: tuple[Span, ...]) -> Document:
    """The parts of a document that start in one of the stretches, where they stand; of prose as
    much as lies in them."""
    parts = []
    for part in document.parts:
        for a, b in spans:
            if isinstance(part, Prose):
                start, end = max(a, part.start), min(b, part.end)
                if start < end:
                    parts.append(Prose(start, end, document.text[start:end]))
            elif a <= part.start < b:
                parts.append(part)
    return replace(document, parts=tuple(parts))


def _windows(document: Document, anew: tuple[Span, ...]) -> Iterator[list[tuple[Span, ...]]]:
    """Stretches that are read together; what is wanted is in the last one, the largest first.

    What is wanted in one window of a list is not wanted in any other one of it.
    """
    sections = list(_sections(document, anew))
    if len(sections) > SECTIONS:
        sections = list(_sections(document, (), HEADINGS))
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
    first = next((one for one in sections if _has_formulas(document, one)), sections[0])
    begun = (first.start, first.end)
    others = [own for spans, own in above if own.start > first.start and begun not in spans]
    yield [(begun, (own.start, own.end)) for own in others]
    yield [((own.start, own.end),) for own in sections]


def _has_formulas(document: Document, section: _Section) -> bool:
    return any(section.start <= one.start < section.end for one in document.formulas)


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
    for text in numbers_in_words(document.text[section.start : section.end]):
        found[f"{text} in"] = {"R"}
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


def _above(before: list[_Section], level: float) -> Iterator[tuple[int, int]]:
    """What introduces a section: the beginnings of the sections that it is part of."""
    for one in reversed(before):
        if one.level < level:
            yield one.start, one.end
            level = one.level


def _sections(
    document: Document, anew: tuple[Span, ...] = (), deepest: float = float("inf")
) -> Iterator[_Section]:
    levels = {start: level for start, level in outline(document) if level <= deepest}
    among = {mark for span in anew for mark in _sentence(document, span)} - levels.keys()
    outer = 0.0
    for start, end in pairwise((*sorted(levels.keys() | among), len(document.text))):
        outer = levels.get(start, outer)
        # A sentence is deeper than the section it stands in, but not than an item below it.
        yield _Section(start, end, outer + 0.5 * (start in among))


def _sentence(document: Document, span: Span) -> Iterator[int]:
    """Where the sentence begins in which a stretch starts, and where the formula ends in which the
    stretch does, if it is any longer than that start."""
    start, last = span
    formulas = [part for part in document.parts if isinstance(part, Formula)]
    stops = {found.end() for found in _STOP.finditer(document.text, 0, start)}
    stops -= {end for end in stops for one in formulas if one.start < end < one.end}
    stops |= {one.end for one in formulas if one.display and one.end <= start}
    yield max(stops, default=0)
    if start < last:
        yield next((one.end for one in formulas if one.start < last <= one.end), last)
