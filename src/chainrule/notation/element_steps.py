"""Derivatives of one entry by another, rule by rule, as on a blackboard."""

from __future__ import annotations

from collections.abc import Iterable

from chainrule.language.algebra import (
    ZERO,
    element,
    substitute,
)
from chainrule.language.expr import Array, Delta, Expr, Mul
from chainrule.language.index import Index, fresh, place_of
from chainrule.language.passes import around
from chainrule.language.program import Definition
from chainrule.language.walk import walk
from chainrule.notation.derivation_steps import PLAIN, Printed, Step, Writer, distinct, with_delta
from chainrule.notation.style import Slope
from chainrule.transform.simplify import fold, simplify
from chainrule.transform.stepwise import Unfolding, written_out

# Uses of these alone are no step that a person writes down.
DULL = {*PLAIN, "exp"}


def element_steps(
    body: Expr,
    by: Array,
    columns: tuple[Index, ...],
    left: Printed,
    result: Expr,
    writer: Writer,
    known: Iterable[Definition] = (),
) -> list[Step]:
    """The derivative of a body by an entry of an array, from its definition to the result.

    columns  the indices of the entry, not free in the body
    left     how the derivative is printed
    known    definitions whose names stand for what they define
    """
    known = [d for d in known if not isinstance(d.body, Mul)]
    unfolding = Unfolding(element(by, *columns))
    definition = written_out(body)
    steps: list[Step] = []
    if definition is not None:
        name = body.function.name
        steps.append(_definition(name, body, definition, writer))
    expr = unfolding.slope(body if definition is None else definition)
    rules: list[str] = []
    while True:
        slopes = {name: Slope(over, by.name) for name, over in unfolding.pending.items()}
        shown = writer.with_slopes(slopes).both(fold(expr, known))
        steps.append(Step(left, (shown,), tuple(rules), dull=not rules or set(rules) <= DULL))
        if unfolding.is_done(expr):
            break
        unfolding.rules = []
        expr = unfolding.unfolded(expr)
        rules = list(unfolding.rules)
    return _finished(steps, expr, left, result, writer)


def rules_of(body: Expr, array: Array) -> list[str]:
    """The rules that the derivative of a formula itself takes, without the dullest."""
    unfolding = Unfolding(element(array, *map(fresh, array.sizes)))
    expr = unfolding.slope(body)
    while not unfolding.is_done(expr):
        expr = unfolding.unfolded(expr)
    return [rule for rule in unfolding.rules if rule not in ("sum-rule", "derivative-of-element")]


def _definition(name: str, body: Expr, definition: Expr, writer: Writer) -> Step:
    return Step(
        writer.both(body), (writer.both(definition),), (name,), f"By the definition of `{name}`:"
    )


def _finished(steps: list[Step], expr: Expr, left: Printed, result: Expr, writer: Writer):
    """The steps with the short form at the end; the last step before it is none of the dull."""
    final = writer.both(result)
    last = steps[-1]
    steps[-1] = Step(left, last.members, last.rules, dull=False)
    tidy = writer.both(simplify(expr))
    # What a person would write down is much shorter than what stands there already.
    between = [tidy] if 4 * len(tidy[1]) < 3 * len(last.members[-1][1]) else []
    short = distinct(left, [*last.members, *between, final])
    if short[1:]:
        steps.append(Step(left, short[1:], ("collecting",)))
    kept = [step for step in steps if step.members != (left,)]
    seen, found = set(), []
    for step in kept:
        if step.members not in seen:
            found.append(step)
        seen.add(step.members)
    return found


def cases(
    result: Expr, rows: tuple[Index, ...], columns: tuple[Index, ...], left, writer: Writer
) -> list[Step]:
    """The diagonal and the rest, where a delta tells them apart.

    left  makes the left side from the indices
    """
    equal = with_delta(result, rows, columns)
    if equal is None or len(rows) != 1 or len(columns) != 1:
        return []
    row, column = rows[0], columns[0]
    on = simplify(substitute(result, {column: place_of(row)}))
    off = simplify(_without(result, equal))
    rule = ("diagonal-and-off-diagonal",)
    condition = ("", f"{row.name} ≠ {column.name}")
    off_diagonal = rf"For ${row.name} \neq {column.name}$:"
    return [
        Step(left(rows, rows), (writer.both(on),), rule, rf"For ${column.name} = {row.name}$:"),
        Step(left(rows, columns), (writer.both(off),), rule, off_diagonal, condition),
    ]


def _without(expr: Expr, equal: Delta) -> Expr:
    def visit(node: Expr):
        if node is equal:
            return ZERO
        return (yield from around(node))

    return walk(visit, expr)
