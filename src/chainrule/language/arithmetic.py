"""The kinds of numbers that `evaluate` can compute with: floats, balls, and dual numbers.

Each offers the same few operations on whole arrays. Balls carry a rigorous error bound
(python-flint's arb at the precision in force); dual numbers carry a derivative in one direction,
found without `transform/differentiate`, so that the two can check each other.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import flint
import numpy as np

from chainrule.language.function import Function


class Floats:
    """float64 arrays."""

    # Whether functions are computed by their stable form rather than by their definition.
    rounds = True
    # How much memory a number takes, in float64 numbers.
    weight = 1

    @property
    def plain(self) -> Floats:
        """The numbers without slopes."""
        return self

    def values(self, x: Any) -> Any:
        return x

    def constant(self, value: Fraction) -> Any:
        try:
            return np.float64(value.numerator / value.denominator)
        except OverflowError:
            return np.float64(np.inf if value > 0 else -np.inf)

    def array(self, given: Any) -> Any:
        return np.asarray(given, dtype=np.float64)

    def whole(self, given: np.ndarray) -> Any:
        return given.astype(np.float64)

    def missing(self) -> Any:
        return np.nan

    def add(self, a: Any, b: Any) -> Any:
        return a + b

    def multiply(self, a: Any, b: Any) -> Any:
        return a * b

    def power(self, base: Any, exponent: Any) -> Any:
        return np.power(base, exponent)

    def call(self, function: Function, x: Any) -> Any:
        return function.value.array(x)

    def of_matrix(self, function: Function, x: Any) -> Any:
        """A function of matrices, which lie along the last two axes."""
        return function.value.array(x)

    def sum(self, x: Any, axis: int) -> Any:
        return x.sum(axis=axis)

    def max(self, x: Any, axis: int) -> Any:
        return x.max(axis=axis)

    def compare(self, kind: str, a: Any, b: Any) -> Any:
        return _COMPARE[kind](a, b)

    def select(self, mask: Any, yes: Any, no: Any) -> Any:
        return np.where(mask, yes, no)

    def move(self, x: Any, change: Any) -> Any:
        """Apply a change of shape: transpose, reshape, take."""
        return change(np.asarray(x))


_COMPARE = {
    "<": np.less,
    "<=": np.less_equal,
    "==": np.equal,
    "!=": np.not_equal,
}


class Rounded(Floats):
    """Arrays of a narrower float: every operation is rounded to it.

    bfloat16 has the exponents of float32 and 8 bits of precision; its numbers are kept as float32.

    >>> float(BFLOAT16.add(BFLOAT16.array(1.0), BFLOAT16.array(0.001)))
    1.0
    """

    def __init__(self, short: bool):
        self.short = short

    def rounded(self, x: Any) -> Any:
        with np.errstate(all="ignore"):
            x = np.asarray(x).astype(np.float32)
        if not self.short:
            return x
        bits = x.view(np.uint32)
        # Round to the nearest, ties to even, by carrying into the upper 16 bits.
        carried = bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
        upper = (carried & np.uint32(0xFFFF0000)).view(np.float32)
        return np.where(np.isfinite(x), upper, x)

    def constant(self, value: Fraction) -> Any:
        return self.rounded(super().constant(value))

    def array(self, given: Any) -> Any:
        return self.rounded(given)

    def whole(self, given: np.ndarray) -> Any:
        return self.rounded(given)

    def missing(self) -> Any:
        return np.float32(np.nan)

    def add(self, a: Any, b: Any) -> Any:
        return self.rounded(a + b)

    def multiply(self, a: Any, b: Any) -> Any:
        return self.rounded(a * b)

    def power(self, base: Any, exponent: Any) -> Any:
        return self.rounded(np.power(base.astype(np.float64), exponent.astype(np.float64)))

    def call(self, function: Function, x: Any) -> Any:
        return self.rounded(function.value.array(x.astype(np.float64)))

    def of_matrix(self, function: Function, x: Any) -> Any:
        return self.rounded(function.value.array(x.astype(np.float64)))

    def sum(self, x: Any, axis: int) -> Any:
        return self.rounded(x.sum(axis=axis))


# Powers of a ball around 0 are multiplied out up to this exponent.
LARGEST_PRODUCT = 64


class Undecided(Exception):
    """Two balls overlap, so that a comparison has no answer at this precision."""


class Balls(Floats):
    """Arrays of arb: every number with a bound of its error."""

    rounds = False
    weight = 50

    def constant(self, value: Fraction) -> Any:
        return flint.arb(flint.fmpq(value.numerator, value.denominator))

    def array(self, given: Any) -> Any:
        return np.frompyfunc(_ball, 1, 1)(np.asarray(given, dtype=object))

    def whole(self, given: np.ndarray) -> Any:
        return self.array(given.astype(object))

    def missing(self) -> Any:
        return flint.arb("nan")

    def power(self, base: Any, exponent: Any) -> Any:
        return np.frompyfunc(_ball_power, 2, 1)(base, exponent)

    def call(self, function: Function, x: Any) -> Any:
        return np.frompyfunc(function.value.ball, 1, 1)(x)

    def of_matrix(self, function: Function, x: Any) -> Any:
        whole = x.shape[:-2]
        found = [_ball_of_matrix(function, x[at]) for at in np.ndindex(*whole)]
        return np.array(found, dtype=object).reshape((*whole, *np.shape(found[0])))

    def max(self, x: Any, axis: int) -> Any:
        return np.frompyfunc(lambda a, b: a.max(b), 2, 1).reduce(x, axis=axis)

    def compare(self, kind: str, a: Any, b: Any) -> Any:
        compared = np.frompyfunc(lambda p, q: _ball_compare(kind, p, q), 2, 1)(a, b)
        return np.asarray(compared, dtype=bool)


def _ball(value: Any) -> flint.arb:
    if isinstance(value, flint.arb):
        return value
    if isinstance(value, Fraction):
        return flint.arb(flint.fmpq(value.numerator, value.denominator))
    whole = isinstance(value, (int, np.integer))
    return flint.arb(int(value) if whole else float(value))


def _ball_of_matrix(function: Function, x: np.ndarray) -> Any:
    value = function.value.ball(flint.arb_mat(x.tolist()))
    return value.table() if isinstance(value, flint.arb_mat) else value


def _ball_power(base: flint.arb, exponent: flint.arb) -> flint.arb:
    whole = exponent.unique_fmpz()
    if whole is None:
        return base**exponent
    if 0 < whole <= LARGEST_PRODUCT and base.contains(0):
        # The power of a ball around 0 is no number in Arb.
        result = flint.arb(1)
        for _ in range(int(whole)):
            result *= base
        return result
    # A whole exponent allows a negative base.
    return base**whole


def _ball_compare(kind: str, a: flint.arb, b: flint.arb) -> bool:
    less, more, same = a < b, a > b, a == b
    if not (less or more or same):
        if kind == "<=" and a <= b:
            return True
        raise Undecided(f"{a} and {b}")
    return {"<": less, "<=": less or same, "==": same, "!=": not same}[kind]


class Duals(Floats):
    """Pairs (value, slope): the slope is the derivative in one chosen direction."""

    @property
    def plain(self) -> Floats:
        return FLOATS

    def values(self, x: Any) -> Any:
        return x[0]

    def constant(self, value: Fraction) -> Any:
        return (super().constant(value), np.float64(0.0))

    def array(self, given: Any) -> Any:
        value, slope = given if isinstance(given, tuple) else (given, 0.0)
        value = super().array(value)
        return (value, np.broadcast_to(super().array(slope), value.shape))

    def whole(self, given: np.ndarray) -> Any:
        return (super().whole(given), np.zeros(given.shape))

    def missing(self) -> Any:
        return (np.nan, np.nan)

    def add(self, a: Any, b: Any) -> Any:
        return (a[0] + b[0], a[1] + b[1])

    def multiply(self, a: Any, b: Any) -> Any:
        return (a[0] * b[0], a[0] * b[1] + a[1] * b[0])

    def power(self, base: Any, exponent: Any) -> Any:
        value = np.power(base[0], exponent[0])
        slope = exponent[0] * np.power(base[0], exponent[0] - 1) * base[1]
        if np.any(exponent[1]):
            slope = slope + np.log(base[0]) * value * exponent[1]
        return (value, slope)

    def call(self, function: Function, x: Any) -> Any:
        value = function.value.array(x[0])
        return (value, function.value.slope(np, x[0], value) * x[1])

    def of_matrix(self, function: Function, x: Any) -> Any:
        value = function.value.array(x[0])
        return (value, function.value.change(x[0], value, x[1]))

    def sum(self, x: Any, axis: int) -> Any:
        return (x[0].sum(axis=axis), x[1].sum(axis=axis))

    def max(self, x: Any, axis: int) -> Any:
        """Ties share the slope equally: the convention of the whole package."""
        top = x[0].max(axis=axis, keepdims=True)
        share = (x[0] == top).astype(np.float64)
        slope = (share * x[1]).sum(axis=axis) / share.sum(axis=axis)
        return (np.squeeze(top, axis), slope)

    def compare(self, kind: str, a: Any, b: Any) -> Any:
        return _COMPARE[kind](a[0], b[0])

    def select(self, mask: Any, yes: Any, no: Any) -> Any:
        return (np.where(mask, yes[0], no[0]), np.where(mask, yes[1], no[1]))

    def move(self, x: Any, change: Any) -> Any:
        return (change(np.asarray(x[0])), change(np.broadcast_to(x[1], np.shape(x[0]))))


FLOATS, BALLS, DUALS = Floats(), Balls(), Duals()
FLOAT32, BFLOAT16 = Rounded(short=False), Rounded(short=True)
