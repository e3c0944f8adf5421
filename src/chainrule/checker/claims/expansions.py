"""Taylor expansions and difference quotients: `(f(x + h) - f(x)) / h = f'(x) + O(h)`.

What the two sides differ by, without the remainder, is followed in balls as h goes to 0: its order
is that of the remainder or a higher one. A function of which only derivatives are spoken of may be
any: e^t + e^{2t} is put in for it, of which no two derivatives are alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf

import flint

from chainrule.checker.claims.limits import Side, parameters_at
from chainrule.checker.claims.numbers import PRECISION, Values, balls, told
from chainrule.checker.claims.page import Page
from chainrule.checker.findings import Finding
from chainrule.language.expr import Expr
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import is_derivative, is_operator, operand
from chainrule.notation.neighbours import with_pairs
from chainrule.notation.primes import UNKNOWN
from chainrule.notation.reading import ChainItem
from chainrule.notation.remainders import remainder
from chainrule.notation.scripts import calls, letter, plain
from chainrule.notation.tree import EQUAL, Node

# h is 2^-SHIFT, and then 2^-(SHIFT + STEP).
SHIFT, STEP = 24, 8
# The h of an example.
SHOWN = 4
# Letters of small numbers, and those that count: n goes to infinity, not to 0.
_SMALL = {"h", "\\epsilon", "\\varepsilon", "\\delta", "\\Delta", "\\eta", "t"}
_COUNTS = set("nNmMdDkK")
# What coefficients are wrong by.
_FACTORS = [Fraction(a, b) for a, b in ((1, 2), (2, 1), (-1, 1), (1, 3), (3, 1), (1, 4), (4, 1))]


@dataclass(frozen=True)
class Expansion:
    """Two members without their remainders, what goes to 0, and the order of the remainder;
    None where they are said to be about equal."""

    left: Node
    right: Node
    small: Node
    order: int | None


@dataclass(frozen=True)
class Followed:
    """Two values that depend on the number `name`, numbers and sizes for all else, and what
    functions e^t + e^{2t} was put in for."""

    left: Expr
    right: Expr
    name: str
    points: list[tuple[Values, dict[str, int]]]
    functions: list[str]

    def orders(self) -> list[float]:
        """How fast what they differ by falls with the number; nothing if that is not known."""
        found = [self._order(*point) for point in self.points]
        return [] if None in found else found

    def shown(self) -> str | None:
        """Numbers for both sides at one point."""
        values, sizes = self.points[0]
        sides = self._at(values, sizes, SHOWN)
        if sides is None:
            return None
        at = [f"{one}(t) = e^t + e^{{2t}}" for one in self.functions]
        at = ", ".join([*at, told({**values, self.name: 2.0**-SHOWN})])
        return f"with {at}: {float(sides[0][0]):.8g} against {float(sides[1][0]):.8g}"

    def _order(self, values: Values, sizes: dict[str, int]) -> float | None:
        found = []
        for shift in (SHIFT, SHIFT + STEP):
            sides = self._at(values, sizes, shift)
            if sides is None:
                return None
            with flint.ctx.workprec(PRECISION):
                found.append([a - b for a, b in zip(*sides, strict=True)])
        orders = [_fall(*pair) for pair in zip(*found, strict=True)]
        return None if None in orders or not orders else min(orders)

    def _at(self, values: Values, sizes: dict[str, int], shift: int) -> list | None:
        order = tuple(sorted(self.left.free, key=lambda index: index.name))
        at = {**values, self.name: flint.arb(2) ** -shift}
        sides = [balls(side, at, sizes, order) for side in (self.left, self.right)]
        return None if any(one is None for one in sides) else [one.ravel() for one in sides]


def findings(page: Page) -> Iterator[Finding]:
    """Equations with a remainder, and difference quotients that are about a slope."""
    for item in page.in_turn(page.reading.chains):
        for position in range(1, len(item.members)):
            expansion = _expansion(item, position)
            followed = None if expansion is None else _followed(page, item, expansion)
            if followed is not None and (orders := followed.orders()):
                yield from _judged(page, item, position, expansion, followed, orders)


def _judged(
    page: Page, item: ChainItem, position: int, said: Expansion, at: Followed, orders: list[float]
) -> Iterator[Finding]:
    node, wanted = item.members[position], 1 if said.order is None else said.order
    if min(orders) > wanted - 0.1:
        yield page.finding(node.start, node.end, "holds", evidence="balls")
    elif max(orders) < wanted - 0.5:
        yield page.finding(
            node.start,
            node.end,
            "wrong",
            diagnosis=_scaled(page, item, said, wanted) or _left(orders, plain(said.small)),
            counterexample=at.shown(),
            evidence="balls",
        )


def _left(orders: list[float], small: str) -> str:
    order = round(max(orders))
    kinds = {0: f"no smaller for a smaller {small}", 1: f"of the order of {small}"}
    return f"what both sides differ by is {kinds.get(order, f'of the order of {small}^{order}')}"


def _scaled(page: Page, item: ChainItem, said: Expansion, wanted: int) -> str | None:
    """The term of the right side that is right but for a number in front of it."""
    terms = said.right.terms if isinstance(said.right, tree.Sum) else (said.right,)
    signs = said.right.signs if isinstance(said.right, tree.Sum) else ("+",)
    for at, term in enumerate(terms):
        for factor in _FACTORS:
            number = tree.Fraction(*(tree.Number(str(n)) for n in factor.as_integer_ratio()))
            scaled = tree.Product((number, tree.Group("(", ")", term)), ("",))
            right = tree.Sum((*terms[:at], scaled, *terms[at + 1 :]), signs)
            followed = _followed(page, item, replace(said, right=right))
            orders = followed.orders() if followed is not None else []
            if orders and min(orders) > wanted - 0.1:
                start, end = page.document.braced(term.start, term.end)
                return f"`{page.document.text[start:end]}` should be {factor} times that"
    return None


def _expansion(item: ChainItem, position: int) -> Expansion | None:
    pair = [undecorated(member) for member in item.members[position - 1 : position + 1]]
    kind = item.relations[position - 1].kind
    found = [remainder(node) for node in pair]
    small = next((one[1] for one in found if one[1] is not None), None)
    if kind == "approx" and small is None:
        small = _divisor(pair)
        return None if small is None else Expansion(*pair, small, None)
    if kind not in EQUAL or found[1][1] is None or letter(small) in _COUNTS:
        return None
    if any(one[1] not in (None, small) for one in found):
        return None
    return Expansion(found[0][0], found[1][0], small, int(min(one[2] for one in found)))


def _divisor(pair: list[Node]) -> Node | None:
    """The h of `(f(x + h) - f(x)) / h`, where the other side has a derivative of f."""
    for node, other in (pair, pair[::-1]):
        match node:
            case tree.Fraction(above, below) | tree.Slash(above, below):
                added = {part for _, bracket in calls(above) for part in _added(bracket)}
                found = [p for p in tree.walk(below) if letter(p) in _SMALL and p in added]
                if found and any(map(_is_slope, tree.walk(other))):
                    return found[0]
    return None


def _added(bracket: tree.Group) -> tuple[Node, ...]:
    return bracket.body.terms if isinstance(bracket.body, tree.Sum) else ()


def _is_slope(node: Node) -> bool:
    return is_derivative(node) or (isinstance(node, tree.Script) and node.primes > 0)


def _followed(page: Page, item: ChainItem, said: Expansion) -> Followed | None:
    """Both sides as values of what goes to 0, at points for all else."""
    name = letter(said.small)
    scope = item.scope.copy()
    scope.ranks = {**scope.ranks, name: 0}
    scope.size_names = scope.size_names - {name}
    for known in (scope.symbols, scope.definitions):
        known.pop(name, None)
    functions = _any_functions(said, item)
    nodes = (_with_functions(node, functions) for node in (said.left, said.right))
    values = [page.value(node, scope) for node in nodes]
    if any(one is None for one in values):
        return None
    left, right = (one[1].inlined(one[0].expr) for one in values)
    names = {array.name for array in left.arrays | right.arrays}
    if left.free != right.free or name not in names or any(UNKNOWN in one for one in names):
        return None
    points = parameters_at(Side(left, name), Side(right, name), item.scope.bounds)
    return Followed(left, right, name, list(points), sorted(functions))


def _fall(near: flint.arb, nearer: flint.arb) -> float | None:
    """The order at which a number falls, if its balls are small enough to tell."""
    if near.contains(0) and nearer.contains(0):
        return inf if max(float(near.rad()), float(nearer.rad())) < 2.0 ** (-6 * SHIFT) else None
    if near.contains(0) or nearer.contains(0):
        return None
    return float((abs(near) / abs(nearer)).log()) / (STEP * float(flint.arb(2).log()))


def _any_functions(said: Expansion, item: ChainItem) -> set[str]:
    """The functions that are moved by h, and of which only derivatives are spoken of."""
    both = tree.Sum((said.left, said.right), ("+", "+"))
    moved = {letter(word) for word, bracket in calls(both) if said.small in _added(bracket)}
    return moved & set(map(_differentiated, tree.walk(both))) - {None, *item.scope.usage.spoken}


def _with_functions(node: Node, letters: set[str]) -> Node:
    """A member with e^t + e^{2t} for functions."""

    def put_in(part: Node) -> Node:
        if is_derivative(part) and _differentiated(part) in letters:
            return _any(1, operand(part.denominator), part)
        return with_pairs(part, called)

    def called(word: Node, bracket: Node) -> Node | None:
        base = letter(word.base if isinstance(word, tree.Script) else word)
        if base not in letters or not isinstance(bracket, tree.Group):
            return None
        return _any(word.primes if isinstance(word, tree.Script) else 0, bracket.body, word)

    return tree.transformed(node, put_in)


def _differentiated(node: Node) -> str | None:
    """The f of `f'` and of `∂f/∂x`."""
    if isinstance(node, tree.Script) and node.primes:
        return letter(node.base)
    if is_derivative(node) and not is_operator(node) and isinstance(node.numerator, tree.Product):
        return letter(operand(node.numerator))
    return None


def _any(times: int, argument: Node, place: Node) -> Node:
    """e^t + e^{2t}, differentiated so many times."""
    at = {"start": place.start, "end": place.end}
    argument = tree.Group("(", ")", argument, **at)
    double = tree.Group("(", ")", tree.Product((tree.Number("2"), argument), ("",)), **at)
    first, second = (tree.Product((tree.Symbol("exp"), one), ("",)) for one in (argument, double))
    second = tree.Product((tree.Number(str(2**times)), *second.factors), ("", ""))
    return tree.Group("(", ")", tree.Sum((first, second), ("+", "+")), **at)
