"""Probabilities of one index given another: `p(o | c)` for words o and c is the entry p_{oc}."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from chainrule.notation import tree
from chainrule.notation.names import letter, scripted, subscripts
from chainrule.notation.neighbours import with_pairs
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
    written = partial(with_pairs, written=partial(_entry, marks - {None}))
    return [replace(one, chain=tree.transformed(one.chain, written)) for one in statements]


def _entry(marks: set[str], word: Node, bracket: Node) -> Node | None:
    """p_{oc} for `p` and `(o | c)`."""
    match word, bracket:
        case (
            tree.Symbol(name),
            tree.Group("(", _, tree.Conditional(tree.Symbol() as one, tree.Symbol() as other)),
        ) if len(name) == 1 and {letter(one), letter(other)} <= marks:
            places = tree.List((one, other), (",",), start=one.start, end=other.end)
            return tree.Script(word, places, start=word.start, end=bracket.end)
    return None
