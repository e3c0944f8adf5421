"""Chains of equations put together where they go on in the next display."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import accumulate

from chainrule.notation import tree
from chainrule.notation.arguments import filled
from chainrule.notation.document import Document
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.scripts import letter, plain
from chainrule.notation.syntax import statements_of
from chainrule.notation.tree import EQUAL, Node

# So many letters side by side are hardly factors.
SHORTEST_REMARK = 6


def equates(relation: tree.Relation) -> bool:
    """Whether a sign says that two members are equal, if only in a case printed over it."""
    return relation.kind in EQUAL or (relation.kind == "to" and case_of(relation) is not None)


def may_equate(relation: tree.Relation) -> bool:
    """The same, or an arrow by which people go from one form to another."""
    return equates(relation) or relation.kind in ARROWS


ARROWS = {"leadsto", "to", "mapsto"}


def case_of(relation: tree.Relation) -> Node | None:
    """The condition over a sign, as in `\\stackrel{k=j}{=}` and `\\xrightarrow{k \\neq j}`."""
    return relation.over if isinstance(relation.over, tree.Chain) else None


def joined(document: Document) -> list[tree.Statement]:
    """The statements, with chains that go on in the next display put together."""
    found: list[tree.Statement] = []
    displayed: list[int] = []
    for formula in document.formulas:
        for position, statement in enumerate(statements_of(document, formula)):
            place = None
            if formula.display:
                place = _place(document, statement.chain, found, displayed)
            elif position == 0 and found and _is_its_space(document, found[-1], statement):
                place = len(found) - 1
            if place is not None:
                found[place] = _extended(found[place], statement)
                if formula.display and (not displayed or displayed[-1] < place):
                    displayed.append(place)
            elif (
                formula.display
                and displayed
                and position == 0
                and _follows(document.text[found[displayed[-1]].chain.end : statement.start])
                and _goes_on(statement.chain, found[displayed[-1]].chain)
            ):
                last = displayed[-1]
                found[last] = _extended(found[last], _with_equals(statement))
            else:
                if formula.display and isinstance(statement.chain, tree.Chain):
                    displayed.append(len(found))
                found.append(statement)
    return filled(found)


def _is_its_space(document: Document, last: tree.Statement, statement: tree.Statement) -> bool:
    """Whether `$\\in \\mathbb{R}^m$` stands behind the formula that it is said of."""
    chain = statement.chain
    if not _leads(chain) or chain.relations[0].kind != "in":
        return False
    return _BESIDE.fullmatch(document.text[last.end : statement.start]) is not None


_BESIDE = re.compile(
    r"[\s$]*(?:,?\s*(?:(?:and|where)\s+)?(?:this|it|which|that)\s+(?:is|lies))?[\s$]*"
)


def is_remark(node: Node) -> bool:
    """Whether a member is words: as text, or as a run of plain letters."""
    if isinstance(node, tree.Product) and not any(node.operators):
        lone = all(isinstance(one, tree.Symbol) and len(one.name) == 1 for one in node.factors)
        return lone and len(node.factors) >= SHORTEST_REMARK
    return isinstance(node, tree.Text)


def _place(
    document: Document, node: Node, found: list[tree.Statement], displayed: list[int]
) -> int | None:
    """The statement that a display goes on with, or None.

    It is the one before, but not a lone term in running text that stands between two displays,
    nor a general law that is quoted in the middle of a chain and shares no letter with the rest.
    """
    if not found or not _continues(node, found[-1].chain):
        return None
    last = len(found) - 1
    if displayed and _leads(node) and last != displayed[-1]:
        shown = displayed[-1]
        if _is_stray(document, found, shown, node) or _is_aside(document, found, shown, node):
            last = shown
    before = [place for place in displayed if place < last]
    if before and _leads(node) and _letters(node):
        law, chain = found[last].chain, found[before[-1]].chain
        if not _letters(node) & _letters(law) and _letters(node) & _letters(chain):
            return before[-1]
    return last


def _is_stray(document: Document, found: list[tree.Statement], displayed: int, node: Node) -> bool:
    """Whether only lone terms, numbers and a case stand between a display and the next one."""
    between = found[displayed + 1 :]
    if any(isinstance(one.chain, tree.Chain) and not _is_case(one.chain) for one in between):
        return False
    spans = sorted((one.start, one.end) for one in (found[displayed], *between))
    ends = accumulate((end for _, end in spans), max)
    gaps = zip(ends, [*(start for start, _ in spans[1:]), node.start], strict=True)
    return all(_NOTHING.fullmatch(document.text[end:start]) for end, start in gaps)


def _is_aside(
    document: Document, found: list[tree.Statement], displayed: int, node: Node
) -> bool:
    """Whether what stands in the sentences between two displays is about other letters."""
    between = document.text[found[-1].end : node.start]
    words = re.search(r"[^\W\d_]{2,}", between) is not None
    own = _letters(node)
    near, far = (_letters(one.chain) & own for one in (found[-1], found[displayed]))
    return words and len(far) > len(near)


# Delimiters, full stops and equation numbers.
_NOTHING = re.compile(r"(?:[\s$.,]|\\\[|\\\]|\(?\d+\)?|\b(?:for|if|when|where)\b)*")


def _is_case(chain: tree.Chain) -> bool:
    """`k \\neq y`: what a display is said to hold for."""
    lone = all(isinstance(member, tree.Symbol) for member in chain.members)
    return lone and chain.relations[0].kind == "!="


def _leads(node: Node) -> bool:
    return isinstance(node, tree.Chain) and isinstance(node.members[0], tree.Empty)


def _letters(node: Node) -> set[str]:
    """The names of one letter with their subscripts, but for those of operations and indices."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        part = waiting.pop()
        base, sub = (part.base, part.sub) if isinstance(part, tree.Script) else (part, None)
        text = letter(base)
        if text is None:
            # Of (…)_j the letter below is an index.
            waiting.extend((base,) if base is not part else tree.children(part))
        elif (len(text) == 1 or text[0] == "\\") and text not in _OPERATIONS:
            found.add(text if sub is None else f"{text}_{plain(sub)}")
    return found


