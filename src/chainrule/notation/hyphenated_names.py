"""Words with hyphens as subscripts: the `naive-softmax` of J_{naive-softmax} is no difference.

Read letter by letter, its v and e would be names of the document.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from chainrule.notation import tree
from chainrule.notation.scripts import plain
from chainrule.notation.tree import Node

# So long is one of the words at least: `ij-kl` are places.
_LONG = 4


def with_hyphenated_names(statements: list[tree.Statement]) -> list[tree.Statement]:
    """The statements with such subscripts as `\\text{…}` would give them."""
    return [
        replace(one, chain=tree.transformed(one.chain, _named)) if _may_have_words(one) else one
        for one in statements
    ]


def _may_have_words(statement: tree.Statement) -> bool:
    """Whether a difference stands below a name."""
    parts = (part for part in tree.walk(statement.chain) if isinstance(part, tree.Script))
    return any(isinstance(part.sub, tree.Sum) for part in parts)


def _named(part: Node) -> Node:
    match part:
        case tree.Script(_, tree.Sum(terms, ("+", *signs)) as sub):
            words = [_word(term) for term in terms]
            if set(signs) == {"-"} and None not in words and max(map(len, words)) >= _LONG:
                word = tree.Symbol(plain(sub), "roman", start=sub.start, end=sub.end)
                return replace(part, sub=word)
    return part


def _word(node: Node) -> str | None:
    """The letters of a word that is printed without gaps; None for anything else."""
    match node:
        case tree.Symbol(name) if len(name) > 1 and name.isalpha():
            return name
        case tree.Product(factors, operators) if not any(operators):
            letters = [f.name if isinstance(f, tree.Symbol) else "" for f in factors]
            glued = all(one.end == other.start for one, other in pairwise(factors))
            return "".join(letters) if glued and "".join(letters).isalpha() else None
    return None
