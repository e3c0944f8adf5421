"""Equations solved for a letter: `we want $n + 2p - k + 1 = n$, and so $p = \\frac{k - 1}{2}$`."""

from __future__ import annotations

from collections.abc import Iterator
from re import Match

from chainrule.checker.claims.page import Page
from chainrule.checker.counterexample import counterexample
from chainrule.checker.equality import equal
from chainrule.checker.findings import FALSE, TRUE, Finding
from chainrule.language.algebra import const
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.sentences import FORMULA, Sentence, worded
from chainrule.notation.tree import EQUAL, Node
from chainrule.notation.value import Value

_SOLVED = worded(
    r"\b(?:want(?:s|ed)?|needs?|needed|requires?|demands?|must have|set|setting|solv(?:e|ing))\b"
    rf"[^.;:]{{0,40}}?(?P<equation>{FORMULA})[^.;:]{{0,20}}?"
    r"\b(?:so|hence|thus|therefore|gives?|yields?|get|means?)\b"
    rf"[^.;:]{{0,20}}?(?P<solution>{FORMULA})"
)
_FOLLOWS = worded(
    rf"(?P<equation>{FORMULA}) ?,? (?:and |or )?(?:so|hence|thus|therefore|i\.e\.|that is)[,:]? "
    rf"(?P<solution>{FORMULA})"
)

_VANISHES = worded(
    rf"(?P<equation>{FORMULA}) (?:vanish(?:es)?|(?:is|becomes|equals) (?:zero|0)) "
    rf"(?:only |exactly )?(?:at|for|when|where|if|iff) (?P<solution>{FORMULA})"
)


def findings(page: Page) -> Iterator[Finding]:
    """Solutions, put into the equation that they are said to solve."""
    yield from page.matched([(_SOLVED, _put_in), (_FOLLOWS, _put_in), (_VANISHES, _put_in)])


def _put_in(page: Page, sentence: Sentence, match: Match) -> Finding | None:
    equation, solution = (sentence.prints[match[key]].node for key in ("equation", "solution"))
    match equation, solution:
        case (_, tree.Chain((tree.Symbol() as unknown, body), (other,))) if other.kind in EQUAL:
            difference = _difference(equation, vanishes=match.re is _VANISHES)
        case _:
            return None
    if difference is None:
        return None
    if unknown not in tree.walk(difference) or unknown in tree.walk(body):
        return None
    put_in = tree.transformed(
        difference, lambda part: _bracketed(body) if part == unknown else part
    )
    found = page.value(put_in, page.scope_at(solution.start))
    if found is None:
        return None
    outcome = equal(found[1], found[0], Value(const(0), found[0].axes))
    if outcome.verdict in TRUE:
        return page.finding(body.start, body.end, "holds")
    if outcome.verdict in FALSE:
        return page.finding(
            body.start,
            body.end,
            "wrong",
            diagnosis="put into the equation before it, it leaves something other than 0",
            counterexample=counterexample(outcome.pair),
        )
    return None


def _difference(equation: Node, vanishes: bool) -> Node | None:
    """What is 0 where an equation holds; where a formula is said to vanish, its last member."""
    match equation:
        case tree.Chain((*_, last), _) if vanishes:
            return last
        case tree.Chain((left, right), (sign,)) if sign.kind in EQUAL:
            return tree.Sum((left, _bracketed(right)), ("+", "-"))
    return equation if vanishes and not isinstance(equation, tree.Chain) else None


def _bracketed(node: Node) -> Node:
    node = undecorated(node)
    return tree.Group("(", ")", node, start=node.start, end=node.end)
