r"""Derivatives as `\partial_x f` and `\partial_{w_k} E`, with the variable below the sign.

They are read as ∂f/∂x. The sign takes the one factor behind it, and the bracket of a call.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chainrule.notation import tree
from chainrule.notation.neighbours import with_factors
from chainrule.notation.tree import Node

_PARTIAL = "partial"


def with_fractions(statements: Iterable[tree.Statement]) -> list[tree.Statement]:
    """The statements with a fraction of differentials for each sign with something below it."""
    return [replace(one, chain=tree.transformed(one.chain, _changed)) for one in statements]


def _changed(part: Node) -> Node:
    if not isinstance(part, tree.Product):
        return part
    factors, operators = list(part.factors), list(part.operators)
    for at in reversed(range(len(operators))):
        if operators[at] == "" and _is_sign(factors[at]):
            width = 2 if _is_call(factors, operators, at + 1) else 1
            inside = factors[at + 1 : at + 1 + width]
            factors[at : at + 1 + width] = [_fraction(factors[at], inside)]
            del operators[at : at + width]
    return with_factors(part, factors, operators)


def _is_sign(node: Node) -> bool:
    match node:
        case tree.Script(tree.Symbol(name), tree.Node() as below, None, 0):
            marks = (tree.Symbol, tree.Script, tree.Accent)
            return name == _PARTIAL and isinstance(below, marks)
    return False


def _is_call(factors: list[Node], operators: list[str], at: int) -> bool:
    """Whether a bracket follows directly: the (x) of `∂_x f(x)`."""
    if at + 1 >= len(factors) or operators[at]:
        return False
    word, bracket = factors[at], factors[at + 1]
    return (
        isinstance(word, (tree.Symbol, tree.Script))
        and isinstance(bracket, tree.Group)
        and bracket.open == "("
    )


def _fraction(sign: tree.Script, inside: list[Node]) -> Node:
    start, end = sign.start, inside[-1].end
    above = tree.Product(
        (sign.base, *inside), ("",) * len(inside), start=sign.base.start, end=end
    )
    below = tree.Product((sign.base, sign.sub), ("",), start=sign.start, end=sign.end)
    return tree.Fraction(above, below, start=start, end=end)
