"""Shapes in words: `∂L/∂W has dimension m × n like W`, `b is an m × 1 vector`, `b is ℝ^m`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chainrule.checker.claims.page import Page
from chainrule.checker.claims.shapes import Fit, is_declared, judged, printed_shape, told
from chainrule.checker.findings import Finding
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.scope import Scope
from chainrule.notation.sentences import FORMULA, Sentence
from chainrule.notation.tree import Node

_LINK = (
    r"(?:is|are|has|have|be|being|of|with|an?|the|also|therefore|thus|hence|so|it|they|which|that|"
    r"again|in|matrix|vector|a|row|column|then)"
)
_KIND = r"(?:row |column )?(?:vectors?|matri(?:x|ces)|arrays?|tensors?)"
_LIKE = rf"(?:\s*,?\s*(?:just )?(?:like|as|same as)\s*(?P<like>{FORMULA}))?"
_SAYINGS = (
    # `X has dimension m × n like W`
    rf"(?P<subject>{FORMULA})[\s,]*(?:{_LINK}[\s,]+)*(?:shapes?|dimensions?|dimensionality|sizes?)"
    rf"\s*(?:of|:|is|=)?\s*(?P<shape>{FORMULA}){_LIKE}",
    # `X is an m × n matrix`, `X is ℝ^m`
    rf"(?P<subject>{FORMULA})\s*(?:is|are|be|being)\s+(?:an?\s+|the\s+|also\s+|in\s+)*"
    rf"(?P<shape>{FORMULA})(?:\s*{_KIND})?",
    # `X contains a bias for each of n neurons, so it is an n × 1 vector`
    rf"^(?:[\s*•-]|[a-zA-Z0-9]{{1,2}}[.)])*(?P<subject>{FORMULA})\s+(?:contains?|has|holds?|"
    rf"collects?|stores?)\b[^.;:]*?\b(?:so|thus|hence|therefore),?\s+(?:it|this) is (?:an?|the)\s+"
    rf"(?P<shape>{FORMULA})\s*{_KIND}",
)
_PATTERNS = tuple(re.compile(pattern, re.I) for pattern in _SAYINGS)


def findings(page: Page) -> Iterator[Finding]:
    """The shapes that sentences state."""
    for sentence in page.in_turn(page.sentences):
        for pattern in _PATTERNS:
            for match in pattern.finditer(sentence.flat):
                found = _claim(page, sentence, match)
                if found is not None:
                    yield found


def _claim(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    thing = _lone(sentence, match["subject"])
    shape = sentence.prints[match["shape"]].node
    if thing is None:
        return None
    scope = page.scope_at(thing.start)
    factors = _sizes(shape, scope, "dimension" in match[0].lower())
    if factors is None:
        return None
    fit = judged(page, scope, thing, factors)
    if fit is None or (fit.verdict == "shape" and is_declared(page, thing, scope)):
        return None
    like = match.groupdict().get("like")
    if like is not None and fit.verdict == "holds":
        other = judged(page, scope, sentence.prints[like].node, factors)
        fit = other if other is not None else Fit("unread")
    start, end = sentence.span(match.start("subject"), match.end())
    return told(page, start, end, fit)


def _lone(sentence: Sentence, mark: str) -> Node | None:
    """What a formula in a sentence speaks of: of an equation, its last member."""
    node = undecorated(sentence.prints[mark].node)
    if isinstance(node, tree.Chain):
        node = undecorated(node.members[-1])
    return None if isinstance(node, (tree.Empty, tree.List, tree.Number)) else node


def _sizes(node: Node, scope: Scope, alone: bool) -> tuple[Node, ...] | None:
    """The sizes of a printed shape; a single size only where the word dimension stands."""
    factors = printed_shape(node, scope)
    if factors is None and alone and isinstance(node, (tree.Symbol, tree.Script, tree.Number)):
        return (node,)
    return factors
