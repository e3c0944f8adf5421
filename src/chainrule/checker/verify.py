"""A chain of equations judged: each member against the one before it, and against the first."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from chainrule.checker.any_functions import false_of_all
from chainrule.checker.compared import (
    head_of,
    marked_from,
    member_before,
    unconfirmed,
)
from chainrule.checker.counterexample import counterexample
from chainrule.checker.diagnosis import diagnosed
from chainrule.checker.equality import equal
from chainrule.checker.excuses import excuse
from chainrule.checker.false_member import Diagnosis, FalseMember
from chainrule.checker.few_classes import true_of_few
from chainrule.checker.findings import (
    FALSE,
    TRUE,
    Finding,
    Outcome,
    Why,
    better,
    unjudged,
    worse,
)
from chainrule.checker.left_out_sums import leaves_out_sum
from chainrule.checker.misfits import misfit, placed
from chainrule.checker.no_mistake import no_mistake
from chainrule.checker.numbers_put_in import PUT_IN
from chainrule.checker.readings import Read, readings
from chainrule.checker.rounded import agree_rounded, are_numbers
from chainrule.checker.supposed import (
    conditions_of,
    is_condition,
    is_update,
    under_case,
)
from chainrule.checker.updates import updated
from chainrule.errors import ChainruleError, SizeMismatch
from chainrule.language.budget import SECONDS, OutOfBudget, within
from chainrule.notation import tree
from chainrule.notation.chains import ARROWS, case_of, equates
from chainrule.notation.document import Document
from chainrule.notation.misread import Misread
from chainrule.notation.reading import ChainItem
from chainrule.notation.shapes import shape_of, stated_shapes
from chainrule.notation.tree import EQUAL
from chainrule.notation.value import Misfit


def judge(document: Document, item: ChainItem, why: Why = None) -> list[Finding]:
    """The findings on the members of a chain; a member that defines gets none.

    why  where to look for what is wrong with what is false; None is everywhere
    """
    if is_condition(item):
        return [unjudged(document, node, "not-checked", "a condition") for node in item.members[1:]]
    if is_update(item):
        return updated(document, item, lambda step: judge(document, step, why))
    if len(item.members) == 2 and item.body == 1:
        return []
    item = under_case(item)
    positions = [k for k in range(1, len(item.members)) if k != item.body]
    try:
        with within(SECONDS * len(positions)):
            results = _judged(item)
            best = max(results, key=_Judged.score)
            for position in positions:
                for against in (member_before(item, position), head_of(item, position, best)):
                    _settled(best, results, against, position)
    except OutOfBudget as reason:
        return [unjudged(document, item.members[k], "unread", str(reason)) for k in positions]
    # What is known by now stays known; why something is false has a budget of its own.
    found = [_finding(document, item, k, best, results, why) for k in positions]
    return [finding for finding in found if finding is not None]


def _judged(item: ChainItem) -> list[_Judged]:
    """The chain under its readings, up to the first under which all of it is true."""
    results = []
    for read in readings(item):
        results.append(_Judged(item, read))
        if results[-1].score() == (len(item.members) - 1, 0, len(item.members) - 2):
            break
    return results


class _Judged:
    """All comparisons of one chain under one reading, made when first asked for."""

    def __init__(self, item: ChainItem, read: Read):
        self.item, self.read = item, read
        self.outcomes: dict[tuple[int, int], Outcome] = {}

    def outcome(self, against: int, position: int) -> Outcome:
        key = (against, position)
        if key not in self.outcomes:
            try:
                with within(SECONDS):
                    self.outcomes[key] = self._compared(against, position)
            except OutOfBudget as reason:
                self.outcomes[key] = Outcome("unread", reason=str(reason), given_up=True)
        return self.outcomes[key]

    def score(self) -> tuple[int, int, int]:
        """How many members hold, how many hold with a grain of salt, how many steps hold."""
        verdicts = [
            self.outcome(0, position).verdict for position in range(1, len(self.item.members))
        ]
        steps = [
            self.outcome(position - 1, position).verdict
            for position in range(2, len(self.item.members))
        ]
        return (
            sum(v in TRUE for v in verdicts),
            sum(v in ("holds-if", "convention") for v in verdicts),
            sum(v in TRUE for v in steps),
        )

    def _compared(self, against: int, position: int) -> Outcome:
        relation = self.item.relations[position - 1]
        case = case_of(relation)
        if case is not None and relation.kind not in EQUAL:
            # The other case of the head, not of the member before.
            against = 0
        elif relation.kind in ARROWS:
            return self._rewritten(against, position)
        elif relation.kind in ("in", ":"):
            return self._shape(position)
        near = relation.kind == "approx"
        other = isinstance(relation.over, tree.Symbol) or _asked(relation)
        if other or not (near or equates(relation)):
            return Outcome("unread", reason="not an equation")
        return self._equal(against, position, case, near)

    def _rewritten(self, against: int, position: int) -> Outcome:
        """An arrow: to a shape, to an equal form, or to something else, which is no claim."""
        stated = self._shape(position)
        if stated.verdict != "not-checked":
            return stated
        found = self._equal(against, position)
        return found if found.verdict in TRUE else stated

    def _equal(self, against: int, position: int, case=None, near: bool = False) -> Outcome:
        left, right = self.read.members[against], self.read.members[position]
        nodes = self.item.members[position], self.item.members[against]
        sides = (right, left)
        for side in sides:
            if isinstance(side, OutOfBudget):
                raise side
            if isinstance(side, Exception) and not isinstance(side, Misfit):
                place = None if getattr(side, "explained", True) else side.node
                likely = getattr(side, "likely", True)
                return Outcome("unread", reason=str(side), place=place, fits=likely)
        for side, node in zip(sides, nodes, strict=True):
            if isinstance(side, Misfit):
                if near:
                    # Of what does not fit together nothing was reckoned.
                    return Outcome("unread", reason=str(side))
                return placed(self.item.scope, misfit(self.item.scope, side, (node,)), nodes)
        if near and not are_numbers(self.read.scope, right, left):
            return Outcome("unread", reason="not an equation")
        conditions = conditions_of((*self.item.conditions, case))
        try:
            found = equal(self.read.scope, left, right, conditions, nodes)
        except SizeMismatch as mistake:
            return Outcome("unread", reason=mistake.message)
        if found.verdict == "wrong" and agree_rounded(self.read.scope, sides, nodes, near):
            return Outcome("holds", evidence="points")
        if found.verdict in FALSE:
            doubts = self.read.doubts[against] | self.read.doubts[position]
            if (reason := excuse(self.read, found, nodes, doubts)) is not None:
                return Outcome("unread", reason=reason)
            fact = true_of_few(self.read.scope, left, right, conditions, nodes)
            if fact is not None:
                return Outcome("holds-if", fact=fact, evidence="points")
            found = false_of_all(found, self.item.scope.usage.activations)
        return placed(self.item.scope, found, nodes)

    def _shape(self, position: int) -> Outcome:
        """`… ∈ ℝ^{m × n}`: whether the value has that shape."""
        chain = tree.Chain(
            (self.item.members[0], self.item.members[position]),
            (self.item.relations[position - 1],),
        )
        stated = stated_shapes(chain, self.read.scope)
        if not stated:
            return Outcome("not-checked", reason="an arrow or a set that states no shape")
        scope = self.read.scope.copy()
        try:
            axes = shape_of(stated[0][1], scope)
            symbol = scope.symbol(stated[0][0])
            scope.declare(stated[0][0], axes)
        except (Misread, ChainruleError):
            return Outcome("unread", reason="sizes that were stated otherwise before")
        same = len(symbol.sizes) == sum(axis is not None for axis in axes)
        return Outcome("holds") if same else Outcome("unread", reason="another number of axes")


def _asked(relation: tree.Relation) -> bool:
    return isinstance(relation.over, tree.Text) and relation.over.text.strip() == "?"


def _outcomes(item: ChainItem, position: int, best: _Judged, results):
    """(step, head) of a member, head None where there is none; None where nothing is claimed."""
    places = member_before(item, position), head_of(item, position, best)
    step, head = (_settled(best, results, against, position) for against in places)
    if isinstance(item.members[0], tree.Empty) or tree.is_arithmetic(item.members[0]):
        head = None
    if position > 1 and any(one.kind == "approx" for one in item.relations[:position]):
        # What is equal to a value near the head need not be equal to the head.
        head = None
    if (start := unconfirmed(item, position, best)) is not None:
        head = None
        if start == position:
            return None
    if head is not None and head.verdict in TRUE and step.verdict in FALSE:
        if _settled(best, results, 0, places[0]).verdict not in FALSE | TRUE:
            # What is equal to the head is no mistake after a member that is neither true nor false.
            step = head
    if head is not None and head.verdict == "unread" and step.verdict in FALSE and places[0]:
        if _settled(best, results, 0, places[0]).verdict in TRUE | {"holds-if"}:
            # What differs from a member that is equal to the head differs from the head.
            head = step
    if head is not None and head.verdict == "unread" and places[0]:
        unreadable = isinstance(best.read.members[0], Misread)
        if _is_computed(item, position) or (unreadable and step.verdict in TRUE):
            # Printed numbers are computed rightly or not, and equal sides are equal, whatever they
            # stand for.
            head = None
    sides = [side.verdict for side in (step, head) if side is not None]
    if position in best.read.doubtful and not TRUE | {"holds-if"} & set(sides):
        # Where the bracket should open is a guess that nothing confirms.
        step = head = Outcome("unread", reason="a closing bracket without an opening one")
    return step, head


def _is_computed(item: ChainItem, position: int) -> bool:
    """Whether a member and the one before it are printed numbers."""
    both = item.members[member_before(item, position)], item.members[position]
    return all(map(tree.is_arithmetic, both))


def _finding(document, item: ChainItem, position, best: _Judged, results, why) -> Finding | None:
    node = item.members[position]
    if isinstance(node, tree.Empty):
        return None
    outcomes = _outcomes(item, position, best, results)
    if outcomes is None:
        return None
    step, head = outcomes
    if _is_right_anyway(document, item, position, best, step, head):
        step = head
    shown, against = _told_of(item, position, best, step, head)
    under = next((one for one in results if shown is one.outcomes.get((against, position))), best)
    facts = under.read.granted(position)
    step, head, shown = (one and one.given(facts) for one in (step, head, shown))
    verdict = worse(step.verdict, head.verdict if head else None)
    first = marked_from(document, item, position)
    start, end = document.braced(first.start, node.end)
    asked = why is None or (start, end) in why
    told = _told(document, item, position, against, under, shown if asked else None, verdict)
    if not isinstance(told, Diagnosis):
        return _as_step(unjudged(document, node, *told, first), item, position, step)
    reasons = dict.fromkeys(filter(None, (_reason(document, shown), told.sentence)))
    return Finding.on(
        document,
        start,
        end,
        verdict,
        step=step.verdict,
        head=head.verdict if head else None,
        fact=shown.fact or (head and head.fact),
        convention=shown.convention,
        reading="; ".join((*item.notes, *under.read.taken, *under.read.notes)) or None,
        counterexample=_shown_false(shown, best.read) if asked else None,
        diagnosis="; ".join(reasons) or None,
        correction=told.correction,
        evidence=shown.evidence,
        slip=told.slip or not asked or _is_miscounted(item, position, step),
    )


def _told(
    document, item, position, against, under: _Judged, shown: Outcome | None, verdict: str
) -> Diagnosis | tuple[str, str]:
    """What explains a verdict, or (verdict, reason) of what is no mistake.

    What would be no mistake even if something explained it is not explained.

    shown  what came out, if an explanation is asked for
    """

    def excused(explained: bool) -> tuple[str, str] | None:
        return no_mistake(document, item, position, against, under, explained)

    false = verdict in FALSE
    if false and (excuse := excused(True)) is not None:
        return excuse
    told = Diagnosis()
    if shown is not None:
        told = _diagnosed(document, item, position, against, under, shown)
    return (excused(False) if false and told.sentence is None else None) or told


def _as_step(excused: Finding, item: ChainItem, position: int, step: Outcome) -> Finding:
    """`C = 2 · 3 = 6`: if the numbers that are put in are not known, 6 is still computed right."""
    if excused.diagnosis != PUT_IN or step.verdict not in TRUE or not _is_computed(item, position):
        return excused
    verdict, evidence = step.verdict, step.evidence
    return replace(
        excused, verdict=verdict, step=verdict, head=None, diagnosis=None, evidence=evidence
    )


def _is_miscounted(item: ChainItem, position: int, step: Outcome) -> bool:
    """Whether a number differs from printed numbers before it: there is nothing to misread."""
    return step.verdict in FALSE and tree.is_arithmetic(item.members[member_before(item, position)])


def _told_of(item: ChainItem, position: int, best: _Judged, step, head) -> tuple[Outcome, int]:
    """What is told of a member, and which member that is against."""
    before, first = member_before(item, position), head_of(item, position, best)
    if head is None or head.verdict not in FALSE:
        return step, first if head is step else before
    supposed = before != first and best.outcome(first, before).verdict == "holds-if"
    # What the member before is true under is hardly what this one is false under.
    return (step, before) if head is step or (supposed and step.verdict in FALSE) else (head, first)


def _is_right_anyway(document, item: ChainItem, position, best: _Judged, step, head) -> bool:
    """Whether a true member follows numbers that were put in for the letters, `… = 6 = C`, or a
    member that leaves out a sum."""
    before = member_before(item, position)
    if head is None or head.verdict not in TRUE or step.verdict not in FALSE or not before:
        return False
    if leaves_out_sum(document, item, before, best) is not None:
        return True
    return no_mistake(document, item, before, 0, best, False) == ("not-checked", PUT_IN)


def _reason(document: Document, outcome: Outcome) -> str | None:
    """The reason of an outcome, with what was not understood as it is printed."""
    if outcome.place is None or outcome.place.end <= outcome.place.start:
        return outcome.reason
    start, end = document.braced(outcome.place.start, outcome.place.end)
    printed = " ".join(document.text[start:end].split())
    return f"{outcome.reason}: `{printed}`" if len(printed) <= 60 else outcome.reason


def _shown_false(outcome: Outcome, read: Read) -> str | None:
    """A counterexample, if one is found. The search counts points; the clock is a last resort."""
    if outcome.pair is None:
        return None
    with suppress(OutOfBudget), within(SECONDS):
        return counterexample(outcome.pair, read.scope.usage.counting.first)
    return None


def _diagnosed(document, item, position, against, best: _Judged, outcome: Outcome) -> Diagnosis:
    if outcome.verdict not in FALSE:
        return Diagnosis()
    head = best.outcome(head_of(item, position, best), position)
    if against and head.verdict in TRUE | {"holds-if"}:
        return Diagnosis("this is right: the mistake is in the member before", slip=True)
    conditions = conditions_of((*item.conditions, case_of(item.relations[position - 1])))
    before = member_before(item, position)
    follows = against != before and best.outcome(before, position).verdict in TRUE
    found = FalseMember(document, item, position, against, best.read, outcome, conditions, follows)
    with suppress(OutOfBudget), within(SECONDS):
        return diagnosed(found)
    return Diagnosis()


def _settled(best: _Judged, results: list[_Judged], against: int, position: int) -> Outcome:
    """The outcome under the best reading; false only if it is false under every sensible one.

    A reading under which the two do not fit together is none, nor is one under which less of the
    chain is true and this is not understood.
    """
    outcome = best.outcome(against, position)
    if outcome.fits and outcome.verdict not in FALSE:
        return outcome
    found = None
    for judged in results:
        other = judged.outcome(against, position)
        if other.given_up:
            # What would have come out is not known.
            return other if outcome.fits else outcome
        lesser = other.verdict == "unread" and judged.score() < best.score()
        if other.fits and not lesser:
            found = better(found, other)
            if found.verdict not in FALSE:
                return found if outcome.fits else outcome
    return outcome if found is None or outcome.verdict in FALSE else found
