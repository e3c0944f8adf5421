"""Names with a second formula: what is false of them further down may be true of the second one.

`If we add an activation, the layer is H = tanh(X W)`, where `H = X W` stands above. As long as
nothing tells which of the two is meant, nothing false is said of the name from there on. Where the
first one explains several claims made afterwards, the second formula was hardly another meaning.
A second formula that was not understood, `and for L = 3 a_1 - 2 a_2`, casts doubt on its paragraph.
"""

from __future__ import annotations

import re
from dataclasses import replace

from chainrule.checker.compared import tells_of_names
from chainrule.checker.doubts import ENOUGH, Judged
from chainrule.checker.findings import FALSE, TRUE, Finding, excused
from chainrule.checker.misfits import names_in
from chainrule.checker.safety import guarded
from chainrule.checker.side_by_side import Each
from chainrule.checker.supposed import ANOTHER_MEANING
from chainrule.checker.verify import judge
from chainrule.notation.document import Document
from chainrule.notation.heads import undecorated
from chainrule.notation.names import named
from chainrule.notation.reading import ChainItem


def without_second_meanings(document: Document, judged: Judged, _each: Each) -> Judged:
    """The findings, those that are false of a name with a second formula above as unread."""
    settled = _settled(judged)
    twofold: set[str] = set()
    half_read: dict[str, int] = {}
    result = []
    for item, findings in judged:
        name = item.restates
        here = {n for n, end in half_read.items() if not _stands_apart(document, end, item)}
        if name and findings and all(one.verdict == "unread" for one in findings):
            half_read[name] = item.members[-1].end
        if item.defines is not None:
            twofold.discard(item.defines)
        if _is_true(item, findings):
            # Its first formula is stated once more.
            twofold.discard(_head(item))
        if name is not None and _is_another(findings):
            if name in settled:
                findings = guarded(judge, document, replace(item, restates=None))
            else:
                twofold.add(name)
        elif (twofold or here) and any(one.verdict in FALSE for one in findings):
            doubtful = (twofold | here) & item.scope.inputs(*names_in(item.scope, item.members))
            if doubtful:
                reason = f"{min(doubtful)} has two formulas"
                findings = [excused(document, one, reason) for one in findings]
        result.append((item, findings))
    return result


def _stands_apart(document: Document, end: int, item: ChainItem) -> bool:
    """Whether a paragraph ends between a formula and a chain."""
    return re.search(r"\n\s*\n", document.text[end : item.members[0].start]) is not None


def _settled(judged: Judged) -> set[str]:
    """The names of which the first formula explains several claims after the second one."""
    return {
        item.restates
        for k, (item, findings) in enumerate(judged)
        if item.restates is not None
        and _is_another(findings)
        and is_confirmed(item.restates, judged[k + 1 :])
    }


def _head(item: ChainItem) -> str | None:
    """The name that stands alone on the left of an equation."""
    name = named(undecorated(item.members[0]), item.scope.usage)
    return None if name is None or name.places or name.primes else name.text


def is_confirmed(name: str, later: Judged) -> bool:
    """Whether several of these claims hold that speak of a name with its first formula, before
    that is stated again."""
    count = 0
    for item, findings in later:
        if _is_true(item, findings):
            if _head(item) == name:
                break
            count += name in names_in(item.scope, item.members)
    return count >= ENOUGH


def _is_true(item: ChainItem, findings: list[Finding]) -> bool:
    return any(one.verdict in TRUE and tells_of_names(item, one) for one in findings)


def _is_another(findings: list[Finding]) -> bool:
    return any(one.diagnosis == ANOTHER_MEANING for one in findings)
