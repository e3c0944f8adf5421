r"""Functions by cases in sentences: `$E(x) = x$ for $x > 0$ and $E(x) = e^x - 1$ for $x \le 0$`.

The first formula defines the function with all its cases; the others are claims on it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from chainrule.notation import tree
from chainrule.notation.document import Document

# The comparison that holds where another one does not; at the border both formulas may be said.
_OPPOSITE = {">": ("<", "<="), ">=": ("<",), "<": (">", ">="), "<=": (">",)}
_AND = re.compile(r"(?:[,;]|\b(?:and|but|or))[\s$\\(\[]*$", re.I)
_ELSE = re.compile(r"(?:\belse|\botherwise|\belsewhere)[\s,:]*(?:it is|by|as)?[\s$\\(\[]*$", re.I)


def with_cases(document: Document, statements: list[tree.Statement]) -> list[tree.Statement]:
    """The statements, the first formula of a function in two cases with both of them."""
    ordered = sorted(statements, key=lambda one: one.start)
    changed = {}
    for k, (first, second) in enumerate(pairwise(ordered)):
        case = _case(first)
        if case is None:
            continue
        # The condition may stand between the formulas, as a statement of its own.
        rest = (second, *ordered[k + 2 : k + 4])
        other = next((one for one in rest if _is_other(document, first, case, one)), None)
        if other is not None:
            changed[id(first)] = _joined(first, case, other)
    return [changed.get(id(one), one) for one in statements]


def _case(statement: tree.Statement) -> tree.Chain | None:
    """The condition on x, of a formula for f(x)."""
    match statement:
        case tree.Statement(
            tree.Chain((head, _), (tree.Relation("="),)), conditions=(tree.Chain() as case,)
        ):
            argument = _argument(head)
            comparison = len(case.relations) == 1 and case.relations[0].kind in _OPPOSITE
            if argument is not None and comparison:
                return case if argument in tree.walk(case.members[0]) else None
    return None


def _argument(head: tree.Node) -> tree.Node | None:
    """The x of `f(x)`."""
    match head:
        case tree.Product((tree.Symbol(), tree.Group("(", _, tree.Symbol() as inside)), ("",)):
            return inside
    return None


def _is_other(
    document: Document, first: tree.Statement, case: tree.Chain, other: tree.Statement
) -> bool:
    """Whether a statement of the same paragraph gives the value where a condition is not met."""
    between = document.text[first.chain.end : other.start]
    if "\n\n" in between:
        return False
    if not isinstance(other.chain, tree.Chain):
        own = next(iter(other.conditions), None)
        told = _AND.search(between) is not None and _are_opposite(case, own)
        return told or _ELSE.search(between) is not None
    same = other.chain.members[0] == first.chain.members[0]
    return same and _are_opposite(case, _case(other))


def _are_opposite(case: tree.Chain, other: tree.Node | None) -> bool:
    """Whether a comparison holds where another one does not."""
    match other:
        case tree.Chain(members, (relation,)):
            return members == case.members and relation.kind in _OPPOSITE[case.relations[0].kind]
    return False


def _joined(first: tree.Statement, case: tree.Chain, other: tree.Statement) -> tree.Statement:
    head, body = first.chain.members
    last = other.chain.members[1] if isinstance(other.chain, tree.Chain) else other.chain
    cases = tree.Cases(((body, case), (last, None)), start=body.start, end=body.end)
    return replace(first, chain=replace(first.chain, members=(head, cases)), conditions=())
