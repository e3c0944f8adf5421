"""The claims of a report as HTML: one row for each, which opens to what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from chainrule.checker.check import Report
from chainrule.checker.findings import FALSE, Finding
from chainrule.checker.verdicts import VERDICTS
from chainrule.notation import tree
from chainrule.notation.macros import Macro
from chainrule.notation.mathml import to_mathml


@dataclass(frozen=True)
class Printed:
    """How a member stands in its chain: the first member, the one before, and the sign between."""

    first: str
    before: str
    sign: str


@dataclass(frozen=True)
class Claims:
    """The findings and definitions of one document, and how the document prints them.

    key  tells the documents of a page apart
    """

    report: Report
    key: str
    printed: dict[int, Printed] = field(default_factory=dict)

    @staticmethod
    def of(report: Report, key: str) -> Claims:
        """With the print of each member by where it starts."""
        document, printed = report.document, {}

        def text(node: tree.Node) -> str:
            start, end = document.braced(node.start, node.end)
            return "" if isinstance(node, tree.Empty) else document.text[start:end]

        for item in report.reading.chains:
            for position, node in enumerate(item.members[1:], 1):
                sign = item.relations[position - 1]
                start, _ = document.braced(node.start, node.end)
                printed[start] = Printed(
                    text(item.members[0]),
                    text(item.members[position - 1]),
                    document.text[sign.start : sign.end].strip(" &") or "=",
                )
        return Claims(report, key, printed)

    def anchor(self, finding: Finding) -> str:
        return f"{self.key}-{self.report.findings.index(finding) + 1}"

    def statement(self, finding: Finding) -> str:
        """The claim by itself: the member before, the sign, and the member judged.

        Where the step holds, but not the equation with the first member, that one stands there.
        """
        if finding.start not in self.printed and not self._in_formula(finding):
            return f"<q>{escape(finding.latex)}</q>"
        printed = self.printed.get(finding.start, Printed("", "", ""))
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
            f"<dt>{label}</dt><dd>{text}</dd>" for label, text in self._details(finding) if text
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
        told = f"given {finding.fact}" if finding.fact else finding.convention
        return f'<span class="told">{escape(told or "")}</span>'

    def _member(self, finding: Finding) -> str:
        if not self._in_formula(finding):
            return f'<span class="member"><q>{escape(finding.latex)}</q></span>'
        sign = self.printed[finding.start].sign if finding.start in self.printed else ""
        shown = math(f"{{}}{sign} {finding.latex}", self.report.document.macros)
        return f'<span class="member">{shown}</span>'

    def _details(self, finding: Finding) -> list[tuple[str, str]]:
        judged = finding.verdict not in ("unread", "not-checked")
        told = [
            ("claim", self.statement(finding)),
            ("given", escape(finding.fact or "")),
            ("up to", escape(finding.convention or "")),
            ("because", escape(finding.diagnosis or "")),
            ("example", escape(finding.counterexample or "")),
            ("instead", self._correction(finding)),
            ("reading", escape(finding.reading or "") if judged else ""),
        ]
        if finding.verdict in FALSE and finding.head is not None and finding.step != finding.head:
            note = f"as a step: {finding.step}; against the first member: {finding.head}"
            told.append(("note", note))
        return told

    def _correction(self, finding: Finding) -> str:
        if not finding.correction:
            return ""
        return math(finding.correction, self.report.document.macros)

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
