"""Which members of a chain a member is compared with, and from where on it is marked."""

from __future__ import annotations

from typing import Protocol

from chainrule.checker.findings import TRUE, Finding, Outcome
from chainrule.checker.supposed import COMPARISONS
from chainrule.notation import tree
from chainrule.notation.chains import ARROWS, is_remark
from chainrule.notation.document import Document
from chainrule.notation.heads import undecorated
from chainrule.notation.reading import ChainItem
from chainrule.notation.tree import EQUAL, Node


class Judged(Protocol):
    """A chain under one reading, of which two members can be compared."""

    def outcome(self, against: int, position: int) -> Outcome: ...


def member_before(item: ChainItem, position: int) -> int:
    """The member that a step starts from: the last one before that belongs to the equation."""
    if item.relations[0].kind not in EQUAL or _compared_first(item, position - 1):
        return position - 1
    return max(k for k in range(position) if not k or item.relations[k - 1].kind in EQUAL)


def head_of(item: ChainItem, position: int, best: Judged) -> int:
    """The first member of the equation: what an arrow to something else leads to starts another."""
    for k in range(position - 1, 0, -1):
        if _compared_first(item, k):
            return k
        if item.relations[k - 1].kind not in ARROWS or is_remark(item.members[k]):
            continue
        if best.outcome(k - 1, k).verdict == "not-checked":
            return k
    return 0


def _compared_first(item: ChainItem, position: int) -> bool:
    """Whether a member begins another equation: the c of `a = b ≠ c = d`."""
    return position > 0 and item.relations[position - 1].kind in COMPARISONS


def unconfirmed(item: ChainItem, position: int, best: Judged) -> int | None:
    """Where a chain is taken to go on though no sign is printed and nothing after agrees."""
    guesses = [k for k in range(1, position + 1) if item.relations[k - 1].guessed]
    if not guesses:
        return None
    after = range(guesses[-1], len(item.members))
    confirmed = any(best.outcome(0, later).verdict in TRUE for later in after)
    return None if confirmed else guesses[-1]


def marked_from(document: Document, item: ChainItem, position: int) -> Node:
    """The member itself, or of a computation the one before: neither side is more at fault."""
    whole = _is_computed_step(document, item, position)
    return item.members[member_before(item, position) if whole else position]


def _is_computed_step(document: Document, item: ChainItem, position: int) -> bool:
    """Whether a member continues a computation with single numbers in the same formula, or is a
    bare number at the end of a chain."""
    first, last = item.members[member_before(item, position)], item.members[position]
    bare = position > 1 and isinstance(undecorated(last), tree.Number)
    computed = tree.is_arithmetic(item.members[0]) or bare
    if item.relations[position - 1].kind not in EQUAL or not computed:
        return False
    if any(isinstance(part, tree.List) for part in (*tree.walk(first), *tree.walk(last))):
        return False
    return any(f.start <= first.start and last.end <= f.end for f in document.formulas)


def tells_of_names(item: ChainItem, finding: Finding) -> bool:
    """Whether a finding is on more than printed numbers: 8.2 in `o = 1.8 · 4 + 1 = 8.2` is right
    whatever o is."""
    inside = [m for m in item.members if finding.start <= m.start and m.end <= finding.end]
    return not inside or not all(map(tree.is_arithmetic, inside))
