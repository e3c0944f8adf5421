"""`chainrule stabilise`: the form of an expression that survives floating point, measured."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chainrule.checker.accuracy import Loss, Measure
from chainrule.checker.counterexample import number, shown_apart
from chainrule.checker.floats import breakdown
from chainrule.checker.stability import spelled_out
from chainrule.errors import NotDifferentiable, UnknownSymbol, UnreadFormula
from chainrule.language.algebra import element, substitute
from chainrule.language.expr import Array, Expr
from chainrule.language.index import Index, place_of
from chainrule.language.inline import elements
from chainrule.language.program import Definition, Program
from chainrule.notation.plain import is_plain, read_plain
from chainrule.notation.question import EXPRESSION, as_printed, expression_reading, latex_of
from chainrule.notation.style import Style
from chainrule.notation.write import to_latex, to_text
from chainrule.transform.differentiate import differentiate
from chainrule.transform.reverse import adjoint_name, reverse
from chainrule.transform.rewrite import Step
from chainrule.transform.simplify import cost, shortened, simplify
from chainrule.transform.stabilise import finish, stabilise

# A cheaper form is taken if it loses so many bits more at most: on average, and at worst.
EQUAL, EQUAL_AT_WORST = 0.1, 1.0
# Nodes that lose less than this by themselves are not shown.
SHOWN, NODES = 0.5, 8


@dataclass(frozen=True, repr=False)
class Stable:
    """One expression, the equal form that loses the fewest bits, and what each loses.

    name     "value", or the name of a gradient
    nodes    the operations of the printed form, each with what it loses by itself
    broken   an input at which the printed form breaks, in words; None where none was found
    rules    the names of the rules that were used
    """

    name: str
    dtype: str
    printed: Expr
    stable: Expr
    before: Loss
    after: Loss
    nodes: tuple[tuple[Expr, Loss], ...]
    broken: str | None
    rules: tuple[str, ...]

    @property
    def computed(self) -> Expr:
        """The stable form with softmax and its kin written as they are computed."""
        return spelled_out(self.stable)

    def __repr__(self) -> str:
        return to_text(self.stable, Style())

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {to_latex(self.stable, Style())}$"

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "dtype": self.dtype,
            "printed": to_text(self.printed, Style()),
            "stable": to_text(self.stable, Style()),
            "computed": to_text(self.computed, Style()),
            "latex": to_latex(self.stable, Style()),
            "breaks": self.broken,
            "before": _loss(self.before),
            "after": _loss(self.after),
            "nodes": [{"node": to_text(node, Style()), **_loss(loss)} for node, loss in self.nodes],
            "rules": list(self.rules),
        }


def _loss(loss: Loss) -> dict[str, Any]:
    return {
        "average": round(loss.average, 3),
        "worst": round(loss.worst, 3),
        "inputs": loss.inputs,
    }


def read(text: str, given: str = "", scalars: Iterable[str] = ()) -> Expr:
    """An expression as typed, `log(sum(exp(x)))`, or in LaTeX.

    given    what a document would say first, of an expression in LaTeX
    scalars  of an expression as typed: symbols that are numbers although they stand in a sum
    raises   UnreadFormula
    """
    plain = None
    if is_plain(text) and not given:
        try:
            return read_plain(text, frozenset(scalars))
        except UnreadFormula as reason:
            if re.search(r"[A-Za-z]{2}", text):
                raise
            plain = reason
    try:
        program, _ = as_printed(expression_reading(text, given), latex_of(text))
    except UnreadFormula as reason:
        raise plain or reason from None
    return program.inlined(EXPRESSION)


def stable_forms(expr: Expr, dtype: str = "float64", by: Iterable[str] = ()) -> list[Stable]:
    """The stable form of an expression and of its gradients, measured over the dtype's range.

    raises  UnknownSymbol; NotDifferentiable where a gradient is asked for of several numbers

    >>> (found,) = stable_forms(read("log(sum(exp(x)))"), "float32")
    >>> to_text(found.stable, Style())
    'logsumexp(x)'
    >>> found.before.worst, found.after.worst < 3
    (24.0, True)
    """
    found = [_measured("value", expr, _candidates(expr), dtype)]
    for name in by:
        printed, candidates = _gradient(expr, name)
        found.append(_measured(f"gradient by {name}", printed, candidates, dtype))
    return found


def stabilise_expression(
    text: str, dtype: str = "float64", by: Iterable[str] = (), given: str = ""
) -> list[Stable]:
    """The stable forms of an expression and of its gradients by some symbols.

    >>> stabilise_expression("log(sigmoid(x))")
    [−softplus(−x)]
    """
    return stable_forms(read(text, given), dtype, by)


Candidate = tuple[Expr, tuple[Step, ...]]


def _candidates(expr: Expr) -> list[Candidate]:
    """Equal forms, each with the rules that led there."""
    result: list[Candidate] = [(expr, ())]
    for start in dict.fromkeys((expr, shortened(expr), simplify(expr))):
        for form in (stabilise, finish):
            steps: list[Step] = []
            made = form(start, steps)
            result.append((made, tuple(steps)))
    return result


def _gradient(expr: Expr, name: str) -> tuple[Expr, list[Candidate]]:
    """The gradient of the printed form, and forms of it found from stable ones."""
    arrays = {array.name: array for array in elements(expr)}
    if name not in arrays:
        raise UnknownSymbol(
            f"the expression has no symbol {name}", remedy=f"one of {', '.join(sorted(arrays))}"
        )
    if expr.free:
        raise NotDifferentiable(
            "the expression is several numbers; a gradient is of one",
            remedy="sum them, or ask for chainrule derive --jacobian",
        )
    array = arrays[name]
    places = tuple(Index(letter, size) for letter, size in zip("klmnpq", array.sizes, strict=False))
    printed = differentiate(expr, element(array, *places))
    steps: list[Step] = []
    program = Program((Definition(Array("value"), (), stabilise(expr, steps)),))
    found = reverse(program, "value", [name])
    closed = simplify(found.program.inlined(adjoint_name("value", name)))
    own = found.program.definition(adjoint_name("value", name)).indices
    candidates = _candidates(printed)
    for form, more in _candidates(_renamed(closed, own, places)):
        candidates.append((form, (*steps, *more)))
    return printed, candidates


def _renamed(expr: Expr, old: tuple[Index, ...], new: tuple[Index, ...]) -> Expr:
    return substitute(expr, dict(zip(old, map(place_of, new), strict=True)))


def _measured(name: str, printed: Expr, candidates: list[Candidate], dtype: str) -> Stable:
    measure = Measure(printed, dtype)
    losses = {form: measure.loss(form) for form, _ in candidates}
    steps = dict(reversed(candidates))
    average = min(loss.average for loss in losses.values()) + EQUAL
    fit = [form for form, loss in losses.items() if loss.average <= average]
    worst = min(losses[form].worst for form in fit) + EQUAL_AT_WORST
    stable = min((form for form in fit if losses[form].worst <= worst), key=cost)
    nodes = [(node, loss) for node, loss in measure.by_node(printed) if node.arrays]
    return Stable(
        name,
        dtype,
        printed,
        stable,
        losses[printed],
        losses[stable],
        tuple(sorted(nodes, key=lambda one: -one[1].average)),
        None if stable is printed else _broken(printed, losses[printed], dtype),
        tuple(dict.fromkeys(step.rule for step in steps[stable])),
    )


def _broken(printed: Expr, loss: Loss, dtype: str) -> str | None:
    """An input at which the printed form breaks: a simple one, or else the worst that was drawn."""
    found = breakdown(printed, (), dtype)
    if found is not None:
        return found.told(dtype)
    if loss.at is None or loss.worst < 2:
        return None
    values, computed, true = loss.at
    told = ", ".join(f"{name} = {number(value)}" for name, value in sorted(values.items()))
    computed, true = shown_apart(computed, true)
    return f"with {told} in {dtype}: {computed}, the true value is {true}"
