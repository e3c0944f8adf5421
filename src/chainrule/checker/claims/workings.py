"""What sentences say of the workings beside them.

`The trick is adding and subtracting $a$ in line 3`; `values computed in the forward pass, such as
$h$, are used again in the backward pass`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chainrule.checker.claims.page import Page
from chainrule.checker.findings import Finding
from chainrule.notation import tree
from chainrule.notation.heads import mentions, undecorated
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.names import named
from chainrule.notation.sentences import FORMULA, Sentence
from chainrule.notation.tree import Node

_TRICK = re.compile(
    rf"\b(?:add(?:ing|ed|s)? and (?:then )?subtract(?:ing|ed|s)?|addition and subtraction of)\s+"
    rf"(?P<what>{FORMULA})(?:\s+in (?:the )?(?:\w+ )?line(?: \d+)?)?",
    re.I,
)
_AGAIN = re.compile(
    rf"\b(?:computed|stored|kept)\b[^.;]*?\bforward (?:propagation|pass)\b[^.;]*?\b(?:such as|like)"
    rf"\s+(?P<names>{FORMULA}(?:\s*(?:,|and|or)\s*{FORMULA})*)[\s,]*(?:are|is|get|can be)\s+"
    r"(?:re-?used|used again|needed(?: again)?)\s+(?:during|in|for)\s+(?:the )?back\w*(?: pass)?",
    re.I,
)


def findings(page: Page) -> Iterator[Finding]:
    """Terms added and subtracted, and values used again."""
    yield from page.matched(((_TRICK, _trick), (_AGAIN, _again)))


def _trick(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    what = undecorated(sentence.prints[match["what"]].node)
    start, end = sentence.span(*match.span())
    near = [item for item in page.reading.chains if item.members[-1].start > start][:2]
    near += page.chains_before(start)[:1]
    for item in near:
        parts = (part for member in item.members for part in tree.walk(member))
        if any(isinstance(part, tree.Sum) and _both_signs(part, what) for part in parts):
            return page.finding(start, end, "holds", reading="what is added is taken away again")
    return page.finding(start, end, "not-checked", diagnosis="no such line stands nearby")


def _both_signs(node: tree.Sum, what: Node) -> bool:
    signs = {sign for sign, term in zip(node.signs, node.terms, strict=True) if term == what}
    return signs >= {"+", "-"}


def _again(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    start, end = sentence.span(*match.span())
    scope, slopes = page.reading.scope, _slopes(page)
    for printed in sentence.within(*match.span("names")):
        name = named(printed.node, scope.usage)
        if name is None or name.text not in scope.definitions:
            return None
        if not any(mentions(member, name.text, scope.usage) for member in slopes):
            reason = f"no gradient on this page uses {name.text}"
            return page.finding(start, end, "not-checked", diagnosis=reason)
    return page.finding(start, end, "holds", reading="they stand in the gradients")


def _slopes(page: Page) -> list[Node]:
    """What derivatives are said to be."""
    return [
        member
        for item in page.reading.chains
        if is_derivative(undecorated(item.members[0]))
        for member in item.members[1:]
    ]
