"""What sentences say of sums with one-hot weights: `only the term with $y_j = 1$ remains`, `all
other terms are zero`.

The weight must be called one-hot somewhere, and a sum nearby must have it as a factor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chainrule.checker.claims.page import Page
from chainrule.checker.findings import Finding
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.names import named
from chainrule.notation.prose import one_hot_names
from chainrule.notation.sentences import FORMULA, Sentence, worded
from chainrule.notation.tree import Node

_TERM = rf"(?:terms?|summands?|entry|entries|elements?|components?)(?:\s+{FORMULA})?"
_LEFT = r"(?:contribut\w+|remain\w*|surviv\w+|matters?|counts?|(?:is|are) (?:left|non-?zero))"
_ONLY = worded(
    rf"\bonly\s+(?:the\s+|one\s+|a\s+|single\s+)*(?:{_TERM}[^.;]{{0,60}}?\b{_LEFT}[^.;]{{0,40}}?"
    rf"\b(?:where|when|for which|for|with)\s+(?P<after>{FORMULA})"
    rf"|{_TERM}\s+(?:where|for which|for|with)\s+(?P<before>{FORMULA})\s+{_LEFT})",
)
_OTHERS = worded(
    r"\b(?:all|every one of)(?: of)?(?: the)? (?:other|remaining) (?:terms?|summands?)"
    r"(?: in the sum)? (?:(?:are|is|become|equal) (?:all )?(?:zero|0)|vanish|drop out|disappear)",
)


def findings(page: Page) -> Iterator[Finding]:
    """The claims on the terms of such sums."""
    yield from page.matched(((_ONLY, _only), (_OTHERS, _others)))


def _only(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    """Whether the terms but those with weight 1 are 0."""
    case = undecorated(sentence.prints[match["after"] or match["before"]].node)
    match case:
        case tree.Chain((tree.Script() as weight, tree.Number(number)), (relation,)):
            name = named(weight, page.reading.scope.usage)
        case _:
            return None
    one_hot = one_hot_names(page.document, page.reading.scope.usage)
    if relation.kind != "=" or name is None or name.text not in one_hot:
        return None
    start, end = sentence.span(*match.span())
    if not _is_weight(page, start, name.text):
        return page.finding(start, end, "not-checked", diagnosis="no such sum stands nearby")
    if number == "1":
        return page.finding(start, end, "holds", reading=f"{name.text} is the weight")
    if number != "0":
        return None
    why = f"such a term is 0 times the rest; what remains is the one whose {name.text} is 1"
    return page.finding(start, end, "wrong", counterexample=why)


def _others(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    """The same, where the sentence or its paragraph speaks of a one-hot weight."""
    near = [one for one in page.sentences if one.paragraph == sentence.paragraph]
    words = " ".join(one.flat for one in near if one.start <= sentence.start)
    start, end = sentence.span(*match.span())
    names = one_hot_names(page.document, page.reading.scope.usage)
    if not re.search(r"one[\s-]?hot", words, re.I) or not names:
        return None
    if any(_is_weight(page, start, name) for name in names):
        return page.finding(start, end, "holds", reading="their weight is 0")
    return None


def _is_weight(page: Page, offset: int, name: str) -> bool:
    """Whether a sum nearby has the elements of a name as a factor of each term."""
    after = [item for item in page.reading.chains if item.members[-1].start > offset][:2]
    for item in (*page.chains_before(offset)[:4], *after):
        for member in item.members:
            if any(_is_weighted(part, name, page) for part in tree.walk(member)):
                return True
    return False


def _is_weighted(part: Node, name: str, page: Page) -> bool:
    if not isinstance(part, tree.Big) or part.kind != "sum":
        return False
    body = undecorated(part.body)
    factors = body.factors if isinstance(body, tree.Product) else ()
    found = (named(factor, page.reading.scope.usage) for factor in factors)
    return any(one is not None and one.text == name and one.places for one in found)
