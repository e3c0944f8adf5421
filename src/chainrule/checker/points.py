"""Points to try a claim at: random ones, and structured ones where falsehoods like to hide."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from chainrule.language import budget
from chainrule.language.expr import Array, Expr
from chainrule.language.facts import (
    NUMBER,
    ONE_HOT,
    ONE_OF,
    POSITIVE,
    SUMS_TO_ONE,
    SYMMETRIC,
    ZERO,
    Fact,
    axis_of,
)
from chainrule.language.index import Index

# Pairwise different and greater than 1, so that no axis is taken for another by accident.
LENGTHS = (3, 4, 2, 5, 6, 7, 8, 9, 10, 11)
# What is true at those lengths by accident is false at one of these: `K M = 3 M` at K = 3.
OTHER_LENGTHS = ((5, 7, 6, 3, 4, 8, 2, 11, 9, 13), (7, 3, 11, 8, 5, 2, 13, 4, 6, 9))

# For formulas with so many indices that more elements would not fit into memory.
FEWER_LENGTHS = ((3, 2, 4), (2, 4, 3), (4, 3, 2))

# The numbers of arrays with fewer elements are kept.
SMALL = 1000


@dataclass(frozen=True)
class Point:
    """Numbers for every array, and a length for every size."""

    values: dict[str, np.ndarray]
    sizes: dict[str, int]
    kind: str = "random"


def size_names(*exprs: Expr) -> list[str]:
    """The names of the sizes in expressions, sorted."""
    return sorted(frozenset().union(*(expr.names for expr in exprs)))


def lengths(
    names: list[str], small: bool = False, among: tuple[int, ...] = LENGTHS
) -> dict[str, int]:
    """A length for each size, `among` some; `small` ones for counterexamples."""
    if small:
        return {name: 2 + (k % 2) for k, name in enumerate(names)}
    return {name: among[k % len(among)] for k, name in enumerate(names)}


def shape(array: Array, sizes: dict[str, int]) -> tuple[int, ...]:
    return tuple(size if isinstance(size, int) else sizes[size] for size in array.sizes)


# Where two analytic sides that differ do differ. The last two are hard on rounding, so that a
# difference there counts only if balls confirm it.
OPEN = ("random", "random 2", "random 3", "wide")
DELICATE = ("saturated", "near")
# Ties and zeros: only conventions at kinks differ there and nowhere else.
EDGES = ("equal", "whole", "zeros", "corners")
KINDS = (*OPEN, *DELICATE, *EDGES)

ANY, ABOVE_ZERO, BELOW_ONE = "any", "above 0", "between 0 and 1"


def points(
    arrays: Iterable[Array],
    sizes: dict[str, int],
    facts: Iterable[Fact] = (),
    domain: str = ANY,
    free: str | None = None,
    kinds: Iterable[str] = KINDS,
) -> Iterator[Point]:
    """Points that respect the facts; the same ones every time.

    domain  where all numbers lie
    free    the name of one array whose numbers lie anywhere all the same
    """
    arrays = sorted(arrays, key=lambda a: a.name)
    bound: dict[str, list[Fact]] = {}
    for fact in facts:
        bound.setdefault(fact.array, []).append(fact)
    budget.room(len(KINDS) * sum(math.prod(shape(array, sizes)) for array in arrays))
    for kind in kinds:
        values = {}
        for array in arrays:
            seed = zlib.crc32(f"{array.name} {kind}".encode())
            form = shape(array, sizes)
            numbers = (_numbers if math.prod(form) < SMALL else _drawn)(seed, form, kind)
            if array.name != free:
                numbers = _within(numbers, domain)
            if array.name in bound:
                numbers = _respecting(bound[array.name], numbers, seed, kind)
            values[array.name] = numbers
        yield Point(values, sizes, kind)


def _drawn(seed: int, shape_: tuple[int, ...], kind: str) -> np.ndarray:
    random = np.random.default_rng(seed)
    match kind:
        case "equal":
            # All elements alike, but not a number for which much is true by accident.
            return np.full(shape_, np.round(random.uniform(0.2, 1.4), 3))
        case "whole":
            return random.integers(-3, 4, shape_).astype(float) + 0.5
        case "wide":
            return np.round(3 * random.normal(size=shape_), 3)
        case "saturated":
            signs = random.choice([-1.0, 1.0], shape_)
            return signs * np.round(random.uniform(24, 36, shape_), 3)
        case "near":
            # The arrays are near each other, too.
            return 0.7 + np.round(1e-4 * random.normal(size=shape_), 7)
        case "zeros":
            return random.integers(0, 2, shape_) * np.round(random.normal(size=shape_), 3)
        case "corners":
            if not shape_:
                return np.asarray(float(random.integers(0, 2)))
            return np.eye(shape_[-1])[random.integers(0, shape_[-1], shape_[:-1])]
    return np.round(random.normal(size=shape_), 3)


_numbers = lru_cache(maxsize=4096)(_drawn)


def _within(numbers: np.ndarray, domain: str) -> np.ndarray:
    if domain == ANY:
        return numbers
    numbers = np.abs(numbers) + 0.1
    if domain == ABOVE_ZERO:
        return numbers
    # Vectors stay below 1 in sum, as probabilities do.
    return numbers / (1.1 * (numbers.sum(axis=-1, keepdims=True) if numbers.ndim else 1 + numbers))


def _respecting(facts: list[Fact], numbers: np.ndarray, seed: int, kind: str) -> np.ndarray:
    """The numbers of one array, with what is stated of it made true."""
    for fact in facts:
        if fact.kind == NUMBER:
            return np.full_like(numbers, float(fact.value))
    kinds, axis = {fact.kind for fact in facts}, axis_of(facts)
    if ZERO in kinds:
        return np.zeros_like(numbers)
    for fact in facts:
        if fact.kind == ONE_OF and ONE_HOT not in kinds:
            return one_of(fact, numbers.shape, np.random.default_rng(seed), KINDS.index(kind))
    turned = np.moveaxis(numbers, axis, -1) if numbers.ndim else numbers
    made = _along_last(kinds, turned, seed)
    return np.moveaxis(made, -1, axis) if numbers.ndim else made


def _along_last(kinds: set[str], numbers: np.ndarray, seed: int) -> np.ndarray:
    """Numbers with facts of these kinds along their last axis."""
    if kinds & {ONE_HOT} and numbers.ndim:
        spot = np.random.default_rng(seed).integers(0, numbers.shape[-1], numbers.shape[:-1])
        return np.eye(numbers.shape[-1])[spot]
    if kinds & {POSITIVE, SUMS_TO_ONE}:
        numbers = _within(numbers, ABOVE_ZERO)
    if SUMS_TO_ONE in kinds and numbers.ndim:
        numbers = numbers / numbers.sum(axis=-1, keepdims=True)
    if SYMMETRIC in kinds and numbers.ndim == 2 and numbers.shape[0] == numbers.shape[1]:
        return np.triu(numbers) + np.triu(numbers, 1).T
    return numbers


def one_of(
    fact: Fact, shape_: tuple[int, ...], random: np.random.Generator, turn: int
) -> np.ndarray:
    """Numbers out of those that a fact lists; a single one takes its turn, so that each occurs."""
    values = np.array(fact.value.split(), dtype=float)
    if shape_:
        return values[random.integers(0, len(values), shape_)]
    # Two names do not take their turns alike.
    first, step = zlib.crc32(fact.array.encode()) % 2, 1 + zlib.crc32(fact.array.encode()) // 2 % 2
    return np.asarray(values[(first + turn // step) % len(values)])


def grid(indices: list[Index], sizes: dict[str, int]) -> dict[str, np.ndarray]:
    """The value of each index at every element of the grid they span."""
    shape_ = [i.size if isinstance(i.size, int) else sizes[i.size] for i in indices]
    return dict(zip((i.name for i in indices), np.indices(shape_), strict=True)) if shape_ else {}
