"""What is said of one member of a chain, and the JSON it becomes."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import asdict, dataclass, replace

from chainrule.checker.pair import Pair
from chainrule.notation.document import Document
from chainrule.notation.tree import Node

# Stretches of a document, by their first offset and the one after their last.
Why = Container[tuple[int, int]] | None
NOT_ASKED: Why = ()

# From best to worst; the verdict of a member is the worse of its step and its head.
ORDER = (
    "proved",
    "holds",
    "holds-if",
    "convention",
    "not-checked",
    "unread",
    "unstable",
    "shape",
    "wrong",
)

TRUE = {"proved", "holds"}
FALSE = {"wrong", "shape"}
NOT_JUDGED = {"unread", "not-checked"}


@dataclass(frozen=True)
class Finding:
    """The verdict on one member of a chain, in the terms of the document.

    start, end  0-based offsets of the member, end exclusive; lines count from 1
    step, head  against the member before, and against the first; None where there is none
    evidence    what the verdict rests on: "identity" (both sides are one expression), "rules"
                (their difference is 0 by named rules), "points" (they agree in float64), "balls"
                (enclosures that meet, or for wrong that do not)
    slip        of what is false: whether a single slip explains it; no part of the JSON
    """

    line: int
    end_line: int
    start: int
    end: int
    latex: str
    step: str | None
    head: str | None
    verdict: str
    fact: str | None = None
    convention: str | None = None
    reading: str | None = None
    counterexample: str | None = None
    diagnosis: str | None = None
    correction: str | None = None
    evidence: str | None = None
    slip: bool = True

    @classmethod
    def on(cls, document: Document, start: int, end: int, verdict: str, **details) -> Finding:
        """A verdict on a stretch of a document; as a step and against the head it is the same
        unless details say otherwise."""
        lines = document.line(start), document.line(max(start, end - 1))
        told = {"step": verdict, "head": verdict, **details}
        return cls(*lines, start, end, document.text[start:end], verdict=verdict, **told)

    def as_json(self) -> dict:
        told = asdict(self)
        del told["slip"]
        return told

    @property
    def remarks(self) -> dict[str, str]:
        """What reports for people tell of a claim beside its verdict, by the word before it."""
        remarks = {
            "given": self.fact,
            "up to": self.convention,
            "because": self.diagnosis,
            "example": self.counterexample,
            "instead": self.correction,
            "reading": None if self.verdict in NOT_JUDGED else self.reading,
        }
        if self.verdict in FALSE and self.head is not None and self.step != self.head:
            remarks["note"] = f"as a step: {self.step}; against the first member: {self.head}"
        return {word: text for word, text in remarks.items() if text}


@dataclass(frozen=True)
class Outcome:
    """The result of comparing two members under one reading; `pair` where they differ.

    place     what was not understood, if it has a place of its own
    given_up  whether it is unread because it would have cost too much
    fits      whether the two members fit together under the reading; one under which they do not
              is hardly what the author meant
    """

    verdict: str
    fact: str | None = None
    convention: str | None = None
    reason: str | None = None
    pair: Pair | None = None
    place: Node | None = None
    evidence: str | None = None
    given_up: bool = False
    fits: bool = True

    def given(self, facts: tuple[str, ...]) -> Outcome:
        """The same under facts that a reading takes for granted."""
        if not facts or self.verdict not in TRUE | {"holds-if"}:
            return self
        own = (self.fact,) if self.verdict == "holds-if" and self.fact else ()
        return replace(self, verdict="holds-if", fact=", ".join((*own, *facts)))


def excused(document: Document, finding: Finding, reason: str) -> Finding:
    """The same, but what is false is unread for a reason."""
    if finding.verdict not in FALSE:
        return finding
    return Finding.on(document, finding.start, finding.end, "unread", diagnosis=reason)


def worse(a: str | None, b: str | None) -> str:
    """The worse of two verdicts, one of which may be absent."""
    known = [verdict for verdict in (a, b) if verdict is not None]
    return max(known, key=ORDER.index)


def better(a: Outcome | None, b: Outcome | None) -> Outcome | None:
    """The better of two outcomes for the same member; what is not understood loses to all."""
    if a is None or b is None:
        return a or b
    rank = {verdict: k for k, verdict in enumerate(ORDER)} | {"unread": 99, "not-checked": 98}
    return a if rank[a.verdict] <= rank[b.verdict] else b


def unjudged(document: Document, node: Node, verdict: str, reason: str, first=None) -> Finding:
    """A finding on a member as it is printed, from `first` on, that says why nothing is judged."""
    start, end = document.braced((first or node).start, node.end)
    return Finding.on(document, start, end, verdict, diagnosis=reason)
