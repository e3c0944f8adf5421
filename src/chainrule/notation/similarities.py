"""The cosine of the angle between two vectors: `\\cos(a, b)` is a function of its own."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from chainrule.notation import tree
from chainrule.notation.tree import Node

# What the function of two vectors is called, which no known function is.
NAME = "cosine"


def with_similarities(statements: list[tree.Statement]) -> list[tree.Statement]:
    """The statements, the word `cos` in front of two arguments with a name of its own.

    >>> two = tree.Group("(", ")", tree.List((tree.Symbol("a"), tree.Symbol("b")), (",",)))
    >>> call = tree.Product((tree.Symbol("cos"), two), ("",))
    >>> [one] = with_similarities([tree.Statement(call)])
    >>> one.chain.factors[0].name
    'cosine'
    """
    return [replace(one, chain=tree.transformed(one.chain, _renamed)) for one in statements]


def _renamed(node: Node) -> Node:
    if not isinstance(node, tree.Product):
        return node
    factors = list(node.factors)
    for at, (word, bracket) in enumerate(pairwise(node.factors)):
        match word, bracket:
            case tree.Symbol("cos"), tree.Group("(", _, tree.List((_, _))):
                factors[at] = replace(word, name=NAME)
    return replace(node, factors=tuple(factors)) if tuple(factors) != node.factors else node
