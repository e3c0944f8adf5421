"""What stars between signals mean: `(x * k)[n] = \\sum_i k[i] x[n - i]` says so of its star."""

from __future__ import annotations

from collections.abc import Iterable

from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.scripts import letter, subscripts
from chainrule.notation.tree import EQUAL, Node

SIGNS = ("ast", "star", "circledast")


def turned(nodes: Iterable[Node]) -> dict[str, bool]:
    """For each star that some formula defines, whether the kernel is turned round: x[n - i]."""
    found: dict[str, bool] = {}
    for node in nodes:
        sign = defined_star(node)
        if sign is not None and sign not in found:
            signs = _signs_of_steps(node.members[1])
            if len(signs) == 1:
                found[sign] = signs.pop() == "-"
    return found


def defined_star(node: Node) -> str | None:
    """The star of `(x * k)[n] = Σ …`, `(I * K)(i, j) = Σ …`."""
    if not isinstance(node, tree.Chain) or node.relations[0].kind not in EQUAL:
        return None
    if not any(isinstance(part, tree.Big) for part in tree.walk(node.members[1])):
        return None
    match undecorated(node.members[0]):
        case tree.Script(tree.Group("(", _, inner), sub, None) if sub is not None:
            return _star(inner)
        case tree.Product((tree.Group("(", _, inner), tree.Group()), ("",)):
            return _star(inner)
    return None


def _star(inner: Node) -> str | None:
    match inner:
        case tree.Product((one, other), (sign,)) if sign in SIGNS:
            return sign if letter(one) and letter(other) else None
    return None


def _signs_of_steps(body: Node) -> set[str]:
    """The signs of the letters that a sum is over, in places such as n - i."""
    sums = (part for part in tree.walk(body) if isinstance(part, tree.Big) and part.sub is not None)
    over = {letter(mark) for part in sums for mark in tree.walk(part.sub)} - {None}
    places = [
        mark
        for part in tree.walk(body)
        for mark in (subscripts(part.sub) if isinstance(part, tree.Script) else _places(part))
    ]
    return {
        sign
        for place in places
        if isinstance(place, tree.Sum)
        for sign, term in zip(place.signs, place.terms, strict=True)
        if letter(term) in over
    }


def _places(part: Node) -> tuple[Node, ...]:
    """The places of `K(i - m, j - n)`."""
    match part:
        case tree.Group("(" | "[", _, tree.List(items, _)):
            return items
        case tree.Group("(" | "[", _, body):
            return (body,)
    return ()
