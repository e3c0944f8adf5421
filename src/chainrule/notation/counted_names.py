"""Numbers of things: `\\#\\theta = (D + 1) M` says how many parameters there are, not what θ is."""

from __future__ import annotations

from dataclasses import replace

from chainrule.notation import tree
from chainrule.notation.neighbours import with_pairs
from chainrule.notation.scripts import plain
from chainrule.notation.tree import Node


def with_counts(statements: list[tree.Statement]) -> list[tree.Statement]:
    """The statements, `\\#` and what is counted as one name.

    >>> from chainrule.notation.document import read_document
    >>> from chainrule.notation.syntax import statements_of
    >>> document = read_document(r"$\\#\\theta = m$", "note")
    >>> [one] = with_counts(statements_of(document, document.formulas[0]))
    >>> one.chain.members[0].name
    '\\\\#\\\\theta'
    """
    return [replace(one, chain=tree.transformed(one.chain, _counted)) for one in statements]


def _counted(node: Node) -> Node:
    return with_pairs(node, _one)


def _one(sign: Node, thing: Node) -> Node | None:
    if not isinstance(sign, tree.Symbol) or sign.name != "#":
        return None
    return tree.Symbol(f"\\#{plain(thing)}", start=sign.start, end=thing.end)
