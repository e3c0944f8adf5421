"""The letter e: Euler's number, unless a document gives it another meaning."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from chainrule.notation import tree
from chainrule.notation.tree import EQUAL, Node


def meaning_of_e(nodes: Iterable[Node]) -> str:
    """ "name" if `e = …` gives it a formula, "function" if `e(u) = …` does, or else "number".

    >>> e, two, x = tree.Symbol("e"), tree.Number("2"), tree.Symbol("x")
    >>> meaning_of_e([tree.Chain((e, tree.Script(x, None, two)), (tree.Relation("="),))])
    'name'
    """
    for part in chain.from_iterable(map(tree.walk, nodes)):
        if not isinstance(part, tree.Chain) or part.relations[0].kind not in EQUAL:
            continue
        has_letters = any(isinstance(one, tree.Symbol) for one in tree.walk(part.members[1]))
        match part.members[0]:
            case tree.Symbol("e", "") if has_letters:
                return "name"
            case tree.Product((tree.Symbol("e", ""), tree.Group("(")), ("",)):
                return "function"
    return "number"
