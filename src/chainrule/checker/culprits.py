"""Stated shapes that several formulas contradict: the statement is what is wrong, not they.

Where `S ∈ ℝ^{n × n}` should be `S ∈ ℝ^{m × m}`, each product with S has sizes that do not fit. If
two claims are true once a single statement is left out, or three are not false any more, they are
not called false for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chainrule.checker.findings import FALSE, NOT_ASKED, TRUE, Finding
from chainrule.checker.safety import guarded
from chainrule.checker.worked import judge
from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.reading import read_reading
from chainrule.notation.scripts import letter, scripted
from chainrule.notation.syntax import statements_of

# So many claims must be true without a statement, or at least not false, for it to be wrong.
TRUE_ENOUGH, ENOUGH = 2, 3
# So many statements are tried: each costs another reading of the document.
MOST = 6

Span = tuple[int, int]


def without_culprits(document: Document, findings: list[Finding]) -> list[Finding]:
    """The findings, with those that a wrong statement of a shape spoils as they are without it."""
    false = {(one.start, one.end) for one in findings if one.verdict == "shape"}
    if len(false) < TRUE_ENOUGH:
        return findings
    saved = {}
    for culprit in list(_statements(document, findings))[:MOST]:
        others = dict(_without(document, culprit, false))
        true = sum(one.verdict in (*TRUE, "holds-if") for one in others.values())
        if true >= TRUE_ENOUGH or len(others) >= ENOUGH:
            saved[culprit] = others
    most = max(map(len, saved.values()), default=0)
    culprits = [one for one in saved if len(saved[one]) == most]
    if len(culprits) != 1:
        return findings
    (culprit,), better = culprits, saved[culprits[0]]
    reason = f"{most} formulas fit with another shape only"
    better[culprit.start, culprit.end] = replace(
        culprit, step="shape", head="shape", verdict="shape", diagnosis=reason, slip=True
    )
    return [better.get((one.start, one.end), one) for one in findings]


def _statements(document: Document, findings: list[Finding]) -> Iterator[Finding]:
    """What is said of the shape of a name, in a formula of its own, below others that use it."""
    seen: set[str] = set()
    for formula in document.formulas:
        nodes = [one.chain for one in statements_of(document, formula)]
        match nodes:
            case [tree.Chain((head, _), (tree.Relation("in"),))] if letter(head) in seen:
                inside = [one for one in findings if formula.start <= one.start < formula.end]
                yield from (one for one in inside if one.verdict == "holds")
        seen |= {letter(part) for node in nodes for part in scripted(node)} - {None}


def _without(
    document: Document, statement: Finding, false: set[Span]
) -> Iterator[tuple[Span, Finding]]:
    """The claims that are not false in the document without the formula of a statement."""
    spot = next(one for one in document.formulas if one.start <= statement.start < one.end)
    part = replace(document, parts=tuple(one for one in document.parts if one is not spot))
    for item in read_reading(part).chains:
        start, end = part.braced(item.members[0].start, item.members[-1].end)
        if any(start <= key[0] < end for key in false):
            for one in guarded(judge, part, item, NOT_ASKED):
                fits = one.verdict not in FALSE and "sizes" not in (one.diagnosis or "")
                if (one.start, one.end) in false and fits:
                    yield (one.start, one.end), one
