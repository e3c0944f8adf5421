"""The derivative as an operator: `Df(x)` is the Jacobian of f at x, a row where f is a number.

Also its transpose and its entries, `Df(x)^T` and `(Df(x))_{ij}`, the Hessian `D^2 f(x)`, and
derivatives with the place they are taken at behind them, `∂f_i/∂x_j (x)`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from chainrule.notation import tree
from chainrule.notation.leibniz import is_derivative, operand
from chainrule.notation.names import named
from chainrule.notation.neighbours import with_factors
from chainrule.notation.scripts import letter
from chainrule.notation.tree import Node
from chainrule.notation.value import Value

_DEL, _NABLA, _D = tree.Symbol("partial"), tree.Symbol("nabla"), tree.Symbol("D")
#: The mark on a derivative that has a row for each function, though there be one only.
ROWS = "rows"


def with_jacobians(statements: list[tree.Statement]) -> list[tree.Statement]:
    """The statements with ∂f(x)/∂x for each `Df(x)`, unless D is something else, too."""
    chains = [one.chain for one in statements]
    functions = _functions(chains)
    chains = [tree.transformed(chain, partial(_apart, functions)) for chain in chains]
    written = partial(_written, functions if _is_operator(chains, functions) else set())
    return [
        replace(one, chain=tree.transformed(chain, written))
        for one, chain in zip(statements, chains, strict=True)
    ]


def _apart(functions: set[str], node: Node) -> Node:
    """A product with `D F` for the word `DF`."""
    if not isinstance(node, tree.Product):
        return node
    factors, operators = list(node.factors), list(node.operators)
    for at in reversed(range(len(factors))):
        match factors[at]:
            case tree.Symbol(name, "") as word if name[:1] == "D" and name[1:] in functions:
                middle = word.start + 1
                sign = replace(word, name="D", end=middle)
                factors[at : at + 1] = [sign, replace(word, name=name[1:], start=middle)]
                operators.insert(at, "")
    return with_factors(node, factors, operators)


def _functions(chains: Iterable[Node]) -> set[str]:
    """The f of `f(x) = …` and of `f: ℝ → ℝ`."""
    found = set()
    for chain in chains:
        match chain:
            case tree.Chain((tree.Product((word, tree.Group("(")), ("",)), *_), _):
                found.add(letter(word.base if isinstance(word, tree.Script) else word))
            case tree.Chain((word, *_), (tree.Relation(":"), *_)):
                found.add(letter(word))
    return found - {None}


def _is_operator(chains: list[Node], functions: set[str]) -> bool:
    """Whether every D stands in front of a function."""
    parts = [part for chain in chains for part in tree.walk(chain)]
    products = [part for part in parts if isinstance(part, tree.Product)]
    called = sum(_order(factor) > 0 for one in products for factor in one.factors[:-1])
    before = sum(
        _order(one.factors[at]) > 0 and letter(one.factors[at + 1]) in functions
        for one in products
        for at in range(len(one.factors) - 1)
    )
    return bool(before) and before == called == sum(part == _D for part in parts)


def _order(node: Node) -> int:
    """1 for D, 2 for D^2, else 0."""
    match node:
        case tree.Symbol("D", ""):
            return 1
        case tree.Script(tree.Symbol("D", ""), None, tree.Number("2"), 0):
            return 2
    return 0


def _written(functions: set[str], node: Node) -> Node:
    if not isinstance(node, tree.Product):
        return node
    factors, operators = list(node.factors), list(node.operators)
    for at in reversed(range(len(factors) - 1)):
        rest = factors[at : at + 3]
        if operators[at : at + 2] == ["", ""] and len(rest) == 3 and letter(rest[1]) in functions:
            slope = _slope(_order(rest[0]), *rest)
            if slope is not None:
                factors[at : at + 3], operators[at : at + 2] = [slope], []
        elif not operators[at] and _is_place(rest[0], rest[1]):
            del factors[at + 1], operators[at]
    return with_factors(node, factors, operators)


def _slope(order: int, sign: Node, word: Node, bracket: Node) -> Node | None:
    """∂f(x)/∂x for `D`, `f` and `(x)`; with a script behind the bracket that of all of it."""
    place = {"start": sign.start, "end": bracket.end}
    if isinstance(bracket, tree.Script):
        whole = _slope(order, sign, word, bracket.base)
        group = whole and tree.Group("(", ")", whole, start=whole.start, end=whole.end)
        return group and replace(bracket, base=group, start=sign.start)
    if not order or not isinstance(bracket, tree.Group) or bracket.open != "(":
        return None
    inner = bracket.body if letter(bracket.body) is not None else bracket
    if order == 2:
        twice = tree.Script(_NABLA, inner, tree.Number("2"), start=sign.start, end=sign.end)
        product = tree.Product((twice, word, bracket), ("", ""), **place)
        return tree.Group("(", ")", product, **place)
    top = tree.Product((_DEL, word, bracket), ("", ""), **place)
    slope = tree.Fraction(top, tree.Product((_DEL, inner), ("",), **place), **place)
    return tree.Decorated(ROWS, slope, **place)


def in_rows(meaning, slope: Node) -> Value:
    """A Jacobian as a matrix: of one number a row, of several by a number a column."""
    value = meaning.value(slope)
    if len(value.indices) != 1 or value.is_stacked:
        return value
    by = named(operand(slope.denominator), meaning.scope.usage)
    column = by is not None and not by.places and not meaning.scope.rank(by.text)
    return Value(value.expr, (*value.indices, None) if column else (None, *value.indices))


def _is_place(slope: Node, bracket: Node) -> bool:
    """Whether `(x)` behind ∂f_i/∂x_j says where it is taken."""
    if not is_derivative(slope) or not isinstance(slope.denominator, tree.Product):
        return False
    by = operand(slope.denominator)
    base = letter(by.base if isinstance(by, tree.Script) else by)
    return isinstance(bracket, tree.Group) and bracket.open == "(" and letter(bracket.body) == base
