"""Formulas of an example: what they say is true of the numbers that are chosen before it."""

from __future__ import annotations

import re

from chainrule.checker.supposed import CHOICE, is_numbered
from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.heads import is_of_numbers, undecorated
from chainrule.notation.names import named
from chainrule.notation.reading import ChainItem
from chainrule.notation.scripts import scripted

# Words before a formula with the numbers of one case put in.
_SPECIAL = re.compile(r"\b(?:for (?:example|instance)|e\.g\.)[^.;]*[\d=]", re.I)


def is_of_example(document: Document, item: ChainItem, position: int) -> bool:
    """Whether a formula is one of `p_1`, in a paragraph that chooses numbers before it."""
    if not any(isinstance(part, tree.Symbol) for part in tree.walk(item.members[position])):
        return False
    if item.scope.numbers and _has_numbered_lines(item):
        return True
    *_, above, own = ("", *re.split(r"\n\s*\n", document.text[: item.members[0].start]))
    # A display is part of the paragraph before it, unless that is one, too.
    paragraph = above if item.display and "$$" not in above else own
    last = undecorated(item.members[-1])
    if item.display and isinstance(last, tree.Number) and _SPECIAL.search(paragraph):
        return True
    chosen = re.search(rf"{CHOICE}[^.;]*=\s*[^.;]*\d", paragraph, re.I)
    return not item.worked and is_numbered(item) and chosen is not None


def _has_numbered_lines(item: ChainItem) -> bool:
    """`-\\frac34 u_1 + \\frac12 u_2 = (-1, \\frac12)` where the columns of U are u_1, …: with as
    many as an example has."""
    usage = item.scope.usage
    matrices = {matrix for matrix, *_ in usage.stacks.lines.values()}
    names = (named(part, usage) for node in item.members for part in scripted(node))
    numbered = any(
        name is not None
        and name.text in matrices
        and any(isinstance(place, tree.Number) for place in name.places)
        for name in names
    )
    return numbered and is_of_numbers(item.members[-1])
