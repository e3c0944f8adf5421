"""Names at the end of a chain: `∇f(x) = softmax(x) =: p` says p = softmax(x), and names it so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from chainrule.notation import tree

_SIGN = "=:"


def with_named_ends(statements: Iterable[tree.Statement]) -> list[tree.Statement]:
    """The statements, each name behind a `=:` as the head of an equation of its own."""
    return [one for statement in statements for one in _parted(statement)]


def _parted(statement: tree.Statement) -> Iterator[tree.Statement]:
    chain = statement.chain
    kinds = [r.kind for r in chain.relations] if isinstance(chain, tree.Chain) else []
    if kinds.count(_SIGN) != 1 or kinds[-1] != _SIGN:
        yield statement
        return
    *members, before, name = chain.members
    if members:
        rest = (*members, before), chain.relations[:-1]
        yield replace(statement, chain=replace(chain, members=rest[0], relations=rest[1]))
    sign = replace(chain.relations[-1], kind=":=")
    named = tree.Chain((name, before), (sign,), start=before.start, end=name.end)
    yield tree.Statement(named, conditions=statement.conditions, start=before.start, end=name.end)
