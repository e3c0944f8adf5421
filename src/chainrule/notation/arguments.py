"""Empty arguments: in `σ'(\\cdot)` stands what σ was applied to last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chainrule.notation import tree
from chainrule.notation.scripts import letter
from chainrule.notation.tree import Node

_EMPTY = (tree.Symbol("cdot"), tree.Ellipsis("horizontal"))


def filled(statements: Iterable[tree.Statement]) -> list[tree.Statement]:
    """The statements with each empty argument replaced by the one that its function had last."""
    known: dict[str, Node] = {}
    return [replace(one, chain=_filled(one.chain, known)) for one in statements]


def _filled(node: Node, known: dict[str, Node]) -> Node:
    if not isinstance(node, tree.Chain):
        return _filled_in(node, known)
    members = tuple(_filled_in(member, known) for member in node.members)
    return node if members == node.members else replace(node, members=members)


def _filled_in(node: Node, known: dict[str, Node]) -> Node:
    def change(part: Node) -> Node:
        if not isinstance(part, tree.Product):
            return part
        factors = list(part.factors)
        for place, operator in enumerate(part.operators):
            word, bracket = _word(factors[place]), factors[place + 1]
            if word is None or operator or not _is_bracket(bracket):
                continue
            if bracket.body not in _EMPTY:
                known[word] = bracket.body
            elif word in known:
                factors[place + 1] = replace(bracket, body=_moved(known[word], bracket))
        return replace(part, factors=tuple(factors)) if factors != list(part.factors) else part

    return tree.transformed(node, change)


def _word(node: Node) -> str | None:
    return letter(node.base if isinstance(node, tree.Script) else node)


def _is_bracket(node: Node) -> bool:
    return isinstance(node, tree.Group) and node.open in ("(", "[")


def _moved(node: Node, to: Node) -> Node:
    """A tree with all spans where another one stands."""
    return tree.transformed(node, lambda part: replace(part, start=to.start, end=to.end))
