"""Unit vectors with their place in brackets: `e(k)` is e_k, and not the number e times k."""

from __future__ import annotations

from dataclasses import replace

from chainrule.notation import tree
from chainrule.notation.constants import constants
from chainrule.notation.neighbours import with_pairs
from chainrule.notation.tree import Node


def with_unit_vectors(statements: list[tree.Statement]) -> list[tree.Statement]:
    """The statements with e_k for `e(k)`, unless a formula says which function e is."""
    if constants(one.chain for one in statements).e == "function":
        return statements

    return [
        replace(one, chain=tree.transformed(one.chain, lambda part: with_pairs(part, _element)))
        for one in statements
    ]


def _element(one: Node, other: Node) -> Node | None:
    match one, other:
        case tree.Symbol("e", ""), tree.Group("(", ")", tree.Symbol() as place):
            return tree.Script(one, place, start=one.start, end=other.end)
    return None
