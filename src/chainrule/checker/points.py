"""Points to try a claim at: random ones, and structured ones where falsehoods like to hide."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from chainrule.language.expr import Array, Expr
from chainrule.language.facts import ONE_HOT, POSITIVE, SUMS_TO_ONE, Fact
from chainrule.language.index import Index

# Pairwise different and greater than 1, so that no axis is taken for another by accident.
LENGTHS = (3, 4, 2, 5, 6, 7, 8, 9, 10, 11)


@dataclass(frozen=True)
class Point:
    """Numbers for every array, and a length for every size."""

    values: dict[str, np.ndarray]
    sizes: dict[str, int]
    kind: str = "random"


def size_names(*exprs: Expr) -> list[str]:
    """The names of the sizes in expressions, sorted."""
    return sorted(frozenset().union(*(expr.names for expr in exprs)))


def lengths(names: list[str], small: bool = False) -> dict[str, int]:
    """A length for each size; `small` ones for counterexamples."""
    if small:
        return {name: 2 + (k % 2) for k, name in enumerate(names)}
    return {name: LENGTHS[k % len(LENGTHS)] for k, name in enumerate(names)}


def shape(array: Array, sizes: dict[str, int]) -> tuple[int, ...]:
    return tuple(size if isinstance(size, int) else sizes[size] for size in array.sizes)


def points(
    arrays: Iterable[Array],
    sizes: dict[str, int],
    facts: Iterable[Fact] = (),
    positive: bool = False,
) -> Iterator[Point]:
    """Points that respect the facts; the same ones every time."""
    arrays, facts = sorted(arrays, key=lambda a: a.name), tuple(facts)
    for kind in ("random", "random 2", "random 3", "equal", "whole"):
        values = {}
        for array in arrays:
            seed = zlib.crc32(f"{array.name} {kind}".encode())
            numbers = _numbers(np.random.default_rng(seed), shape(array, sizes), kind)
            values[array.name] = _respecting(facts, array, numbers, positive, seed)
        yield Point(values, sizes, kind)


def _numbers(random: np.random.Generator, shape_: tuple[int, ...], kind: str) -> np.ndarray:
    if kind == "equal":
        # All elements alike, but not a number for which much is true by accident.
        return np.full(shape_, np.round(random.uniform(0.2, 1.4), 3))
    if kind == "whole":
        return random.integers(-3, 4, shape_).astype(float) + 0.5
    return np.round(random.normal(size=shape_), 3)


def _respecting(facts, array: Array, numbers: np.ndarray, positive: bool, seed: int) -> np.ndarray:
    kinds = {fact.kind for fact in facts if fact.array == array.name}
    if kinds & {ONE_HOT} and numbers.ndim:
        spot = np.random.default_rng(seed).integers(0, numbers.shape[-1], numbers.shape[:-1])
        return np.eye(numbers.shape[-1])[spot]
    if positive or kinds & {POSITIVE, SUMS_TO_ONE}:
        numbers = np.abs(numbers) + 0.1
    if SUMS_TO_ONE in kinds and numbers.ndim:
        numbers = numbers / numbers.sum(axis=-1, keepdims=True)
    return numbers


def grid(indices: list[Index], sizes: dict[str, int]) -> dict[str, np.ndarray]:
    """The value of each index at every element of the grid they span."""
    shape_ = [i.size if isinstance(i.size, int) else sizes[i.size] for i in indices]
    return dict(zip((i.name for i in indices), np.indices(shape_), strict=True)) if shape_ else {}
