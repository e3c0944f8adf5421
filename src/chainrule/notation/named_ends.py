"""Names at the end of a chain: `∇f(x) = softmax(x) =: p` says p = softmax(x), and names it so.

So does `∇f(x) = softmax(x) = p` where p is printed there for the first time and gets no formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.scripts import letter, subscripts

_SIGN = "=:"


def with_named_ends(statements: Iterable[tree.Statement]) -> list[tree.Statement]:
    """The statements, each name behind a `=:` as the head of an equation of its own."""
    statements = list(statements)
    heads = {_base(one.chain.members[0]) for one in statements if _is_chain(one)}
    found: list[tree.Statement] = []
    printed: set[str | None] = set()
    for one in statements:
        name = _last_name(one, heads)
        own = {letter(part) for part in tree.walk(one.chain) if isinstance(part, tree.Symbol)}
        found += _parted(one, name is not None and name not in printed)
        printed |= own
    return found


def _is_chain(statement: tree.Statement) -> bool:
    return isinstance(statement.chain, tree.Chain)


def _base(node: tree.Node) -> str | None:
    node = undecorated(node)
    return letter(node.base if isinstance(node, tree.Script) else node)


def _last_name(statement: tree.Statement, heads: set[str | None]) -> str | None:
    """The name without a formula that a chain of equations ends with, in no other member of it."""
    match statement.chain:
        case tree.Chain((_, *between, last), relations) if between:
            name = _base(last)
            plain = isinstance(last, tree.Symbol) or _is_element(last)
            alone = all(relation.kind == "=" for relation in relations)
            symbols = (part for node in statement.chain.members[:-1] for part in tree.walk(node))
            again = any(isinstance(one, tree.Symbol) and letter(one) == name for one in symbols)
            if plain and alone and not again and name is not None and name not in heads:
                return name if len(name) == 1 else None
    return None


def _is_element(node: tree.Node) -> bool:
    match node:
        case tree.Script(tree.Symbol(), sub, None, 0) if sub is not None:
            return all(isinstance(mark, tree.Symbol) for mark in subscripts(sub))
    return False


def _parted(statement: tree.Statement, names: bool) -> Iterator[tree.Statement]:
    """names  whether the last member of a chain is a name that it gives a meaning"""
    chain = statement.chain
    kinds = [r.kind for r in chain.relations] if _is_chain(statement) else []
    if not names and (kinds.count(_SIGN) != 1 or kinds[-1] != _SIGN):
        yield statement
        return
    *members, before, name = chain.members
    if members:
        rest = (*members, before), chain.relations[:-1]
        yield replace(statement, chain=replace(chain, members=rest[0], relations=rest[1]))
    sign = replace(chain.relations[-1], kind=":=")
    named = tree.Chain((name, before), (sign,), start=before.start, end=name.end)
    yield tree.Statement(named, conditions=statement.conditions, start=before.start, end=name.end)
