"""The shapes that a document states, declared before its formulas are read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from chainrule.errors import SizeMismatch
from chainrule.notation import prose, survey, tree
from chainrule.notation.contradicted import turn_contradicted
from chainrule.notation.document import Document
from chainrule.notation.heads import heads
from chainrule.notation.layers import LETTERS, printed_layers, shapes_of_layers
from chainrule.notation.misread import Misread
from chainrule.notation.names import named
from chainrule.notation.scope import Scope
from chainrule.notation.shapes import shape_of, stated_of_numbered, stated_of_values, stated_shapes
from chainrule.notation.shapes_anew import restated, ties
from chainrule.notation.tree import Node
from chainrule.notation.usage import Usage

# A name, and the sizes as printed.
Stated = tuple[str, tuple[Node, ...]]

_AND = re.compile(r"\s*(?:,|and|,\s*and)\s*")
_ALL_IN = re.compile(
    r",? ?(?:which |that )?(?:are )?(?:(?:all|both|each) )?"
    r"(?:elements of|members of|in|lie in|of)\s*"
)


def declare_shapes(document: Document, nodes: Iterable[Node], scope: Scope) -> None:
    """What sentences and formulas state of shapes, of other layers too."""
    words = prose.shapes(document, scope.usage, heads(nodes, scope.usage))
    stated = [*words, *_of_several(document, scope.usage)]
    for node in nodes:
        stated.extend(stated_shapes(node, scope))
    stated.extend(stated_of_numbered(nodes, scope))
    stated.extend(stated_of_values(nodes, scope))
    stated = list(_in_letters(document, nodes, scope, stated))
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
            elif axes:
                # The letter of a size, too: nobody knows which one is meant elsewhere.
                scope.opaque.add(name)
        except (Misread, SizeMismatch):
            continue
    turn_contradicted(nodes, stated, scope)
    vectors = {name: (scope.placed.get(name, 0), one.sizes) for name, one in scope.symbols.items()}
    scope.ties |= frozenset(ties(document, nodes, scope.usage, vectors))


def _in_letters(
    document: Document, nodes: Iterable[Node], scope: Scope, stated: Iterable[Stated]
) -> Iterator[Stated]:
    """The stated shapes, with the letter of a size for the number that the paragraph sets it to:
    N × 3 for `X ∈ ℝ^{32 × 3}` behind `for N = 32`."""
    numbers = [
        (node.start, node.members[1].text, node.members[0])
        for node in nodes
        if isinstance(node, tree.Chain) and _sets_size(node, scope)
    ]
    for name, factors in stated:
        start = factors[0].start if factors else 0
        near = document.text.rfind("\n\n", 0, start)
        said = [(text, letter) for at, text, letter in numbers if near < at < start]
        count, letters = Counter(text for text, _ in said), dict(said)
        yield name, tuple(
            replace(letters[one.text], start=one.start, end=one.end)
            if isinstance(one, tree.Number) and count[one.text] == 1
            else one
            for one in factors
        )


def _sets_size(chain: tree.Chain, scope: Scope) -> bool:
    """Whether a chain sets a size to a number: `N = 32`."""
    match chain:
        case tree.Chain((head, tree.Number()), (tree.Relation("="),)):
            name = named(head, scope.usage)
            return name is not None and name.text in scope.size_names
    return False


def _of_several(document: Document, usage: Usage) -> Iterator[Stated]:
    """(name, sizes as printed) for each of `K, Q and V, all elements of ℝ^{n × d}`."""
    for sentence in prose.sentences(document):
        names: list[str] = []
        for before, part in zip(["", *sentence.parts], sentence.parts, strict=False):
            if isinstance(part, str):
                continue
            match part:
                case tree.Script(base, None, sup, 0) if sup is not None and names:
                    if survey.is_number_set(base) and _says_all(before):
                        yield from ((name, survey.factors_of(sup)) for name in names)
            if not (isinstance(before, str) and names and _AND.fullmatch(before)):
                names = []
            name = named(part, usage)
            if name is not None and not name.places:
                names.append(name.text)


def _says_all(words: str | Node) -> bool:
    return isinstance(words, str) and _ALL_IN.fullmatch(words) is not None
