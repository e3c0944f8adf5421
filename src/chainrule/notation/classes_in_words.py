"""The right class of an example, as words tell it: `Label 3:`, `the true class is the second`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from chainrule.notation import tree
from chainrule.notation.document import Document, Heading, Prose
from chainrule.notation.scripts import entries
from chainrule.notation.tree import Node

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_TOLD = re.compile(
    r"\b(?:labels?|(?:true|right|correct|actual|target|observed) (?:class|label|word|answer))"
    r"(?: is| being|:)?(?: the)?(?: class| number)?\s+"
    rf"(\d|{'|'.join(_ORDINALS)})\b(?![.,]\d)",
    re.I,
)


def told_classes(document: Document) -> Iterator[tuple[int, int, int]]:
    """(start, end, number) where words tell the right class of an example.

    >>> from chainrule.notation.document import read_document
    >>> list(told_classes(read_document("Label 3: the loss is larger.", "note")))
    [(0, 7, 3)]
    """
    for part in document.parts:
        if isinstance(part, (Heading, Prose)):
            for found in _TOLD.finditer(document.text, part.start, part.end):
                word = found[1].lower()
                number = int(word) if word.isdigit() else _ORDINALS.index(word) + 1
                yield found.start(), found.end(), number


def one_hot(number: int, length: int, start: int, end: int) -> Node | None:
    """(0, …, 1, …, 0) with a 1 at a place counted from 1; None where it has no such place."""
    if not 1 <= number <= length:
        return None
    entries = ("1" if k == number else "0" for k in range(1, length + 1))
    items = tuple(tree.Number(text, start=start, end=end) for text in entries)
    listed = tree.List(items, (",",) * (length - 1), start=start, end=end)
    return tree.Group("(", ")", listed, start=start, end=end)


def length_of(nodes: Iterable[Node]) -> int:
    """How many entries the vectors have that are written out; 0 where they differ."""
    found = {len(entries(node)) for node in nodes} - {0}
    return found.pop() if len(found) == 1 else 0
