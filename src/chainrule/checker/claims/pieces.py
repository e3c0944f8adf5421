"""Functions of one number, by cases or by a formula: their values and slopes beside a place."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from chainrule.checker.claims.bounds import bound_of
from chainrule.checker.claims.exchange import replaced
from chainrule.checker.claims.numbers import balls
from chainrule.checker.claims.page import Page
from chainrule.errors import ChainruleError
from chainrule.language.algebra import element
from chainrule.language.expr import Array, Expr
from chainrule.language.inline import elements
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import letter
from chainrule.notation.tree import Node, show
from chainrule.transform.differentiate import differentiate

_SIGNS = {"<": "<", "<=": "<", ">": ">", ">=": ">", "=": "="}
_TURNED = {"<": ">", ">": "<", "=": "="}
CLOSE = 1e-9
# How far from a place the cases are compared.
FAR = (0.5, 1.25, 3.0)
# So near to a place a smooth function has the value, and the slope, that it has there.
NEAR, ALIKE = 2.0**-30, 1e-6
X = Array("x")


@dataclass(frozen=True)
class Piece:
    """What a function is on one side of a place, or at it; None where it is not defined."""

    sign: str
    place: Fraction
    expr: Expr | None


@dataclass(frozen=True)
class Pieces:
    """A function of one number: by cases, or everywhere by one formula.

    variable  the letter it is printed with, for messages; expressions have X
    """

    name: str
    pieces: tuple[Piece, ...]
    start: int
    formula: Expr | None = None
    variable: str = "x"

    def on(self, sign: str, place: Fraction) -> Expr | None:
        """Its expression on one side of a place, or at it."""
        for piece in self.pieces:
            if piece.sign == sign and piece.place == place:
                return piece.expr
        return self.formula

    def place(self) -> Fraction | None:
        """The one place where the cases meet."""
        places = {piece.place for piece in self.pieces}
        return places.pop() if len(places) == 1 else None

    def beside(self, place: Fraction, primes: int) -> tuple[float, float] | None:
        """The values (or slopes, with a prime) just left and just right of a place."""
        read = slope if primes else number
        near = {"<": float(place) - NEAR, ">": float(place) + NEAR}
        found = [read(self.on(sign, place), x) for sign, x in near.items()]
        return None if None in found else tuple(found)

    def is_smooth(self, place: Fraction) -> bool | None:
        """Whether it goes on without a jump or a kink at a place, as far as can be told."""
        values, slopes = self.beside(place, 0), self.beside(place, 1)
        if values is None or slopes is None:
            return None
        return all(abs(a - b) <= ALIKE for a, b in (values, slopes))


def called(node: Node) -> tuple[str, int, Node] | None:
    """(name, primes, argument) of `g(x)` and `g'(x)`."""
    match undecorated(node):
        case tree.Product((function, tree.Group("(", ")", argument)), ("",)):
            pass
        case _:
            return None
    primes = function.primes if isinstance(function, tree.Script) else 0
    plain = function.base if isinstance(function, tree.Script) else function
    if isinstance(function, tree.Script) and (function.sub or function.sup) is not None:
        return None
    name = letter(plain)
    return None if name is None else (name, primes, argument)


def by_cases(
    page: Page, scope: Scope, name: str, cases: tree.Cases, variable: Node
) -> Pieces | None:
    """The rows of cases whose conditions compare the variable with a number."""
    if letter(variable) is None:
        return None
    found = []
    for value, condition in cases.rows:
        match condition:
            case tree.Chain((left, right), (relation,)) if relation.kind in _SIGNS:
                sign = _SIGNS[relation.kind]
            case _:
                return None
        if letter(left) != letter(variable):
            left, right, sign = right, left, _TURNED[sign]
        place = bound_of(right)
        if letter(left) != letter(variable) or not isinstance(place, Fraction):
            return None
        defined = not isinstance(value, tree.Text)
        expr = of_number(page, scope, value, variable) if defined else None
        if defined and expr is None:
            return None
        found.append(Piece(sign, place, expr))
        if relation.kind in ("<=", ">="):
            found.append(Piece("=", place, expr))
    return Pieces(name, tuple(found), cases.start, variable=letter(variable))


def by_formula(page: Page, scope: Scope, head: Node) -> Pieces | None:
    """The function that a call `f'(x)` is of, where the document or mathematics knows it."""
    name, _, variable = called(head)
    head = undecorated(head)
    function = head.factors[0]
    plain = function.base if isinstance(function, tree.Script) else function
    call = tree.Product((plain, head.factors[1]), ("",), start=head.start, end=head.end)
    expr = of_number(page, scope, call, variable)
    return None if expr is None else Pieces(name, (), head.start, expr)


def of_number(page: Page, scope: Scope, node: Node, variable: Node) -> Expr | None:
    """A formula of one number, which is called x here."""
    scope = scope.copy()
    scope.ranks = {**scope.ranks, X.name: 0}
    scope.size_names = scope.size_names - {X.name}
    scope.symbols.pop(X.name, None)
    scope.definitions.pop(X.name, None)
    found = page.value(replaced(node, show(variable), tree.Symbol(X.name)), scope)
    if found is None:
        return None
    expr = found[1].inlined(found[0].expr)
    arrays = elements(expr)
    return None if expr.free or any(array != X for array in arrays) else expr


def number(expr: Expr | None, x: Fraction | float) -> float | None:
    """The value at a number; None where there is none."""
    if expr is None:
        return None
    found = balls(expr, {X.name: np.float64(float(x))}, {})
    return None if found is None else float(found.ravel()[0])


def slope(expr: Expr | None, x: Fraction | float) -> float | None:
    """The derivative at a number; None where there is none."""
    if expr is None:
        return None
    try:
        return number(differentiate(expr, element(X)), x)
    except ChainruleError:
        return None
