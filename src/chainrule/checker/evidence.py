"""Evidence beyond rounding: both sides of a claim enclosed in balls at a point."""

from __future__ import annotations

from dataclasses import dataclass

import flint
import numpy as np

from chainrule.checker.pair import Pair
from chainrule.checker.points import Point
from chainrule.errors import ChainruleError
from chainrule.language.arithmetic import BALLS, Undecided
from chainrule.language.evaluate import evaluate

# Bits of the balls.
PRECISION = 160
# Balls that overlap tell that two numbers are the same if they are so small, relative to 1 or more.
TIGHT = 1e-15


@dataclass(frozen=True)
class Enclosures:
    """Both sides at a point: arrays of balls over the free indices, and where they are claimed."""

    left: np.ndarray
    right: np.ndarray
    stated: np.ndarray

    @property
    def apart(self) -> np.ndarray:
        """Where the balls do not meet, so that the sides differ for certain."""
        differ = np.frompyfunc(lambda a, b: not a.overlaps(b), 2, 1)(self.left, self.right)
        return np.asarray(differ, dtype=bool) & self.stated

    @property
    def together(self) -> bool:
        """Whether the balls meet everywhere and are so small that nothing else is possible."""
        close = np.frompyfunc(_close, 2, 1)(self.left, self.right)
        return bool((np.asarray(close, dtype=bool) | ~self.stated).all())


def _close(a: flint.arb, b: flint.arb) -> bool:
    size = max(1.0, abs(float(a.mid())))
    return a.overlaps(b) and float(a.rad()) + float(b.rad()) <= TIGHT * size


def middle(ball: flint.arb) -> float:
    """The number that a ball stands for; 0 where it may be 0."""
    return 0.0 if ball.contains(0) else float(ball.mid())


def enclosures(pair: Pair, point: Point) -> Enclosures | None:
    """Both sides in balls; None where they have no values or a comparison stays open.

    Elements at which a side has no value are none at which anything is claimed.
    """
    try:
        with flint.ctx.workprec(PRECISION):
            left, right = (
                np.asarray(evaluate(e, point.values, point.sizes, pair.indices, BALLS), object)
                for e in (pair.left, pair.right)
            )
    except (ChainruleError, Undecided, ZeroDivisionError):
        return None
    finite = np.frompyfunc(lambda a, b: a.is_finite() and b.is_finite(), 2, 1)(left, right)
    finite = np.asarray(finite, dtype=bool)
    if not finite.any():
        return None
    return Enclosures(left, right, pair.stated(point.sizes) & finite)


def certainly_differ(pair: Pair, point: Point | None) -> bool:
    """Whether the sides differ beyond doubt: their balls do not meet at some element."""
    found = None if point is None else enclosures(pair, point)
    return found is not None and bool(found.apart.any())
