"""Whether two expressions agree: everywhere, under a fact, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations

import numpy as np

from chainrule.checker.points import Point, grid, lengths, points, size_names
from chainrule.errors import ChainruleError
from chainrule.language.arithmetic import BALLS, Undecided
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import Expr
from chainrule.language.facts import ONE_HOT, SUMS_TO_ONE, Fact
from chainrule.language.index import Index
from chainrule.language.inline import elements

TOLERANCE = 1e-8


@dataclass(frozen=True)
class Agreement:
    """The outcome of comparing two expressions.

    verdict  "holds", "holds-if", "wrong", or "unread" where no point could be evaluated
    facts    what had to be assumed: undeclared for holds-if, declared for holds
    point    for "wrong": where they differ
    tried    the number of points at which both sides have a value
    """

    verdict: str
    facts: tuple[str, ...] = ()
    point: Point | None = None
    tried: int = 0
    sizes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Pair:
    """Two expressions over the same free indices, with what is declared about their arrays.

    conditions  masks the document states: pairs of index names with "=" or "!="
    general     pairs of index names that the print covers in general, as δ_ij does
    """

    left: Expr
    right: Expr
    declared: tuple[Fact, ...] = ()
    conditions: tuple[tuple[str, str, str], ...] = ()
    general: frozenset[frozenset[str]] = frozenset()

    @property
    def arrays(self):
        return elements(self.left) | elements(self.right)

    @property
    def indices(self) -> list[Index]:
        return sorted(self.left.free | self.right.free, key=lambda index: index.name)


@lru_cache(maxsize=1024)
def compare(pair: Pair) -> Agreement:
    """General inputs first; then the declared facts; then the fact that would make it true."""
    general = _tried(pair, ())
    if general.verdict != "wrong":
        return general
    declared = general
    if pair.declared:
        declared = _tried(pair, pair.declared)
        if declared.verdict == "holds":
            return Agreement("holds", tuple(map(str, pair.declared)), None, declared.tried)
    if declared.verdict == "holds-if":
        return Agreement("holds-if", declared.facts, None, declared.tried)
    for extra in _guesses(pair):
        found = _tried(pair, (*pair.declared, *extra))
        if found.verdict == "holds":
            return Agreement("holds-if", tuple(map(str, extra)), None, found.tried)
        if found.verdict == "holds-if":
            return Agreement("holds-if", (*map(str, extra), *found.facts), None, found.tried)
    return general if _confirmed(pair, general.point) else Agreement("unread")


def _guesses(pair: Pair) -> Iterable[tuple[Fact, ...]]:
    """Undeclared facts worth trying: of one vector, that it sums to one or is one-hot."""
    vectors = sorted({a.name for a in pair.arrays if len(a.sizes) == 1})
    known = {fact.array for fact in pair.declared}
    for kind in (SUMS_TO_ONE, ONE_HOT):
        for name in vectors:
            if name not in known:
                yield (Fact(kind, name),)


def _tried(pair: Pair, facts: tuple[Fact, ...]) -> Agreement:
    """Agreement at every point that respects the facts."""
    sizes = lengths(size_names(pair.left, pair.right))
    masks: list[tuple[Point, np.ndarray]] = []
    for positive in (False, True):
        masks = _masks(pair, list(points(pair.arrays, sizes, facts, positive)), sizes)
        if masks:
            break
    if not masks:
        return Agreement("unread")
    if all(mask.all() for _, mask in masks):
        return Agreement("holds", (), None, len(masks), sizes)
    found = _restriction(pair, masks, facts)
    if found is not None:
        return Agreement("holds-if", (found,), None, len(masks), sizes)
    wrong = next(point for point, mask in masks if not mask.all())
    return Agreement("wrong", (), wrong, len(masks), sizes)


def _masks(pair: Pair, tries: list[Point], sizes: dict[str, int]) -> list[tuple[Point, np.ndarray]]:
    """The points at which both sides have a value, and where they agree over the free indices."""
    values = {a.name: np.stack([point.values[a.name] for point in tries]) for a in pair.arrays}
    try:
        left, right = (
            evaluate(e, values, sizes, pair.indices, points=len(tries))
            for e in (pair.left, pair.right)
        )
    except ChainruleError:
        return []
    scale = np.maximum(np.maximum(np.abs(left), np.abs(right)), 1.0)
    with np.errstate(invalid="ignore"):
        agree = (np.abs(left - right) <= TOLERANCE * scale) | ~_stated(pair, sizes)
    within = tuple(range(1, left.ndim))
    known = np.isfinite(left).all(axis=within) & np.isfinite(right).all(axis=within)
    return [(point, mask) for point, mask, kept in zip(tries, agree, known, strict=True) if kept]


def _stated(pair: Pair, sizes: dict[str, int]) -> np.ndarray:
    """Where the conditions that the document states hold."""
    where = grid(pair.indices, sizes)
    result = np.array(True)
    for left, kind, right in pair.conditions:
        if left in where and right in where:
            same = where[left] == where[right]
            result = result & (same if kind == "=" else ~same)
    return result


def _restriction(pair: Pair, masks, facts: tuple[Fact, ...]) -> str | None:
    """A condition on the free indices under which all points agree."""
    # Letters of the statement only: an array is not equal for being equal off its diagonal.
    letters = [index for index in pair.indices if not index.name.endswith(".")]
    for first, second in combinations(letters, 2):
        a, b = first.name, second.name
        if first.size != second.size or frozenset((a, b)) in pair.general:
            continue
        for kind, sign in (("=", "="), ("!=", "≠")):
            if all(_agree_where(pair, p, m, a, kind, b) for p, m in masks):
                return f"{a} {sign} {b}"
    hot = [fact.array for fact in facts if fact.kind == ONE_HOT]
    for name in hot:
        for index in letters:
            if all(_agree_at_one(pair, p, m, index, name) for p, m in masks):
                return f"{name}_{index.name} = 1"
    return None


def _agree_where(pair: Pair, point: Point, mask: np.ndarray, a: str, kind: str, b: str) -> bool:
    where = grid(pair.indices, point.sizes)
    chosen = where[a] == where[b] if kind == "=" else where[a] != where[b]
    return bool(mask[chosen].all())


def _agree_at_one(pair: Pair, point: Point, mask: np.ndarray, index: Index, name: str) -> bool:
    numbers = point.values.get(name)
    where = grid(pair.indices, point.sizes)[index.name]
    if numbers is None or numbers.ndim != 1 or where.max(initial=0) >= len(numbers):
        return False
    chosen = numbers[where] == 1
    return bool(chosen.any() and mask[chosen].all())


def _confirmed(pair: Pair, point: Point | None) -> bool:
    """Whether the sides differ beyond doubt: their balls do not meet at some element."""
    if point is None:
        return False
    try:
        left, right = (
            np.asarray(evaluate(e, point.values, point.sizes, pair.indices, BALLS), dtype=object)
            for e in (pair.left, pair.right)
        )
    except (ChainruleError, Undecided):
        return False
    differ = [not a.overlaps(b) for a, b in zip(left.ravel(), right.ravel(), strict=True)]
    stated = np.broadcast_to(_stated(pair, point.sizes), left.shape).ravel()
    return any(d and s for d, s in zip(differ, stated, strict=True))
