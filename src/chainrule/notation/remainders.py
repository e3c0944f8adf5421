"""Remainders of expansions: the `O(h^2)` of `f(x + h) = f(x) + h f'(x) + O(h^2)`."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.scripts import letter
from chainrule.notation.tree import Node


def remainder(node: Node) -> tuple[Node, Node | None, float]:
    """(the rest, h, k) of a member that ends with `O(h^k)`; (itself, None, ∞) of another.

    >>> from chainrule.notation.syntax import parse_formula
    >>> remainder(parse_formula("x + O(h^2)")[0].chain)[1:]
    (Symbol(start=6, end=7, name='h', font=''), 2.0)
    """
    terms = node.terms if isinstance(node, tree.Sum) else (node,)
    match undecorated(terms[-1]):
        case tree.Product((tree.Symbol("O"), tree.Group("(", ")", inside)), ("",)):
            base, power = (inside, tree.Number("1"))
            if isinstance(inside, tree.Script) and inside.sub is None:
                base, power = inside.base, inside.sup
            if letter(base) is None or not isinstance(power, tree.Number):
                return node, None, inf
        case _:
            return node, None, inf
    if len(terms) == 1:
        return tree.Number("0", start=node.start, end=node.end), base, float(power.text)
    return replace(node, terms=terms[:-1], signs=node.signs[:-1]), base, float(power.text)
