"""Numbers to try a claim at, in balls, and what is said of the point that refutes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import flint
import numpy as np

from chainrule.checker.points import lengths, shape, size_names
from chainrule.errors import ChainruleError
from chainrule.language.arithmetic import BALLS, Undecided
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import Expr
from chainrule.language.index import Index
from chainrule.language.inline import elements

# Enough for 1 - σ(30) to be told from 0.
PRECISION = 200
# Multiples of 1/64, so that sums with such numbers and doubling are exact.
_STEPS = (0.5, 1.0, 2.0, 0.125, 3.5, 6.0, 12.0, 30.0, 0.015625)
GRID = (0.0, *(sign * step for step in _STEPS for sign in (1, -1)))
SCALES = (1.0, 3.0, 0.3, 10.0)

Values = dict[str, np.ndarray]
Test = Callable[[flint.arb], bool | None]


@dataclass(frozen=True)
class Truth:
    """Whether something is so: True, False, or None where that could not be told; and why not."""

    value: bool | None
    why: str | None = None

    def denied(self) -> Truth:
        return self if self.value is None else Truth(not self.value, self.why)


UNKNOWN = Truth(None)


def sample(*exprs: Expr) -> Iterator[tuple[Values, dict[str, int]]]:
    """Points for all arrays of the expressions: a grid for one number, else random ones."""
    arrays = sorted({a for expr in exprs for a in elements(expr)}, key=lambda one: one.name)
    sizes = lengths(size_names(*exprs))
    if not arrays:
        yield {}, sizes
        return
    if len(arrays) == 1 and not arrays[0].sizes:
        for number in GRID:
            yield {arrays[0].name: np.float64(number)}, sizes
        return
    for seed, scale in enumerate(SCALES * 3):
        random = np.random.default_rng(seed)
        yield (
            {
                a.name: np.round(64 * scale * random.normal(size=shape(a, sizes))) / 64
                for a in arrays
            },
            sizes,
        )
    for number in (0.0, 0.5):
        yield {a.name: np.full(shape(a, sizes), number) for a in arrays}, sizes


def balls(
    expr: Expr, values: Mapping, sizes: Mapping[str, int], order: tuple[Index, ...] | None = None
) -> np.ndarray | None:
    """The value in balls, one axis for each free index; None where there is none."""
    try:
        with flint.ctx.workprec(PRECISION):
            found = np.asarray(evaluate(expr, values, sizes, order, BALLS), dtype=object)
    except (ChainruleError, Undecided, ValueError, OverflowError, ZeroDivisionError):
        return None
    return found if all(one.is_finite() for one in found.ravel()) else None


def everywhere(expr: Expr, test: Test, points=None) -> Truth:
    """Whether a test holds of all elements of an expression at all points tried."""
    decided = 0
    for values, sizes in points if points is not None else sample(expr):
        found = balls(expr, values, sizes)
        for number in () if found is None else found.ravel():
            answer = test(number)
            if answer is False:
                return Truth(False, f"with {told(values)} it is {float(number):.6g}")
            decided += answer is True
    return Truth(True) if decided else UNKNOWN


def told(values: Mapping) -> str:
    return ", ".join(f"{name} = {_number(value)}" for name, value in values.items())


def _number(value) -> str:
    value = np.asarray(value, dtype=float)
    if value.ndim == 0:
        return f"{float(value):.6g}"
    return "[" + ", ".join(_number(row) for row in value) + "]"


def same(a: flint.arb, b: flint.arb) -> bool:
    """Whether two balls meet, or differ by no more than their rounding."""
    return bool(a.overlaps(b))
