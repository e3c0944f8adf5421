"""How many bits a form loses in a dtype: computed there, against ball arithmetic.

As in Herbie, the error of a number is the count of floats between it and the true value, as a
power of 2; a number that is not finite loses all bits. The error of a node is what its own
operation adds: its operands are true values, rounded once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import flint
import numpy as np

from chainrule.checker.floats import DTYPES, PRECISION
from chainrule.checker.points import shape, size_names
from chainrule.errors import ChainruleError
from chainrule.language.algebra import element, opened, rebound, rebuilt
from chainrule.language.arithmetic import BALLS, Undecided
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import BINDERS, Array, Const, Element, Expr, children
from chainrule.language.index import Index
from chainrule.language.inline import elements
from chainrule.language.walk import walk

SEED = 1
# So many inputs of each kind are drawn, and so many of all used for single nodes.
DRAWN, FOR_NODES = 48, 48
ELEMENTS = 3
# A true value is known if its ball is this small, relative to it.
KNOWN = 2.0**-70

Values = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Loss:
    """Bits lost over the inputs at which the true value is a number of the dtype.

    average, worst  of the inputs; of several elements the worst counts
    at              the input of the worst loss, computed and true value there
    """

    average: float
    worst: float
    inputs: int
    at: tuple[dict[str, np.ndarray], float, float] | None = None


def inputs(expr: Expr, dtype: str) -> list[dict[str, np.ndarray]]:
    """Inputs over the range of a dtype: of ordinary size, of any size, nearly equal, and ties."""
    sizes = dict.fromkeys(size_names(expr), ELEMENTS)
    arrays = sorted(elements(expr), key=lambda array: array.name)
    random = np.random.default_rng(SEED)
    kind = np.float32 if dtype == "float32" else np.float64
    widest = np.finfo(kind).maxexp - 1
    found = []
    for turn in range(DRAWN * 4):
        positive, values = turn % 2 == 0, {}
        base = _sized(random, (), 10)
        for array in arrays:
            form = shape(array, sizes)
            match turn // 2 % 4:
                case 0:
                    numbers = random.normal(size=form) * _sized(random, (), 4)
                case 1:
                    numbers = _sized(random, form, 10)
                case 2:
                    numbers = _sized(random, form, widest)
                case 3:
                    near = random.integers(-3, 4, form) * 2.0 ** -random.integers(1, 30)
                    numbers = base * (1 + near)
            numbers = np.abs(numbers) if positive else numbers
            with np.errstate(all="ignore"):
                values[array.name] = np.asarray(numbers, kind).astype(float)
        found.append(values)
    return found


def _sized(random: np.random.Generator, form: tuple[int, ...], widest: float) -> np.ndarray:
    """Numbers of either sign with exponents up to one, and down to minus it."""
    signs = random.choice([-1.0, 1.0], form)
    return signs * 2.0 ** random.uniform(-widest, widest, form)


class Measure:
    """The true values of an expression at inputs, and what forms of it lose there."""

    def __init__(self, expr: Expr, dtype: str, given: Sequence[Values] | None = None):
        self.form = DTYPES[dtype]
        self.kind = np.float32 if dtype == "float32" else np.float64
        self.order = sorted(expr.free, key=lambda index: index.name)
        self.sizes = dict.fromkeys(size_names(expr), ELEMENTS)
        self.inputs, self.true = [], []
        for values in inputs(expr, dtype) if given is None else given:
            true = self.truth(expr, values, self.order)
            if true is not None and np.all(np.isfinite(true)):
                self.inputs.append(dict(values))
                self.true.append(true)

    def truth(self, expr: Expr, values: Values, order: Sequence[Index]) -> np.ndarray | None:
        """The value rounded to the dtype, infinite beyond it; None where it is not known."""
        try:
            with flint.ctx.workprec(PRECISION):
                balls = evaluate(expr, values, self.sizes, order, BALLS)
        except (ChainruleError, Undecided, ZeroDivisionError, OverflowError):
            return None
        numbers = [self._rounded(ball) for ball in np.ravel(np.asarray(balls, dtype=object))]
        if None in numbers:
            return None
        return np.reshape(numbers, np.shape(balls)).astype(float)

    def _rounded(self, ball: flint.arb) -> float | None:
        if not ball.is_finite():
            return None
        if abs(ball) < self.form.smallest * 2.0 ** -(self.form.bits + 1):
            return 0.0
        if abs(ball) > self.form.largest:
            return np.inf
        middle = float(ball.mid())
        if not ball.rad() <= abs(ball.mid()) * KNOWN:
            return None
        return float(self.kind(middle))

    def loss(self, form: Expr) -> Loss:
        """What a form of the same value loses."""
        if not self.inputs:
            return Loss(0.0, 0.0, 0)
        stacked = {name: np.stack([v[name] for v in self.inputs]) for name in self.inputs[0]}
        count = len(self.inputs)
        computed = self.computed(form, stacked, self.order, count).reshape(count, -1)
        true = np.stack(self.true).reshape(count, -1)
        lost = self.bits_lost(computed, true).reshape(count, -1)
        bits = lost.max(axis=1)
        worst = int(np.argmax(bits))
        spot = int(np.argmax(lost[worst]))
        at = self.inputs[worst], float(computed[worst, spot]), float(true[worst, spot])
        return Loss(float(np.mean(bits)), float(bits[worst]), count, at)

    def computed(
        self, form: Expr, values: Values, order: Sequence[Index], points: int | None = None
    ) -> np.ndarray:
        """A form's numbers, rounded after every operation."""
        found = evaluate(form, values, self.sizes, order, self.form.arithmetic, points)
        return np.asarray(found, dtype=float)

    def bits_lost(self, computed: np.ndarray, true: np.ndarray) -> np.ndarray:
        """Elementwise: log2 of one more than the floats between; all bits where not finite."""
        with np.errstate(all="ignore"):
            sides = [np.asarray(side, self.kind) for side in (np.nan_to_num(computed), true)]
        whole = np.int32 if self.kind is np.float32 else np.int64
        left, right = (np.abs(side).view(whole) for side in sides)
        across = np.signbit(sides[0]) != np.signbit(sides[1])
        apart = np.where(across, left.astype(float) + right, np.abs(left - right))
        lost = np.minimum(np.log2(1.0 + apart), self.form.bits)
        return np.ravel(np.where(np.isfinite(computed), lost, self.form.bits))

    def by_node(self, form: Expr) -> list[tuple[Expr, Loss]]:
        """For each operation of a form, innermost first, what it adds by itself."""
        step = max(1, len(self.inputs) // FOR_NODES)
        chosen, found = self.inputs[::step][:FOR_NODES], []
        for node in _operations(form):
            lost = [one for values in chosen if (one := self._added(node, values)) is not None]
            if lost:
                found.append((node, Loss(float(np.mean(lost)), max(lost), len(lost))))
        return found

    def _added(self, node: Expr, values: Values) -> float | None:
        """The bits that one operation loses on true operands at one input; None if unknown."""
        order = sorted(node.free, key=lambda index: index.name)
        true = self.truth(node, values, order)
        if true is None or not np.all(np.isfinite(true)):
            return None
        operands: dict[str, np.ndarray] = {}
        operation = self._operation(node, values, operands)
        if operation is None:
            return None
        computed = self.computed(operation, {**values, **operands}, order)
        return float(self.bits_lost(computed, true).max(initial=0.0))

    def _operation(self, node: Expr, values: Values, operands: dict) -> Expr | None:
        """The node around arrays of the true values of its operands."""
        if isinstance(node, BINDERS):
            index, body = opened(node)
            kid = self._operand(body, values, operands)
            return None if kid is None else rebound(node, index, kid)
        kids = [self._operand(kid, values, operands) for kid in children(node)]
        return None if any(kid is None for kid in kids) else rebuilt(node, tuple(kids))

    def _operand(self, kid: Expr, values: Values, operands: dict) -> Expr | None:
        if isinstance(kid, (Const, Element)):
            return kid
        order = sorted(kid.free, key=lambda index: index.name)
        true = self.truth(kid, values, order)
        if true is None:
            return None
        array = Array(f"·operand {len(operands)}", tuple(index.size for index in order))
        operands[array.name] = true
        return element(array, *order)


def _operations(expr: Expr) -> list[Expr]:
    """Every distinct node that computes, operands first; bound indices have fresh names."""
    found: dict[Expr, None] = {}

    def visit(node: Expr):
        kids = (opened(node)[1],) if isinstance(node, BINDERS) else children(node)
        inside = []
        for kid in kids:
            inside.append((yield kid))
        if inside:
            found.setdefault(node)
        return node

    walk(visit, expr)
    return list(found)
