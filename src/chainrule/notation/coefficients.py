"""Greek letters that are numbers, as the formulas around them show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from chainrule.notation import tree
from chainrule.notation.bounds import parameter_bounds
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.names import named
from chainrule.notation.tree import Node
from chainrule.notation.usage import Usage


def coefficients(nodes: Iterable[Node], usage: Usage) -> Iterator[str]:
    """The Greek letters that are numbers: μ of `μ > 0`, of `μ/2`, and of `∂E/∂v_j = μ h_j`."""
    nodes = list(nodes)
    yield from parameter_bounds(nodes)
    for node in nodes:
        if isinstance(node, tree.Chain) and is_derivative(node.members[0]):
            yield from _beside_entries(node, usage)
    for part in chain.from_iterable(map(tree.walk, nodes)):
        match part:
            case tree.Fraction(tree.Symbol() as above, tree.Number()):
                name = named(above, usage)
                if name is not None and name.text[0] == "\\":
                    yield name.text


def _beside_entries(node: tree.Chain, usage: Usage) -> Iterator[str]:
    """The μ of `∂E/∂v_j = μ h_j`, where all that stands beside it has a place."""
    for member in node.members[1:]:
        names = [named(one, usage) for one in getattr(member, "factors", ())]
        placed = [one for one in names if one is not None and one.places]
        bare = [one.text for one in names if one is not None and not one.places]
        if placed and len(bare) == 1 and len(names) == len(placed) + 1:
            yield from (text for text in bare if text[0] == "\\")
