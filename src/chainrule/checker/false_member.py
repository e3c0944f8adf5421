"""A false member of a chain, what is said of it, and whether another text in its place is right."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

from chainrule.checker.correction import closed_form
from chainrule.checker.equality import equal
from chainrule.checker.findings import TRUE, Outcome
from chainrule.checker.misfits import names_in
from chainrule.checker.readings import Read, Reader
from chainrule.checker.slips.relevance import Relevance
from chainrule.checker.trial import Trial
from chainrule.errors import ChainruleError
from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.reading import ChainItem
from chainrule.notation.scope import Scope
from chainrule.notation.syntax import parsed
from chainrule.notation.tree import Node
from chainrule.notation.value import Misfit, Stacked, Value

# In so many ways each text is read.
WAYS = 2
# What is taken for granted where it makes a text true.
_LIKELY = re.compile(
    r"(?:.* one-hot, )?\S+_\S+ = 1|sum\(.*\) = 1|.* one-hot|.* is 1 at \S+|.* whole numbers?"
)


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
        said = self.read.members[self.position]
        said = None if isinstance(said, Exception) else said
        return Trial(self.read.scope, self.value, self.conditions, frozenset(names), said)

    @cached_property
    def relevance(self) -> Relevance:
        scope = self.read.scope
        known: dict = dict.fromkeys(scope.symbols, ())
        known |= {name: d.uses for name, d in scope.definitions.items()}
        return Relevance.of(self.trial.depends, known, self.source)

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
            if is_true(found):
                return True
    return False


def is_true(found: Outcome) -> bool:
    """Whether two sides are equal, where targets sum to one and numbers of elements are whole."""
    likely = _LIKELY.fullmatch(found.fact or "")
    return found.verdict in TRUE or (found.verdict == "holds-if" and likely is not None)


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


def _parsed(member: FalseMember, text: str) -> Node | None:
    statements = parsed(member.document, text)
    if len(statements) != 1 or isinstance(statements[0].chain, (tree.Chain, tree.Empty)):
        return None
    return None if tree.unread(statements[0].chain) else statements[0].chain
