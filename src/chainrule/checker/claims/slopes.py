"""Derivatives in words: `the gradient of $L$ with respect to $z$ is $p - y$`, `for $i = j$ we get
$p_i (1 - p_i)$`, `the off-diagonal entries are $-p_i p_j$`.

The equation that such words state is judged like a printed one. Where the derivative is not named
it is the one that was printed last, if the letters of the case are its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chainrule.checker.claims.page import Page
from chainrule.checker.findings import FALSE, NOT_JUDGED, Finding
from chainrule.checker.verify import judge
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import is_derivative, is_operator
from chainrule.notation.reading import ChainItem
from chainrule.notation.scripts import letter, subscripts
from chainrule.notation.sentences import FORMULA, OTHER, Sentence
from chainrule.notation.tree import Node

_IS = (
    r"(?:is|are|be|becomes?|equals?|reduces? to|simplif(?:y|ies) to|will be|is given by)"
    r"\s+(?:(?:then|just|simply|therefore|thus|also|only|again|equal|to|now)\s+)*"
)
_ENDS = r"(?=\s*(?:$|[.,;:)]|(?:and|for|if|when|whereas|while|otherwise|else|because|since|as)\b))"
_SLOPE = r"(?:partial |total )?(?:gradients?|derivatives?)"
_NAMED = re.compile(
    rf"{_SLOPE} of (?:the (?:loss|cost|error)(?: function)? )?(?P<of>{FORMULA})"
    rf" (?:with (?:respect|regards?) to|w\.?\s?r\.?\s?t\.?|by)(?: the \w+)? (?P<by>{FORMULA})"
    rf"\s+{_IS}(?P<is>{FORMULA}){_ENDS}",
    re.I,
)
_ENTRIES = re.compile(
    rf"\b(?P<off>off[- ]?)?diagonal (?:entries|elements|terms|ones)(?:,? {OTHER}{{0,24}})?"
    rf"\s+{_IS}(?P<is>{FORMULA}){_ENDS}",
    re.I,
)
_CASE = re.compile(
    rf"\b(?P<word>for|if|when|where|case)\s+(?P<case>{FORMULA})(?P<between>{OTHER}"
    rf"{{0,24}})(?P<is>{FORMULA}){_ENDS}",
    re.I,
)
_GETS = re.compile(
    r"[\s,:]*(?:then |so |thus )?(?:(?:we|one) (?:simply |just )?(?:get|have|obtain|find)s?|it is"
    r"|this is|this gives|it becomes|this becomes)?(?: just| simply| instead)?[\s:,]*",
    re.I,
)
_CASE_AND_SLOPE = re.compile(
    rf"\b(?:for|if|when|where)\s+(?P<case>{FORMULA})[^.;]*?\bthe {_SLOPE}\s+{_IS}"
    rf"(?P<is>{FORMULA}){_ENDS}",
    re.I,
)
_OTHERS = re.compile(
    rf"\b(?:the others?|the rest|the remaining ones)\s+{_IS}(?P<case>{FORMULA})\s*(?P<is>{FORMULA})"
    rf"{_ENDS}",
    re.I,
)


def findings(page: Page) -> Iterator[Finding]:
    """What sentences say a derivative is."""
    for sentence in page.in_turn(page.sentences):
        if sentence.display:
            continue
        for pattern, read in (
            (_NAMED, _named),
            (_ENTRIES, _entries),
            (_CASE, _in_a_case),
            (_CASE_AND_SLOPE, _in_a_case),
            (_OTHERS, _in_a_case),
        ):
            for match in pattern.finditer(sentence.flat):
                yield from read(page, sentence, match)


def _named(page: Page, sentence: Sentence, match: re.Match) -> Iterator[Finding]:
    of, by, said = (sentence.prints[match[key]].node for key in ("of", "by", "is"))
    if not isinstance(said, tree.Chain) and not isinstance(of, tree.Chain):
        yield from _judged(page, _fraction(of, by), said, ())


def _fraction(of: Node, by: Node) -> Node:
    start, end = of.start, by.end
    sign = tree.Symbol("partial", start=start, end=start)
    top, bottom = (tree.Product((sign, one), ("",), start=start, end=end) for one in (of, by))
    return tree.Fraction(top, bottom, start=start, end=end)


def _entries(page: Page, sentence: Sentence, match: re.Match) -> Iterator[Finding]:
    said = sentence.prints[match["is"]].node
    head = _last_slope(page, said.start)
    if head is None or isinstance(said, tree.Chain):
        return
    pair = _letters(head)
    if len(pair) == 2:
        marks = tuple(tree.Symbol(text.removeprefix("\\")) for text in pair)
        case = tree.Chain(marks, (tree.Relation("!=" if match["off"] else "="),))
        yield from _judged(page, head, said, (case,))


def _in_a_case(page: Page, sentence: Sentence, match: re.Match) -> Iterator[Finding]:
    said, case = (sentence.prints[match[key]].node for key in ("is", "case"))
    if "between" in match.groupdict() and not _GETS.fullmatch(match["between"]):
        return
    head = _last_slope(page, said.start)
    if head is None or isinstance(said, tree.Chain) or _pair(case) is None:
        return
    pair, own = _pair(case), _letters(head)
    if set(pair) == set(own):
        yield from _judged(page, head, said, (case,))
        return
    shared, other = set(pair) & set(own), set(pair) - set(own)
    if len(shared) == 1 and len(own) == 1 and case.relations[0].kind == "!=":
        # ∂L/∂z_j was for the class j; for k ≠ j it is ∂L/∂z_k.
        yield from _judged(page, _relettered(head, own[0], other.pop()), said, (case,))


def _pair(case: Node) -> tuple[str, str] | None:
    """The letters of `i = j` and `i \\neq j`."""
    match case:
        case tree.Chain((tree.Symbol() as a, tree.Symbol() as b), (relation,)):
            if relation.kind in ("=", "!="):
                return letter(a), letter(b)
    return None


def _last_slope(page: Page, before: int) -> Node | None:
    """The derivative at the head of the last chain that has one."""
    for item in page.chains_before(before):
        head = undecorated(item.members[0])
        if is_derivative(head) and not is_operator(head):
            return head
    return None


def _letters(head: Node) -> tuple[str, ...]:
    """The letters below the names of a derivative, each once."""
    found = (
        text
        for part in tree.walk(head)
        if isinstance(part, tree.Script)
        for mark in subscripts(part.sub)
        if (text := letter(mark)) is not None and len(text) == 1
    )
    return tuple(dict.fromkeys(found))


def _relettered(head: Node, old: str, new: str) -> Node:
    def change(part: Node) -> Node:
        return tree.Symbol(new, start=part.start, end=part.end) if letter(part) == old else part

    return tree.transformed(head, change)


def _judged(page: Page, head: Node, said: Node, cases: tuple[Node, ...]) -> Iterator[Finding]:
    """The equation that words state, judged as if it were printed."""
    chain = ChainItem(
        (head, said),
        (tree.Relation("=", start=said.start, end=said.start),),
        None,
        page.scope_at(said.start),
        cases,
        display=True,
    )
    for found in judge(page.document, chain):
        if found.verdict not in NOT_JUDGED or found.verdict in FALSE:
            yield found
