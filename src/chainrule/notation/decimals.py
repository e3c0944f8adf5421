"""Decimals that are the value of something: they may be rounded, and others are what they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.tree import Node


def printed_values(formulas: Iterable[Node]) -> frozenset[str]:
    """The decimals that are whole members of equations, or elements of lists and matrices.

    What a name is set to that has no other formula is given.

    >>> x, number = tree.Symbol("x"), tree.Number("0.73")
    >>> given = tree.Chain((x, number), (tree.Relation("="),))
    >>> computed = tree.Chain((x, tree.Slash(x, x)), (tree.Relation("="),))
    >>> sorted(printed_values([given])), sorted(printed_values([given, computed]))
    ([], ['0.73'])
    """
    formulas = list(formulas)
    equations = [(one, tuple(map(undecorated, one.members))) for one in _chains(formulas)]
    computed = {members[0] for _, members in equations if len(members) > 2 or _is_formula(members)}
    given = [
        one
        for one, members in equations
        if len(members) == 2 and isinstance(members[0], (tree.Symbol, tree.Script, tree.Accent))
        if members[0] not in computed and one.relations[0].kind == "="
    ]
    return frozenset(
        text for node in formulas if node not in given for text in _values(node) if text is not None
    )


def _chains(formulas: Iterable[Node]) -> Iterator[tree.Chain]:
    return (node for node in formulas if isinstance(node, tree.Chain))


def _is_formula(members: tuple[Node, ...]) -> bool:
    """Whether letters stand behind the first sign."""
    return not tree.is_arithmetic(members[1])


def _values(node: Node) -> Iterator[str | None]:
    for part in tree.walk(node):
        match part:
            case tree.Chain(members):
                yield from map(_decimal, members)
            case tree.List(items):
                yield from map(_decimal, items)
            case tree.Matrix(rows=rows):
                yield from (_decimal(cell) for row in rows for cell in row)


def _decimal(node: Node) -> str | None:
    """The digits of a decimal, the sign left off."""
    match undecorated(node):
        case tree.Number(text) if "." in text:
            return text
        case tree.Sum((tree.Number(text),), _) if "." in text:
            return text
    return None
