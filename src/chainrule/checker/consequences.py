"""Rows below an equation that is to be solved: they follow from it, and are true where it is.

In a display `X^T r = 0` and, below it, `\\sum_i r_i = 0`, the second is the first row of the first.
"""

from __future__ import annotations

from chainrule.checker.doubts import Judged
from chainrule.checker.findings import Finding, excused
from chainrule.checker.supposed import SOLVED
from chainrule.notation import tree
from chainrule.notation.document import Document, Formula
from chainrule.notation.heads import undecorated

_FOLLOWS = "it follows from the equation above, which is to be solved"


def without_consequences(document: Document, judged: Judged) -> Judged:
    """The findings, those as unread that are false in a display below what is to be solved."""
    result, solved = [], None
    for item, findings in judged:
        own = _display(document, item.members[0].start) if item.display else None
        if own is not None and own is solved:
            findings = [excused(document, one, _FOLLOWS) for one in findings]
        zero = undecorated(item.members[-1]) == tree.Number("0")
        if zero and any(_may_be_solved(one) for one in findings):
            solved = own
        result.append((item, findings))
    return result


def _may_be_solved(finding: Finding) -> bool:
    return finding.diagnosis == SOLVED or finding.verdict == "unread"


def _display(document: Document, at: int) -> Formula | None:
    return next((one for one in document.formulas if one.start <= at < one.end), None)
