"""A report for people: each claim with its verdict, a caret under what is wrong, and a summary."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from rich.console import Console
from rich.text import Text

from chainrule.checker.check import Report
from chainrule.checker.findings import FALSE, NOT_JUDGED, Finding

COLOURS = {
    "proved": "green",
    "holds": "green",
    "holds-if": "yellow",
    "convention": "yellow",
    "wrong": "bold red",
    "shape": "bold red",
    "unstable": "magenta",
}
WIDTH = 88


def write(reports: Iterable[Report], stream: TextIO, many: bool, everything: bool = True) -> None:
    """Each report as soon as it comes, in colour where the stream is a terminal."""
    console = Console(file=stream, highlight=False)
    for report in reports:
        print_report(report, console, everything)


def print_report(report: Report, console: Console, everything: bool = True) -> None:
    """The findings in the order of the document; `everything` lists also what was not read."""
    definitions = [(d["start"], d) for d in report.definitions()]
    claims = [(f.start, f) for f in report.findings if everything or f.verdict not in NOT_JUDGED]
    cell = None
    for start, entry in sorted(definitions + claims, key=lambda pair: pair[0]):
        if report.document.cell(start) != cell:
            cell = report.document.cell(start)
            console.print(Text(f"cell {cell.number}", style="dim"))
        if isinstance(entry, Finding):
            _print_finding(report, entry, console)
        else:
            _print_definition(report, entry, console)
    console.print(Text(report.summary), soft_wrap=True)


def _print_definition(report: Report, entry: dict, console: Console) -> None:
    sizes = " × ".join(entry["sizes"])
    shape = f"   ({sizes})" if sizes and "?" not in sizes else ""
    line = Text(f"{entry['line']:>5}  ")
    line.append(f"{'defines':<11}", style="cyan")
    line.append(f"{entry['symbol']} = {_short(entry['latex'])}{shape}")
    console.print(line, soft_wrap=True)


def _print_finding(report: Report, finding: Finding, console: Console) -> None:
    line = Text(f"{finding.line:>5}  ")
    line.append(f"{finding.verdict:<10} ", style=COLOURS.get(finding.verdict, "dim"))
    line.append(_short(f"{report.printed(finding).sign} {finding.latex}"))
    console.print(line, soft_wrap=True)
    if finding.verdict in FALSE:
        _print_place(report, finding, console)
    for label, text in finding.remarks.items():
        console.print(Text(f"{'':7}{label:<11}{text}", style="dim"), soft_wrap=True)


def _print_place(report: Report, finding: Finding, console: Console) -> None:
    """The source line with carets under the member."""
    document = report.document
    place = document.place(finding.start, finding.end).render()
    # A line that wraps would part the carets from what they point at.
    console.print(Text(place), soft_wrap=True)


def _short(latex: str) -> str:
    text = " ".join(latex.split())
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"
