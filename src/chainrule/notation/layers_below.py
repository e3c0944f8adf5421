"""Layers below letters: the D_l of `D_l = diag(1 - a^{[l]} ⊙ a^{[l]})` is D^{[l]}, and D_2 D^{[2]}.

A subscript is a layer where what the name is set to has the same letter as a layer in brackets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.scripts import letter
from chainrule.notation.tree import EQUAL, Node

# A closing bracket for each opening one, as layers are printed.
_BRACKETS = {"[": "]", "(": ")"}
# Letters of layers in round brackets, where others are the numbers of examples.
_LAYERS = {"l", "\\ell"}


def with_layers(statements: list[tree.Statement]) -> list[tree.Statement]:
    """The statements with the layer above where it stands below a letter."""
    chains = (one.chain for one in statements if isinstance(one.chain, tree.Chain))
    found = dict(filter(None, map(_layered, chains)))
    if not found:
        return statements

    def changed(part: Node) -> Node:
        match part:
            case tree.Script(tree.Symbol() as base, tree.Symbol() | tree.Number() as layer, sup, 0):
                opening = found.get(letter(base))
                if opening is not None:
                    return _raised(part, base, layer, sup, opening)
        return part

    return [replace(one, chain=tree.transformed(one.chain, changed)) for one in statements]


def _layered(chain: tree.Chain) -> tuple[str, str] | None:
    """(D, the bracket of layers) where the name D_l gets a formula of what layer l gives."""
    head = undecorated(chain.members[0])
    if chain.relations[0].kind not in EQUAL:
        return None
    match head:
        case tree.Script(tree.Symbol() as base, tree.Symbol() as layer, None, 0):
            marks = set(_marks(chain.members[1], layer))
            return (letter(base), marks.pop()) if len(marks) == 1 else None
    return None


def _marks(node: Node, layer: Node) -> Iterator[str]:
    """The brackets around a letter above others."""
    for part in tree.walk(node):
        match part:
            case tree.Script(_, _, tree.Group(opening, _, inside)) if inside == layer:
                if opening == "[" or letter(layer) in _LAYERS:
                    yield opening


def _raised(part: Node, base: Node, layer: Node, sup: Node | None, opening: str) -> Node:
    place = {"start": layer.start, "end": layer.end}
    mark = tree.Group(opening, _BRACKETS[opening], layer, **place)
    above = mark if sup is None else tree.Product((mark, sup), ("",), start=mark.start, end=sup.end)
    return tree.Script(base, None, above, start=part.start, end=part.end)
