"""A point at which a claim fails, small enough to redo by hand: few elements, small numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from chainrule.checker.evidence import Enclosures, enclosures, middle
from chainrule.checker.fits import fitted
from chainrule.checker.pair import Pair
from chainrule.checker.points import Point, lengths, one_of, points, shape, size_names
from chainrule.checker.unstated import has_kink
from chainrule.language.facts import (
    ONE_HOT,
    ONE_OF,
    POSITIVE,
    SUMS_TO_ONE,
    SYMMETRIC,
    Fact,
    axis_of,
)
from chainrule.language.sizes import is_unknown
from chainrule.notation.differentials import shown_name

# So many points of each size are tried, and so many candidates confirmed in balls.
TRIES = 50
CONFIRMED = 6
# So many rounds of making numbers smaller, of so many changes at most.
ROUNDS, CHANGES = 6, 60
# What differs by less, relative to the larger side and 1, is no example.
DIFFERENT = 1e-6
# More numbers in one array are not printed.
MANY = 40
_WITH = "with "
# How far from a kink the sides are looked at again.
STEP = 1 / 64
# From the plainest numbers to those that only logarithms of 1 - p need.
RANGES = ((0, 1), (-1, 0, 1, 2), (1, 2, 3), (-2, -1, 1, 2, 3), (0.25, 0.5, 0.75))


def counterexample(pair: Pair, first: int = 1) -> str | None:
    """The simplest point found at which the sides differ for certain, with both values.

    first  the number of the first element in print: 1, or 0
    """
    found = smallest(pair)
    return None if found is None else told(pair, *found, first)


def smallest(pair: Pair) -> tuple[Point, Enclosures] | None:
    """The simplest point found, and both sides there: small sizes, small whole numbers."""
    for sizes in _sizes(pair):
        sizes = fitted(sizes, pair.left, pair.right)
        differing = _differing(pair, list(_small(pair, sizes)))
        for point in differing[:CONFIRMED]:
            point = _shrunk(pair, point)
            found = enclosures(pair, point)
            if found is not None and found.apart.any():
                return point, found
    return _anywhere(pair)


def _anywhere(pair: Pair) -> tuple[Point, Enclosures] | None:
    """Where no small numbers do: any point that shows the difference."""
    sizes = fitted(lengths(size_names(pair.left, pair.right)), pair.left, pair.right)
    for point in _differing(pair, list(points(pair.arrays, sizes, pair.declared)))[:CONFIRMED]:
        found = enclosures(pair, point)
        if found is not None and found.apart.any():
            return point, found
    return None


def _sizes(pair: Pair) -> Iterator[dict[str, int]]:
    names = size_names(pair.left, pair.right)
    yield dict.fromkeys(names, 1)
    if names:
        yield dict.fromkeys(names, 2)
        yield lengths(names, small=True)


def _small(pair: Pair, sizes: dict[str, int]) -> Iterator[Point]:
    """Points of small numbers, the plainest first; the same ones every time."""
    arrays = sorted(pair.arrays, key=lambda array: array.name)
    facts = {name: [f for f in pair.declared if f.array == name] for name in _names(pair)}
    for seed in range(TRIES):
        random = np.random.default_rng(seed)
        chosen = np.array(RANGES[seed * len(RANGES) // TRIES], dtype=float)
        spots = {a.name: random.integers(0, len(chosen), shape(a, sizes)) for a in arrays}
        values = {name: np.asarray(chosen[spot]) for name, spot in spots.items()}
        for name, known in facts.items():
            axis = axis_of(known)
            turned = np.moveaxis(values[name], axis, -1) if values[name].ndim else values[name]
            made = _respecting(turned, known, random, seed)
            values[name] = np.moveaxis(made, -1, axis) if made.ndim else made
        yield Point(values, sizes, "small")


def _names(pair: Pair) -> list[str]:
    return sorted(array.name for array in pair.arrays)


def _respecting(
    numbers: np.ndarray, facts: list[Fact], random: np.random.Generator, turn: int
) -> np.ndarray:
    kinds = {fact.kind for fact in facts}
    if ONE_HOT in kinds and numbers.ndim:
        return np.eye(numbers.shape[-1])[random.integers(0, numbers.shape[-1], numbers.shape[:-1])]
    if SUMS_TO_ONE in kinds and numbers.ndim:
        # Quarters add up to 1 exactly.
        length = numbers.shape[-1]
        return random.multinomial(4, np.ones(length) / length, numbers.shape[:-1]) / 4
    if SYMMETRIC in kinds:
        return np.triu(numbers) + np.triu(numbers, 1).T
    for fact in facts:
        if fact.kind == ONE_OF:
            return one_of(fact, numbers.shape, random, turn)
    return np.abs(numbers) + (numbers == 0) if POSITIVE in kinds else numbers


def _differing(pair: Pair, tries: list[Point]) -> list[Point]:
    """The points at which the sides differ in float64, the simplest first.

    Beside a kink the sides have to differ on both sides of it: at a kink they may by convention.
    """
    if not tries:
        return []
    every = [tries]
    if has_kink(pair.left) or has_kink(pair.right):
        every += [[_moved(pair, point, step) for point in tries] for step in (STEP, -STEP)]
    sides = pair.sides([point for group in every for point in group])
    if sides is None:
        return []
    agree = sides.agree(DIFFERENT).all(axis=tuple(range(1, sides.left.ndim)))
    kept = (sides.known & ~agree).reshape(len(every), len(tries)).all(axis=0)
    return sorted((p for p, keep in zip(tries, kept, strict=True) if keep), key=_weight)


def _moved(pair: Pair, point: Point, step: float) -> Point:
    """A point nearby, without ties; what the document states more about stays where it is."""
    bound = {fact.array for fact in pair.declared}
    values = {
        name: v if name in bound else v + step * (1 + 0.1 * np.arange(v.size).reshape(v.shape))
        for name, v in point.values.items()
    }
    return Point(values, point.sizes, point.kind)


def _weight(point: Point) -> float:
    """How hard a point is to work with by hand: large numbers, and those that are not whole."""
    numbers = np.concatenate([np.zeros(1), *(v.ravel() for v in point.values.values())])
    return float(np.abs(numbers).sum() + (numbers < 0).sum() + 4 * (numbers % 1 != 0).sum())


def _shrunk(pair: Pair, point: Point) -> Point:
    """The point with numbers made 0 or 1 one at a time, as long as the sides still differ."""
    for _ in range(ROUNDS):
        simpler = [one for one in _simpler(pair, point) if _weight(one) < _weight(point)]
        found = _differing(pair, simpler[:CHANGES])
        if not found:
            return point
        point = found[0]
    return point


def _simpler(pair: Pair, point: Point) -> Iterator[Point]:
    bound = {fact.array for fact in pair.declared}
    for name in _names(pair):
        if name in bound:
            continue
        for spot in np.ndindex(point.values[name].shape):
            for new in (0.0, 1.0):
                values = {key: value.copy() for key, value in point.values.items()}
                values[name][spot] = new
                yield Point(values, point.sizes, point.kind)


def told(pair: Pair, point: Point, sides: Enclosures, first: int) -> str:
    """`with x = 1, y = 2: 3 against 5`, and at which element."""
    gaps = np.frompyfunc(lambda a, b: abs(float((a - b).mid())), 2, 1)(sides.left, sides.right)
    gaps = np.where(sides.apart, np.asarray(gaps, dtype=float), -1.0)
    spot = np.unravel_index(int(np.argmax(gaps)), gaps.shape) if gaps.ndim else ()
    left, right = shown_apart(*(middle(side[spot]) for side in (sides.left, sides.right)))
    letters = [f"{name} = {point.sizes[name]}" for name in _unseen(pair)]
    letters += [f"{shown_name(name)} = {_given(point.values[name])}" for name in _names(pair)]
    given = f"{_WITH}{', '.join(letters)}: " if letters else ""
    return f"{given}{left} against {right}{_at(pair, spot, first)}"


def _unseen(pair: Pair) -> list[str]:
    """The sizes with a name that neither an array nor an element shows."""
    seen = {size for array in pair.arrays for size in array.sizes}
    seen |= {index.size for index in pair.indices}
    names = size_names(pair.left, pair.right)
    return [name for name in names if name not in seen and not is_unknown(name)]


def is_at_a_point(counterexample: str | None) -> bool:
    """Whether a counterexample, as `told` has it, gives numbers to letters."""
    return (counterexample or "").startswith(_WITH)


def _given(value: np.ndarray) -> str:
    if value.ndim == 2 and not value.any():
        return f"0 ({value.shape[0]} × {value.shape[1]})"
    if value.size > MANY:
        return f"{' × '.join(map(str, value.shape))} numbers"
    return number(value)


def _at(pair: Pair, spot: Iterable[int], first: int) -> str:
    """`at i = 1, j = 2`; an axis without a letter by its number."""
    letters, axes = [], []
    for index, k in zip(pair.indices, spot, strict=True):
        if index.name.endswith("."):
            axes.append(int(k) + 1)
        else:
            letters.append(f"{index.name} = {int(k) + first}")
    if len(axes) == 2:
        letters.append(f"row {axes[0]}, column {axes[1]}")
    elif axes:
        letters.append("element " + ", ".join(map(str, axes)))
    return f" at {', '.join(letters)}" if letters else ""


def shown_apart(a: float, b: float) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to see that they differ.

    >>> shown_apart(1 / 3, 1 / 2)
    ('0.333333', '0.5')
    """
    for digits in (6, 9, 12, 17):
        pair = f"{a:.{digits}g}", f"{b:.{digits}g}"
        if pair[0] != pair[1]:
            break
    return pair


def number(value) -> str:
    """A number or nested list of numbers, six digits each.

    >>> number(np.array([[1.0, 0.5], [0.0, -2.0]]))
    '[[1, 0.5], [0, -2]]'
    """
    value = np.asarray(value)
    if value.ndim == 0:
        return f"{float(value):.6g}"
    return "[" + ", ".join(number(row) for row in value) + "]"
