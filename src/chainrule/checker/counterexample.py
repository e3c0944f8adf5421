"""Why a claim is false: numbers small enough to redo by hand, and a sentence."""

from __future__ import annotations

import itertools

import numpy as np

from chainrule.checker.compare import Pair
from chainrule.checker.points import Point, lengths, points, shape, size_names
from chainrule.errors import ChainruleError
from chainrule.language.evaluate import evaluate
from chainrule.language.facts import ONE_HOT

TRIES = 40


def counterexample(pair: Pair) -> str | None:
    """The simplest point found at which the sides differ: small sizes, small whole numbers."""
    best: tuple[float, str] | None = None
    sizes = lengths(size_names(pair.left, pair.right), small=True)
    for values in itertools.islice(_small_values(pair, sizes), TRIES):
        sides = _sides(pair, Point(values, sizes))
        if sides is None or _same(*sides):
            continue
        weight = sum(float(np.abs(v).sum()) for v in values.values())
        if best is None or weight < best[0]:
            best = (weight, _told(values, *sides))
    return best[1] if best else None


def _small_values(pair: Pair, sizes: dict[str, int]):
    arrays = sorted(pair.arrays, key=lambda array: array.name)
    hot = {fact.array for fact in pair.declared if fact.kind == ONE_HOT}
    for seed in itertools.count():
        random = np.random.default_rng(seed)
        values = {}
        for array in arrays:
            form = shape(array, sizes)
            values[array.name] = random.integers(0 if seed % 2 else -1, 3, form).astype(float)
            if array.name in hot and form:
                values[array.name] = np.eye(form[-1])[random.integers(0, form[-1], form[:-1])]
        yield values


def _sides(pair: Pair, point: Point):
    try:
        sides = [
            evaluate(e, point.values, point.sizes, pair.indices) for e in (pair.left, pair.right)
        ]
    except ChainruleError:
        return None
    return sides if all(np.isfinite(side).all() for side in sides) else None


def _same(left, right) -> bool:
    return bool(np.allclose(left, right, rtol=1e-6, atol=1e-9))


def _told(values: dict, left, right) -> str:
    given = ", ".join(f"{name} = {_number(value)}" for name, value in values.items())
    left, right = np.asarray(left), np.asarray(right)
    spot = np.unravel_index(int(np.argmax(np.abs(left - right))), left.shape) if left.ndim else ()
    at = f" at [{', '.join(str(k + 1) for k in spot)}]" if spot else ""
    return f"with {given}: {_number(left[spot])} against {_number(right[spot])}{at}"


def _number(value) -> str:
    value = np.asarray(value)
    if value.ndim == 0:
        return f"{float(value):.6g}"
    return "[" + ", ".join(_number(row) for row in value) + "]"


def diagnosis(pair: Pair) -> str | None:
    """What kind of mistake it looks like: a sign, a constant factor, a transpose."""
    ratios = []
    sizes = lengths(size_names(pair.left, pair.right))
    for point in itertools.islice(points(pair.arrays, sizes, pair.declared), 3):
        sides = _sides(pair, point)
        if sides is None:
            return None
        left, right = map(np.asarray, sides)
        kept = np.abs(left) > 1e-9
        if not kept.any() or not (np.abs(right[kept]) > 1e-12).all():
            return None
        ratios.append(right[kept] / left[kept])
    ratio = np.concatenate([r.ravel() for r in ratios]) if ratios else np.array([])
    if not len(ratio) or not np.allclose(ratio, ratio[0], rtol=1e-7):
        return None
    if np.isclose(ratio[0], -1):
        return "the sign is wrong"
    return f"a constant factor is wrong: it is {ratio[0]:.6g} times what it should be"
