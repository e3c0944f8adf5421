"""Functions without a formula of which the document states something that was not understood.

Of `Φ` it says `Φ'(x) = φ(x)` and `Φ(-x) = 1 - Φ(x)`. What is false of any function may be true of
one with these properties, so that it is not called false. What does not fit fits for none.
"""

from __future__ import annotations

from collections.abc import Iterator

from chainrule.checker.doubts import Judged
from chainrule.checker.findings import Finding, excused
from chainrule.checker.side_by_side import Each
from chainrule.mathematics.functions import function_named
from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.reading import ChainItem
from chainrule.notation.scripts import calls, letter
from chainrule.notation.tree import EQUAL, Node


def with_stated_properties(document: Document, judged: Judged, _each: Each) -> Judged:
    """The findings, those as unread that are false of a function with properties not understood."""
    stated = {name for item, found in judged for name in _stated_of(item, found)}
    return [(item, _unless_used(document, item, found, stated)) for item, found in judged]


def _stated_of(item: ChainItem, found: list[Finding]) -> Iterator[str]:
    """The functions that a chain says something of, if it was not understood."""
    equation = item.defines is None and item.relations[0].kind in EQUAL
    if equation and any(one.verdict == "unread" for one in found):
        match item.members[0]:
            case tree.Product((word, tree.Group("(")), ("",)):
                yield from _unknown(item, word)


def _unless_used(
    document: Document, item: ChainItem, found: list[Finding], stated: set[str]
) -> list[Finding]:
    called = {call for node in item.members for call in calls(node)} if stated else set()
    bare = [_bare(word) for word, _ in called]
    # What is said of one value alone has nothing to do with how values are tied to each other.
    tied = any(bare.count(word) > 1 for word in bare)
    used = stated & {name for word, _ in called for name in _unknown(item, word)} if tied else None
    if not used:
        return found
    reason = f"what is stated of {min(used)} was not understood"
    return [excused(document, one, reason) if one.verdict == "wrong" else one for one in found]


def _bare(word: Node) -> Node:
    """A word without its primes."""
    bare = isinstance(word, tree.Script) and word.sub is None and word.sup is None
    return word.base if bare else word


def _unknown(item: ChainItem, word: Node) -> Iterator[str]:
    """The letter of a function, primes left off, that has no meaning; what is false of an
    activation function is so whichever it is."""
    text, usage = letter(_bare(word)), item.scope.usage
    if text is not None and function_named(text.lstrip("\\")) is None:
        if not item.scope.is_known(text) and text not in usage.spoken.keys() | usage.activations:
            yield text
