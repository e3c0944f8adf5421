"""A whole document judged: findings, definitions, symbols, and a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from chainrule.checker.claims.catalogue import claims, merged
from chainrule.checker.claims.page import Defined
from chainrule.checker.consequences import without_consequences
from chainrule.checker.conventions import is_fixed, settled, settled_shapes
from chainrule.checker.culprits import without_culprits
from chainrule.checker.doubts import without_doubts
from chainrule.checker.findings import FALSE, Finding
from chainrule.checker.meanings_elsewhere import without_meanings_elsewhere
from chainrule.checker.misfits import names_in
from chainrule.checker.other_elements import with_other_elements
from chainrule.checker.printed import Printed, printed
from chainrule.checker.report_notebook import table
from chainrule.checker.safety import guarded
from chainrule.checker.second_meanings import without_second_meanings
from chainrule.checker.sections import Judge, with_sections
from chainrule.checker.side_by_side import Each, in_turn
from chainrule.checker.stated_properties import with_stated_properties
from chainrule.checker.unexplained import without_unexplained
from chainrule.checker.worked import judge
from chainrule.notation.document import Document
from chainrule.notation.reading import ChainItem, Reading, read_reading
from chainrule.notation.scope import Scope

# What one claim leaves in doubt of others, in this order: names defined again by what was not read;
# by another formula; in another section; rows below an equation that is to be solved; properties
# that the document states of a function; elements of the vectors of an example.
DOUBTS = (
    without_doubts,
    without_second_meanings,
    without_meanings_elsewhere,
    without_consequences,
    with_stated_properties,
    with_other_elements,
)
# A document of fewer characters is judged before another process would be of help.
SHORT = 1500


@dataclass(frozen=True, repr=False)
class Report:
    """Everything that `chainrule check` says of one document.

    defined  what gives names their meaning
    prints   the print around the members of chains, by the offset at which a member starts
    symbols  the names that the document has
    """

    document: Document
    findings: tuple[Finding, ...]
    defined: tuple[Defined, ...]
    prints: dict[int, Printed]
    symbols: tuple[str, ...]

    @property
    def wrong(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.verdict in FALSE]

    @property
    def counts(self) -> dict[str, int]:
        return dict(sorted(Counter(finding.verdict for finding in self.findings).items()))

    def __repr__(self) -> str:
        return self.summary

    def _repr_html_(self) -> str:
        return table(self.findings, self.summary)

    @property
    def summary(self) -> str:
        """The document and its counts in one line."""
        parts = [f"{number} {verdict}" for verdict, number in self.counts.items()]
        claims = counted(len(self.findings), "claim")
        return (
            f"{self.document.name}: {claims} ({', '.join(parts) or 'none'}),"
            f" {counted(len(self.definitions()), 'definition')}"
        )

    def printed(self, finding: Finding) -> Printed:
        """How the member of a finding stands in its chain; empty for a claim in words."""
        return self.prints.get(finding.start, Printed())

    def definitions(self) -> list[dict]:
        """The members that gave a name its meaning, with the sizes of the name."""
        found = [
            {
                "symbol": one.symbol,
                "line": self.document.line(one.start),
                "start": one.start,
                "end": one.end,
                "latex": self.document.text[one.start : one.end],
                "sizes": list(one.sizes),
            }
            for one in self.defined
        ]
        # What is told of several names stands once.
        once = {(one["start"], one["end"]): one for one in reversed(found)}
        return sorted(once.values(), key=lambda one: one["start"])

    def as_json(self) -> dict:
        """The object of `--format json`; in a notebook places are those within a cell."""
        return {
            "document": self.document.name,
            "claims": [self._placed(finding.as_json()) for finding in self.findings],
            "definitions": [self._placed(found) for found in self.definitions()],
            "symbols": list(self.symbols),
            "summary": {**self.counts, "definitions": len(self.definitions())},
        }

    def _placed(self, found: dict) -> dict:
        """A claim or definition with its cell, if it stands in one, and offsets in that cell."""
        cell = self.document.cell(found["start"])
        if cell is None:
            return found
        offsets = {key: found[key] - cell.start for key in ("start", "end")}
        return {"cell": cell.number, **found, **offsets}


def counted(number: int, word: str) -> str:
    """A number of things in words.

    >>> counted(1, "claim"), counted(0, "claim")
    ('1 claim', '0 claims')
    """
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def check(document: Document, each: Each = in_turn) -> Report:
    """Judge every relation of a document; `each` does what can be done side by side."""
    if len(document.text) < SHORT:
        each = in_turn
    reading, found, defined = _judged(document, each=each)

    def judged_alone(part: Document, again: Judge) -> tuple[list[Finding], list[Defined]]:
        own, findings, meant = _judged(part, reading.scope, again, each)
        used = Counter(name for item in own.chains for name in names_in(item.scope, item.members))
        defined = (one for one in _definitions(own, sure=True) if used[one.symbol] > 1)
        return findings, [*meant, *defined]

    found, more = with_sections(document, found, judged_alone, each, reading.scope.anew)
    found = without_culprits(document, found)
    found = without_unexplained(document, reading.chains, found)
    named = (*_definitions(reading), *defined, *more)
    prints = printed(document, reading.chains)
    return Report(document, tuple(found), named, prints, tuple(sorted(reading.scope.symbols)))


def _judged(
    document: Document, around: Scope | None = None, judge: Judge = judge, each: Each = in_turn
):
    """What was read of a document, the findings on it, and what other than equations defines."""
    reading = read_reading(document, around)
    found = each(lambda item: guarded(judge, document, item), reading.chains, ChainItem.length)
    judged = list(zip(reading.chains, found, strict=True))
    for changed in DOUBTS:
        judged = changed(document, judged, each)
    fixed = is_fixed(judged, document.text)
    others, defined = claims(document, reading, each if around is None else in_turn)
    chains = settled(judged, fixed, document.text)
    return reading, merged(chains, settled_shapes(others, fixed), defined), defined


def _definitions(reading: Reading, sure: bool = False) -> Iterator[Defined]:
    """The members that gave a name its meaning, with the sizes of the name.

    sure  only those that depend on no name that is in doubt
    """
    for item in reading.chains:
        if item.defines is not None and not (sure and _is_doubtful(item)):
            node = item.members[item.body]
            start, end = reading.document.braced(node.start, node.end)
            symbol = reading.scope.symbols.get(item.defines)
            axes = () if symbol is None else symbol.axes
            sizes = (1 if axis is None else reading.scope.sizes.find(axis) for axis in axes)
            yield Defined(item.defines, start, end, tuple(map(str, sizes)))


def _is_doubtful(item: ChainItem) -> bool:
    known = item.scope.definitions.get(item.defines)
    return known is not None and not known.uses.isdisjoint(item.scope.opaque)
