"""Names in doubt: defined again by what was not understood, though what follows fits as before.

As long as a name is in doubt, nothing false is said of it. Where the meaning that it had explains
several claims made afterwards, the new formula was hardly another meaning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from chainrule.checker.compared import tells_of_names
from chainrule.checker.findings import TRUE, Finding
from chainrule.checker.safety import guarded
from chainrule.checker.side_by_side import Each
from chainrule.checker.verify import judge
from chainrule.notation.document import Document
from chainrule.notation.names import named
from chainrule.notation.reading import ChainItem
from chainrule.notation.scripts import scripted

# So many true claims that print a name end the doubts about it.
ENOUGH = 2

Judged = list[tuple[ChainItem, list[Finding]]]
# The findings on a chain in place of those before.
Anew = Callable[[ChainItem, list[Finding]], list[Finding]]


def without_doubts(document: Document, judged: Judged, each: Each) -> Judged:
    """The findings, those judged again that depend on a name no longer in doubt."""
    settled = explained(judged)
    wanted = [
        k
        for k, (item, findings) in enumerate(judged)
        if _in_doubt(item) & settled and any(one.verdict == "unread" for one in findings)
    ]
    for k in wanted:
        judged[k][0].scope.opaque -= settled
    return with_others(judged, wanted, lambda item, _: guarded(judge, document, item), each)


def with_others(judged: Judged, wanted: list[int], findings: Anew, each: Each) -> Judged:
    """The findings, with others for the chains at some positions."""
    found = each(lambda k: findings(*judged[k]), wanted, lambda k: judged[k][0].length())
    anew = dict(zip(wanted, found, strict=True))
    return [(item, anew.get(k, before)) for k, (item, before) in enumerate(judged)]


def explained(judged: Judged) -> set[str]:
    """The names in doubt whose meaning explains several true claims."""
    counts: Counter[str] = Counter()
    for item, findings in judged:
        if any(_is_true(one) and tells_of_names(item, one) for one in findings):
            counts.update(_in_doubt(item))
    return {name for name, count in counts.items() if count >= ENOUGH}


def _is_true(finding: Finding) -> bool:
    """Whether a member is true of the head, though a step before it was not understood."""
    true_of_head = finding.step == "unread" and finding.head in TRUE | {"convention"}
    return finding.verdict in TRUE or true_of_head


def _in_doubt(item: ChainItem) -> set[str]:
    """The names in doubt that a chain prints and of which a meaning is known."""
    known = item.scope.opaque & item.scope.definitions.keys()
    if not known:
        return set()
    parts = (part for node in item.members for part in scripted(node))
    return known & {name.text for part in parts if (name := named(part, item.scope.usage))}
