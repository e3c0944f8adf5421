"""Rows below an equation that is to be solved: they follow from it, and are true where it is.

In a display `X^T r = 0` and, below it, `\\sum_i r_i = 0`, the second is the first row of the first.
A display with an arrow in front goes on with the one before it: `\\Rightarrow a - a x = b x`.
"""

from __future__ import annotations

import re

from chainrule.checker.doubts import Judged
from chainrule.checker.findings import Finding, excused
from chainrule.checker.side_by_side import Each
from chainrule.checker.supposed import SOLVED
from chainrule.notation import tree
from chainrule.notation.document import Document, Formula
from chainrule.notation.heads import undecorated
from chainrule.notation.reading import ChainItem

_ARROW = re.compile(
    r"(?:\$|\\\[|\\begin\{\w+\*?\}|&|\s)*"
    r"(?:\\(?:Rightarrow|Longrightarrow|implies|Leftrightarrow|iff|therefore)|⇒|⟹|⇔|∴)"
    r"(?:\\q?quad|\\[,;: ]|&|\s)*"
)
_FOLLOWS = "it follows from the equation above, which is to be solved"


def without_consequences(document: Document, judged: Judged, _each: Each) -> Judged:
    """The findings, those as unread that are false in a display below what is to be solved."""
    result, solved = [], None
    for item, findings in judged:
        own = _display(document, item.members[0].start) if item.display else None
        if solved is not None and own is not solved and _goes_on(document, item):
            solved = own
        if own is not None and own is solved:
            findings = [excused(document, one, _FOLLOWS) for one in findings]
        zero = undecorated(item.members[-1]) == tree.Number("0")
        if zero and any(_may_be_solved(one) for one in findings):
            solved = own
        result.append((item, findings))
    return result


def _goes_on(document: Document, item: ChainItem) -> bool:
    """Whether an arrow stands in front of a display, so that it follows from the one before."""
    own = _display(document, item.members[0].start)
    before = "" if own is None else document.text[own.start : item.members[0].start]
    return _ARROW.fullmatch(before) is not None


def _may_be_solved(finding: Finding) -> bool:
    return finding.diagnosis == SOLVED or finding.verdict == "unread"


def _display(document: Document, at: int) -> Formula | None:
    return next((one for one in document.formulas if one.start <= at < one.end), None)
