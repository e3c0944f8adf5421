"""The report as a page for people: the document with its claims beside it, in one file.

The page loads nothing and runs nothing; its policy says so to the browser too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from pathlib import PurePath
from typing import TextIO

from chainrule.checker.check import Report, counted
from chainrule.checker.findings import FALSE, NOT_JUDGED, Finding
from chainrule.checker.html_claims import Claims, label, place, told
from chainrule.checker.verdicts import VERDICTS
from chainrule.notation.document import Formula
from chainrule.notation.html import Slot, document_html
from chainrule.notation.mathml import Highlight, to_mathml

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write(reports: Iterable[Report], stream: TextIO, many: bool, everything: bool = True) -> None:
    """One page for all reports; without `everything` what was not read is only counted."""
    found = list(reports)
    if found or many:
        stream.write(page(found, everything))


def page(reports: Sequence[Report], everything: bool = True) -> str:
    """The page as text; the same reports give the same text."""
    names = [report.document.name for report in reports]
    title = names[0] if len(names) == 1 else counted(len(names), "document")
    style = files("chainrule.checker").joinpath("report.css").read_text(encoding="utf-8")
    parts = [Claims(report, f"claim-{number}") for number, report in enumerate(reports, 1)]
    contents = _contents(parts) if len(parts) > 1 else ""
    body = "\n".join(_document(claims, everything) for claims in parts)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}: claims judged by chainrule</title>\n<style>\n{style}</style>\n"
        f"</head>\n<body>\n<main>\n{contents}{body}\n</main>\n<footer>{_legend()}</footer>\n"
        "</body>\n</html>\n"
    )


def _contents(parts: Sequence[Claims]) -> str:
    rows = "".join(
        f'<li><a href="#{claims.key}">{escape(claims.report.document.name)}</a> '
        f"{_counts(claims.report)}</li>"
        for claims in parts
    )
    return f'<nav class="documents"><h1>{len(parts)} documents</h1><ol>{rows}</ol></nav>\n'


def _document(claims: Claims, everything: bool) -> str:
    report = claims.report
    shown = [f for f in report.findings if everything or f.verdict not in NOT_JUDGED]
    body = document_html(report.document, _slots(claims, shown))
    return (
        f'<section class="report" id="{claims.key}">\n<header>'
        f"{_title(report.document.name)}{_summary(claims)}</header>\n"
        f'<article class="document">\n{body}</article>\n</section>'
    )


def _title(name: str) -> str:
    """The name of the file, and the folder it is in."""
    short = PurePath(name).name
    path = f'<p class="path">{escape(name)}</p>' if short != name else ""
    return f"<h1>{escape(short)}</h1>{path}"


# The summary.

_TO_SEE = ("unstable", "holds-if", "convention")


def _summary(claims: Claims) -> str:
    report = claims.report
    wrong = [finding for finding in report.findings if finding.verdict in FALSE]
    conditional = [finding for finding in report.findings if finding.verdict in _TO_SEE]
    unread = report.counts.get("unread", 0)
    if wrong:
        are = "is" if len(wrong) == 1 else "are"
        said = f"{len(wrong)} of {counted(len(report.findings), 'claim')} {are} false:"
    elif report.findings:
        said = f"Nothing false was found among {counted(len(report.findings), 'claim')}."
    else:
        said = "No claims were found."
    found = [_counts(report), f'<p class="told-first">{said}</p>', _list(claims, wrong)]
    if conditional:
        heading = f"True, but with a condition: {len(conditional)}"
        inside = _list(claims, conditional)
        found.append(f"<details><summary>{heading}</summary>{inside}</details>")
    if unread:
        were = "was" if unread == 1 else "were"
        found.append(
            f"<p>{counted(unread, 'claim')} {were} not understood: nothing is said of what is"
            " marked <q>unread</q>.</p>"
        )
    return "".join(found)


def _counts(report: Report) -> str:
    order = list(VERDICTS)
    counts = sorted(report.counts.items(), key=lambda pair: order.index(pair[0]))
    chips = [f'<li class="chip {name}">{label(name)} {number}</li>' for name, number in counts]
    defined = len(report.definitions())
    if defined:
        chips.append(f'<li class="chip defines">{counted(defined, "definition")}</li>')
    return f'<ul class="counts">{"".join(chips)}</ul>'


def _list(claims: Claims, findings: Sequence[Finding]) -> str:
    rows = []
    for finding in findings:
        reason = finding.diagnosis or finding.fact or finding.convention or ""
        reason = told(reason, claims.report.document.macros)
        rows.append(
            f'<li class="{finding.verdict}"><a href="#{claims.anchor(finding)}">'
            f"{label(finding.verdict)}{place(claims.report, finding.start)}</a>"
            f'<span class="statement">{claims.statement(finding)}</span>'
            f'<span class="told">{reason}</span></li>'
        )
    return f'<ul class="findings">{"".join(rows)}</ul>' if rows else ""


# The document.


def _slots(claims: Claims, findings: Sequence[Finding]) -> list[Slot]:
    """Formulas with their claims, and claims in prose where they begin."""
    document = claims.report.document
    rows = [(one.start, one.end, one.verdict, claims.row(one)) for one in findings]
    rows += [
        (entry["start"], entry["end"], "defines", claims.definition(entry))
        for entry in claims.report.definitions()
    ]
    rows.sort(key=lambda row: row[0])
    slots, placed = [], set()
    for formula in document.formulas:
        start, end = formula.outer
        own = [row for row in rows if start <= row[0] < end]
        placed.update(row[0] for row in own)
        note = "".join(row[3] for row in own)
        slots.append(Slot(start, end, _formula(document, formula, own), formula.display, note))
    for start, _, _, row in rows:
        if start not in placed:
            slots.append(Slot(start, start, "", note=row))
    return sorted(slots, key=lambda slot: (slot.start, slot.end))


def _formula(document, formula: Formula, rows: Sequence[tuple]) -> str:
    highlights = [
        Highlight(start - formula.start, end - formula.start, f"said {verdict}")
        for start, end, verdict, _ in rows
        if formula.start <= start and end <= formula.end and verdict != "defines"
    ]
    found = to_mathml(
        formula.latex, document.macros, display=formula.display, highlights=highlights
    )
    if found is None:
        source = document.text[slice(*formula.outer)]
        found = f'<code class="source">{escape(source)}</code>'
    return f'<span class="display">{found}</span>' if formula.display and found else found


def _legend() -> str:
    rows = "".join(
        f'<dt class="{verdict.name}">{label(verdict.name)}</dt><dd>{escape(verdict.meaning)}</dd>'
        for verdict in VERDICTS.values()
    )
    return (
        '<details class="legend" open><summary>What the verdicts mean</summary>'
        f"<dl>{rows}</dl></details>"
    )