def _bases(node: Node) -> set[str]:
    return {text.split("_")[0] for text in _letters(node)}


_OPERATIONS = {"d", "T", "I", "\\partial", "\\nabla", "\\sigma", "\\delta"}


def _follows(between: str) -> bool:
    """Whether nothing stands between two displays, or only ⇒ and the case that they speak of."""
    return not _CASE.sub("", between).strip(" \t\n$.,")


_CASE = re.compile(
    r"\b(?:for|if|when|where)\s+\$[^$]*\$|\\(?:Rightarrow|implies|therefore|Longrightarrow)\b|⇒|∴",
    re.I,
)


def _continues(node: Node, before: Node) -> bool:
    """Whether a display goes on with the chain before it: it, or the one before, lacks a member."""
    if isinstance(node, tree.Chain) and isinstance(node.members[0], tree.Empty):
        return True
    return isinstance(before, tree.Chain) and isinstance(before.members[-1], tree.Empty)


def _goes_on(node: Node, before: Node) -> bool:
    """Whether a display that begins with a bare expression is the next line of a computation."""
    if not isinstance(before, tree.Chain):
        return False
    if isinstance(node, (tree.Sum, tree.Product, tree.Fraction)) and not is_derivative(node):
        # A line where the sign of equality is left out.
        return before.relations[-1].kind in EQUAL and is_slope(before.members[0])
    if not isinstance(node, tree.Chain):
        return False
    equations = node.relations[0].kind in EQUAL and before.relations[-1].kind in EQUAL
    return (
        equations
        and is_slope(before.members[0])
        and isinstance(node.members[0], (tree.Fraction, tree.Sum, tree.Product))
        and not is_slope(node.members[0])
        and not _is_call(node.members[0])
        and bool(_bases(node.members[0]) & _bases(before))
    )


def is_slope(node: Node) -> bool:
    """∂f/∂x, ∇_x f, or a line of which the first member is left out."""
    parts = _leading(node)
    first = parts[-1]
    nabla = isinstance(first, tree.Script) and getattr(first.base, "name", "") == "nabla"
    return nabla or any(is_derivative(part) for part in parts)


def _leading(node: Node) -> tuple[Node, ...]:
    """A node, and what it begins with."""
    return (node, *_leading(node.factors[0])) if isinstance(node, tree.Product) else (node,)


def _is_call(node: Node) -> bool:
    return isinstance(node, tree.Product) and isinstance(node.factors[0], tree.Symbol)


def _with_equals(statement: tree.Statement) -> tree.Statement:
    members, relations = _parts(statement.chain)
    empty = tree.Empty(start=statement.start, end=statement.start)
    sign = tree.Relation("=", guessed=True, start=statement.start, end=statement.start)
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
    conditions = (*head.conditions, *rest.conditions)
    return replace(head, chain=both, conditions=conditions, end=more.end)


def _parts(node: Node) -> tuple[tuple[Node, ...], tuple[tree.Relation, ...]]:
    return (node.members, node.relations) if isinstance(node, tree.Chain) else ((node,), ())
