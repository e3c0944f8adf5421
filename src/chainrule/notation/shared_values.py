"""One number for several names: `K = S = 2` says K = 2 and S = 2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from chainrule.notation import tree
from chainrule.notation.scripts import letter


def with_shared_values(statements: list[tree.Statement]) -> list[tree.Statement]:
    """The statements, one for each of such names if none of them has a formula."""
    if not any(_is_shared(one.chain) for one in statements):
        return statements
    computed = set(_computed(one.chain for one in statements if not _is_shared(one.chain)))
    found = []
    for one in statements:
        if _is_shared(one.chain) and computed.isdisjoint(map(letter, one.chain.members[:-1])):
            found += [replace(one, chain=chain) for chain in _apart(one.chain)]
        else:
            found.append(one)
    return found


def _is_shared(node: tree.Node) -> bool:
    match node:
        case tree.Chain((tree.Symbol(), tree.Symbol(), *more, tree.Number()), relations):
            letters = all(isinstance(member, tree.Symbol) for member in more)
            return letters and all(relation.kind == "=" for relation in relations)
    return False


def _computed(nodes: Iterable[tree.Node]) -> Iterator[str | None]:
    """The letters with a formula that is no number."""
    for node in nodes:
        if isinstance(node, tree.Chain) and not all(map(tree.is_arithmetic, node.members[1:])):
            yield letter(node.members[0])


def _apart(chain: tree.Chain) -> Iterator[tree.Chain]:
    *names, number = chain.members
    for name, relation in zip(names, chain.relations, strict=True):
        yield replace(chain, members=(name, number), relations=(relation,))
