"""Numbers put in for letters: `Σ_i x_i / 5 = 6/5` of an x of which nothing is given."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from chainrule.checker.misfits import names_in
from chainrule.checker.points import EDGES, OPEN, lengths, points, size_names
from chainrule.checker.rounded import FAR, number_of
from chainrule.language.algebra import ONE
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import Along, Apply, Const, Expr
from chainrule.language.inline import elements
from chainrule.language.passes import parts
from chainrule.mathematics.functions import abs_, ceil, floor, sqrt
from chainrule.mathematics.ranges import range_of
from chainrule.notation import tree
from chainrule.notation.example import put_in
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.reading import ChainItem
from chainrule.notation.scope import Scope
from chainrule.notation.value import Value

PUT_IN = "numbers put in"
# So far beyond the range of a formula a number is beyond what rounding does.
NEAR = 1e-6


def are_put_in(item: ChainItem, sides: tuple[Value | Exception, ...], position: int) -> bool:
    """`Σ_i x_i / 5 = 6/5`: a formula of what is not given, with its numbers put in.

    That a slope or a function of anything is 0 or 1 may be a claim all the same.
    """
    number, before = sides[position], sides[position - 1]
    scope = with_numbers(item).scope
    if not isinstance(number, Value) or not _is_constant(number):
        return False
    if not item.worked and names_in(scope, [item.members[position]]) & scope.ranks.keys():
        # `x_i / Σ_j x_i` is no number in print.
        return False
    plain = isinstance(number.expr, Const) and abs(number.expr.value) in (0, 1)
    if len(sides) < 3 and not item.scope.numbers:
        # `∂f/∂q = -4`, of a slope that can be any number: its value somewhere.
        if plain or not is_derivative(undecorated(item.members[0])):
            return False
    if position > 1 and isinstance(before, Value):
        numbers = [number_of(scope, side) for side in (before, number)]
        if None not in numbers and not math.isclose(*numbers, rel_tol=FAR):
            # A false step from number to number.
            return False
    sloped = any(is_derivative(part) for node in item.members for part in tree.walk(node))
    for side in (before, sides[0]):
        expr = scope.inlined(side.expr) if isinstance(side, Value) else ONE
        if elements(expr) and not (plain and (sloped or calls(expr))):
            return True
        if not item.worked and _is_of_sizes(expr) and tree.is_arithmetic(item.members[position]):
            return True
    return False


def is_never(
    item: ChainItem, sides: tuple[Value | Exception, ...], position: int
) -> bool:
    """`σ(z) = 2`: a number that what stands before it never is, whatever is put in.

    A limit is put down as the value, as in `σ(z) = 1`; but not where it is the value of a formula,
    as in `tanh z = … = 1 - 2`.
    """
    scope, side = item.scope, sides[position]
    number = number_of(scope, side) if isinstance(side, Value) else None
    if number is None:
        return False
    match undecorated(item.members[position]):
        case tree.Number() | tree.Sum((tree.Number(),)):
            formula = False
        case _:
            formula = True
    for side in sides[:position]:
        if isinstance(side, Value) and elements(expr := scope.inlined(side.expr)):
            low, high = range_of(expr)
            if not low - NEAR <= number <= high + NEAR:
                return True
            if formula and number in (low, high) and not _is_met(expr, number, scope):
                return True
    return False


def _is_met(expr: Expr, number: float, scope: Scope) -> bool:
    """Whether an expression has a value at some point."""
    sizes, order = lengths(size_names(expr)), tuple(sorted(expr.free, key=lambda one: one.name))
    with np.errstate(all="ignore"):
        return any(
            np.any(evaluate(expr, one.values, sizes, order) == number)
            for one in points(elements(expr), sizes, scope.facts, kinds=(*OPEN, *EDGES))
        )


def with_numbers(item: ChainItem) -> ChainItem:
    """A chain that is judged with the numbers of its section, with these put into its names."""
    if not item.worked:
        return item
    put_in(scope := item.scope.copy())
    return replace(item, scope=scope)


def _is_of_sizes(expr: Expr) -> bool:
    """Whether a value is a number that depends on sizes alone: `(K + 1) d = 6 · 300`."""
    return bool(expr.names) and not (expr.free or elements(expr))


def _is_constant(value: Value) -> bool:
    """Whether a value is a number, or an array of numbers."""
    return not elements(value.expr) and value.expr.free <= set(value.indices)


def calls(expr: Expr) -> bool:
    """Whether a function other than those of norms and sizes stands in an expression."""
    applied = (part for part in parts(expr) if isinstance(part, (Along, Apply)))
    return any(part.function not in (sqrt, abs_, floor, ceil) for part in applied)
