"""Layers: `a^{(l)} = σ(z^{(l)})` is said of every l, of l + 1 and of the last layer L too.

A definition with the letter of a layer in superscripts is read once more for each other layer that
the document prints. What the last of these layers gives is what the cost depends on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from chainrule.language.algebra import add, element
from chainrule.language.expr import Array
from chainrule.notation import tree
from chainrule.notation.layer_graph import backward, family, networks
from chainrule.notation.names import named
from chainrule.notation.primes import UNKNOWN
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import letter, scripted
from chainrule.notation.tree import Node
from chainrule.notation.usage import Usage
from chainrule.notation.value import Value

LETTERS = {"l", "\\ell"}
LAST = "L"
# Letters for slopes, which nothing that follows depends on.
_SLOPES = re.compile(r"\\(?:delta|Delta|epsilon|varepsilon)\b")
_MARK = re.compile(r"^(?P<base>.+)\^\{?[(\[]?(?P<letter>l|\\ell)(?P<shift>[+-]\d)?[)\]]?\}?$")

_FAMILY = re.compile(r"^(?P<base>.+)\^\{?(?P<bracket>[(\[]?)(?:l|\\ell|L)(?:[+-]\d)?[)\]]?\}?$")

_LAST = re.compile(r"\^\{?[(\[]?L[)\]]?\}?$")

# W^{(1)}, which belongs to W^{(l)} where that is printed.
_NUMBERED = re.compile(r"^(?P<base>.+)\^\{(?P<bracket>[(\[])\d[)\]]\}$")

# C_t and C_{t-1}, one array at two times.
_STEPS = re.compile(r"^(?P<base>.+)(?P<bracket>_)(?:t|\\tau|\{(?:t|\\tau)[+-]\d\})$")

# Another layer: the letter it is counted from, and how far it is from there.
Layer = tuple[str, int]


def layer_letter(name: str) -> str | None:
    """The l of `z^{(l)}`, `z^l` and `z^{[l]}`; None for any other name."""
    found = _MARK.match(name)
    return found["letter"] if found is not None and found["shift"] is None else None


def is_last(name: str) -> bool:
    """Whether a name is that of the last layer: `a^{(L)}`, `a^L`, `a^{[L]}`."""
    return _LAST.search(name) is not None


def printed_layers(nodes: Iterable[Node], usage: Usage) -> set[Layer]:
    """The layers other than l itself that a document speaks of.

    The layer before counts only where more than what l takes from it is printed. Of numbers only
    the first layer is surely not the last, where one is called L.
    """
    nodes = list(nodes)
    found: set[Layer] = set()
    for node in nodes:
        found |= _counted(node)
        for part in scripted(node):
            sup = part.sup if isinstance(part, tree.Script) else None
            layer = _layer(sup)
            if layer is None or (layer[1], layer[0] in LETTERS | {LAST}) == (0, True):
                continue
            if layer == (LAST, -1):
                continue
            name = named(part, usage)
            slope = name is not None and _SLOPES.match(name.text)
            if layer[1] != -1 or slope:
                found.add(layer)
        if any(_layer(part.sup) == (LAST, 0) for part in scripted(node) if _is_script(part)):
            found.add((LAST, 0))
    numbers = {layer for layer in found if layer[0].isdigit()}
    first = {("1", 0)} if not any(map(_says_how_many, nodes)) else set()
    return found - numbers | (numbers & first if (LAST, 0) in found else numbers - {("0", 0)})


def _counted(node: Node) -> set[Layer]:
    """The layers of `l = 1, 2` and `l = 1, …, 3`."""
    match node:
        case tree.Chain((tree.Symbol() as own, (tree.Number() | tree.List()) as last), _):
            if letter(own) in LETTERS:
                numbers = [n.text for n in tree.walk(last) if isinstance(n, tree.Number)]
                if all(n.isdigit() for n in numbers):
                    ends = sorted(map(int, numbers))
                    return {(str(n), 0) for n in range(ends[0], ends[-1] + 1)}
    return set()


def _says_how_many(node: Node) -> bool:
    """Whether a number is printed for L."""
    match node:
        case tree.Chain((tree.Symbol(text), tree.Number()), _):
            return text == LAST
    return False


def _is_script(node: Node) -> bool:
    return isinstance(node, tree.Script)


def _layer(mark: Node | None) -> Layer | None:
    """(l, 1) of the superscripts l+1, (l+1) and [l+1]; (2, 0) of (2)."""
    if isinstance(mark, tree.Group):
        if isinstance(mark.body, tree.Number) and mark.body.text.isdigit():
            return mark.body.text, 0
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


def at_layer(node: Node, own: str, other: Layer, sizes: set[str]) -> Node:
    """A formula with another layer in the place of l in superscripts, and below sizes as n_l."""

    def moved(mark: Node | None) -> Node | None:
        layer = _layer(mark)
        if layer is None or layer[0] != own:
            return mark
        return _marked(mark, (other[0], other[1] + layer[1]))

    def change(part: Node) -> Node:
        if not isinstance(part, tree.Script):
            return part
        sub = moved(part.sub) if letter(part.base) in sizes else part.sub
        return replace(part, sub=sub, sup=moved(part.sup))

    return tree.transformed(node, change)


def _marked(mark: Node, layer: Layer) -> Node:
    if isinstance(mark, tree.Group):
        return replace(mark, body=_marked(mark.body, layer))
    text, step = layer
    if text.isdigit():
        return tree.Number(str(int(text) + step), start=mark.start, end=mark.end)
    symbol = tree.Symbol(text.removeprefix("\\"), start=mark.start, end=mark.end)
    if not step:
        return symbol
    number = tree.Number(str(abs(step)), start=mark.start, end=mark.end)
    signs = ("+", "+" if step > 0 else "-")
    return tree.Sum((symbol, number), signs, start=mark.start, end=mark.end)


def other_layers(
    nodes: tuple[Node, ...], own: str, layers: set[Layer], sizes: set[str]
) -> Iterator[tuple[Node, ...]]:
    """Formulas that belong together for every other layer, the nearest ones first.

    sizes  the letters of sizes that differ from layer to layer
    """
    for other in _others(own, layers):
        yield tuple(at_layer(node, own, other, sizes) for node in nodes)


def _others(own: str, layers: set[Layer]) -> list[Layer]:
    """The layers that formulas of layer l are read for, the nearest ones first."""
    known = (layer for layer in layers if layer[0] in (own, LAST) or layer[0].isdigit())
    return sorted(known, key=lambda layer: (abs(layer[1]), layer))


def _marked_text(layer: Layer) -> str:
    return layer[0] + (f"{layer[1]:+d}" if layer[1] else "")


def sum_over_layers(meaning, node: tree.Big) -> Value | None:
    """`Σ_l ‖W^{(l)}‖^2` over parameters: what the printed layers add, and an unknown rest.

    meaning  has the scope, and reads the terms
    """
    first = node.sub.members[0] if isinstance(node.sub, tree.Chain) else node.sub
    own, scope = letter(first), meaning.scope
    if node.kind != "sum" or own is None or own not in LETTERS:
        return None
    names = [name for part in scripted(node.body) if (name := named(part, scope.usage))]
    over = {name.text for name in names if layer_letter(name.text) == own}
    if not over or any(scope.is_known(text) for text in over):
        return None
    if any(letter(mark) == own for name in names for mark in name.places):
        return None
    bodies = [node.body]
    for other in _others(own, scope.layers):
        bodies.append(at_layer(node.body, own, other, scope.usage.layer_sizes))
    values = [meaning.value(body) for body in bodies]
    if not all(value.is_scalar for value in values):
        return None
    rest = Array(f"what other layers add{UNKNOWN}({tree.show(node.body)})")
    return Value(add(*(value.expr for value in values), element(rest)))


def shapes_of_layers(
    name: str, factors: tuple[Node, ...], layers: set[Layer], sizes: set[str]
) -> Iterator[tuple[str, tuple[Node, ...]]]:
    """A shape as it is stated, and the same of the other layers: W^{(l+1)} is n_{l+1} × n_l."""
    yield name, factors
    own = layer_letter(name)
    for other in _others(own, layers) if own is not None else ():
        text = _MARK.match(name)
        mark = _marked_text(other)
        mark = name[text.end("base") + 1 :].strip("{}").replace(own, mark)
        mark = mark if len(mark) == 1 else f"{{{mark}}}"
        moved = tuple(at_layer(factor, own, other, sizes) for factor in factors)
        yield f"{text['base']}^{mark}", moved


def shared(ranks: dict[str, int], names: Iterable[str]) -> dict[str, int]:
    """Ranks with those of z^{(l)} for z^{(l+1)} and z^{(L)} too, and those of h_t for h_{t-1}."""
    families: dict[tuple[str, str], list[str]] = {}
    everything = {*names, *ranks}
    for name in everything:
        found = _FAMILY.match(name) or _STEPS.match(name)
        if found is not None:
            families.setdefault((found["base"], found["bracket"]), []).append(name)
    for name in everything:
        found = _NUMBERED.match(name)
        if found is not None and (found["base"], found["bracket"]) in families:
            families[found["base"], found["bracket"]].append(name)
    common = {
        name: rank
        for family in families.values()
        if len(family) > 1 and (rank := max(ranks.get(name, 0) for name in family))
        for name in family
    }
    return ranks | common


def share_ranks(scope: Scope, known: tuple[Node, ...], others: tuple[Node, ...]) -> None:
    """The arrays of another layer have as many axes as those of this one."""
    for node, other in zip(known, others, strict=True):
        for old, new in zip(scripted(node), scripted(other), strict=False):
            names = named(old, scope.usage), named(new, scope.usage)
            if None not in names and names[1].text not in scope.symbols:
                rank = scope.rank(names[0].text)
                scope.ranks[names[1].text] = max(rank, scope.ranks.get(names[1].text, 0))


def ends(scope: Scope) -> tuple[tuple[str, ...], ...]:
    """What the layers that are known give, and no known layer takes, for each network."""
    numbered = any(layer[0].isdigit() for layer in scope.layers)
    known = [
        name
        for name in scope.definitions
        if (_FAMILY.match(name) or (numbered and _NUMBERED.match(name)))
        if not _SLOPES.match(name)
    ]
    last = any(is_last(name) for name in known)
    if not last and not any(one["shift"] for name in known if (one := _MARK.match(name))):
        # Of layers 1, 2 and 3 the last one is known; layer l is any of them.
        known = [name for name in known if layer_letter(name) is not None] if numbered else []
    families = networks(scope.definitions)
    if not families:
        slopes = backward(scope.definitions)
        families = [frozenset(family(name) for name in known) - slopes]
    found = (_open(scope, [n for n in known if family(n) in own]) for own in families)
    return tuple(one for one in found if one)


def _open(scope: Scope, names: list[str]) -> tuple[str, ...]:
    """Those that none of the others uses."""
    taken = {used for name in names for used in scope.definitions[name].uses}
    return tuple(name for name in names if name not in taken)
