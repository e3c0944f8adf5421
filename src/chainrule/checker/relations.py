"""How two sides that differ are related as numbers: the first part of the catalogue of mistakes.

To add a kind of mistake that concerns a whole side, add a line to RELATIONS.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from chainrule.checker.fits import fitted
from chainrule.checker.pair import Pair, Sides
from chainrule.checker.points import ABOVE_ZERO, ANY, OPEN, Point, lengths, points, size_names

# A constant factor with a larger numerator or denominator is not worth naming.
PLAIN = 12


@dataclass(frozen=True)
class Mistake:
    """A sentence, and how the printed side would have to be changed: `@` stands for it.

    binding  what is put in brackets before it is changed: "sum", "product", or "" for nothing
    factor   by what the printed side would have to be multiplied
    whole    whether the sentence says all there is to say, so that nothing else is looked for
    is_slip  whether the sentence names a slip that explains the difference
    """

    sentence: str
    change: str | None = None
    binding: str = "sum"
    whole: bool = False
    factor: Fraction | None = None
    is_slip: bool = True


ELEMENTS = 10_000
"""Sides with more elements are not searched for a relation: too many axes for a sentence."""

Relation = Callable[[list[Sides]], Mistake | None]


def related(pair: Pair) -> list[Mistake]:
    """The mistakes that the numbers of both sides show, the plainest first."""
    found = samples(pair)
    if _everywhere(found, lambda left, right: right):
        # The sides differ elsewhere only: saturated, or beyond a threshold.
        return []
    told = (relation(found) for relation in RELATIONS) if found else ()
    return [mistake for mistake in told if mistake is not None] + _on_diagonals(pair, found)


def is_opposite(pair: Pair) -> bool:
    """Whether the numbers of the sides are multiples of each other by negative factors."""
    found = samples(pair)
    return bool(found) and all(
        same(one.left * np.linalg.norm(one.right), -one.right * np.linalg.norm(one.left))
        and one.left.any()
        for one in found
    )


def is_no_multiple(pair: Pair) -> bool:
    """Whether at some point the numbers of one side are no multiples of those of the other."""
    found = [one for one in samples(pair) if one.stated.all()]
    pairs = [both for one in found for both in zip(one.left, one.right, strict=True)]
    lengths_ = [np.linalg.norm(left) * np.linalg.norm(right) for left, right in pairs]
    return any(
        length > 1e-6 and abs((left * right).sum()) < (1 - 1e-6) * length
        for (left, right), length in zip(pairs, lengths_, strict=True)
    )


def varies(pair: Pair) -> bool:
    """Whether the left side has different values at different points."""
    return any(not same(one.left, one.left[:1]) for one in samples(pair))


def constant_at(pair: Pair) -> Point | None:
    """A point where two numbers have values, if the left one has the same value at all points."""
    numbers = [one.left.ravel() for one in samples(pair)]
    if pair.indices or not numbers or not all(same(one, numbers[0][:1]) for one in numbers):
        return None
    sizes = fitted(lengths(size_names(pair.left, pair.right)), pair.left, pair.right)
    return next(points(pair.arrays, sizes, pair.declared, kinds=OPEN), None)


def samples(pair: Pair) -> list[Sides]:
    """Both sides at points where they have values, for two sets of sizes."""
    found = []
    names = size_names(pair.left, pair.right)
    first = lengths(names)
    others = {name: size + 1 + k % 2 for k, (name, size) in enumerate(first.items())}
    for sizes in (first, others):
        sizes = fitted(sizes, pair.left, pair.right)
        if math.prod(sizes.get(i.size, i.size) for i in pair.indices) > ELEMENTS:
            continue
        for domain in (ANY, ABOVE_ZERO):
            tries = list(points(pair.arrays, sizes, pair.declared, domain, kinds=OPEN))
            sides = pair.sides(tries)
            if sides is not None and sides.known.any():
                found.append(sides.where_known())
                break
    return found


def same(a, b) -> bool:
    """Whether numbers agree up to rounding."""
    with np.errstate(all="ignore"):
        return bool(np.allclose(a, b, rtol=1e-7, atol=1e-9))


def _everywhere(found: Iterable[Sides], test: Callable[[np.ndarray, np.ndarray], np.ndarray]):
    """Whether test(left, right) gives the left side back at every claimed element."""
    with np.errstate(all="ignore"):
        return all(
            same(test(s.left[s.stated], s.right[s.stated]), s.left[s.stated]) for s in found
        )


def _sign(found: list[Sides]) -> Mistake | None:
    if _everywhere(found, lambda left, right: -right):
        return Mistake("the sign is wrong", "-@")
    return None


def _factor(found: list[Sides]) -> Mistake | None:
    """A constant that is the same at all points, or that is the number of elements of an axis."""
    ratios = [_ratio(sides) for sides in found]
    if None in ratios:
        return None
    for name in found[0].sizes:
        lengths_ = [sides.sizes[name] for sides in found]
        if len(set(lengths_)) > 1:
            letter = name if name.isalpha() else "the number of elements"
            if same(ratios, lengths_):
                return Mistake(f"the mean is meant: a factor 1/{letter} is missing", whole=True)
            if same(ratios, [1 / n for n in lengths_]):
                return Mistake(f"the sum is meant: a factor 1/{letter} is too much", whole=True)
    if not same(ratios, ratios[0]):
        return None
    wanted = Fraction(1 / ratios[0]).limit_denominator(PLAIN)
    if not wanted or abs(wanted.numerator) > PLAIN or not same(float(wanted), 1 / ratios[0]):
        sentence = f"a constant factor is wrong: it is {ratios[0]:.6g} times what it should be"
        return Mistake(sentence, is_slip=False)
    return _missing_factor(wanted)


def _missing_factor(wanted: Fraction) -> Mistake:
    sign, size = "-" if wanted < 0 else "", abs(wanted)
    whole = size.denominator == 1
    latex = str(size) if whole else rf"\frac{{{size.numerator}}}{{{size.denominator}}}"
    if size.numerator == 1:
        return Mistake(f"a factor {1 / wanted} is too much", f"{sign}{latex} @", factor=wanted)
    return Mistake(f"a factor {wanted} is missing", f"{sign}{latex} @", factor=wanted)


def _ratio(sides: Sides) -> float | None:
    """right / left, if it is the same wherever the left side is not 0."""
    left, right = sides.left[sides.stated], sides.right[sides.stated]
    kept = np.abs(left) > 1e-9
    if not kept.any() or not same(right[~kept], 0):
        return None
    ratio = right[kept] / left[kept]
    return float(ratio[0]) if abs(ratio[0]) > 1e-9 and same(ratio, ratio[0]) else None


def _reciprocal(found: list[Sides]) -> Mistake | None:
    if _everywhere(found, lambda left, right: 1 / right):
        return Mistake("the reciprocal is meant", r"\frac{1}{@}", "")
    return None


def _square_missing(found: list[Sides]) -> Mistake | None:
    if _everywhere(found, lambda left, right: right**2):
        return Mistake("a square is missing", "@^2", "product")
    return None


def _square_too_much(found: list[Sides]) -> Mistake | None:
    if _everywhere(found, lambda left, right: np.sqrt(right)):
        return Mistake("a square is too much", r"\sqrt{@}", "")
    if _everywhere(found, lambda left, right: -np.sqrt(right)):
        return Mistake("a square is too much", r"-\sqrt{@}", "")
    return None


def _varies(found: list[Sides]) -> bool:
    """Whether the right side is not the same number at all points."""
    numbers = np.concatenate([side.right[side.stated].ravel() for side in found])
    return not np.allclose(numbers, numbers[0])


def _log_for_argument(found: list[Sides]) -> Mistake | None:
    if _varies(found) and _everywhere(found, lambda left, right: np.exp(right)):
        return Mistake("the logarithm stands where its argument is meant", r"\exp(@)", "")
    return None


def _argument_for_log(found: list[Sides]) -> Mistake | None:
    if not _varies(found):
        return None
    if _everywhere(found, lambda left, right: np.log(right)):
        return Mistake("the argument stands where its logarithm is meant", r"\log(@)", "")
    if _everywhere(found, lambda left, right: -np.log(right)):
        return Mistake("the argument stands where minus its logarithm is meant", r"-\log(@)", "")
    return None


def _complement(found: list[Sides]) -> Mistake | None:
    if _everywhere(found, lambda left, right: 1 - right):
        return Mistake("one minus this is meant", "1 - @")
    return None


def _constant_term(found: list[Sides]) -> Mistake | None:
    gaps = [(s.left - s.right)[s.stated] for s in found]
    gap = gaps[0].ravel()[0] if gaps[0].size else 0.0
    wanted = Fraction(float(gap)).limit_denominator(PLAIN)
    if not wanted or not all(same(g, float(wanted)) for g in gaps):
        return None
    size = abs(wanted)
    whole = size.denominator == 1
    latex = str(size) if whole else rf"\frac{{{size.numerator}}}{{{size.denominator}}}"
    sign = "+" if wanted > 0 else "-"
    return Mistake(f"a term {sign} {size} is missing", f"@ {sign} {latex}", "")


def _transpose(found: list[Sides]) -> Mistake | None:
    if any(s.left.ndim != 3 or s.left.shape[1] != s.left.shape[2] for s in found):
        return None
    turned = [np.where(s.stated, s.right.swapaxes(1, 2), s.left) for s in found]
    if all(same(t, s.left) for t, s in zip(turned, found, strict=True)):
        return Mistake("the two indices are swapped: this is the transpose", r"@^\top", "product")
    return None


RELATIONS: tuple[Relation, ...] = (
    _sign,
    _factor,
    _transpose,
    _reciprocal,
    _log_for_argument,
    _argument_for_log,
    _square_missing,
    _square_too_much,
    _complement,
    _constant_term,
)


def _on_diagonals(pair: Pair, found: list[Sides]) -> list[Mistake]:
    """Right on the diagonal only, or off it only."""
    axes = range(len(pair.indices))
    for a in axes:
        for b in axes[a + 1 :]:
            first, second = pair.indices[a], pair.indices[b]
            if first.size == second.size and found:
                mistake = _diagonal(found, a + 1, b + 1, (first.name, second.name))
                if mistake is not None:
                    return [mistake]
    return []


def _diagonal(found: list[Sides], a: int, b: int, names: tuple[str, str]) -> Mistake | None:
    i, j = ("i", "j") if names[0].endswith(".") else names
    inside, outside, silent = [], [], []
    for s in found:
        grid = np.indices(s.left.shape)
        equal = grid[a] == grid[b]
        inside.append(same(s.left[equal & s.stated], s.right[equal & s.stated]))
        outside.append(same(s.left[~equal & s.stated], s.right[~equal & s.stated]))
        silent.append(same(s.right[~equal & s.stated], 0))
    if all(inside) and all(silent):
        return Mistake(f"the terms off the diagonal ({i} ≠ {j}) are missing", whole=True)
    if all(inside):
        return Mistake(f"right on the diagonal only ({i} = {j})")
    if all(outside):
        return Mistake(f"right off the diagonal only ({i} ≠ {j}): the term for {i} = {j} is wrong")
    return None
