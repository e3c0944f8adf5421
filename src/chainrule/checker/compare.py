"""Whether two expressions agree: everywhere, under a fact, or not at all."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from chainrule.checker.evidence import certainly_differ, enclosures
from chainrule.checker.fits import fitted
from chainrule.checker.pair import Pair, Sides
from chainrule.checker.points import (
    ABOVE_ZERO,
    ANY,
    BELOW_ONE,
    DELICATE,
    EDGES,
    FEWER_LENGTHS,
    KINDS,
    LENGTHS,
    OPEN,
    OTHER_LENGTHS,
    SMALL,
    Point,
    grid,
    lengths,
    points,
    size_names,
)
from chainrule.checker.unstated import letters_to_restrict, unstated_facts
from chainrule.errors import ChainruleError
from chainrule.language.algebra import add, const, mul
from chainrule.language.budget import OutOfBudget
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import Array, Expr
from chainrule.language.facts import ONE_HOT, SIZE, Fact
from chainrule.language.index import Index
from chainrule.transform.simplify import simplify
from chainrule.transform.ties import without_ties

TOLERANCE = 1e-8

# With so many general points on which both sides have a value, no smaller domain is tried.
ENOUGH = 2
# For so many arrays at most, each in turn is let out of the smaller domain.
MOST_FREED = 8
# Proofs about expressions with more nodes are not looked for.
LONGEST_PROOF = 400


@dataclass(frozen=True)
class Agreement:
    """The outcome of comparing two expressions.

    verdict  "holds", "holds-if", "wrong", or "unread" where no point could be evaluated
    facts    what had to be assumed: undeclared for holds-if, declared for holds
    point    for "wrong": where they differ
    tried    the number of points at which both sides have a value
    note     for "holds": where the two sides differ by convention
    evidence "identity" (one expression), "rules" (their difference is 0 by named rules), "points"
             (in float64) or "balls" (enclosed)
    """

    verdict: str
    facts: tuple[str, ...] = ()
    point: Point | None = None
    tried: int = 0
    sizes: dict[str, int] = field(default_factory=dict)
    note: str | None = None
    reason: str | None = None
    evidence: str = "points"


@lru_cache(maxsize=1024)
def compare(pair: Pair) -> Agreement:
    """General inputs first; then the declared facts; then the fact that would make it true."""
    if pair.left is pair.right:
        return Agreement("holds", evidence="identity")
    general = _tried(pair, (), sure=True)
    if general.verdict == "holds" and general.note is None and is_zero(pair):
        return replace(general, evidence="rules")
    if general.verdict in ("holds", "unread"):
        return general
    declared = general
    if pair.declared:
        declared = _tried(pair, pair.declared, sure=True)
        if declared.verdict == "holds":
            return Agreement("holds", tuple(map(str, pair.declared)), None, declared.tried)
    if general.verdict == "holds-if":
        return general
    if declared.verdict == "holds-if":
        return Agreement("holds-if", declared.facts, None, declared.tried)
    for extra in unstated_facts(pair):
        found = _tried(pair, (*pair.declared, *extra))
        if found.verdict == "holds":
            return Agreement("holds-if", tuple(map(str, extra)), None, found.tried)
        if found.verdict == "holds-if":
            return Agreement("holds-if", (*map(str, extra), *found.facts), None, found.tried)
    if (apart := _but_at_ties(pair)) is not None:
        return apart
    if declared.evidence == "balls":
        return declared
    return Agreement("unread", reason="the two sides differ by no more than rounding")


def _but_at_ties(pair: Pair) -> Agreement | None:
    """What holds wherever no maximum is attained twice; None where there are no maxima.

    Behind a relu many windows have their largest element, a 0, more than once: no point without
    ties would be found.
    """
    left, right = (without_ties(side, ()) for side in (pair.left, pair.right))
    if left is pair.left and right is pair.right:
        return None
    found = compare(replace(pair, left=left, right=right))
    return replace(found, note=CONVENTION) if found.verdict == "holds" else None


# A remark on sides that differ where a maximum is attained twice, or something is 0, alone.
CONVENTION = "a convention at ties or zeros"
Masks = list[tuple[Point, np.ndarray]]


def is_zero(pair: Pair) -> bool:
    """Whether the rules turn the difference of both sides into 0; not tried on what is long."""
    difference = add(pair.left, mul(const(-1), pair.right))
    return difference.size <= LONGEST_PROOF and simplify(difference) is const(0)


def _tried(pair: Pair, facts: tuple[Fact, ...], sure: bool = False) -> Agreement:
    """Agreement at every point that respects the facts; `sure`: a difference is put into balls.

    What needs too much memory is tried with fewer elements.
    """
    try:
        return _tried_at(pair, facts, sure, (LENGTHS, *OTHER_LENGTHS))
    except OutOfBudget:
        return _tried_at(pair, facts, sure, FEWER_LENGTHS)


def _tried_at(
    pair: Pair, facts: tuple[Fact, ...], sure: bool, among: tuple[tuple[int, ...], ...]
) -> Agreement:
    """The same at given lengths, and at others where all agrees at these."""
    names = size_names(pair.left, pair.right)
    stated = {fact.array: int(fact.value) for fact in facts if fact.kind == SIZE}
    sizes = fitted(lengths(names, among=among[0]), pair.left, pair.right) | stated
    known = _with_values(pair, facts, sizes)
    masks = [(point, mask) for point, mask in known if point.kind in OPEN]
    if not masks:
        reason = "no point was found at which both sides have a value"
        return Agreement("unread", reason=reason)
    if all(mask.all() for _, mask in masks):
        masks += _sure(pair, known, DELICATE)
    for other in among[1:] if names else ():
        if all(mask.all() for _, mask in masks):
            others = fitted(lengths(names, among=other), pair.left, pair.right) | stated
            masks += _sure(pair, _with_values(pair, facts, others, OPEN[:ENOUGH]), OPEN)
    if all(mask.all() for _, mask in masks):
        note = _at_edges(pair, known)
        return Agreement("holds", (), None, len(known), sizes, note)
    differing = [point for point, mask in masks if not mask.all()]
    evidence = _evidence(pair, differing) if sure else "points"
    if evidence == ROUNDING:
        return Agreement("holds", (), None, len(masks), sizes, evidence="balls")
    found = _restriction(pair, masks, facts)
    if found is not None:
        return Agreement("holds-if", (found,), None, len(masks), sizes)
    return Agreement("wrong", (), differing[0], len(masks), sizes, evidence=evidence)


ROUNDING = "rounding"


def _evidence(pair: Pair, differing: list[Point]) -> str:
    """What balls say of points at which the sides differ in float64.

    "balls"     the sides differ for certain at the first of them
    "rounding"  they are the same number at all of them
    "points"    neither is certain
    """
    for point in differing:
        found = enclosures(pair, point)
        if found is not None and found.apart.any():
            return "balls" if point is differing[0] else "points"
        if found is None or not found.together:
            return "points"
    return ROUNDING


def _with_values(
    pair: Pair, facts: tuple[Fact, ...], sizes: dict[str, int], every: tuple[str, ...] = KINDS
) -> Masks:
    """The points of `every` kind at which both sides have a value: anywhere, else in a smaller
    domain."""

    def tried(domain: str, free: str | None = None, kinds=every) -> Masks:
        return _masks(pair, sizes, Sample(facts, domain, free, kinds))

    found = tried(ANY)
    if sum(point.kind in OPEN for point, _ in found) >= ENOUGH:
        return found
    for domain in (ABOVE_ZERO, BELOW_ONE):
        inside = tried(domain)
        if any(point.kind in OPEN for point, _ in inside):
            # What is false for negative numbers only must not hide behind a logarithm elsewhere.
            names = sorted(array.name for array in pair.arrays)
            for name in names if 1 < len(names) <= MOST_FREED else ():
                found += tried(domain, name, OPEN)
            return found + inside
    return found


def _sure(pair: Pair, known: Masks, kinds: tuple[str, ...]) -> Masks:
    """The points of these kinds, without the differences that may be rounding."""
    return [
        (point, mask)
        for point, mask in known
        if point.kind in kinds and (mask.all() or certainly_differ(pair, point))
    ]


def _at_edges(pair: Pair, known: Masks) -> str | None:
    """A remark where the sides agree but at ties or zeros, where conventions decide."""
    agree = all(mask.all() for _, mask in _sure(pair, known, EDGES))
    return None if agree else CONVENTION


@dataclass(frozen=True)
class Sample:
    """Which points, as `points` takes them: facts, domain, array out of it, kinds."""

    facts: tuple[Fact, ...]
    domain: str
    free: str | None
    kinds: tuple[str, ...]

    def points(self, arrays: Iterable[Array], sizes: dict[str, int]) -> list[Point]:
        return list(points(arrays, sizes, self.facts, self.domain, self.free, self.kinds))

    def of(self, arrays: Iterable[Array]) -> Sample:
        """The same as far as it matters to these arrays."""
        names = {array.name for array in arrays}
        facts = tuple(fact for fact in self.facts if fact.array in names)
        return replace(self, facts=facts, free=self.free if self.free in names else None)


def _masks(pair: Pair, sizes: dict[str, int], sample: Sample) -> Masks:
    """The points at which both sides have a value, and where they agree over the free indices.

    An element without a value on one side does not tell anything.
    """
    tries, order = sample.points(pair.arrays, sizes), tuple(pair.indices)
    left, right = (_values(side, order, sizes, sample) for side in (pair.left, pair.right))
    if left is None or right is None:
        return []
    sides = Sides(left, right, pair.stated(sizes), sizes)
    agree = zip(tries, sides.agree(TOLERANCE) | ~sides.finite, sides.finite, strict=True)
    return [(point, mask) for point, mask, finite in agree if finite.any()]


def _values(expr: Expr, order, sizes: dict[str, int], sample: Sample) -> np.ndarray | None:
    """The numbers of one side at a sample; a side that stands in many pairs is computed once."""
    names = expr.names.union(index.size for index in order)
    own = tuple(sorted((name, sizes[name]) for name in names if name in sizes))
    lengths_ = [index.size if isinstance(index.size, int) else sizes[index.size] for index in order]
    kept = math.prod(lengths_) < SMALL
    return (_known if kept else _computed)(expr, order, own, sample.of(expr.arrays))


def _computed(expr: Expr, order, sizes: tuple[tuple[str, int], ...], sample: Sample):
    lengths_, count = dict(sizes), len(sample.kinds)
    tries = sample.points(expr.arrays, lengths_)
    values = {a.name: np.stack([point.values[a.name] for point in tries]) for a in expr.arrays}
    try:
        return evaluate(expr, values, lengths_, order, points=count)
    except ChainruleError:
        return None


_known = lru_cache(maxsize=512)(_computed)


def _restriction(pair: Pair, masks, facts: tuple[Fact, ...]) -> str | None:
    """A condition on the free indices under which all points agree."""
    for first, second in letters_to_restrict(pair):
        a, b = first.name, second.name
        for kind, sign in (("=", "="), ("!=", "≠")):
            if all(_agree_where(pair, p, m, a, kind, b) for p, m in masks):
                return f"{a} {sign} {b}"
    letters = [index for index in pair.indices if not index.name.endswith(".")]
    for name in (fact.array for fact in facts if fact.kind == ONE_HOT):
        for index in letters:
            if all(_agree_at(pair, p, m, index, name, 1) for p, m in masks):
                return f"{name}_{index.name} = 1"
            other = index.name in _others(pair, letters)
            if other and all(_agree_at(pair, p, m, index, name, 0) for p, m in masks):
                return f"{name}_{index.name} = 0"
    return None


def _others(pair: Pair, letters: list[Index]) -> set[str]:
    """The letters that are said to be another one than the class: k, for `k ≠ j` without a j."""
    names = {index.name for index in letters}
    return {a for a, kind, b in pair.conditions if kind == "!=" and a in names and b not in names}


def _agree_where(pair: Pair, point: Point, mask: np.ndarray, a: str, kind: str, b: str) -> bool:
    where = grid(pair.indices, point.sizes)
    chosen = where[a] == where[b] if kind == "=" else where[a] != where[b]
    return bool(mask[chosen].all())


def _agree_at(
    pair: Pair, point: Point, mask: np.ndarray, index: Index, name: str, value: int
) -> bool:
    """Whether the sides agree at the elements where a one-hot vector is 1, or 0."""
    numbers = point.values.get(name)
    where = grid(pair.indices, point.sizes)[index.name]
    if numbers is None or numbers.ndim != 1 or where.max(initial=0) >= len(numbers):
        return False
    chosen = numbers[where] == value
    return bool(chosen.any() and mask[chosen].all())
