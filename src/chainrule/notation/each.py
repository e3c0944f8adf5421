"""Vectors of which one shape is stated for all: `x_t ∈ ℝ^D`, where x_1 and x_2 are meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from chainrule.notation import tree
from chainrule.notation.scripts import letter, scripted
from chainrule.notation.tree import Node

_SPACES = ("blackboard", "bold", "calligraphic")


def stated_of_each(node: Node) -> Iterator[tuple[str, tree.Script, Node]]:
    """(x, `x_t`, D) for `x_t, y_t ∈ ℝ^D`: the letter, what is printed of it, and the shape."""
    for one, shape in _stated(node):
        match one:
            case tree.Script(base, tree.Symbol(), None, 0) if (letter(base) or "A")[0].islower():
                yield letter(base), one, shape


def stated_numbered(nodes: Iterable[Node]) -> set[str]:
    """The h of `h_0 ∈ ℝ^H`: h_0 is a vector by itself and no entry of h."""
    scripts = (one for node in nodes for one, _ in _stated(node) if isinstance(one, tree.Script))
    return {letter(one.base) or "" for one in scripts if isinstance(one.sub, tree.Number)}


def _stated(node: Node) -> Iterator[tuple[Node, Node]]:
    """(`a`, D) and (`b`, D) for `a, b ∈ ℝ^D`."""
    match node:
        case tree.Chain((head, tree.Script(tree.Symbol("R", font), None, sup, 0), *_), relations):
            if font in _SPACES and relations[0].kind == "in" and sup is not None:
                yield from ((one, sup) for one in getattr(head, "items", (head,)))


def stated_letters(nodes: Iterable[Node]) -> Counter[str]:
    """How often a shape is stated of all vectors that a letter and a number stand for."""
    return Counter(text for node in nodes for text, _, _ in stated_of_each(node))


def numbered_ones(base: str, nodes: Iterable[Node]) -> list[tree.Script]:
    """`x_1`, `x_2`, … as they are printed."""
    parts = (part for node in nodes for part in scripted(node) if isinstance(part, tree.Script))
    return [p for p in parts if letter(p.base) == base and isinstance(p.sub, tree.Number)]
