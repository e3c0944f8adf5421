"""Properties that sentences claim of functions and values. To add one, add a line to PROPERTIES.

A property is a pattern of words and a judge. The judge gets what is spoken of and the match, and
tries the property at many points, in balls; it says None where it cannot tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import flint
import numpy as np

from chainrule.checker.claims import curves
from chainrule.checker.claims.bounds import bound_in_words, within
from chainrule.checker.claims.numbers import (
    PRECISION,
    UNKNOWN,
    Truth,
    balls,
    everywhere,
    same,
    sample,
    told,
)
from chainrule.checker.claims.subjects import Subject
from chainrule.language.algebra import total

Judge = Callable[[Subject, re.Match], Truth]

CONSTANTS = (1.5, -2.25)
FACTORS = (2.0, 0.5)


@dataclass(frozen=True)
class Property:
    """A pattern for what stands behind the subject, and what decides it.

    only_denied  whether it is read only where it is denied: `never zero`
    """

    name: str
    pattern: str
    judge: Judge
    only_denied: bool = False


def _moved(subject: Subject, change: Callable, what: str) -> Truth:
    """Whether the value stays the same when the argument is changed."""
    name = subject.argument.name if subject.argument is not None else None
    if name is None:
        return UNKNOWN
    decided = False
    for values, sizes in sample(subject.expr):
        if name not in values:
            return UNKNOWN
        before = balls(subject.expr, values, sizes)
        after = balls(subject.expr, {**values, name: change(values[name])}, sizes)
        if before is None or after is None:
            continue
        decided = True
        for a, b in zip(before.ravel(), after.ravel(), strict=True):
            if not same(a, b):
                shown = f"with {told(values)} it is {float(a):.6g}, {what} {float(b):.6g}"
                return Truth(False, shown)
    return Truth(True) if decided else UNKNOWN


def shift_invariant(subject: Subject, match: re.Match) -> Truth:
    found = [
        _moved(subject, lambda x, c=c: np.asarray(x) + c, f"after adding {c}") for c in CONSTANTS
    ]
    return _all(found)


def scale_invariant(subject: Subject, match: re.Match) -> Truth:
    found = [
        _moved(subject, lambda x, c=c: np.asarray(x) * c, f"times {c} in the argument")
        for c in FACTORS
    ]
    return _all(found)


def order_equivariant(subject: Subject, match: re.Match) -> Truth:
    """Entries in another order give the values in that order."""
    if subject.argument is None or len(subject.argument.sizes) != 1:
        return UNKNOWN
    name = subject.argument.name
    for values, sizes in sample(subject.expr):
        before = balls(subject.expr, values, sizes)
        after = balls(subject.expr, {**values, name: values[name][::-1]}, sizes)
        if before is None or after is None:
            continue
        turned = before[::-1] if before.ndim else before
        if not all(same(a, b) for a, b in zip(turned.ravel(), after.ravel(), strict=True)):
            return Truth(False, f"with {told(values)}")
    return Truth(True)


def even(subject: Subject, match: re.Match) -> Truth:
    return _moved(subject, lambda x: -np.asarray(x), "at the opposite point")


def odd(subject: Subject, match: re.Match) -> Truth:
    if subject.argument is None:
        return UNKNOWN
    name = subject.argument.name
    decided = False
    for values, sizes in sample(subject.expr):
        before = balls(subject.expr, values, sizes)
        after = balls(subject.expr, {**values, name: -np.asarray(values[name])}, sizes)
        if before is None or after is None:
            continue
        decided = True
        for a, b in zip(before.ravel(), after.ravel(), strict=True):
            if not same(a, -b):
                what = f"with {told(values)} it is {float(a):.6g}, at the opposite point"
                return Truth(False, f"{what} {float(b):.6g}")
    return Truth(True) if decided else UNKNOWN


def _sign(test: Callable[[flint.arb], bool], opposite: Callable[[flint.arb], bool]) -> Judge:
    def judge(subject: Subject, match: re.Match) -> Truth:
        return everywhere(
            subject.expr, lambda v: True if test(v) else False if opposite(v) else None
        )

    return judge


positive = _sign(lambda v: v > 0, lambda v: v <= 0)
negative = _sign(lambda v: v < 0, lambda v: v >= 0)
non_negative = _sign(lambda v: v >= 0, lambda v: v < 0)


def zero(subject: Subject, match: re.Match) -> Truth:
    """Zero at some point: what `never zero` denies."""
    found = everywhere(
        subject.expr, lambda v: True if v > 0 or v < 0 else False if v == 0 else None
    )
    return found.denied()


def sums_to_one(subject: Subject, match: re.Match) -> Truth:
    """The elements over the only index add up to 1."""
    if len(subject.indices) != 1:
        return UNKNOWN
    with flint.ctx.workprec(PRECISION):
        one = flint.arb(1)
    return everywhere(total(subject.indices[0], subject.expr), lambda v: same(v, one))


def distribution(subject: Subject, match: re.Match) -> Truth:
    return _all([non_negative(subject, match), sums_to_one(subject, match)])


def between(subject: Subject, match: re.Match) -> Truth:
    low, high = bound_in_words(match["low"]), bound_in_words(match["high"])
    if low is None or high is None or not low < high:
        return UNKNOWN
    return within(subject, low, high, closed=(True, True))


def unbounded(subject: Subject, match: re.Match) -> Truth:
    return curves.bounded(subject).denied()


def _curve(judge: Callable[[Subject], Truth]) -> Judge:
    return lambda subject, match: judge(subject)


def _all(found: list[Truth]) -> Truth:
    """Together: false if one is false, else unknown if one is."""
    false = next((one for one in found if one.value is False), None)
    unknown = next((one for one in found if one.value is None), None)
    return false or unknown or Truth(True)


_BY = r"(?: under| to| with respect to| by| against| when)?"
_NUMBER = r"[-−+]?\d+(?:[./]\d+)?|zero|one|minus one|infinity|[-−+]?∞"
_ZERO = r"(?:zero|0)"
# Positive definite is another property.
_PLAIN = r"(?! (?:semi-?)?definite)"
_SHIFT = (
    r"(?:translations?|shifts?|shifting|(?:constant|additive) shifts?|adding(?: of)? (?:a|any|the "
    r"same) constant|(?:the )?addition of (?:a|any|the same) constants?|additive constants?|"
    r"constant offsets?)"
)
_SCALE = (
    r"(?:scaling|scale|rescaling|scalar multiplication|multiplication|multiplying|multiplicative "
    r"(?:scaling|constants?)|changes of scale)"
)

PROPERTIES: tuple[Property, ...] = (
    Property("translation invariance", rf"invariant{_BY} {_SHIFT}", shift_invariant),
    Property("translation invariance", r"(?:translation|shift)[- ]invariant", shift_invariant),
    Property("scale invariance", rf"invariant{_BY} {_SCALE}", scale_invariant),
    Property("scale invariance", r"scal(?:e|ing)[- ]invariant", scale_invariant),
    Property("equivariance", r"permutation[- ]equivariant", order_equivariant),
    Property(
        "positive",
        r"(?:strictly )?(?:positive|greater than (?:zero|0))(?![\s-]+(?:semi-?\s?)?def)",
        positive,
    ),
    Property(
        "negative",
        r"(?:strictly )?(?:negative|(?:less|smaller) than (?:zero|0))(?! (?:semi-?)?definite)",
        negative,
    ),
    Property("non-negative", r"non[- ]?negative", non_negative),
    Property(
        "zero", r"(?:exactly )?(?:zero|0)(?![- ](?:mean|cent)|[./]\d)", zero, only_denied=True
    ),
    Property("sums to one", r"(?:sums?|adds?)(?: up)? to (?:one|1)", sums_to_one),
    Property("sums to one", r"(?:a )?sum (?:equal )?to (?:one|1)", sums_to_one),
    Property(
        "a probability distribution",
        r"(?:an? )?(?:valid |discrete )?probability (?:distribution|vector)",
        distribution,
    ),
    Property(
        "range",
        rf"(?:in (?:the )?(?:range|interval) )?(?:strictly )?"
        rf"(?:between|from) (?P<low>{_NUMBER}) (?:and|to) (?P<high>{_NUMBER})(?![\w.]\d)",
        between,
    ),
    Property("odd", r"(?:an? )?(?:odd|antisymmetric|point[- ]symmetric)(?: function)?", odd),
    Property("odd", r"(?:symmetric(?:al)?) (?:about|around) (?:the )?(?:origin|zero|0)", odd),
    Property("symmetric output", r"symmetric(?:al)? outputs?", odd),
    Property(
        "zero-centred", r"zero[- ]cent(?:ered|red)|cent(?:ered|red) (?:at|around) (?:zero|0)", odd
    ),
    Property("even", r"(?:an? )?even function", even),
    Property(
        "increasing",
        r"(?:an? )?(?:strictly )?(?:monotonically |monotone )?increasing(?: function)?",
        _curve(curves.increasing),
    ),
    Property(
        "decreasing",
        r"(?:an? )?(?:strictly )?(?:monotonically |monotone )?decreasing(?: function)?",
        _curve(curves.decreasing),
    ),
    Property("monotone", r"(?:an? )?(?:monotonic|monotone)(?: function)?", _curve(curves.monotone)),
    Property("convex", r"(?:an? )?(?:strictly )?convex(?: function)?", _curve(curves.convex)),
    Property("concave", r"(?:an? )?(?:strictly )?concave(?: function)?", _curve(curves.concave)),
    Property("unbounded", r"(?:an? )?unbounded(?: function)?(?! (?:above|below))", unbounded),
    Property(
        "bounded", r"(?:an? )?bounded(?: function)?(?! (?:above|below|by))", _curve(curves.bounded)
    ),
    Property(
        "differentiable everywhere",
        r"differentiable(?: everywhere)?(?! (?:at|for|almost|except))",
        _curve(curves.differentiable),
    ),
    Property(
        "differentiable at 0",
        r"differentiable (?:at|in) (?:x ?= ?)?(?:0|zero|the origin)",
        _curve(curves.differentiable_at_zero),
    ),
    Property("continuous", r"(?:an? )?continuous(?: function)?(?! at)", _curve(curves.continuous)),
    Property("saturation", r"saturat(?:es?|ing)(?! (?:at|for))", _curve(curves.saturates)),
    Property(
        "vanishing gradients",
        r"(?:suffers?|prone|subject|(?:has|have|poses?(?: to have)?)|leads?|causes?)"
        r"(?: from| to)?(?: an?| the)? [\"“”]?vanish(?:ing)?[- ]gradients?[\"“”]?",
        _curve(curves.saturates),
    ),
)
