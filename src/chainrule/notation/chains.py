"""Chains of equations put together where they go on in the next display."""

from __future__ import annotations

from dataclasses import replace

from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.syntax import parse_formula
from chainrule.notation.tree import Node

EQUAL = {"=", ":=", "equiv"}


def joined(document: Document) -> list[tree.Statement]:
    """The statements, with chains that go on in the next display put together."""
    found: list[tree.Statement] = []
    for formula in document.formulas:
        for position, statement in enumerate(
            parse_formula(formula.latex, formula.start, document.macros)
        ):
            if formula.display and found and _continues(statement.chain, found[-1].chain):
                found[-1] = _extended(found[-1], statement)
            elif (
                formula.display
                and found
                and position == 0
                and not document.text[found[-1].end : statement.start].strip(" \t\n$.,")
                and _goes_on(statement.chain, found[-1].chain)
            ):
                found[-1] = _extended(found[-1], _with_equals(statement))
            else:
                found.append(statement)
    return found


def _continues(node: Node, before: Node) -> bool:
    """Whether a display goes on with the chain before it: it, or the one before, lacks a member."""
    if isinstance(node, tree.Chain) and isinstance(node.members[0], tree.Empty):
        return True
    return isinstance(before, tree.Chain) and isinstance(before.members[-1], tree.Empty)


def _goes_on(node: Node, before: Node) -> bool:
    """Whether a display that begins with a bare expression is the next line of a computation."""
    if not isinstance(node, tree.Chain) or not isinstance(before, tree.Chain):
        return False
    equations = node.relations[0].kind in EQUAL and before.relations[-1].kind in EQUAL
    return (
        equations
        and is_derivative(before.members[0])
        and isinstance(node.members[0], (tree.Fraction, tree.Sum, tree.Product))
        and not any(is_derivative(part) for part in _leading(node.members[0]))
        and not _is_call(node.members[0])
    )


def _leading(node: Node) -> tuple[Node, ...]:
    """A node, and what it begins with."""
    return (node, *_leading(node.factors[0])) if isinstance(node, tree.Product) else (node,)


def _is_call(node: Node) -> bool:
    return isinstance(node, tree.Product) and isinstance(node.factors[0], tree.Symbol)


def _with_equals(statement: tree.Statement) -> tree.Statement:
    members, relations = _parts(statement.chain)
    empty = tree.Empty(start=statement.start, end=statement.start)
    sign = tree.Relation("=", start=statement.start, end=statement.start)
    chain = tree.Chain(
        (empty, *members), (sign, *relations), start=statement.chain.start, end=statement.chain.end
    )
    return replace(statement, chain=chain)


def _extended(head: tree.Statement, rest: tree.Statement) -> tree.Statement:
    chain, more = head.chain, rest.chain
    members, relations = _parts(chain)
    others, signs = _parts(more)
    if isinstance(members[-1], tree.Empty):
        # The sign stands at the end of the line before.
        members = members[:-1]
    else:
        others = others[1:]
    both = tree.Chain((*members, *others), (*relations, *signs), start=chain.start, end=more.end)
    return replace(head, chain=both, conditions=(*head.conditions, *rest.conditions))


def _parts(node: Node) -> tuple[tuple[Node, ...], tuple[tree.Relation, ...]]:
    return (node.members, node.relations) if isinstance(node, tree.Chain) else ((node,), ())
