"""How the names of layers use each other: forward from layer to layer, or backward.

`z^{(l)}` uses `a^{(l-1)}` and `a^{(l)}` uses `z^{(l)}`: these two families are a network, and what
its last layer gives is what a cost depends on. A family that uses its own next layer, as error
signals do, belongs to the backward pass: no cost depends on it, and as long as nobody says what it
is in the last layer it is a name without a meaning. A family that only copies another one, such as
its transpose, is neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from chainrule.language.program import Definition

_LAYER = re.compile(
    r"^(?P<base>.+)\^(?:\{?[(\[]?(?P<letter>l|\\ell|L)(?P<shift>[+-]\d)?[)\]]?\}?"
    r"|\{[(\[](?P<number>\d)[)\]]\})$"
)

# For each family those it uses, and how many layers further on they stand there.
Uses = dict[str, set[tuple[str, int]]]


def family(name: str) -> str | None:
    """The z of `z^{(l)}`, `z^{(l+1)}`, `z^{[L]}` and `z^{(2)}`.

    >>> family("z^{(l+1)}"), family("z^{(2)}"), family("z^2")
    ('z', 'z', None)
    """
    found = _LAYER.match(name)
    return found["base"] if found is not None else None


def networks(definitions: Mapping[str, Definition]) -> list[frozenset[str]]:
    """The families that take from the layer before, those together that take from each other."""
    uses = _uses(definitions)
    reached = {one: _reached(uses, one, -1) for one in uses}
    found = []
    for one in uses:
        if one in reached[one]:
            both = {other for other in reached[one] if one in reached.get(other, ())}
            if both not in found:
                found.append(frozenset(both))
    return found


def backward(definitions: Mapping[str, Definition]) -> set[str]:
    """The families that take from the next layer, as error signals do."""
    uses = _uses(definitions)
    return {one for one in uses if one in _reached(uses, one, 1)}


def unknown_signals(definitions: Mapping[str, Definition]) -> set[str]:
    """The names of the backward pass that no definition ends: Δ^{(l+1)}, where Δ^{(l)} uses it."""
    families = backward(definitions)
    used = {name for definition in definitions.values() for name in definition.uses}
    return {name for name in used - definitions.keys() if family(name) in families}


def _uses(definitions: Mapping[str, Definition]) -> Uses:
    found: Uses = {}
    for name, definition in definitions.items():
        own = _LAYER.match(name)
        if own is None:
            continue
        others = found.setdefault(own["base"], set())
        for used in map(_LAYER.match, definition.uses):
            if used is not None and used["letter"] == own["letter"]:
                others.add((used["base"], _number(used) - _number(own)))
    return found


def _number(name: re.Match) -> int:
    return int(name["shift"] or name["number"] or 0)


def _reached(uses: Uses, start: str, way: int) -> set[str]:
    """The families that one depends on by steps within a layer or one way, with at least one step
    to another layer."""
    seen: set[tuple[str, bool]] = set()
    waiting = [(start, False)]
    while waiting:
        one, moved = waiting.pop()
        for other, step in _along(uses.get(one, ()), way):
            state = (other, moved or step != 0)
            if state not in seen:
                seen.add(state)
                waiting.append(state)
    return {one for one, moved in seen if moved}


def _along(uses: Iterable[tuple[str, int]], way: int) -> Iterable[tuple[str, int]]:
    return (one for one in uses if one[1] * way >= 0)
