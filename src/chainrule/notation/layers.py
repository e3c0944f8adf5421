"""Layers: `a^{(l)} = σ(z^{(l)})` is said of every l, of l + 1 and of the last layer L too.

A definition with the letter of a layer in superscripts is read once more for each other layer that
the document prints. What the last of these layers gives is what the cost depends on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from chainrule.notation import tree
from chainrule.notation.names import Usage, letter, named, scripted
from chainrule.notation.scope import Scope
from chainrule.notation.tree import Node

LETTERS = {"l", "\\ell"}
LAST = "L"
# Letters for slopes, which nothing that follows depends on.
_SLOPES = re.compile(r"\\(?:delta|Delta|epsilon|varepsilon)\b")
_MARK = re.compile(r"^(?P<base>.+)\^\{?[(\[]?(?P<letter>l|\\ell)(?P<shift>[+-]\d)?[)\]]?\}?$")

_FAMILY = re.compile(
    r"^(?P<base>.+)\^\{?(?P<bracket>[(\[]?)(?:l|\\ell|L)(?:[+-]\d)?[)\]]?\}?$"
)

# C_t and C_{t-1}, one array at two times.
_STEPS = re.compile(r"^(?P<base>.+)(?P<bracket>_)(?:t|\\tau|\{(?:t|\\tau)[+-]\d\})$")

# Another layer: the letter it is counted from, and how far it is from there.
Layer = tuple[str, int]


def layer_letter(name: str) -> str | None:
    """The l of `z^{(l)}`, `z^l` and `z^{[l]}`; None for any other name."""
    found = _MARK.match(name)
    return found["letter"] if found is not None and found["shift"] is None else None


def printed_layers(nodes: Iterable[Node], usage: Usage) -> set[Layer]:
    """The layers other than l itself that a document speaks of.

    The layer before counts only where more than what l takes from it is printed.
    """
    found: set[Layer] = set()
    for node in nodes:
        for part in scripted(node):
            sup = part.sup if isinstance(part, tree.Script) else None
            layer = _layer(sup)
            if layer is None or layer in ((layer[0], 0), (LAST, -1)):
                continue
            name = named(part, usage)
            slope = name is not None and _SLOPES.match(name.text)
            if layer[1] != -1 or slope:
                found.add(layer)
        if any(_layer(part.sup) == (LAST, 0) for part in scripted(node) if _is_script(part)):
            found.add((LAST, 0))
    return found


def _is_script(node: Node) -> bool:
    return isinstance(node, tree.Script)


def _layer(mark: Node | None) -> Layer | None:
    """(l, 1) of the superscripts l+1, (l+1) and [l+1]."""
    if isinstance(mark, tree.Group):
        mark = mark.body
    match mark:
        case tree.Symbol():
            text = letter(mark)
            return (text, 0) if text in LETTERS | {LAST} else None
        case tree.Sum((first, tree.Number(step)), ("+", sign)) if step.isdigit():
            text = letter(first)
            if text in LETTERS | {LAST}:
                return text, int(step) if sign == "+" else -int(step)
    return None


def at_layer(node: Node, own: str, other: Layer) -> Node:
    """A formula with the superscripts of another layer in the place of l."""

    def change(part: Node) -> Node:
        if not isinstance(part, tree.Script) or part.sup is None:
            return part
        layer = _layer(part.sup)
        if layer is None or layer[0] != own:
            return part
        return replace(part, sup=_marked(part.sup, (other[0], other[1] + layer[1])))

    return tree.transformed(node, change)


def _marked(mark: Node, layer: Layer) -> Node:
    if isinstance(mark, tree.Group):
        return replace(mark, body=_marked(mark.body, layer))
    text, step = layer
    symbol = tree.Symbol(text.removeprefix("\\"), start=mark.start, end=mark.end)
    if not step:
        return symbol
    number = tree.Number(str(abs(step)), start=mark.start, end=mark.end)
    signs = ("+", "+" if step > 0 else "-")
    return tree.Sum((symbol, number), signs, start=mark.start, end=mark.end)


def other_layers(
    head: Node, body: Node, own: str, layers: set[Layer]
) -> Iterator[tuple[Node, Node]]:
    """The head and body of a definition for every other layer, the nearest ones first."""
    for other in sorted(layers, key=lambda layer: (abs(layer[1]), layer)):
        if other[0] in (own, LAST):
            yield at_layer(head, own, other), at_layer(body, own, other)


def shared(ranks: dict[str, int], names: Iterable[str]) -> dict[str, int]:
    """Ranks with those of z^{(l)} for z^{(l+1)} and z^{(L)} too, and those of h_t for h_{t-1}."""
    families: dict[tuple[str, str], list[str]] = {}
    for name in {*names, *ranks}:
        found = _FAMILY.match(name) or _STEPS.match(name)
        if found is not None:
            families.setdefault((found["base"], found["bracket"]), []).append(name)
    common = {
        name: rank
        for family in families.values()
        if len(family) > 1 and (rank := max(ranks.get(name, 0) for name in family))
        for name in family
    }
    return ranks | common


def ends(scope: Scope) -> tuple[str, ...]:
    """What the layers that are known give, and no known layer takes."""
    known = [name for name in scope.definitions if _FAMILY.match(name) and not _SLOPES.match(name)]
    if not any(found["shift"] for name in known if (found := _MARK.match(name)) is not None):
        return ()
    taken = {used for name in known for used in scope.definitions[name].uses}
    return tuple(name for name in known if name not in taken)
