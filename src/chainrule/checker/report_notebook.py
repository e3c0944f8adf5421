"""The report as a table in a notebook, which draws the mathematics between dollar signs itself."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from chainrule.checker.findings import FALSE, NOT_JUDGED, Finding
from chainrule.checker.verdicts import VERDICTS

_ROW = (
    '<tr style="{style}"><td>{line}</td><td>{verdict}</td>'
    '<td style="text-align:left">{told}</td></tr>'
)
_PALE, _BAD = "opacity:0.6", "background:rgba(220,50,47,0.15)"


def table(findings: Iterable[Finding], summary: str) -> str:
    """One row for each claim: its line, its verdict with a mark, the formula, and remarks.

    >>> claim = Finding(3, 3, 10, 15, "= a < b", "wrong", "wrong", "wrong", diagnosis="the sign")
    >>> "✗ wrong" in table([claim], "one claim") and "a &lt; b" in table([claim], "one claim")
    True
    """
    rows = "".join(map(_row, findings))
    return f"<table><caption>{escape(summary)}</caption>{rows}</table>"


def _row(finding: Finding) -> str:
    mark = VERDICTS[finding.verdict].mark if finding.verdict in VERDICTS else ""
    told = [f"${escape(' '.join(finding.latex.split()))}$"]
    for word, text in finding.remarks.items():
        shown = f"${escape(text)}$" if word == "instead" else escape(text)
        told.append(f"<small>{word} {shown}</small>")
    style = _BAD if finding.verdict in FALSE else _PALE if finding.verdict in NOT_JUDGED else ""
    verdict = f"{mark} {escape(finding.verdict)}"
    return _ROW.format(style=style, line=finding.line, verdict=verdict, told="<br>".join(told))
