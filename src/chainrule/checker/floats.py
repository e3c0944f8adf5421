"""Where a printed form breaks in floating point although its true value can be represented.

The form is computed as printed, operation by operation, in the dtype, at inputs of many sizes.
Where that gives no number, or one with less than half its digits, balls tell the true value, and
the form that `stabilise` finds is computed at the same input.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

import flint
import numpy as np

from chainrule.checker.counterexample import number, shown_apart
from chainrule.checker.points import shape, size_names
from chainrule.errors import ChainruleError
from chainrule.language.arithmetic import BALLS, BFLOAT16, FLOAT32, FLOATS, Floats, Undecided
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import Apply, Array, Element, Expr, Mul, Power, Reduce, terms_of
from chainrule.language.facts import ONE_HOT, SUMS_TO_ONE, Fact
from chainrule.language.inline import elements
from chainrule.language.passes import parts
from chainrule.mathematics.functions import abs_, exp
from chainrule.transform.simplify import shortened
from chainrule.transform.stabilise import finish, stabilise


@dataclass(frozen=True)
class Format:
    """A floating-point format: its arithmetic, bits of precision, largest and smallest numbers."""

    arithmetic: Floats
    bits: int
    largest: float
    smallest: float


DTYPES = {
    "float64": Format(FLOATS, 53, 1.7976931348623157e308, 2.2250738585072014e-308),
    "float32": Format(FLOAT32, 24, 3.4028234663852886e38, 1.1754943508222875e-38),
    "bfloat16": Format(BFLOAT16, 8, 3.3895313892515355e38, 1.1754943508222875e-38),
}

# The sizes of inputs that are tried: beyond every exponential, and close to 0.
MAGNITUDES = (
    1000.0,
    -1000.0,
    100.0,
    -100.0,
    20.0,
    -20.0,
    6.0,
    -6.0,
    1.0,
    0.0,
    2.0**-10,
    -(2.0**-20),
)
# So many inputs of one form are tried, and so many of those at which it breaks confirmed.
INPUTS, CONFIRMED = 700, 6
# Bits of the balls: enough for 1 - σ(1000).
PRECISION = 3200


@dataclass(frozen=True)
class Breakdown:
    """An input at which a printed form breaks.

    kind      "overflow" (no number comes out), "division" (0/0), or "loss" (of digits)
    computed  what comes out in the dtype; `true` what should
    stable    an equal form that gives the true value there; None where none is known
    """

    kind: str
    values: dict[str, np.ndarray]
    computed: float
    true: float
    stable: Expr | None

    def told(self, dtype: str) -> str:
        """`with x = [0, 1000] in float32: nan, the true value is 0`"""
        given = ", ".join(f"{name} = {number(v)}" for name, v in sorted(self.values.items()))
        given = f"with {given} " if given else ""
        computed, true = shown_apart(self.computed, self.true)
        return f"{given}in {dtype}: {computed}, the true value is {true}"

    def sentence(self, dtype: str) -> str:
        match self.kind:
            case "overflow":
                return f"true, but no number comes out in {dtype}"
            case "division":
                return f"true, but 0/0 in {dtype} where a factor 0 should give 0"
        return f"true, but loses more than half its digits in {dtype}"


def breakdown(printed: Expr, facts: tuple[Fact, ...], dtype: str) -> Breakdown | None:
    """Where a form breaks in a dtype, with the stable form; None where no such input was found.

    printed  as the author wrote it, over the document's inputs

    >>> x = Element(Array("x"), ())
    >>> found = breakdown(Apply(exp, x) / (1 + Apply(exp, x)), (), "float32")
    >>> found.kind, float(found.values["x"]), found.true
    ('overflow', 100.0, 1.0)
    """
    stable = stabilise(shortened(printed))
    forms = tuple(dict.fromkeys((stable, finish(stable))))
    form = DTYPES[dtype]
    sizes = dict.fromkeys(size_names(printed, *forms), 2)
    tries = list(islice(_inputs(printed, sizes, facts), INPUTS))
    if not tries:
        return None
    try:
        return _first(printed, forms, tries, sizes, form)
    except ChainruleError:
        return None


def _inputs(printed: Expr, sizes: dict, facts: tuple[Fact, ...]) -> Iterator[dict]:
    """Values for every array: one array of every pattern and size, the others small."""
    arrays = sorted(elements(printed), key=lambda array: array.name)
    if not arrays:
        yield {}
        return
    for magnitude, base in product(MAGNITUDES, (1.0, 0.0)):
        for array in arrays:
            for pattern in _patterns(shape(array, sizes), magnitude):
                values = {a.name: np.full(shape(a, sizes), base) for a in arrays}
                values[array.name] = pattern
                for other in arrays:
                    kinds = {fact.kind for fact in facts if fact.array == other.name}
                    if kinds & {ONE_HOT, SUMS_TO_ONE} and values[other.name].ndim:
                        values[other.name] = np.eye(sizes.get(other.sizes[-1], 2))[
                            np.zeros(values[other.name].shape[:-1], dtype=int)
                        ]
                yield values


def _patterns(form: tuple[int, ...], magnitude: float) -> list[np.ndarray]:
    if not form:
        return [np.asarray(magnitude)]
    first, last = np.zeros(form), np.zeros(form)
    first[(0,) * len(form)] = magnitude
    last[tuple(n - 1 for n in form)] = magnitude
    return [first, last, np.full(form, magnitude)]


def _first(printed, forms, tries, sizes, form: Format) -> Breakdown | None:
    order = sorted(printed.free, key=lambda index: index.name)
    given = {name: np.stack([values[name] for values in tries]) for name in tries[0]}
    given = {name: np.asarray(form.arithmetic.array(v), dtype=float) for name, v in given.items()}
    count = len(tries)
    computed, *steady = (
        np.asarray(evaluate(e, given, sizes, order, form.arithmetic, points=count), dtype=float)
        for e in (printed, *forms)
    )
    reference = np.asarray(evaluate(forms[-1], given, sizes, order, points=count), dtype=float)
    broken = ~np.isfinite(computed)
    # Digits that only a form with cases keeps are no fault of ŷ - y.
    lost = _lost(computed, reference, form) & ~_lost(steady[0], reference, form)
    if _is_shifted(printed):
        lost &= False
    for kind, where in (("overflow", broken), ("loss", lost & ~broken)):
        spots = np.argwhere(where)
        tiny = ~(np.abs(reference) >= form.smallest)
        spots = sorted(spots.tolist(), key=lambda s: (tiny[tuple(s)], _weight(given, s[0])))
        for point, *spot in spots[:CONFIRMED]:
            values = {name: v[point] for name, v in given.items()}
            true = _true(printed, values, sizes, order, tuple(spot))
            if true is None or not _representable(true, form):
                continue
            here = (point, *spot)
            if kind == "loss" and not _lost(computed[here], true, form):
                continue
            right = (
                one
                for one, found in zip(forms, steady, strict=True)
                if np.isfinite(found[here]) and not _lost(found[here], true, form)
            )
            return Breakdown(kind, values, computed[here], true, next(right, None))
    return None


def _lost(computed, true, form: Format):
    """Whether fewer than half the digits are right; what underflows is 0 in any form."""
    with np.errstate(all="ignore"):
        error = np.abs(computed - true)
        enough = 2.0 ** (-form.bits / 2) * np.abs(true)
    return (error > np.maximum(enough, form.smallest)) & (np.abs(true) >= form.smallest)


def _weight(given: dict, point: int) -> float:
    return float(sum(np.abs(v[point]).sum() for v in given.values()))


def _representable(true: float, form: Format) -> bool:
    return bool(np.isfinite(true) and abs(true) <= form.largest)


def _true(printed, values, sizes, order, spot) -> float | None:
    """The true value at an element, from balls; None where there is none or it stays open."""
    try:
        with flint.ctx.workprec(PRECISION):
            found = evaluate(printed, values, sizes, order, BALLS)
    except (ChainruleError, Undecided, ZeroDivisionError):
        return None
    ball = np.asarray(found, dtype=object)[spot]
    if not ball.is_finite() or float(ball.rad()) > 1e-12 * max(abs(float(ball.mid())), 1e-300):
        return None if not ball.is_exact() else float(ball.mid())
    return float(ball.mid())


def _is_shifted(expr: Expr) -> bool:
    """Whether the author keeps exponentials below 1: e^(x - max x), e^(-|x|)."""
    powers = (part for part in parts(expr) if isinstance(part, Apply) and part.function is exp)
    return any(_is_bounded(power.argument) for power in powers)


def _is_bounded(argument: Expr) -> bool:
    """Whether a term is minus a maximum or minus an absolute value."""
    for term in terms_of(argument):
        for factor in term.factors if isinstance(term, Mul) else ():
            if isinstance(factor, Reduce) and factor.kind == "max":
                return True
            if isinstance(factor, Apply) and factor.function is abs_:
                return True
    return False


def masked_division(printed: Expr) -> tuple[Array, Array] | None:
    """(t, z) where a product t/z of two elements stands, as in -t/z: 0/0 where both are 0."""
    found = (_quotient(part) for part in parts(printed) if isinstance(part, Mul))
    return next((pair for pair in found if pair), None)


def _quotient(node: Mul) -> tuple[Array, Array] | None:
    tops = [f.array for f in node.factors if isinstance(f, Element)]
    for factor in node.factors:
        match factor:
            case Power(Element(below), exponent) if getattr(exponent, "value", 1) < 0:
                others = [top for top in tops if top != below]
                if others:
                    return others[0], below
    return None
