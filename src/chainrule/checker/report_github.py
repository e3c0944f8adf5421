"""The report as workflow commands, which GitHub shows beside the lines of a pull request.

What is false is an error, what is true under a condition is a warning; the rest is counted in a
line for each document. A notebook is annotated as a whole, since its lines are not those of cells.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from chainrule.checker.check import Report
from chainrule.checker.findings import FALSE, Finding

WARNINGS = {"holds-if", "convention", "unstable"}


def write(reports: Iterable[Report], stream: TextIO, many: bool, everything: bool = True) -> None:
    """An annotation for each finding that a person should look at, and a line of counts."""
    for report in reports:
        for finding in report.findings:
            if finding.verdict in FALSE | WARNINGS:
                print(_annotation(report, finding), file=stream)
        # A line that began with the name itself could be taken for a command.
        print(f"checked {' '.join(report.summary.splitlines())}", file=stream)


def _annotation(report: Report, finding: Finding) -> str:
    document = report.document
    cell = document.cell(finding.start)
    properties = {"file": document.name}
    title = finding.verdict
    if cell is None:
        properties |= {"line": finding.line, "endLine": finding.end_line}
        if finding.line == finding.end_line:
            properties["col"] = document.column(finding.start)
            properties["endColumn"] = document.column(finding.end)
    else:
        title = f"{title}, cell {cell.number}, line {finding.line}"
    properties["title"] = title
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    level = "error" if finding.verdict in FALSE else "warning"
    return f"::{level} {listed}::{_data(_message(report, finding))}"


def _message(report: Report, finding: Finding) -> str:
    told = [f"{word}: {text}" for word, text in finding.remarks.items()]
    claim = f"{report.printed(finding).sign} {finding.latex}"
    return "\n".join([" ".join(claim.split()), *told])


def _data(text: str) -> str:
    """The escapes of a message; without them a line could end the command and begin another.

    >>> _data("50 %\\n::error::")
    '50 %25%0A::error::'
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """The escapes of a property, where colons and commas part one from the next."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
