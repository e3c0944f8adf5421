"""How functions run: monotone, convex, bounded, with kinks, flat at the ends."""

from __future__ import annotations

from itertools import pairwise

import flint
import numpy as np

from chainrule.checker.claims.numbers import PRECISION, UNKNOWN, Truth, balls, sample, told
from chainrule.checker.claims.subjects import Subject
from chainrule.language.inline import elements

LINE = tuple(np.round(np.arange(-8, 8.01, 0.5), 3))
FAR = (10.0, 100.0, 1000.0, 10000.0)
SMALL = 2.0**-40


def _curve(subject: Subject, points=LINE) -> list[tuple[float, flint.arb]] | None:
    """The values along a line of numbers; None for what is no function of one number."""
    if subject.argument is None or subject.argument.sizes or subject.indices:
        return None
    if elements(subject.expr) - {subject.argument}:
        return None
    found = []
    for x in points:
        value = balls(subject.expr, {subject.argument.name: np.float64(x)}, {})
        if value is not None:
            found.append((float(x), value.ravel()[0]))
    return found


def increasing(subject: Subject) -> Truth:
    """Never falls, and rises somewhere."""
    return _ordered(subject, lambda a, b: b < a, "falls")


def decreasing(subject: Subject) -> Truth:
    return _ordered(subject, lambda a, b: b > a, "rises")


def _ordered(subject: Subject, against, word: str) -> Truth:
    curve = _curve(subject)
    if not curve or len(curve) < 3:
        return UNKNOWN
    for (x, a), (y, b) in pairwise(curve):
        if against(a, b):
            return Truth(
                False, f"it {word} from {float(a):.6g} at {x:g} to {float(b):.6g} at {y:g}"
            )
    return Truth(True)


def monotone(subject: Subject) -> Truth:
    up, down = increasing(subject), decreasing(subject)
    if up.value is None:
        return UNKNOWN
    return up if up.value or not down.value else down


def convex(subject: Subject) -> Truth:
    return _bent(subject, +1)


def concave(subject: Subject) -> Truth:
    return _bent(subject, -1)


def _bent(subject: Subject, sign: int) -> Truth:
    """Whether the middle of every chord lies on the right side of the value in the middle."""
    if subject.indices or subject.argument is None:
        return UNKNOWN
    curve = _curve(subject)
    if subject.argument.sizes:
        return _bent_somewhere(subject, sign)
    if not curve or len(curve) < 5:
        return UNKNOWN
    for width in (1, 4):
        for (x, a), (_, b), (z, c) in zip(curve, curve[width:], curve[2 * width :], strict=False):
            with flint.ctx.workprec(PRECISION):
                bend = sign * (a + c - 2 * b)
            if bend < 0:
                side = "below" if sign > 0 else "above"
                told_ = f"between {x:g} and {z:g} the chord lies {side} the middle value"
                return Truth(False, told_)
    return Truth(True)


def _bent_somewhere(subject: Subject, sign: int) -> Truth:
    points = list(sample(subject.expr))
    name = subject.argument.name
    for (first, sizes), (second, _) in pairwise(points):
        middle = {**first, name: (first[name] + second[name]) / 2}
        other = {**first, name: second[name]}
        ends = [balls(subject.expr, values, sizes) for values in (first, other, middle)]
        if any(end is None for end in ends):
            continue
        a, c, b = (end.ravel()[0] for end in ends)
        with flint.ctx.workprec(PRECISION):
            bend = sign * (a + c - 2 * b)
        if bend < 0:
            return Truth(False, f"between {told(first)} and {told(other)}")
    return Truth(True)


def bounded(subject: Subject) -> Truth:
    """Whether the values stay as they are far out."""
    if subject.argument is not None and subject.argument.sizes:
        return UNKNOWN
    for sign in (1, -1):
        far = _curve(subject, [sign * x for x in FAR])
        if not far or len(far) < len(FAR):
            return UNKNOWN
        sizes = [abs(float(value)) for _, value in far]
        steps = [b - a for a, b in pairwise(sizes)]
        if steps[-1] > max(0.9 * steps[-2], 0.1):
            return Truth(False, f"at {far[-1][0]:g} it is {float(far[-1][1]):.6g}")
    return Truth(True)


def _slopes_at(subject: Subject, x: float) -> tuple[float, float] | None:
    """The slopes to the left and to the right, by small differences."""
    curve = _curve(subject, [x - SMALL, x, x + SMALL])
    if not curve or len(curve) < 3:
        return None
    (_, a), (_, b), (_, c) = curve
    with flint.ctx.workprec(PRECISION):
        return float((b - a) / SMALL), float((c - b) / SMALL)


def differentiable_at_zero(subject: Subject) -> Truth:
    slopes = _slopes_at(subject, 0.0)
    if slopes is None:
        return UNKNOWN
    left, right = slopes
    if abs(left - right) > 1e-6:
        return Truth(
            False, f"at 0 the slope is {left:.6g} on the left and {right:.6g} on the right"
        )
    return Truth(True)


def differentiable(subject: Subject) -> Truth:
    """No kink at any of the numbers tried."""
    for x in (0.0, 1.0, -1.0, 0.5, 2.0):
        slopes = _slopes_at(subject, x)
        if slopes is None:
            return UNKNOWN
        left, right = slopes
        if abs(left - right) > 1e-6:
            where = f"at {x:g} the slope is {left:.6g} on the left and {right:.6g} on the right"
            return Truth(False, where)
    return Truth(True)


def continuous(subject: Subject) -> Truth:
    for x in (0.0, 1.0, -1.0, 0.5, 2.0):
        curve = _curve(subject, [x - SMALL, x, x + SMALL])
        if not curve or len(curve) < 3:
            return UNKNOWN
        values = [float(value) for _, value in curve]
        if max(values) - min(values) > 1e-6:
            return Truth(False, f"it jumps at {x:g}")
    return Truth(True)


def saturates(subject: Subject) -> Truth:
    """The derivative vanishes far out on both sides; None where on one side only."""
    slope = subject.derivative()
    if slope is None:
        return UNKNOWN
    ends = []
    for sign in (1, -1):
        far = _curve(slope, [sign * x for x in FAR])
        if not far or len(far) < len(FAR):
            return UNKNOWN
        ends.append(abs(float(far[-1][1])) < 1e-6)
    return Truth(True) if all(ends) else Truth(False) if not any(ends) else UNKNOWN
