"""The shapes that a document states, declared before its formulas are read."""

from __future__ import annotations

from collections.abc import Iterable

from chainrule.errors import SizeMismatch
from chainrule.notation import prose
from chainrule.notation.contradicted import turn_contradicted
from chainrule.notation.document import Document
from chainrule.notation.layers import LETTERS, printed_layers, shapes_of_layers
from chainrule.notation.misread import Misread
from chainrule.notation.scope import Scope
from chainrule.notation.shapes import shape_of, stated_shapes
from chainrule.notation.shapes_anew import restated
from chainrule.notation.tree import Node


def declare_shapes(document: Document, nodes: Iterable[Node], scope: Scope) -> None:
    """What sentences and formulas state of shapes, of other layers too."""
    stated = list(prose.shapes(document, scope.usage))
    for node in nodes:
        stated.extend(stated_shapes(node, scope))
    scope.restated, scope.anew = restated(document, scope.usage, stated)
    for name, factors in sorted((one for one in stated if one[1]), key=lambda one: one[1][0].start):
        scope.placed.setdefault(name, factors[0].start)
    scope.layers, sizes = printed_layers(nodes, scope.usage), scope.usage.layer_sizes
    layers = scope.layers | {(own, -1) for own, _ in scope.layers if own in LETTERS}
    for name, factors in (all_ for one in stated for all_ in shapes_of_layers(*one, layers, sizes)):
        try:
            axes = shape_of(factors, scope)
            if name not in scope.size_names - scope.usage.bold:
                scope.declare(name, axes)
                scope.stated.update(axis for axis in axes if axis is not None)
        except (Misread, SizeMismatch):
            continue
    turn_contradicted(nodes, stated, scope)
