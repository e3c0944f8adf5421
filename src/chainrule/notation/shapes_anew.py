"""Shapes that a document states anew: `for A ∈ ℝ^{m×n} and B ∈ ℝ^{n×p}` where B was as A before,
`for square A`, `for matching sizes`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.names import named
from chainrule.notation.prose import sentences
from chainrule.notation.scripts import scripted
from chainrule.notation.tree import Node
from chainrule.notation.usage import Usage

_SQUARE = re.compile(r"\bsquare\b[\w\s,-]*$", re.I)
# Behind the name: `$X$ square and invertible`, `$A$ and $B$ are now square matrices`.
_IS_SQUARE = re.compile(
    r",?\s*(?:(?:is|are|be|being|now|here|a|any|an|both|assumed|supposed|to)\s+)*"
    r"(?:(?:invertible|regular|nonsingular|real)(?:,| and)?\s+)*"
    r"(?:square\b|invertible\b(?!\s+(?:function|map)))",
    re.I,
)
_AND = re.compile(r"\s*(?:,|and|or|,\s*and)\s*", re.I)
_FREE = re.compile(
    r"\b(?:matching|compatible|conforming|conformable|suitable|fitting|appropriate|arbitrary)\s+"
    r"(?:sizes?|shapes?|dimensions?)\b",
    re.I,
)
_BY_ENTRIES = re.compile(
    r"\b(?:element|entry|component|coordinate)[- ]?(?:wise|by[- ](?:element|entry|component))", re.I
)
# So many characters before or behind a formula may say that it is one of entries.
_NEAR = 300
# What is said of a shape without naming its sizes.
SQUARE, ANY = ("square",), ("any",)


class Shape(NamedTuple):
    """The shape of a name as stated somewhere: the sizes as printed, and the place."""

    name: str
    sizes: tuple[str, ...]
    start: int
    end: int


def restated(
    document: Document, usage: Usage, stated: Iterable[tuple[str, tuple[Node, ...]]]
) -> tuple[frozenset[str], tuple[tuple[int, int], ...]]:
    """The names that have several shapes in a document, and the stretches from where they have
    another: empty ones, if it is for good.

    stated  (name, sizes as printed) wherever a shape is stated
    """
    stated = list(stated)
    shapes = [
        Shape(name, _printed(sizes), sizes[0].start, sizes[-1].end)
        for name, sizes in stated
        if sizes
    ]
    said = [*_squares(document, usage), *_free(document, usage)]
    names, places, last = set(), set(), {}
    names |= {name for name, sizes in stated if not sizes} & {one.name for one in shapes}
    for one in sorted((*shapes, *said), key=lambda shape: shape.start):
        before = last.setdefault(one.name, one)
        if not _agree(before.sizes, one.sizes):
            names.add(one.name)
            places.add((one.start, one.end if one.sizes == ANY else one.start))
            last[one.name] = one
    return frozenset(names), tuple(sorted(places))


def ties(
    document: Document, nodes: Iterable[Node], usage: Usage, shapes: dict[str, tuple]
) -> Iterator[frozenset]:
    """The pairs of sizes of vectors that a special case makes equal: after `y = f(x)` of any sizes
    an activation that works element-wise, `y_i = φ(x_i)`.

    shapes  the place where the shape of a name is stated, and its axes
    """
    for node in nodes:
        match node:
            case tree.Chain((tree.Script() as head, body), (tree.Relation("="),)):
                around = document.text[max(0, node.start - _NEAR) : node.end + _NEAR]
                if not _BY_ENTRIES.search(around):
                    continue
                own, *others = (named(part, usage) for part in (head, *scripted(body)))
                for name in others:
                    if own is None or name is None or own.places != name.places:
                        continue
                    pairs = (shapes.get(one.text, (0, ())) for one in (own, name))
                    places, axes = zip(*pairs, strict=True)
                    if len(axes[0]) == len(axes[1]) == len(own.places) == 1:
                        if axes[0] != axes[1] and _is_apart(document, max(places), node.start):
                            yield frozenset((*axes[0], *axes[1]))


def _is_apart(document: Document, first: int, last: int) -> bool:
    """Whether a display stands between two places."""
    return any(one.display and first < one.start and one.end < last for one in document.formulas)


def _printed(sizes: tuple[Node, ...]) -> tuple[str, ...]:
    """A row, a column and a flat vector of one length are no different shapes."""
    return tuple(shown for shown in map(tree.show, sizes) if shown != "1")


def _agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    if SQUARE in (one, other):
        return ANY not in (one, other) and all(len(set(sizes)) == 1 for sizes in (one, other))
    return one == other


def _squares(document: Document, usage: Usage) -> Iterator[Shape]:
    """`for square invertible A, B`, `a square matrix Q`: names without a shape of their own."""
    for sentence in sentences(document):
        follows = False
        run: list[tuple[str, Node]] = []
        for part in sentence.parts:
            # The names before `are square`, and those joined to them by `and`.
            if isinstance(part, str):
                if _IS_SQUARE.match(part):
                    yield from (Shape(text, SQUARE, one.start, one.end) for text, one in run)
                run = run if _AND.fullmatch(part) else []
            elif (own := named(part, usage)) is not None and not own.places:
                run.append((own.text, part))
            if isinstance(part, str):
                follows = bool(_SQUARE.search(part) or (follows and _AND.fullmatch(part)))
                continue
            name = named(part, usage) if follows else None
            if name is not None and not name.places:
                yield Shape(name.text, SQUARE, part.start, part.end)
            follows = name is not None


def _free(document: Document, usage: Usage) -> Iterator[Shape]:
    """Every name of a sentence on matrices of matching sizes."""
    for sentence in sentences(document):
        nodes = [part for part in sentence.parts if not isinstance(part, str)]
        words = " ".join(part for part in sentence.parts if isinstance(part, str))
        if nodes and _FREE.search(words):
            printed = (named(part, usage) for node in nodes for part in scripted(node))
            for text in {name.text for name in printed if name is not None}:
                yield Shape(text, ANY, nodes[0].start, nodes[-1].end)
