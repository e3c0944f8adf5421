"""Softmax in words: `where $P$ is the softmax of each row of $Z$` is the formula P = softmax(Z)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from chainrule.notation import tree
from chainrule.notation.document import Document, Prose
from chainrule.notation.prose import Sentence, sentences
from chainrule.notation.scripts import letter
from chainrule.notation.tree import Node

_EACH = r"(?:(?:each|every|the|all(?: the)?) )?(?:single )?(?:rows?|columns?|examples?)"
_IS = re.compile(
    rf",?\s*(?:(?:is|be|are|denotes|holds)\s+)?the\s+(?:(?:row|column)-?wise\s+)?softmax(?:es)?\s+"
    rf"(?:of|over|along|applied to)\s+(?:{_EACH}\s+(?:of|in)\s+)?(?:the\s+(?:scores|logits)\s+)?",
    re.I,
)
_ITS = re.compile(r"\s*(?:(?:is|be|for|denotes)\s+)?its\s+softmax\b", re.I)
_WORD = re.compile(r"softmax", re.I)
# The same of letters without delimiters: `P = softmax of each row of Z`.
_BARE = re.compile(
    rf"(?<![\w\\$^])([A-Za-z])\s+(?:=|is|are|denotes)\s+(?:the\s+)?(?:(?:row|column)-?wise\s+)?"
    rf"softmax(?:es)?\s+(?:of|over|applied to)\s+(?:{_EACH}\s+(?:of|in)\s+)?([A-Za-z])(?![\w$])"
)


def with_softmax(document: Document, statements: list[tree.Statement]) -> list[tree.Statement]:
    """The statements, and an equation for each softmax in words of a name without a formula."""
    if not document.says(_WORD):
        return statements
    heads = {
        letter(one.chain.members[0]) for one in statements if isinstance(one.chain, tree.Chain)
    }
    told = [one for sentence in sentences(document) for one in _told(document.text, sentence)]
    told += _told_plainly(document)
    added = [one for one in told if letter(one.chain.members[0]) not in heads]
    return sorted([*statements, *added], key=lambda one: one.start) if added else statements


def _told(text: str, sentence: Sentence) -> Iterator[tree.Statement]:
    """The equations that a sentence says in words."""
    parts = sentence.parts
    for (first, words), (_, last) in zip(pairwise(parts), pairwise(parts[1:]), strict=False):
        if isinstance(first, Node) and isinstance(words, str) and isinstance(last, Node):
            if letter(first) is not None and _IS.fullmatch(f"{' '.join(words.split())} "):
                yield _equation(first, last, last.start, last.end)
    for k, (head, words) in enumerate(pairwise(parts)):
        if isinstance(head, Node) and isinstance(words, str) and _ITS.match(words):
            taken = next(filter(None, map(_letter_of, reversed(parts[:k]))), None)
            if taken is not None and letter(head) not in (None, letter(taken)):
                place = re.search(_ITS, text[head.end :])
                yield _equation(head, taken, head.end + place.start(), head.end + place.end())


def _told_plainly(document: Document) -> Iterator[tree.Statement]:
    """The equations that words between letters without delimiters say."""
    for part in document.parts:
        for found in _BARE.finditer(part.text) if isinstance(part, Prose) else ():
            start, end = found.start(2) + part.start, found.end(2) + part.start
            head, last = (tree.Symbol(found[k], start=start, end=end) for k in (1, 2))
            yield _equation(head, last, start, end)


def _letter_of(part: str | Node) -> Node | None:
    """The s of `$s \\in \\mathbb{R}^K$ be scores and $p$ its softmax`."""
    match part:
        case tree.Chain((head, *_), (tree.Relation("in"), *_)) if letter(head) is not None:
            return head
        case Node() if letter(part) is not None:
            return part
    return None


def _equation(head: Node, argument: Node, start: int, end: int) -> tree.Statement:
    """An equation of which the right side stands in words at a place behind its head."""
    place = {"start": start, "end": end}
    body = tree.Product(
        (tree.Symbol("softmax", **place), tree.Group("(", ")", argument, **place)), ("",), **place
    )
    ends = {"start": head.start, "end": end}
    chain = tree.Chain((head, body), (tree.Relation("=", **place),), **ends)
    return tree.Statement(chain, **ends)
