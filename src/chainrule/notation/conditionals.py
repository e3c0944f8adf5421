"""Probabilities of one index given another: `p(o | c)` for words o and c is the entry p_{oc}.

Where c is the one word that is spoken of, it is the element p_o of a vector.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from chainrule.notation import tree
from chainrule.notation.name_marks import UNITS
from chainrule.notation.neighbours import with_pairs
from chainrule.notation.numbering import running
from chainrule.notation.scripts import letter, scripted, subscripts
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
    one = _one_condition(chains)
    written = partial(with_pairs, written=partial(_entry, marks - {None}, one))
    return [replace(one, chain=tree.transformed(one.chain, written)) for one in statements]


def _one_condition(chains: list[Node]) -> str | None:
    """The c that all probabilities are given, where no sum runs over it and only one letter has it
    below: v_c is the one vector that is given."""
    parts = [part for chain in chains for part in tree.walk(chain)]
    given = {letter(one.condition) for one in parts if isinstance(one, tree.Conditional)}
    if len(given) != 1 or given <= set().union(*map(running, chains)):
        return None
    bases = {
        letter(part.base)
        for chain in chains
        for part in scripted(chain)
        if isinstance(part, tree.Script) and given & {letter(m) for m in subscripts(part.sub)}
    }
    return given.pop() if len(bases - UNITS) == 1 else None


def _entry(marks: set[str], given: str | None, word: Node, bracket: Node) -> Node | None:
    """p_{oc} for `p` and `(o | c)`; p_o, where c is given once for all."""
    match word, bracket:
        case (
            tree.Symbol(name),
            tree.Group("(", _, tree.Conditional(tree.Symbol() as one, tree.Symbol() as other)),
        ) if len(name) == 1 and {letter(one), letter(other)} <= marks:
            if letter(other) == given:
                return tree.Script(word, one, start=word.start, end=bracket.end)
            places = tree.List((one, other), (",",), start=one.start, end=other.end)
            return tree.Script(word, places, start=word.start, end=bracket.end)
    return None
