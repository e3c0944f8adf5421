"""What kind of mistake a false claim looks like, in one sentence, and the side set right.

A sentence is printed only if its hypothesis was tested: the numbers of both sides are related as it
says, or the side with that change, read back, was judged to hold.
"""

from __future__ import annotations

import re
from dataclasses import replace

from chainrule.checker.computed import computed
from chainrule.checker.equality import TRACED
from chainrule.checker.false_member import Diagnosis, FalseMember, fits, holds, holds_as_row
from chainrule.checker.left_out import left_out
from chainrule.checker.points import size_names
from chainrule.checker.relations import Mistake, constant_at, related, varies
from chainrule.checker.search import edited
from chainrule.checker.slips.catalogue import COMPUTING, FIRST, FITTING, LAYOUT
from chainrule.checker.slips.variables import variables
from chainrule.checker.value_slips import changed
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import is_derivative, is_operator, operand
from chainrule.notation.tree import Node
from chainrule.notation.value import TRACE

# A minus as it is typed, and the one of Unicode.
_MINUS = ("-", "−")


def diagnosed(member: FalseMember) -> Diagnosis:
    """The first sentence of the catalogue that passes its test, and a correction that holds."""
    if member.outcome.pair is None:
        return _made_fit(member)
    if isinstance(member.value, Exception):
        return Diagnosis()
    pair = member.outcome.pair
    if not pair.arrays and not size_names(pair.left, pair.right):
        told = computed(pair, tree.is_arithmetic(member.item.members[member.against]))
        slip = told.slip or edited(member, COMPUTING) is not None
        return replace(told, slip=slip)
    if (found := edited(member, FIRST)) is not None:
        return found
    mistakes = related(pair)
    if tree.is_arithmetic(member.node) and (point := constant_at(pair)) is not None:
        told = computed(pair, bool(mistakes) and mistakes[0].is_slip, point)
        if told.sentence is not None:
            return told
    for mistake in mistakes:
        if mistake.change is not None:
            text = _changed(member, mistake)
            if holds(member, text):
                return Diagnosis(mistake.sentence, text, True)
    sentence = mistakes[0].sentence if mistakes else None
    # A member that is equal to the one before it is as false as that one: nothing to look for.
    known = member.follows or (mistakes and mistakes[0].whole)
    told = Diagnosis(sentence, member.derived, bool(mistakes) and mistakes[0].is_slip)
    if known:
        return replace(told, slip=told.slip and not member.follows)
    if (found := edited(member, known=told.slip)) is not None:
        return found
    told = _told_otherwise(member, told)
    return told if told.slip else changed(member) or told


def _told_otherwise(member: FalseMember, told: Diagnosis) -> Diagnosis:
    """What no change of the member explains: another variable, or a number for what varies."""
    if told.slip:
        return told
    before = member.item.members[member.position - 1], member.item.members[member.against]
    if tree.is_arithmetic(member.node) and any(map(_is_explicit_slope, before)):
        if varies(member.outcome.pair):
            return replace(told, sentence="it is no number: it has several values", slip=True)
    said = member.read.members[member.position]
    missing = None if isinstance(said, Exception) else left_out(member.trial, said)
    if missing is not None:
        return replace(told, sentence=missing, slip=True)
    return _by_another_variable(member) or told


def _is_explicit_slope(node: Node) -> bool:
    """Whether a node is the derivative of a formula: nothing has to be looked up for it."""
    node = undecorated(node)
    if not is_derivative(node) or is_operator(node):
        return False
    return not isinstance(operand(node.numerator), (tree.Symbol, tree.Script, tree.Accent))


def _made_fit(member: FalseMember) -> Diagnosis:
    """What is wrong with what does not fit together."""
    if not isinstance(member.value, Exception):
        found = edited(member, FITTING) or _by_another_variable(member)
        if found is not None:
            return found
    reason = member.outcome.reason or ""
    if reason.startswith(TRACE) or reason.endswith(TRACED):
        return Diagnosis(slip=True)
    return Diagnosis(slip=edited(member, LAYOUT, fits) is not None)


def _by_another_variable(member: FalseMember) -> Diagnosis | None:
    """`∂L/∂h` where `∂L/∂W` is printed: right for another variable of the head."""
    head = undecorated(member.item.members[member.against])
    if not is_derivative(head) or member.against:
        return None
    other = replace(member, position=member.against, against=member.position)
    if isinstance(other.value, Exception) or not other.trial.numbers:
        return None
    found = edited(other, (variables,), holds_as_row)
    return None if found is None else Diagnosis(found.sentence, member.derived, True)


def _changed(member: FalseMember, mistake: Mistake) -> str:
    source, node = member.source.strip(), member.node
    if mistake.change == "-@" and source.startswith(_MINUS) and not _is_sum(node):
        return source[1:].strip()
    if mistake.change == "-@" and isinstance(node, tree.Sum) and node.signs == ("+", "-"):
        first, second = (member.document.braced(t.start, t.end) for t in node.terms)
        text = member.document.text
        return f"{text[slice(*second)]} - {text[slice(*first)]}"
    if mistake.change == "-@" and isinstance(node, tree.Product):
        swapped = _swapped_factor(member, node)
        if swapped is not None:
            return swapped
    leading = re.match(r"(\d+)(?![\d.])\s*(?:\\cdot(?![a-zA-Z]))?\s*", source)
    if mistake.factor is not None and leading and isinstance(node, tree.Product):
        number = int(leading[1]) * mistake.factor
        if number.denominator == 1:
            rest = source[leading.end() :]
            return rest if number == 1 else f"{number} {rest}"
    if mistake.change == "1 - @" and _is_sum(node) and re.match(r"1\s*-", source):
        return source.partition("-")[2].strip() if len(node.terms) == 2 else f"1 - ({source})"
    raised = isinstance(node, tree.Script) and node.sup is not None
    loose = (isinstance(node, tree.Product) or raised) and mistake.binding == "product"
    if (_is_sum(node) or source.startswith(_MINUS) or loose) and mistake.binding:
        source = f"({source})"
    return mistake.change.replace("@", source)


def _swapped_factor(member: FalseMember, node: tree.Product) -> str | None:
    """(y - p) W with the first difference the other way round: (p - y) W."""
    text = member.document.text
    start, end = member.document.braced(node.start, node.end)
    for factor in node.factors:
        match factor:
            case tree.Group(_, _, tree.Sum((first, second), ("+", "-"))):
                (a, b), (c, d) = (member.document.braced(t.start, t.end) for t in (first, second))
                return f"{text[start:a]}{text[c:d]} - {text[a:b]}{text[d:end]}"
    return None


def _is_sum(node: Node) -> bool:
    return isinstance(node, tree.Sum) and len(node.terms) > 1
