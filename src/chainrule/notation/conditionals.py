"""Probabilities of one index given another: `p(o | c)` for words o and c is the entry p_{oc}.

Where c is the one word that is spoken of, it is the element p_o of a vector.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.name_marks import UNITS
from chainrule.notation.neighbours import with_pairs
from chainrule.notation.numbering import running
from chainrule.notation.scripts import letter, scripted, subscripts
from chainrule.notation.tree import Node

Entry = Callable[[Node, Node], Node | None]


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
    entry = partial(_entry, marks - {None}, one)
    second = _second_names(chains, entry)

    def called(word: Node, bracket: Node) -> Node | None:
        found = entry(word, bracket)
        return found and replace(found, base=second.get(letter(found.base), found.base))

    written = partial(with_pairs, written=called)
    return [replace(one, chain=tree.transformed(one.chain, written)) for one in statements]


def _second_names(chains: list[Node], entry: Entry) -> dict[str | None, Node]:
    """p for the P of `p_w = P(w | c)`, where p has a formula and P has none."""
    chains = [one for one in chains if isinstance(one, tree.Chain)]
    equations = [one for one in chains if one.relations[0].kind in tree.EQUAL]
    heads = [with_pairs(undecorated(one.members[0]), entry) for one in equations]
    bases = [letter(one.base if isinstance(one, tree.Script) else one) for one in heads]
    found = {}
    for at, chain in enumerate(equations):
        body = with_pairs(undecorated(chain.members[1]), entry)
        match heads[at], body:
            case tree.Script(base, one, None), tree.Script(other, same, None) if one == same:
                own = letter(base) in bases[:at] and letter(other) not in bases
                if own and body is not chain.members[1] and len(chain.members) == 2:
                    found[letter(other)] = base
    return found


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
