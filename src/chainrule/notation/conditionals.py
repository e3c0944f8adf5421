"""Probabilities of one index given another: `p(o | c)` for words o and c is the entry p_{oc}."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from chainrule.notation import tree
from chainrule.notation.names import letter, scripted, subscripts
from chainrule.notation.tree import Node


def with_entries(statements: list[tree.Statement]) -> list[tree.Statement]:
    """The statements with `p_{oc}` for `p(o | c)`, where o and c count something: they stand as
    subscripts elsewhere."""
    chains = [one.chain for one in statements]
    marks = {
        letter(mark)
        for chain in chains
        for part in scripted(chain)
        if isinstance(part, tree.Script)
        for mark in subscripts(part.sub)
    }
    written = partial(_written, marks - {None})
    return [replace(one, chain=tree.transformed(one.chain, written)) for one in statements]


def _written(marks: set[str], node: Node) -> Node:
    if not isinstance(node, tree.Product):
        return node
    factors, operators = list(node.factors), list(node.operators)
    for at in reversed(range(len(operators))):
        entry = _entry(marks, factors[at], factors[at + 1])
        if entry is not None and not operators[at]:
            factors[at : at + 2] = [entry]
            del operators[at]
    if len(factors) == len(node.factors):
        return node
    if len(factors) == 1:
        return factors[0]
    return replace(node, factors=tuple(factors), operators=tuple(operators))


def _entry(marks: set[str], word: Node, bracket: Node) -> Node | None:
    match word, bracket:
        case (
            tree.Symbol(name),
            tree.Group("(", _, tree.Conditional(tree.Symbol() as one, tree.Symbol() as other)),
        ) if len(name) == 1 and {letter(one), letter(other)} <= marks:
            places = tree.List((one, other), (",",), start=one.start, end=other.end)
            return tree.Script(word, places, start=word.start, end=bracket.end)
    return None
