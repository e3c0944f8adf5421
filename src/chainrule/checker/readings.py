"""The members of a chain read: every way of reading them, and what each way gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from chainrule.checker.narrowed import below_a_line, narrowable
from chainrule.errors import ChainruleError
from chainrule.language.algebra import mul
from chainrule.language.budget import SECONDS, OutOfBudget, within
from chainrule.language.index import is_written
from chainrule.language.inline import elements
from chainrule.notation import tree
from chainrule.notation.chains import may_equate
from chainrule.notation.choices import Choices, runs
from chainrule.notation.circumstances import BOUNDS
from chainrule.notation.example import put_in
from chainrule.notation.inverse import applied, inverse_call
from chainrule.notation.leibniz import variables
from chainrule.notation.matrix_calculus import indicator
from chainrule.notation.meaning import Meaning
from chainrule.notation.misread import Misread
from chainrule.notation.names import named
from chainrule.notation.primes import primed_names
from chainrule.notation.reading import ChainItem
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import scripted
from chainrule.notation.summation import note_standing
from chainrule.notation.tree import Node
from chainrule.notation.value import Misfit, Value

# A chain is read in so many ways at most.
READINGS = 16


@dataclass(frozen=True)
class Read:
    """The members of a chain under one reading: a value each, or why there is none.

    doubts    for each member the names it depends on whose last definition was not understood
    doubtful  the members in which a closing bracket without an opening one was left out
    supposed  for each member what its print does not say and the reading takes for granted
    open      whether the members are meant under a condition that was not understood
    """

    members: tuple[Value | Exception, ...]
    scope: Scope
    notes: tuple[str, ...]
    taken: tuple[str, ...]
    doubts: tuple[frozenset[str], ...] = ()
    doubtful: frozenset[int] = frozenset()
    supposed: tuple[tuple[str, ...], ...] = ()
    open: bool = False

    def granted(self, position: int) -> tuple[str, ...]:
        """What the print of a member takes for granted; of the second, also that of the first."""
        return self.supposed[position] or (self.supposed[0] if position == 1 else ())


def readings(item: ChainItem) -> Iterator[Read]:
    """Every way of reading a chain, the author's likeliest first."""
    habits, begun = _Habits.of(item), {}
    return (read for read, _ in runs(lambda choices: _read(item, choices, habits, begun), READINGS))


@dataclass
class _Begun:
    """A chain as far as it is read: what its members mean, and what the next one is read with.

    inverse  (f, x) where the chain is about the inverse of f, at x
    """

    meaning: Meaning
    inverse: tuple[Node, Node] | None
    members: list[Value | Exception] = field(default_factory=list)
    doubts: list[set[str]] = field(default_factory=list)
    supposed: list[list[str]] = field(default_factory=list)

    def copied(self, choices: Choices) -> _Begun:
        lists = map(list, (self.members, self.doubts, self.supposed))
        return _Begun(self.meaning.copied(choices), self.inverse, *lists)

    def go_on(self, item: ChainItem, node: Node) -> None:
        """Read the next member."""
        position, meaning = len(self.members), self.meaning
        meaning.doubts, meaning.supposed = set(), []
        self.doubts.append(meaning.doubts)
        self.supposed.append(meaning.supposed)
        if position and not _compares(item.relations[position - 1]):
            self.members.append(Misread(node, "not an equation"))
            return
        if self.inverse is not None:
            function, argument = self.inverse
            node = applied(function, node) if position else argument
        self.members.append(_member(meaning, node))


def _begun(
    item: ChainItem, choices: Choices, habits: _Habits, begun: dict[tuple[int, ...], _Begun]
) -> _Begun:
    """The chain as far as it was read before with the same answers."""
    for count in reversed(range(len(choices.script))):
        known = begun.get(choices.script[:count])
        if known is not None:
            return known.copied(choices.go_on(known.meaning.choices))
    meaning = habits.meaning(item.scope.copy(), choices)
    return _Begun(meaning, inverse_call(meaning, item.members[0]))


def _read(
    item: ChainItem, choices: Choices, habits: _Habits, begun: dict[tuple[int, ...], _Begun]
) -> Read:
    """One way of reading; what is read on the way is kept, by the answers up to there."""
    closed = list(map(_closed, item.members))
    now = _begun(item, choices, habits, begun)
    for node in closed[len(now.members) :]:
        now.go_on(item, node)
        begun[choices.given] = now.copied(Choices().go_on(choices))
    meaning, scope = now.meaning, now.meaning.scope
    members = [m if isinstance(m, Exception) else meaning.algebra.resolved(m) for m in now.members]
    open_ = any(isinstance(condition, tree.Text) for condition in item.conditions)
    try:
        members = [m if isinstance(m, Exception) else _supposed(meaning, item, m) for m in members]
    except (Misread, Misfit, ChainruleError):
        open_ = True
    members[0] = _head_meant(item, members)
    members = _with_numbers(meaning, members) if item.worked else members
    variables_ = _differentiated(item)
    doubts = [
        own | (scope.doubts(member.expr) - variables_) if isinstance(member, Value) else own
        for member, own in zip(members, now.doubts, strict=True)
    ]
    return Read(
        tuple(members),
        scope,
        tuple(meaning.notes),
        tuple(choices.taken),
        tuple(map(frozenset, doubts)),
        frozenset(k for k, node in enumerate(closed) if node is not item.members[k]),
        tuple(tuple(dict.fromkeys(facts)) for facts in now.supposed),
        open_,
    )


