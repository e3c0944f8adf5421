"""The kinds of claims that are no equations. To add one, write a module and add a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain

from chainrule.checker.claims import (
    axes,
    code,
    conditions,
    costs_in_words,
    counts,
    descent,
    elementwise,
    expansions,
    extremes,
    givens,
    largest,
    layers,
    limits,
    modes,
    one_hot,
    parts,
    piecewise,
    ranges,
    rounding,
    sayings,
    shape_words,
    shapes,
    signals,
    slopes,
    solutions,
    stars,
    temperature,
    topics,
    workings,
)
from chainrule.checker.claims.page import Defined, Page
from chainrule.checker.findings import TRUE, Finding
from chainrule.checker.side_by_side import Each, in_turn
from chainrule.errors import unexpected
from chainrule.language.budget import SECONDS, OutOfBudget, within
from chainrule.notation.document import Document
from chainrule.notation.reading import Reading

Kind = Callable[[Page], Iterable[Finding | Defined]]

KINDS: tuple[Kind, ...] = (
    shapes.findings,
    shape_words.findings,
    ranges.findings,
    limits.findings,
    expansions.findings,
    counts.findings,
    descent.findings,
    layers.findings,
    signals.findings,
    stars.findings,
    modes.findings,
    parts.findings,
    code.findings,
    piecewise.findings,
    conditions.findings,
    extremes.findings,
    topics.findings,
    rounding.findings,
    sayings.findings,
    slopes.findings,
    costs_in_words.findings,
    workings.findings,
    one_hot.findings,
    elementwise.findings,
    axes.findings,
    largest.findings,
    solutions.findings,
    temperature.findings,
    givens.findings,
)

_OPEN = {"unread", "not-checked"}


def claims(
    document: Document, reading: Reading, each: Each = in_turn
) -> tuple[list[Finding], list[Defined]]:
    """The findings on claims of all kinds, and what they define; `each` looks for each kind.

    Of two findings on the same stretch the first that judges it is kept.
    """
    page = Page(document, reading)
    findings: dict[tuple[int, int], Finding] = {}
    defined: list[Defined] = []
    for found in chain.from_iterable(each(lambda kind: _found(kind, page), KINDS)):
        if isinstance(found, Defined):
            defined.append(found)
            continue
        key = (found.start, found.end)
        if key not in findings or findings[key].verdict in _OPEN:
            findings[key] = found
    return list(findings.values()), defined


def _found(kind: Kind, page: Page) -> list[Finding | Defined]:
    """What a kind finds; a stretch that takes too long is left out, and the kind begins again."""
    page.given_up, late = set(), []
    while True:
        found = []
        try:
            with within(SECONDS):
                found.extend(kind(page))
            return found + late
        except OutOfBudget as mistake:
            reason = str(mistake)
        except Exception as mistake:
            reason = unexpected(mistake)
        late.append(page.finding(*(page.at or page.first), "unread", diagnosis=reason))
        if page.at is None:
            # Not one of its claims is found: it is said where the document begins.
            return found + late
        page.given_up.add(page.at)


def merged(
    members: Iterable[Finding], others: Iterable[Finding], defined: Iterable[Defined]
) -> list[Finding]:
    """Findings on members of chains and on other claims, in the order of the document.

    On the same stretch a judgement is kept before `unread` and `not-checked`; a definition is
    no claim, unless it is false.
    """
    found = {(one.start, one.end): one for one in members}
    for one in others:
        key = (one.start, one.end)
        if key not in found or found[key].verdict in _OPEN:
            found[key] = one
    for one in defined:
        key = (one.start, one.end)
        if key in found and found[key].verdict in _OPEN | TRUE:
            del found[key]
    return sorted(found.values(), key=lambda one: (one.start, one.end))
