"""What kind of mistake a false claim looks like, in one sentence, and the side set right.

A sentence is printed only if its hypothesis was tested: the numbers of both sides are related as it
says, or the side with that change, read back, was judged to hold.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from chainrule.checker.compared import is_arithmetic
from chainrule.checker.correction import closed_form
from chainrule.checker.equality import TRACE, equal
from chainrule.checker.evidence import Enclosures, enclosures, middle
from chainrule.checker.findings import TRUE, Outcome
from chainrule.checker.left_out import left_out
from chainrule.checker.misfits import names_in
from chainrule.checker.pair import Pair
from chainrule.checker.points import Point, size_names
from chainrule.checker.readings import Read, Reader
from chainrule.checker.relations import Mistake, related, varies
from chainrule.checker.slips.catalogue import COMPUTING, FIRST, FITTING, LAYOUT, RULES, likeliest
from chainrule.checker.slips.misprint import Print
from chainrule.checker.slips.variables import variables
from chainrule.checker.trial import Trial
from chainrule.errors import ChainruleError
from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import is_derivative, is_operator, operand
from chainrule.notation.reading import ChainItem
from chainrule.notation.scope import Scope
from chainrule.notation.syntax import parse_formula
from chainrule.notation.tree import Node
from chainrule.notation.value import Misfit, Stacked, Value

# Changes of one false member are read as long as this lasts: each costs as much as it has
# characters, and something more. Seconds would give another answer on a busy machine.
WORK, EACH = 3500, 20
# In so many ways each is read.
WAYS = 2


@dataclass(frozen=True)
class Diagnosis:
    """One sentence, and the member set right, in the document's notation; either may be absent.

    slip  whether the sentence names a single slip that explains the difference
    """

    sentence: str | None = None
    correction: str | None = None
    slip: bool = False


@dataclass(frozen=True)
class FalseMember:
    """A member that was found false against another one, under the reading that was judged.

    follows  whether it is equal to the member before it
    """

    document: Document
    item: ChainItem
    position: int
    against: int
    read: Read
    outcome: Outcome
    conditions: tuple[tuple[str, str, str], ...] = ()
    follows: bool = False

    @property
    def node(self) -> Node:
        return self.item.members[self.position]

    @property
    def value(self) -> Value:
        """What it should be equal to."""
        return self.read.members[self.against]

    @cached_property
    def reader(self) -> Reader:
        return Reader(self.item, self.read)

    @cached_property
    def trial(self) -> Trial:
        names = names_in(self.read.scope, self.item.members) & self.read.scope.symbols.keys()
        return Trial(self.read.scope, self.value, self.conditions, frozenset(names))

    @property
    def source(self) -> str:
        start, end = self.document.braced(self.node.start, self.node.end)
        return self.document.text[start:end]

    @cached_property
    def derived(self) -> str | None:
        """The derivative that it was meant to be, written by the engine; None otherwise."""
        if not is_derivative(self.item.members[self.against]):
            return None
        text = closed_form(self.document, self.read.scope, self.value)
        return text if text is not None and holds(self, text) else None


def diagnosed(member: FalseMember) -> Diagnosis:
    """The first sentence of the catalogue that passes its test, and a correction that holds."""
    if member.outcome.pair is None:
        return _made_fit(member)
    if isinstance(member.value, Exception):
        return Diagnosis()
    pair = member.outcome.pair
    if not pair.arrays and not size_names(pair.left, pair.right):
        told = _computed(pair, is_arithmetic(member.item.members[member.against]))
        slip = told.slip or _edited(member, COMPUTING) is not None
        return replace(told, slip=slip)
    if (found := _edited(member, FIRST)) is not None:
        return found
    mistakes = related(pair)
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
    return _edited(member) or _told_otherwise(member, told)


def _told_otherwise(member: FalseMember, told: Diagnosis) -> Diagnosis:
    """What no change of the member explains: another variable, or a number for what varies."""
    if told.slip:
        return told
    before = member.item.members[member.position - 1], member.item.members[member.against]
    if _is_number(member.node) and any(map(_is_explicit_slope, before)):
        if varies(member.outcome.pair):
            return replace(told, sentence="it is no number: it has several values", slip=True)
    said = member.read.members[member.position]
    missing = None if isinstance(said, Exception) else left_out(member.trial, said)
    if missing is not None:
        return replace(told, sentence=missing, slip=True)
    return _by_another_variable(member) or told


def _is_number(node: Node) -> bool:
    return not any(isinstance(part, (tree.Symbol, tree.Accent)) for part in tree.walk(node))


def _is_explicit_slope(node: Node) -> bool:
    """Whether a node is the derivative of a formula: nothing has to be looked up for it."""
    node = undecorated(node)
    if not is_derivative(node) or is_operator(node):
        return False
    return not isinstance(operand(node.numerator), (tree.Symbol, tree.Script, tree.Accent))


def _made_fit(member: FalseMember) -> Diagnosis:
    """What is wrong with what does not fit together."""
    if not isinstance(member.value, Exception):
        found = _edited(member, FITTING) or _by_another_variable(member)
        if found is not None:
            return found
    if TRACE in (member.outcome.reason or ""):
        return Diagnosis(slip=True)
    return Diagnosis(slip=_edited(member, LAYOUT, fits) is not None)


def fits(member: FalseMember, text: str) -> bool:
    """Whether a new text has the shape it should have, and nothing tells more than the shape."""
    node, wanted = _parsed(member, text), member.value
    if node is None:
        return False
    for value in member.reader.values(node, WAYS):
        if isinstance(wanted, Exception):
            return True
        shapes = [_sizes(one, member.read.scope) for one in (value, wanted)]
        if shapes[0] == shapes[1] and not member.trial.can_tell(value):
            return True
    return False


def _sizes(value: Value, scope: Scope) -> list:
    """The sizes of the axes, one each; the parts of axes that run through several."""
    parts = (axis.parts if isinstance(axis, Stacked) else (axis,) for axis in value.axes)
    return [[axis and scope.sizes.find(axis.size) for axis in one] for one in parts]


def holds_as_row(member: FalseMember, text: str) -> bool:
    """Whether a new text is judged true, where a vector may stand as a row or as a column."""
    node, wanted = _parsed(member, text), member.value
    nodes = (node, member.item.members[member.against])
    for value in () if node is None else member.reader.values(node, WAYS):
        plain = not any(isinstance(axis, Stacked) for one in (value, wanted) for axis in one.axes)
        if plain and len(value.indices) == len(wanted.indices):
            axes = iter(value.indices)
            placed = replace(value, axes=tuple(axis and next(axes) for axis in wanted.axes))
            with suppress(ChainruleError, Misfit):
                found = equal(member.read.scope, wanted, placed, member.conditions, nodes)
                if found.verdict in TRUE | {"holds-if"}:
                    return True
    return False


def _computed(pair: Pair, printed: bool) -> Diagnosis:
    """A computation with numbers only: its result.

    printed  whether all the numbers stand in the document, so that there is nothing to misread
    """
    found = enclosures(pair, Point({}, {}))
    if found is None or found.left.size > 1:
        return _of_entries(found)
    true, said = middle(found.left.item()), middle(found.right.item())
    slip = printed or _is_near(true, said)
    exact = Fraction(true).limit_denominator(1000)
    if abs(float(exact) - true) > 1e-12 * max(1.0, abs(true)):
        return Diagnosis(f"the value is {true:.9g}", slip=slip)
    whole = exact.denominator == 1
    sign, size = "-" if exact < 0 else "", abs(exact)
    latex = str(exact) if whole else rf"{sign}\frac{{{size.numerator}}}{{{size.denominator}}}"
    return Diagnosis(f"the value is {exact}", latex, slip)


def _of_entries(found: Enclosures | None) -> Diagnosis:
    """Which entry of an array of numbers is wrong, where most are right."""
    if found is None:
        return Diagnosis()
    true, said = (np.vectorize(middle, otypes=[float])(one) for one in (found.left, found.right))
    wrong = np.argwhere(~np.isclose(true, said, rtol=2e-3, atol=1e-9))
    if len(wrong) == 1:
        place = tuple(wrong[0])
        where = " ".join(str(k + 1) for k in place)
        sentence = f"entry {where} is {true[place]:.6g}, not {said[place]:.6g}"
        return Diagnosis(sentence, slip=True)
    if np.allclose(true, -said, rtol=2e-3):
        return Diagnosis("all signs are wrong", slip=True)
    return Diagnosis()


def _is_near(true: float, said: float) -> bool:
    """Whether one number comes out for another by a slip: the sign, a factor 2 or 10, one more."""
    ratio = said / true if true else 0.0
    likely = (-1, 2, 0.5, 4, 0.25, 10, 0.1)
    whole = float(true).is_integer() and float(said).is_integer()
    return any(abs(ratio - one) < 1e-9 for one in likely) or (whole and abs(true - said) == 1)


def _by_another_variable(member: FalseMember) -> Diagnosis | None:
    """`∂L/∂h` where `∂L/∂W` is printed: right for another variable of the head."""
    head = undecorated(member.item.members[member.against])
    if not is_derivative(head) or member.against:
        return None
    other = replace(member, position=member.against, against=member.position)
    if isinstance(other.value, Exception) or not other.trial.numbers:
        return None
    found = _edited(other, (variables,), holds_as_row)
    return None if found is None else Diagnosis(found.sentence, member.derived, True)


def _changed(member: FalseMember, mistake: Mistake) -> str:
    source, node = member.source.strip(), member.node
    if mistake.change == "-@" and source.startswith("-") and not _is_sum(node):
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
    loose = isinstance(node, tree.Product) and mistake.binding == "product"
    if (_is_sum(node) or source.startswith("-") or loose) and mistake.binding:
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


def _edited(member: FalseMember, rules=RULES, test=None) -> Diagnosis | None:
    """The first change of the print that makes it right."""
    test = test or holds
    if test is holds and not member.trial.numbers:
        return None
    others = tuple(m for k, m in enumerate(member.item.members) if k != member.position)
    scope = member.read.scope
    sizes = {name: () for definition in scope.definitions.values() for name in definition.uses}
    sizes |= {
        name: tuple(map(scope.sizes.find, symbol.sizes)) for name, symbol in scope.symbols.items()
    }
    called = frozenset(name.lstrip("\\") for name in scope.functions)
    lengths = frozenset(n for n in scope.size_names if len(n) <= 2 or n.startswith("n_"))
    printed = Print(member.document, member.node, others, scope.usage, sizes, lengths, called)
    start, end = member.document.braced(member.node.start, member.node.end)
    text, tried = member.document.text, {member.document.text[start:end]}
    work = 0
    for edit in likeliest(printed, rules):
        if not start <= edit.start <= edit.end <= end:
            continue
        new = text[start : edit.start] + edit.new + text[edit.end : end]
        if new in tried:
            continue
        work += EACH + len(new)
        if work > WORK:
            break
        tried.add(new)
        if test(member, new):
            return Diagnosis(edit.sentence, _shorter(_bare(new), member.derived), True)
    return None


def holds(member: FalseMember, text: str) -> bool:
    """Whether a new text for the member, read in its place, is judged true."""
    node = _parsed(member, text)
    if node is None:
        return False
    nodes = (node, member.item.members[member.against])
    for value in member.reader.values(node, WAYS):
        if member.trial.may_hold(value):
            scope = member.read.scope
            found = equal(scope, member.value, value, member.conditions, nodes)
            if _is_true(found):
                return True
    return False


def _is_true(found: Outcome) -> bool:
    """Whether two sides are equal, where targets sum to one and numbers of elements are whole."""
    likely = re.fullmatch(r"sum\(.*\) = 1|.* one-hot|.* whole numbers?", found.fact or "")
    return found.verdict in TRUE or (found.verdict == "holds-if" and likely is not None)


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


def _parsed(member: FalseMember, text: str) -> Node | None:
    statements = parse_formula(text, 0, member.document.macros)
    if len(statements) != 1 or isinstance(statements[0].chain, (tree.Chain, tree.Empty)):
        return None
    return None if tree.unread(statements[0].chain) else statements[0].chain
