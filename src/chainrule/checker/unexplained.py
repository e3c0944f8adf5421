"""False claims that no slip explains: most of them were misread, and are not called false.

People go wrong by one sign, one index, one transpose, one factor. Where no single change of what is
printed makes a claim true, it is either far off, or it was read in a way that its author did not
mean. It is called false all the same where what it is made of is well confirmed: by many true
claims with the same names, or by true members of the chain that it stands in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chainrule.checker.findings import FALSE, TRUE, Finding, excused
from chainrule.checker.misfits import names_in
from chainrule.notation.document import Document
from chainrule.notation.reading import ChainItem

UNEXPLAINED = "it differs, but no single slip explains it: it may be meant in another way"

# So many true claims confirm a name, so many where members of the chain are true, too.
MANY, SOME = 10, 3
# So many true members confirm a chain.
MEMBERS = 2

_CONFIRMS = TRUE | {"holds-if", "convention"}


@dataclass(frozen=True)
class _Chain:
    """Where a chain stands, and the names in it of which something is known."""

    start: int
    end: int
    names: frozenset[str]

    def has(self, finding: Finding) -> bool:
        return self.start <= finding.start and finding.end <= self.end


def without_unexplained(
    document: Document, chains: Iterable[ChainItem], findings: list[Finding]
) -> list[Finding]:
    """The findings, those as unread that are false, unexplained, and not well confirmed."""
    if all(one.slip or one.verdict not in FALSE for one in findings):
        return findings
    found = [_chain(document, item) for item in chains]
    counts: Counter[str] = Counter()
    for one in findings:
        if one.verdict in _CONFIRMS:
            counts.update(set().union(*(chain.names for chain in found if chain.has(one))))
    return list(_settled(document, found, findings, counts))


def _settled(
    document: Document, chains: list[_Chain], findings: list[Finding], counts: Counter[str]
) -> Iterator[Finding]:
    before = None
    for one in findings:
        chain = next((chain for chain in chains if chain.has(one)), None)
        if one.verdict in FALSE and not one.slip and chain is not None:
            follows = before is not None and before.verdict in FALSE and chain.has(before)
            if not follows and not _is_confirmed(one, chain, findings, counts):
                one = excused(document, one, UNEXPLAINED)
        before = one
        yield one


def _is_confirmed(
    finding: Finding, chain: _Chain, findings: list[Finding], counts: Counter[str]
) -> bool:
    """Whether what a claim is made of is confirmed by other claims that are true."""
    members = sum(one.verdict in _CONFIRMS and chain.has(one) for one in findings)
    least = min((counts[name] - members for name in chain.names), default=MANY)
    if members >= MEMBERS and least >= SOME:
        return True
    return least >= MANY and (members > 0 or finding.verdict == "wrong")


def _chain(document: Document, item: ChainItem) -> _Chain:
    start, _ = document.braced(item.members[0].start, item.members[0].end)
    _, end = document.braced(item.members[-1].start, item.members[-1].end)
    known = item.scope.symbols.keys() | item.scope.definitions.keys()
    return _Chain(start, end, frozenset(names_in(item.scope, item.members) & known))
