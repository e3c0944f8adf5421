"""False claims that no slip explains: most of them were misread, and are not called false.

People go wrong by one sign, one index, one transpose, one factor. Where no single change of what is
printed makes a claim true, it is either far off, or it was read in a way that its author did not
mean. It is called false all the same where what it is made of is well confirmed: by many true
claims with the same names, by true members of the chain that it stands in, or by its
surroundings, if all of them are understood and no other claim differs without a reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from chainrule.checker.findings import FALSE, TRUE, Finding, excused
from chainrule.checker.misfits import names_in
from chainrule.notation.document import Document
from chainrule.notation.reading import ChainItem

UNEXPLAINED = "it differs, but no single slip explains it: it may be meant in another way"

# So many true claims confirm a name, so many where members of the chain are true, too.
MANY, SOME = 10, 3
# So many true members confirm a chain.
MEMBERS = 2

# So many claims before and behind are looked at; so many of them must be true.
AROUND, ENOUGH = 8, 4

_CONFIRMS = TRUE | {"holds-if", "convention"}


@dataclass(frozen=True)
class Chain:
    """Where a chain stands, and the names in it of which something is known."""

    start: int
    end: int
    names: frozenset[str]

    @classmethod
    def of(cls, document: Document, item: ChainItem) -> Chain:
        start, _ = document.braced(item.members[0].start, item.members[0].end)
        _, end = document.braced(item.members[-1].start, item.members[-1].end)
        known = item.scope.symbols.keys() | item.scope.definitions.keys()
        return cls(start, end, frozenset(names_in(item.scope, item.members) & known))

    def has(self, finding: Finding) -> bool:
        return self.start <= finding.start and finding.end <= self.end


def without_unexplained(
    document: Document, chains: Iterable[ChainItem], findings: list[Finding]
) -> list[Finding]:
    """The findings, those as unread that are false, unexplained, and not well confirmed."""
    if all(one.slip or one.verdict not in FALSE for one in findings):
        return findings
    found = [Chain.of(document, item) for item in chains]
    return list(_settled(document, found, findings, confirmations(found, findings)))


def confirmations(chains: list[Chain], findings: Iterable[Finding]) -> Counter[str]:
    """How many true claims each name stands in."""
    counts: Counter[str] = Counter()
    for one in findings:
        if one.verdict in _CONFIRMS:
            counts.update(set().union(*(chain.names for chain in chains if chain.has(one))))
    return counts


def _settled(
    document: Document, chains: list[Chain], findings: list[Finding], counts: Counter[str]
) -> Iterator[Finding]:
    before = None
    for one in findings:
        chain = next((chain for chain in chains if chain.has(one)), None)
        if one.verdict in FALSE and not one.slip and chain is not None:
            follows = before is not None and before.verdict in FALSE and chain.has(before)
            beside = [other for other in findings if other is not one and chain.has(other)]
            trusted = is_trusted(one.verdict, chain, beside, counts)
            if not (follows or trusted or is_understood(surroundings(findings, one))):
                example = one.counterexample
                one = replace(excused(document, one, UNEXPLAINED), counterexample=example)
        before = one
        yield one


def is_trusted(
    verdict: str, chain: Chain, beside: Iterable[Finding], counts: Counter[str]
) -> bool:
    """Whether what a false claim is made of is confirmed by others that are true.

    beside  the other findings on its chain
    counts  for each name, the true claims that it stands in
    """
    members = sum(one.verdict in _CONFIRMS for one in beside)
    least = min((counts[name] - members for name in chain.names), default=MANY)
    if members >= MEMBERS and least >= SOME:
        return True
    return least >= MANY and (members > 0 or verdict == "wrong")


def surroundings(findings: list[Finding], finding: Finding) -> list[Finding]:
    """The findings before and behind one."""
    place = findings.index(finding)
    near = findings[max(0, place - AROUND) : place + AROUND + 1]
    return [one for one in near if one is not finding]


def is_understood(near: list[Finding]) -> bool:
    """Whether all claims are understood, many are true, and what is false has a reason."""
    true = sum(one.verdict in _CONFIRMS for one in near)
    doubtful = any(
        one.verdict == "unread" or (one.verdict in FALSE and not one.slip) for one in near
    )
    return true >= ENOUGH and not doubtful
