"""The whole batch: after `p = softmax(u)` and `U = X W` a P without a formula is softmax(U)."""

from __future__ import annotations

from dataclasses import replace

from chainrule.mathematics.functions import function_named
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.scripts import letter, scripted
from chainrule.notation.tree import EQUAL, Node


def with_batches(statements: list[tree.Statement]) -> list[tree.Statement]:
    """The statements, and an equation for each capital letter that is used without a formula where
    the small one is a known function of a letter of which the capital has a formula."""
    chains = [one.chain for one in statements if isinstance(one.chain, tree.Chain)]
    equations = [one for one in chains[::-1] if _is_equation(one)]
    heads = {letter(undecorated(one.members[0])): one for one in equations}
    heads.pop(None, None)  # the heads that are no letter
    parts = [part for one in chains for member in one.members for part in scripted(member)]
    used = {letter(p.base if isinstance(p, tree.Script) else p) for p in parts}
    added = []
    for head, taken, body in filter(None, map(_call_of_letters, chains)):
        batch, argument = _upper(head), _upper(taken)
        formula = heads.get(argument and letter(argument))
        wanted = batch is not None and letter(batch) in used - heads.keys()
        if wanted and formula is not None:
            heads[letter(batch)] = formula
            added.append(_equation(batch, _with(body, taken, argument), formula))
    return sorted([*statements, *added], key=lambda one: one.start) if added else statements


def _is_equation(chain: tree.Chain) -> bool:
    return chain.relations[0].kind in EQUAL


def _call_of_letters(chain: tree.Chain) -> tuple[Node, Node, Node] | None:
    """(p, u, softmax(u)) of `p = softmax(u)`."""
    head, *bodies = chain.members
    match bodies:
        case [tree.Product((word, tree.Group("(", ")", taken)), ("",)) as body]:
            known = function_named(letter(word) or "") is not None and letter(taken) is not None
            return (undecorated(head), taken, body) if known and _is_equation(chain) else None
    return None


def _upper(node: Node) -> Node | None:
    """The same letter as a capital."""
    match node:
        case tree.Symbol(name) if len(name) == 1 and name.islower():
            return replace(node, name=name.upper())
        case tree.Accent(body=tree.Symbol(name)) if len(name) == 1 and name.islower():
            return replace(node, body=replace(node.body, name=name.upper()))
    return None


def _equation(head: Node, body: Node, after: tree.Chain) -> tree.Statement:
    """An equation where another one stands."""
    place = {"start": after.start, "end": after.end}
    chain = tree.Chain((head, body), (tree.Relation("=", **place),), **place)
    return tree.Statement(chain, **place)


def _with(body: Node, taken: Node, argument: Node) -> Node:
    return tree.transformed(body, lambda part: argument if part == taken else part)
