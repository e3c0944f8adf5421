"""What is false in general, and yet no mistake: it supposes something, or speaks of an example."""

from __future__ import annotations

import re
from typing import Protocol

from chainrule.checker.findings import FALSE, Outcome
from chainrule.checker.left_out_sums import leaves_out_sum
from chainrule.checker.not_understood import not_understood, sentence_before
from chainrule.checker.numbers_put_in import is_never
from chainrule.checker.of_example import is_of_example
from chainrule.checker.open_equations import is_known_slope, is_open
from chainrule.checker.other_activations import other_activation
from chainrule.checker.readings import Read
from chainrule.checker.supposed import ANOTHER_MEANING, OF_EXAMPLE, supposition
from chainrule.checker.symmetric import holds_if_symmetric
from chainrule.errors import SizeMismatch
from chainrule.notation.document import Document
from chainrule.notation.heads import function_head, undecorated
from chainrule.notation.leibniz import TAKEN
from chainrule.notation.outline import Outline
from chainrule.notation.reading import ChainItem
from chainrule.notation.spoken import where_spoken
from chainrule.notation.tree import Product, Symbol, walk
from chainrule.notation.value import Value

# `it vanishes when the two are equal, i.e. $a = b$`: what is supposed, and nothing follows yet.
_WHEN = re.compile(r"\b(?:when(?:ever)?|if|iff)\b[^.;:,$]*(?:, ?i\.e\.|, that is),?$", re.I)
_WITH = re.compile(r"\b(?:with|where|that is|i\.e\.|namely)[\s,$\\(]*$", re.I)


# Words behind which an equation is claimed: `Since $\tanh'(u) = …$`.
_SAID = re.compile(
    r"\b(?:since|because|so|thus|hence|therefore|have|that|recall|using)[\s$\\(]*$", re.I
)


class Judged(Protocol):
    """A chain under one reading: what came out where member k was compared with member n."""

    read: Read
    outcomes: dict[tuple[int, int], Outcome]


def no_mistake(
    document: Document, item: ChainItem, position: int, against: int, under: Judged, explained: bool
) -> tuple[str, str] | None:
    """(verdict, reason) for a member that is false and yet no mistake; None for a mistake.

    against    the member that it is false against
    explained  whether a single slip is found that makes it false
    """
    try:
        return _excuse(document, item, position, against, under, explained)
    except SizeMismatch as mistake:
        # A letter has another number of axes in one of the formulas that it is defined by.
        return "unread", mistake.message


def _excuse(
    document: Document, item: ChainItem, position: int, against: int, under: Judged, explained: bool
) -> tuple[str, str] | None:
    words, sides = _words_before(document, item), under.read.members
    never = is_never(item, sides, position)
    reason = None if never else supposition(item, position, sides, words, explained)
    if reason is not None:
        return "not-checked", reason
    if not item.display and _WHEN.search(words):
        return "not-checked", "a condition"
    if not explained and against == 0 and _is_of_another_section(document, item):
        return "not-checked", ANOTHER_MEANING
    if is_of_example(document, item, position):
        return "unread", OF_EXAMPLE
    if (name := other_activation(document, item)) is not None:
        return "unread", f"said of {name}, which is not what is defined above"
    false = _false_against(position, under)
    if set(false) == {0} and item.restates is not None:
        if not (explained and _goes_on(document, item)):
            return "not-checked", ANOTHER_MEANING
    said = is_known_slope(item.members[0]) and (item.display or _SAID.search(words) is not None)
    if all(v == "wrong" and is_open(item, sides, k, position) for k, v in false.items()):
        if not (said or never):
            return "not-checked", "a condition"
    if (text := leaves_out_sum(document, item, position, under)) is not None:
        return "unread", f"the sum over {text} is printed further on only"
    letters = any(isinstance(part, Symbol) for part in walk(item.members[position]))
    if not letters and any(TAKEN in note for note in under.read.notes):
        return "unread", "a number for the slope of what is nowhere defined"
    pair = sides[against], sides[position]
    nodes = item.members[against], item.members[position]
    reason = not_understood(document, item, nodes, pair)
    if reason is not None:
        return "unread", reason
    if all(isinstance(side, Value) for side in pair):
        at = item.members[0].start
        if holds_if_symmetric(document, under.read.scope, *pair, at):
            return "unread", "true of symmetric matrices"
    return None


def _is_of_another_section(document: Document, item: ChainItem) -> bool:
    """Whether it is another section that says which function the g of `g(x) = …` is.

    A Greek letter is the same function all over a document.
    """
    head, usage = undecorated(item.members[0]), item.scope.usage
    call = function_head(head, usage) if isinstance(head, Product) else None
    if call is None or not call[0].isalpha() or call[0] not in usage.spoken:
        return False
    outline = Outline(document)
    places = [sorted((at, head.start)) for at in where_spoken(document, call[0])]
    return all(outline.has_heading(*place) for place in places)


def _goes_on(document: Document, item: ChainItem) -> bool:
    """`s(x) = softmax(x), with s_i(x) = …`: what a sentence gives a formula, it says more of."""
    sentence = sentence_before(document, item)
    given = re.search(rf"{re.escape(item.restates)}[^$=]*=", sentence)
    return given is not None and _WITH.search(sentence) is not None


def _false_against(position: int, under: Judged) -> dict[int, str]:
    """The members that a member is false against, and how."""
    return {
        before: one.verdict
        for (before, at), one in under.outcomes.items()
        if at == position and one.verdict in FALSE
    }


def _words_before(document: Document, item: ChainItem) -> str:
    """The line of words before a chain."""
    return document.text[: item.members[0].start].rstrip(" \n$[\\&").rpartition("\n")[2]
