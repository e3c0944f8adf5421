"""The search for the slip: changes of a false member's print, read back, until one is right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from chainrule.checker.false_member import Diagnosis, FalseMember, holds
from chainrule.checker.slips.catalogue import RULES, Rule, likeliest
from chainrule.checker.slips.misprint import Edit, Print
from chainrule.notation.differentials import is_lone
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.tree import Node

# Changes of one false member are read as long as this lasts: each costs as much as it has
# characters, and something more. Seconds would give another answer on a busy machine.
WORK, EACH = 4500, 20
# Of a long member, too, so many changes are read.
LEAST = 45
# What is not made of what the right value needs is read last, and not for long.
UNLIKELY = 700
# Where it is known what is wrong, a change of the print only says it more clearly.
KNOWN = 1500

_WORD = re.compile(r"\\[a-zA-Z]+$")

Test = Callable[[FalseMember, str], bool]
Change = tuple[Edit, str]


def edited(
    member: FalseMember,
    rules: tuple[Rule, ...] = RULES,
    test: Test | None = None,
    known: bool = False,
) -> Diagnosis | None:
    """The first change of the print that makes it right.

    test   what is asked of each new text; whether it is judged true where nothing is said
    known  whether it is known what is wrong, so that not much is looked for
    """
    changes, unlikely = _changes(member, rules), []
    start, end = member.document.braced(member.node.start, member.node.end)
    work = KNOWN if known else max(WORK, LEAST * (EACH + end - start))
    if test is not None:
        return _first_right(member, changes, test, work)
    if not member.trial.numbers:
        return None
    likely = _likely(member, changes, unlikely)
    found = _first_right(member, likely, holds, work)
    return found or _first_right(member, unlikely, holds, UNLIKELY)


def _first_right(
    member: FalseMember, changes: Iterable[Change], test: Test, work: int
) -> Diagnosis | None:
    for edit, text in changes:
        work -= EACH + len(text)
        if work < 0:
            break
        if test(member, text):
            return Diagnosis(edit.sentence, _shorter(_bare(text), member.derived), True)
    return None


def _likely(
    member: FalseMember, changes: Iterable[Change], others: list[Change]
) -> Iterator[Change]:
    """The changes that are made of what the right value needs; the others are put aside."""
    for change in changes:
        if member.relevance.is_likely(change[1]):
            yield change
        else:
            others.append(change)


def _changes(member: FalseMember, rules: tuple[Rule, ...]) -> Iterator[Change]:
    """Every change that a rule proposes, and the whole member with it; no text twice."""
    printed = _printed(member)
    start, end = member.document.braced(member.node.start, member.node.end)
    text, tried = member.document.text, {member.document.text[start:end]}
    # That a name or a derivative is equal to itself corrects nothing.
    heads = (other for other in printed.others if _is_bare(printed, other))
    tried |= {printed.source(head).strip() for head in heads}
    for edit in likeliest(printed, rules):
        if start <= edit.start <= edit.end <= end:
            before, behind = text[start : edit.start] + edit.new, text[edit.end : end]
            # A word such as \top ends where no letter follows.
            ended = " " if behind[:1].isalpha() and _WORD.search(before) else ""
            new = f"{before}{ended}{behind}"
            if new.strip() not in tried:
                tried.add(new.strip())
                yield edit, new


def _is_bare(printed: Print, node: Node) -> bool:
    """A name, a derivative or a differential: what a formula is given for."""
    node = undecorated(node)
    return printed.is_operand(node) or is_derivative(node) or is_lone(node)


def _printed(member: FalseMember) -> Print:
    others = tuple(m for k, m in enumerate(member.item.members) if k != member.position)
    scope = member.read.scope
    sizes = {name: () for definition in scope.definitions.values() for name in definition.uses}
    sizes |= {
        name: tuple(map(scope.sizes.find, symbol.sizes)) for name, symbol in scope.symbols.items()
    }
    called = frozenset(name.lstrip("\\") for name in scope.functions)
    lengths = frozenset(n for n in scope.size_names if len(n) <= 2 or n.startswith("n_"))
    return Print(member.document, member.node, others, scope.usage, sizes, lengths, called)


def _shorter(edited: str, derived_: str | None) -> str:
    """The author's form, unless the closed form is much shorter."""
    return derived_ if derived_ is not None and 3 * len(derived_) <= len(edited) else edited


def _bare(text: str) -> str:
    """A side without brackets around all of it."""
    text = text.strip()
    depth = 0
    for position, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and position < len(text) - 1:
            return text
    return text[1:-1] if text.startswith("(") else text
