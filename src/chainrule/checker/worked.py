"""Worked examples: what is said of numbers is judged with the numbers that the section gives.

`With $x = -2$ and $y = 5$ we have $q = x + y = 3$`: in general it is false that q is 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from chainrule.checker import verify
from chainrule.checker.computed import ENTRY
from chainrule.checker.counterexample import is_at_a_point
from chainrule.checker.findings import FALSE, TRUE, Finding, Why, excused
from chainrule.checker.numbers_put_in import PUT_IN
from chainrule.checker.other_activations import with_activation
from chainrule.checker.supposed import OF_EXAMPLE
from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.example import put_in, with_sizes
from chainrule.notation.heads import is_of_numbers, is_sibling, undecorated
from chainrule.notation.names import Name, named
from chainrule.notation.reading import ChainItem

# After such words the names may stand for other numbers: `One step on w: …, then E = 8.82`.
_CHANGES = re.compile(r"\b(?:steps? (?:on|of|with|for)|updat(?:e|ed|es|ing)|iterations?)\b", re.I)


def judge(document: Document, item: ChainItem, why: Why = None) -> list[Finding]:
    """The findings on a chain; on its numbers also with the numbers that names are set to, and
    with another activation function, where it is said of one.
    """
    found = _judged(document, item, why)
    if all(one.verdict in TRUE for one in found):
        return found
    other = with_activation(document, item)
    if other is None:
        return found
    name, item = other
    again = {(one.start, one.end): one for one in _judged(document, item, why)}
    return [_better(one, again.get((one.start, one.end)), name) for one in found]


def _better(one: Finding, new: Finding | None, name: str) -> Finding:
    """What is said of another function, where that is true; slopes of the one before may have a
    name, so that nothing is called false."""
    if one.verdict in TRUE or new is None or new.verdict not in TRUE:
        return one
    return _read_so(new, f"with {name}")


def _judged(document: Document, item: ChainItem, why: Why) -> list[Finding]:
    """The findings on a chain; on its numbers also with the numbers that names are set to.

    A name may have been given another value in words since, so that only a formula that is
    printed in the chain is called different from a number.
    """
    found = _with_sizes(document, item, verify.judge(document, item, why), why)
    ends = {document.braced(m.start, m.end)[1] for m in item.members[1:] if is_of_numbers(m)}
    found = list(_of_numbers_only(document, item, found)) if ends else found
    arrays = _false_arrays(document, item, found)
    open_ = any(one.end in ends and _is_open(one) for one in found)
    if not (open_ or arrays) or not put_in(item.scope.copy()):
        return found
    return list(_with_numbers(document, item, found, ends, arrays, why))


def _is_open(finding: Finding) -> bool:
    """Whether a number is not known to be right as the value of the head."""
    return finding.verdict not in TRUE or finding.head is None


def _false_arrays(document: Document, item: ChainItem, found: list[Finding]) -> set[int]:
    """The ends of false members in which numbers are written out as in `(1, 2) x`, or that come
    after such a member; and of those with a number that are worked out: `-2 h = (0, -8)`."""
    false = {one.end for one in found if one.verdict in FALSE}
    spelled, ends = False, set()
    for member, after in pairwise(item.members[1:]):
        printed = any(isinstance(part, tree.Number) for part in tree.walk(member))
        if printed and is_of_numbers(after):
            ends |= {document.braced(member.start, member.end)[1]} & false
    for member in item.members[1:]:
        spelled = spelled or any(
            isinstance(part, tree.Matrix)
            and all(isinstance(cell, tree.Number) for row in part.rows for cell in row)
            for part in tree.walk(member)
        )
        ends |= {document.braced(member.start, member.end)[1]} & false if spelled else set()
    return ends


def _with_sizes(
    document: Document, item: ChainItem, found: list[Finding], why: Why
) -> list[Finding]:
    """The findings, what was not understood with the sizes of the section: `for $N = 4$`."""
    scope = with_sizes(item.scope) if any(map(_wants_sizes, found)) else None
    if scope is None:
        return found
    sized = verify.judge(document, replace(item, scope=scope), why)
    again = {(one.start, one.end): one for one in sized if one.verdict != "unread"}
    return [
        again.get((one.start, one.end), one) if _wants_sizes(one) else one for one in found
    ]


def _wants_sizes(finding: Finding) -> bool:
    """Whether the numbers of sizes may tell more."""
    return finding.verdict in ("unread", "shape") or finding.diagnosis == PUT_IN


def _with_numbers(
    document: Document,
    item: ChainItem,
    found: list[Finding],
    ends: set[int],
    arrays: set[int],
    why: Why,
) -> Iterator[Finding]:
    """The findings on a chain, those on its numbers with the numbers of the section put in.

    What is false with arrays of numbers in it may be true with these only.
    """
    worked = verify.judge(document, replace(item, worked=True), why)
    pairs = zip(item.members, item.members[1:], strict=False)
    steps = {document.braced(m.start, m.end)[1] for before, m in pairs if is_of_numbers(before)}
    again = {(one.start, one.end): one for one in worked}
    shown = _behind_formulas(document, item)
    words = words_for(document, item)
    before = document.text[: item.members[0].start].rstrip(" \n$[\\").rpartition("\n\n")[2]
    changed = _CHANGES.search(before) is not None
    for one in found:
        new = again.get((one.start, one.end))
        reckoned = one.end in steps and new is not None and new.step in FALSE
        if changed and not reckoned and one.end in ends and new and new.verdict in FALSE:
            one, new = excused(document, one, "the numbers after a step may be others"), None
        if one.end in ends and new is not None and _is_open(one):
            if new.verdict in FALSE and is_at_a_point(new.counterexample):
                if one.end not in steps:
                    reason = "not all of its letters are set to numbers"
                    one = Finding.on(document, one.start, one.end, "unread", diagnosis=reason)
            elif new.verdict in TRUE or (
                new.verdict in FALSE and (one.end in shown | steps or _is_of_one_entry(new))
            ):
                one = _read_so(new, words)
        if one.end in arrays - ends and new is not None and new.verdict in TRUE:
            one = _read_so(new, words)
        yield one


def _behind_formulas(document: Document, item: ChainItem) -> set[int]:
    """The ends of members that come after a formula, or in a chain that begins with one."""
    printed = [
        named(undecorated(m), item.scope.usage) is None and not is_of_numbers(m)
        for m in item.members
    ]
    return {
        document.braced(m.start, m.end)[1]
        for m, before in zip(item.members[1:], printed, strict=False)
        if before or printed[0]
    }


def _is_of_one_entry(finding: Finding) -> bool:
    """Whether all entries but one are right: the numbers are those that names are set to."""
    return finding.slip and (finding.diagnosis or "").startswith(ENTRY)


def _of_numbers_only(
    document: Document, item: ChainItem, found: list[Finding]
) -> Iterator[Finding]:
    """`p_1 = p_2 = 1/2`: that two names are the same is said of some numbers only."""
    heads = [named(undecorated(member), item.scope.usage) for member in item.members]
    lone = {
        document.braced(member.start, member.end)[1]
        for before, name, member in zip(heads, heads[1:], item.members[1:], strict=False)
        if before is not None and name is not None and _are_alike(before, name)
    }
    for one in found:
        yield excused(document, one, OF_EXAMPLE) if one.end in lone else one


def _are_alike(one: Name, other: Name) -> bool:
    return one.text == other.text or is_sibling(one.text, other.text)


def judge_with_numbers(document: Document, item: ChainItem) -> list[Finding]:
    """The findings on a chain with the numbers of the section put in."""
    words, found = words_for(document, item), verify.judge(document, replace(item, worked=True))
    return [_read_so(one, words) for one in found]


def _read_so(finding: Finding, words: str) -> Finding:
    """A finding with more words for how it was read."""
    return replace(finding, reading="; ".join(filter(None, (finding.reading, words))))


def words_for(document: Document, item: ChainItem) -> str:
    """What names are set to, as it is printed."""
    spans = {name: document.braced(n.start, n.end) for name, n in item.scope.numbers.items()}
    return f"for {', '.join(f'{name} = {document.text[a:b]}' for name, (a, b) in spans.items())}"
