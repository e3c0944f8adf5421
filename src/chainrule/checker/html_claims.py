"""The claims of a report as HTML: one row for each, which opens to what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from chainrule.checker.check import Report
from chainrule.checker.findings import FALSE, Finding
from chainrule.checker.verdicts import VERDICTS
from chainrule.notation.macros import Macro
from chainrule.notation.mathml import to_mathml

#: What `Finding.evidence` says, in words.
EVIDENCE = {
    "identity": "both sides are one expression",
    "rules": "the difference is 0 by named rules",
    "points": "numbers at the points tried",
    "balls": "both sides enclosed in intervals",
}


@dataclass(frozen=True)
class Claims:
    """The findings and definitions of one document, and how the document prints them.

    key  tells the documents of a page apart
    """

    report: Report
    key: str

    def anchor(self, finding: Finding) -> str:
        numbers = enumerate(self.report.findings, 1)
        return f"{self.key}-{next(number for number, one in numbers if one is finding)}"

    def statement(self, finding: Finding) -> str:
        """The claim by itself: the member before, the sign, and the member judged.

        Where the step holds, but not the equation with the first member, that one stands there.
        """
        if not self._in_formula(finding):
            return f"<q>{escape(finding.latex)}</q>"
        printed = self.report.printed(finding)
        repaired = finding.head in FALSE and finding.step not in FALSE
        left = printed.first if repaired else printed.before
        return math(f"{left} {printed.sign} {finding.latex}", self.report.document.macros)

    def _in_formula(self, finding: Finding) -> bool:
        formulas = self.report.document.formulas
        return any(one.start <= finding.start < one.end for one in formulas)

    def row(self, finding: Finding) -> str:
        """The row of a finding, open where it is false."""
        opened = " open" if finding.verdict in FALSE else ""
        details = "".join(
            f"<dt>{word}</dt><dd>{text}</dd>" for word, text in self._details(finding).items()
        )
        return (
            f'<details class="claim {finding.verdict}" id="{self.anchor(finding)}"{opened}>'
            f"<summary>{label(finding.verdict)}{self._member(finding)}"
            f"{place(self.report, finding.start)}{self._aside(finding)}</summary>"
            f"<dl>{details}</dl></details>"
        )

    def _aside(self, finding: Finding) -> str:
        """The condition under which a claim is true, for a row that is closed."""
        if finding.verdict not in ("holds-if", "convention"):
            return ""
        condition = f"given {finding.fact}" if finding.fact else finding.convention or ""
        return f'<span class="told">{told(condition, self.report.document.macros)}</span>'

    def _member(self, finding: Finding) -> str:
        if not self._in_formula(finding):
            return f'<span class="member"><q>{escape(finding.latex)}</q></span>'
        sign = self.report.printed(finding).sign
        shown = math(f"{{}}{sign} {finding.latex}", self.report.document.macros)
        return f'<span class="member">{shown}</span>'

    def _details(self, finding: Finding) -> dict[str, str]:
        macros = self.report.document.macros
        details = {"claim": self.statement(finding)}
        for word, text in finding.remarks.items():
            details[word] = (math if text == finding.correction else told)(text, macros)
        if finding.evidence in EVIDENCE:
            details["evidence"] = EVIDENCE[finding.evidence]
        return details

    def definition(self, entry: dict) -> str:
        """The row of a definition."""
        macros = self.report.document.macros
        known = entry["sizes"] and "?" not in entry["sizes"]
        sizes = f"({' × '.join(entry['sizes'])})" if known else ""
        return (
            '<div class="claim defines"><span class="mark" aria-hidden="true">:=</span>'
            f'<span class="verdict">defines</span> <span>{math(entry["symbol"], macros)}</span>'
            f'<span class="told">{escape(sizes)}</span>{place(self.report, entry["start"])}</div>'
        )


def math(latex: str, macros: Mapping[str, Macro]) -> str:
    """A formula in one line, or its source."""
    found = to_mathml(latex, macros)
    return found or f'<code class="source">{escape(" ".join(latex.split()))}</code>'


def told(text: str, macros: Mapping[str, Macro]) -> str:
    """A sentence, in which formulas stand between backquotes."""
    parts = enumerate(text.split("`"))
    return "".join(math(part, macros) if number % 2 else escape(part) for number, part in parts)


def label(verdict: str) -> str:
    """The mark and the name of a verdict."""
    mark = VERDICTS[verdict].mark
    return (
        f'<span class="mark" aria-hidden="true">{mark}</span><span class="verdict">{verdict}</span>'
    )


def place(report: Report, start: int) -> str:
    """Where a claim stands."""
    cell = report.document.cell(start)
    inside = f"cell {cell.number}, " if cell is not None else ""
    return f'<span class="place">{inside}line {report.document.line(start)}</span>'
