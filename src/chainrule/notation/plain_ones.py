r"""A plain 1 for a vector of ones: the 1 of `1 b`, where `1^T` is printed somewhere.

Nobody writes a number 1 in front of a factor.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from chainrule.notation import tree
from chainrule.notation.scripts import is_transposed
from chainrule.notation.tree import Node


def with_ones(statements: Iterable[tree.Statement]) -> list[tree.Statement]:
    """The statements with each plain 1 that is a vector of ones as a bold one."""
    statements = list(statements)
    parts = (part for one in statements for part in tree.walk(one.chain))
    if not any(is_transposed(part) and _is_one(part.base) for part in parts):
        return statements
    return [replace(one, chain=tree.transformed(one.chain, _changed)) for one in statements]


def _changed(part: Node) -> Node:
    if is_transposed(part) and _is_one(part.base):
        return replace(part, base=replace(part.base, font="bold"))
    if not isinstance(part, tree.Product):
        return part
    beside = {
        id(first)
        for (first, second), operator in zip(pairwise(part.factors), part.operators, strict=True)
        if _is_one(first) and operator == "" and isinstance(second, (tree.Symbol, tree.Script))
    }
    factors = (replace(f, font="bold") if id(f) in beside else f for f in part.factors)
    return replace(part, factors=tuple(factors)) if beside else part


def _is_one(node: Node) -> bool:
    return isinstance(node, tree.Number) and node.text == "1" and not node.font
