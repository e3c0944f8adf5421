"""Parts of arrays and signs in words: `the jth row of W → w_{j·}`, `⊙ is the elementwise product`.

These fix notations. They are true where they say what the print means to everybody; a part that
is printed with another index than the words say is false, and an unusual print is a convention.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chainrule.checker.claims.page import Page
from chainrule.checker.findings import Finding
from chainrule.notation import tree
from chainrule.notation.names import named
from chainrule.notation.scripts import letter, subscripts
from chainrule.notation.sentences import FORMULA, Sentence
from chainrule.notation.tree import Node

_WHICH = (
    r"(?:(?P<which>[a-z]|\d)\s?-?\s?(?:th|st|nd|rd)\b|one\b|an?\b|each\b|"
    rf"(?:the )?(?P<mark>{FORMULA}) ?-?th\b)"
)
_NAMES = rf"(?:→|⇒|is|as|by|=|:|(?:is )?(?:written|denoted)(?: as| by)?)\s*(?P<name>{FORMULA})"
_PART = re.compile(
    rf"{_WHICH}\s*(?P<part>elements?|entry|entries|component|rows?|columns?)\s+(?:of|in)\s+"
    rf"(?:the )?(?:vector |matrix )?(?P<whole>{FORMULA})(?:\s*{_NAMES})?",
    re.I,
)
_DOTS = ("cdot", ":", "ast")

# What operations and words of notation mean to everybody.
_NOTATIONS: dict[str, str] = {
    "col": "column",
    "row": "row",
    "odot": "element|hadamard",
    "circ": "element|hadamard|composition",
    "otimes": "kronecker|outer|tensor",
    "diag": "diagonal",
    "tr": "trace|sum of the diagonal",
    "trace": "sum of the diagonal",
    "vec": "column|stack",
    "nabla": "gradient",
}
_MEANS = re.compile(
    rf"(?P<sign>{FORMULA})\s*(?:returns?|denotes?|means?|is|stands for|represents?|extracts?|gives)"
    r"\s+(?P<meaning>[^.;]{3,80})",
    re.I,
)


def findings(page: Page) -> Iterator[Finding]:
    """The parts and notations that sentences fix."""
    for sentence in page.in_turn(page.sentences):
        for match in _PART.finditer(sentence.flat):
            found = _part(page, sentence, match)
            if found is not None:
                yield found
        for match in _MEANS.finditer(sentence.flat):
            found = _notation(page, sentence, match)
            if found is not None:
                yield found


@dataclass(frozen=True)
class _Name:
    """A printed part: of what it is one, and its subscripts."""

    text: str
    places: tuple[Node, ...]


def _part(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    whole = sentence.prints[match["whole"]].node
    shown = None if match["name"] is None else sentence.prints[match["name"]].node
    if shown is None and isinstance(whole, tree.Chain) and len(whole.members) == 2:
        if whole.relations[0].kind not in ("to", "=", "leadsto"):
            return None
        whole, shown = whole.members
    if shown is None:
        return None
    scope = page.scope_at(whole.start)
    array, part = named(whole, scope.usage), named(shown, scope.usage)
    if array is None or part is None or array.places or not part.places:
        return None
    rank = len(scope.symbol(array.text).sizes)
    start, end = sentence.span(*match.span())
    fault = _mistake(match, array.text, part, rank)
    match fault:
        case ("wrong", reason):
            return page.finding(start, end, "wrong", counterexample=reason, diagnosis=reason)
        case ("convention", reason):
            return page.finding(start, end, "convention", convention=reason)
        case None:
            return page.finding(start, end, "holds", reading="a name for a part")
    return None


def _mistake(match: re.Match, whole: str, part, rank: int) -> tuple[str, str] | None:
    """A verdict and why the print is not that part; None where it is, "" where nobody can tell."""
    unclear = ("", "")
    if not _belongs(part.text, whole):
        return unclear
    kind = match["part"].lower().rstrip("s")
    marks = [mark for mark in part.places if not _is_dot(mark)]
    dots = [k for k, mark in enumerate(part.places) if _is_dot(mark)]
    wanted = match["which"]
    if wanted and (not marks or letter(marks[0]) not in (wanted, None)):
        return "wrong", f"the words say {wanted}, the print another index"
    if kind in ("row", "column") and dots and len(part.places) == 2:
        printed = "row" if dots == [1] else "column"
        return None if printed == kind else ("convention", f"the print of a {printed}")
    if kind in ("element", "entry", "entrie", "component"):
        # An element of a matrix with one index is its row.
        whole_part = rank == len(part.places) or dots or rank == 0
        return None if whole_part else unclear
    return None if len(part.places) == 1 and kind == "row" else unclear


def _belongs(part: str, whole: str) -> bool:
    """w_{j·} is a part of w^{(2)} as well as of w."""
    return part == whole or part == whole.split("^")[0]


def _is_dot(node: Node) -> bool:
    return isinstance(node, tree.Symbol) and node.name in _DOTS


def _notation(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    node = sentence.prints[match["sign"]].node
    name = _sign(node)
    if name is None or name not in _NOTATIONS:
        return None
    text = match["meaning"].lower()
    if re.search(rf"\b(?:{_NOTATIONS[name]})", text) is None:
        return None
    start, end = sentence.span(*match.span())
    return page.finding(start, end, "holds", reading="a notation as everybody reads it")


def _sign(node: Node) -> str | None:
    """The operation of `\\text{col}_i(\\cdot)`, `\\odot`, `\\nabla`."""
    if isinstance(node, tree.Product) and len(node.factors) == 2:
        call = node.factors[1]
        if not isinstance(call, tree.Group):
            return None
        node = node.factors[0]
    if isinstance(node, tree.Script) and subscripts(node.sub) and node.sup is None:
        node = node.base
    return node.name if isinstance(node, tree.Symbol) else None
