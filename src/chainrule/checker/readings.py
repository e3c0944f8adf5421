"""The members of a chain read: every way of reading them, and what each way gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chainrule.errors import ChainruleError
from chainrule.notation import tree
from chainrule.notation.chains import EQUAL
from chainrule.notation.choices import Choices, runs
from chainrule.notation.leibniz import variables
from chainrule.notation.meaning import Meaning
from chainrule.notation.misread import Misread
from chainrule.notation.names import Usage, letter, named, scripted
from chainrule.notation.primes import primed_names
from chainrule.notation.reading import ChainItem
from chainrule.notation.scope import Scope
from chainrule.notation.value import Misfit, Value

# A chain is read in so many ways at most.
READINGS = 16


@dataclass(frozen=True)
class Read:
    """The members of a chain under one reading: a value each, or why there is none."""

    members: tuple[Value | Exception, ...]
    scope: Scope
    notes: tuple[str, ...]
    taken: tuple[str, ...]
    doubts: frozenset[str] = frozenset()


def readings(item: ChainItem) -> Iterator[Read]:
    """Every way of reading a chain, the author's likeliest first."""
    narrowable = _narrowable(item)
    return (read for read, _ in runs(lambda choices: _read(item, choices, narrowable), READINGS))


def _read(item: ChainItem, choices: Choices, narrowable: set[str]) -> Read:
    scope = item.scope.copy()
    meaning = Meaning(scope, choices)
    meaning.narrowable = narrowable
    meaning.primed = primed_names(item.members, item.scope.usage)
    members = []
    for position, node in enumerate(item.members):
        relation = item.relations[position - 1].kind if position else "="
        if relation not in EQUAL:
            members.append(Misread(node, "not an equation"))
            continue
        try:
            members.append(meaning.value(node))
        except (Misread, Misfit, ChainruleError) as reason:
            members.append(reason)
    members = [m if isinstance(m, Exception) else meaning.algebra.resolved(m) for m in members]
    for member in members:
        if isinstance(member, Value):
            meaning.doubts |= scope.doubts(member.expr)
    return Read(
        tuple(members),
        scope,
        tuple(meaning.notes),
        tuple(choices.taken),
        frozenset(meaning.doubts),
    )


def _narrowable(item: ChainItem) -> set[str]:
    """Symbols that may be one number here: alone under a derivative, or in a primed call."""
    usage, found, indexed = item.scope.usage, set(), set()
    for node in item.members:
        for variable in variables(node):
            name = named(variable, usage)
            if name is not None and not name.places:
                found.add(name.text)
        for part in tree.walk(node):
            if isinstance(part, tree.Product):
                for word, bracket in zip(part.factors, part.factors[1:], strict=False):
                    if (
                        isinstance(word, tree.Script)
                        and word.primes
                        and isinstance(bracket, tree.Group)
                    ):
                        found.add(letter(bracket.body) or "")
        for part in scripted(node):
            name = named(part, usage)
            if name is not None and name.places:
                indexed.add(name.text)
    soft = {
        name.text
        for node in item.members
        for part in scripted(node)
        if (name := named(part, usage)) is not None and name.text in item.scope.soft
    }
    return (found | soft | _only_vector(item, usage)) - indexed - {""}


def _only_vector(item: ChainItem, usage: Usage) -> set[str]:
    """The one letter with axes in a statement, if there is just one: it may be a number here."""
    scope = item.scope.copy()
    names = {
        name.text
        for node in item.members
        for part in scripted(node)
        if (name := named(part, usage)) is not None
        and (name.text in item.scope.symbols or name.text in item.scope.ranks)
        and scope.symbol(name.text).sizes
    }
    return names if len(names) == 1 else set()
