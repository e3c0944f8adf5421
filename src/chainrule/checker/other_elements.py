"""One element of a vector of numbers beside others: after p_1 ≈ 0.09 and p_2 ≈ 0.24, which are
right for the numbers of an example, a wrong p_3 is p_3 of the same example."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from chainrule.checker.doubts import ENOUGH, Judged, with_others
from chainrule.checker.findings import FALSE, NOT_JUDGED, TRUE, Finding
from chainrule.checker.safety import guarded
from chainrule.checker.side_by_side import Each
from chainrule.checker.worked import judge_with_numbers, words_for
from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.heads import is_of_numbers, undecorated
from chainrule.notation.names import named
from chainrule.notation.reading import ChainItem


def with_other_elements(document: Document, judged: Judged, each: Each) -> Judged:
    """The findings, those on elements of an example false where other elements of it are right."""
    kinds = [_kind(document, item) for item, _ in judged]
    right: Counter[tuple[str, str]] = Counter()
    for kind, (_, found) in zip(kinds, judged, strict=True):
        if kind is not None:
            right[kind] += sum(one.verdict in TRUE for one in found)
    wanted = [
        k
        for k, (_, found) in enumerate(judged)
        if right[kinds[k]] >= ENOUGH and any(one.verdict in NOT_JUDGED for one in found)
    ]

    def anew(item: ChainItem, found: list[Finding]) -> list[Finding]:
        again = guarded(judge_with_numbers, document, item)
        return list(_better(found, again))

    return with_others(judged, wanted, anew, each)


def _kind(document: Document, item: ChainItem) -> tuple[str, str] | None:
    """The vector of which a chain tells one element in numbers, and the numbers of the example."""
    head = undecorated(item.members[0])
    numbered = isinstance(head, tree.Script) and isinstance(head.sub, tree.Number)
    name = named(head, item.scope.usage) if numbered else None
    if name is None or not all(map(is_of_numbers, item.members[1:])) or not item.scope.numbers:
        return None
    return name.text, words_for(document, item)


def _better(found: list[Finding], again: list[Finding]) -> Iterator[Finding]:
    false = {(one.start, one.end): one for one in again if one.verdict in FALSE}
    for one in found:
        yield false.get((one.start, one.end), one) if one.verdict in NOT_JUDGED else one
