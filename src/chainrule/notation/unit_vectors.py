"""Unit vectors with their place in brackets, and the identity with its size: e(k) and I(3).

They are e_k and I_3, and no products.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import pairwise

from chainrule.notation import tree
from chainrule.notation.constants import constants
from chainrule.notation.neighbours import with_pairs
from chainrule.notation.tree import Node


def with_unit_vectors(statements: list[tree.Statement]) -> list[tree.Statement]:
    """The statements with e_k for `e(k)`, unless a formula says which function e is."""
    changes = [_element] if constants(one.chain for one in statements).e != "function" else []
    changes += [] if any(map(_is_other, statements)) else [_identity]
    for change in changes:
        statements = [
            replace(one, chain=tree.transformed(one.chain, partial(with_pairs, written=change)))
            for one in statements
        ]
    return statements


def _is_other(statement: tree.Statement) -> bool:
    """Whether I is a function or set to something: `I(y = k)`, `I = …`."""
    match statement.chain:
        case tree.Chain((tree.Symbol("I"), *_), _):
            return True
    pairs = (p.factors for p in tree.walk(statement.chain) if isinstance(p, tree.Product))
    return any(
        one == tree.Symbol("I") and isinstance(other, tree.Group) and not _is_size(other)
        for factors in pairs
        for one, other in pairwise(factors)
    )


def _is_size(node: tree.Group) -> bool:
    return isinstance(node.body, tree.Number) and node.body.text.isdigit() and node.body.text > "1"


def _identity(one: Node, other: Node) -> Node | None:
    match one, other:
        case tree.Symbol("I", ""), tree.Group("(", ")", size) if _is_size(other):
            return tree.Script(one, size, start=one.start, end=other.end)
    return None


def _element(one: Node, other: Node) -> Node | None:
    match one, other:
        case tree.Symbol("e", ""), tree.Group("(", ")", tree.Symbol() as place):
            return tree.Script(one, place, start=one.start, end=other.end)
    return None