def _with_numbers(meaning: Meaning, members: list[Value | Exception]) -> list[Value | Exception]:
    """The members where names are the numbers of an example, after the derivatives are taken."""
    put_in(meaning.scope)
    return [m if isinstance(m, Exception) else meaning.algebra.resolved(m) for m in members]


def _member(meaning: Meaning, node: Node) -> Value | Exception:
    try:
        with within(SECONDS):
            value = meaning.value(node)
        note_standing(meaning, value)
        meaning.supposed += _bold_numbers(node, meaning)
    except (Misread, Misfit, ChainruleError, OutOfBudget) as reason:
        return reason
    return value


def _bold_numbers(node: Node, meaning: Meaning) -> list[str]:
    """The small bold letters that are read as numbers beside others that are vectors."""
    ranks: dict[str, int] = {}
    for part in scripted(node):
        base = part.base if isinstance(part, tree.Script) else part
        name = named(part, meaning.scope.usage)
        if name is None or name.places or getattr(base, "font", "") != "bold":
            continue
        if base.name.islower() and name.text in meaning.scope.symbols:
            narrowed = meaning.narrowed.get(name.text, False)
            sizes = meaning.scope.symbols[name.text].sizes
            ranks[name.text] = 0 if narrowed else len(sizes)
    if 1 not in ranks.values():
        return []
    return [f"{text} is one number" for text, rank in ranks.items() if not rank]


def _head_meant(item: ChainItem, members: list[Value | Exception]) -> Value | Exception:
    """The head, or what gives it a meaning in this very chain: a probability, a number."""
    head, body = members[0], members[item.body]
    if item.body and isinstance(head, Misread):
        return body
    if item.body and isinstance(body, Value) and not body.axes:
        # A number that is computed here: the name has the value that this reading gives.
        if not (elements(body.expr) or body.expr.free):
            return body
    return head


def _supposed(meaning: Meaning, item: ChainItem, value: Value) -> Value:
    """A member where the comparisons hold that are supposed for a chain, and 0 elsewhere."""
    for condition in item.conditions:
        if isinstance(condition, tree.Chain) and condition.relations[0].kind in BOUNDS:
            if len(condition.members) != 2:
                raise Misread(condition)
            case = indicator(meaning, condition)
            if case.is_scalar:
                value = Value(mul(case.expr, value.expr), value.axes)
            else:
                value = meaning.algebra.hadamard(case, value)
    return value


@dataclass(frozen=True)
class _Habits:
    """What the print of a whole chain tells about how its members are to be read."""

    item: ChainItem
    narrowable: set[str]
    numbers: set[str]
    primed: frozenset[str]
    upright: bool

    @staticmethod
    def of(item: ChainItem) -> _Habits:
        primed = primed_names(item.members, item.scope.usage)
        numbers = below_a_line(item)
        return _Habits(item, narrowable(item, numbers), numbers, primed, _upright(item))

    def meaning(self, scope: Scope, choices: Choices) -> Meaning:
        meaning = Meaning(scope, choices)
        meaning.narrowable, meaning.primed = self.narrowable, self.primed
        meaning.narrowed, meaning.upright = dict.fromkeys(self.numbers, True), self.upright
        for name, node in self.item.premises:
            meaning.bindings[name] = meaning.value(node)
        return meaning


def _differentiated(item: ChainItem) -> set[str]:
    """The names that a statement differentiates by: it holds whatever they are."""
    found = (variable for node in item.members for variable in variables(node))
    return {name.text for one in found if (name := named(one, item.scope.usage)) is not None}


def _compares(relation: tree.Relation) -> bool:
    return may_equate(relation) or relation.kind == "approx"


class Reader:
    """Reads other members in the place of one of a chain, under a reading of that chain."""

    def __init__(self, item: ChainItem, read: Read):
        self.item, self.read, self.habits = item, read, _Habits.of(item)
        meaning = self.habits.meaning(read.scope.copy(), Choices())
        self.inverse = inverse_call(meaning, item.members[0])
        known = [member for member in read.members if isinstance(member, Value)]
        self.letters = {i.name: i for value in known for i in value.expr.free if is_written(i)}

    def values(self, node: Node, ways: int) -> Iterator[Value]:
        """What a member would mean, in so many ways at most."""
        if self.inverse is not None:
            node = applied(self.inverse[0], node)

        def found(choices: Choices) -> Value | None:
            try:
                meaning = self.habits.meaning(self.read.scope.copy(), choices)
                meaning.letters |= self.letters
                value = meaning.algebra.resolved(meaning.value(node))
                return value if self.read.open else _supposed(meaning, self.item, value)
            except (Misread, Misfit, ChainruleError):
                return None

        return (value for value, _ in runs(found, ways) if value is not None)


def _closed(node: Node) -> Node:
    """A member without a closing bracket at its end that nothing opens."""
    end, loose = node.end, tree.Unread(")")
    if loose not in tree.unread(node):
        return node

    def change(part: Node) -> Node:
        if not isinstance(part, tree.Product) or part.end != end:
            return part
        last = part.factors[-1]
        if last != loose or len(part.factors) < 2 or part.operators[-1]:
            return part
        if len(part.factors) == 2:
            return part.factors[0]
        return replace(part, factors=part.factors[:-1], operators=part.operators[:-1])

    return tree.transformed(node, change)


def _upright(item: ChainItem) -> bool:
    """Whether a name in the statement has a stated shape of two axes."""
    for node in item.members:
        for part in scripted(node):
            name = named(part, item.scope.usage)
            symbol = None if name is None else item.scope.symbols.get(name.text)
            if symbol is not None and symbol.declared and len(symbol.axes) == 2:
                return True
    return False
