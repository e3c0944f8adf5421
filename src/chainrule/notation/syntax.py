"""From the LaTeX of a formula to statements with their labels, conditions and remarks.

>>> from chainrule.notation.tree import show
>>> [show(one) for one in parse_formula(r"y = wx \\quad \\text{or} \\quad y = b", 0)]
['(statement (chain y = (product w x)))', '(statement (chain y = b) note:"or")']
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chainrule.notation.brackets import nest
from chainrule.notation.clauses import Clause, clauses
from chainrule.notation.cursor import Cursor, extent
from chainrule.notation.document import Document, Formula
from chainrule.notation.expression import expression
from chainrule.notation.macros import Macro
from chainrule.notation.rows import lines
from chainrule.notation.tokens import tokenise
from chainrule.notation.tree import (
    Chain,
    Empty,
    List,
    Node,
    Number,
    Script,
    Statement,
    Symbol,
    Text,
)
from chainrule.notation.vocabulary import WORDS

_COMPARISONS = frozenset(["!=", "<", ">", "<=", ">="])
_INDICES = frozenset("ijklmnpqrst")


def parse_formula(
    formula_latex: str,
    offset: int = 0,
    macros: Mapping[str, Macro] | None = None,
    words: frozenset[str] = WORDS,
) -> tuple[Statement, ...]:
    """The statements of a formula at `offset` in its document; never raises for bad LaTeX.

    Spans are offsets into the document. What is not understood is an `Unread` node. Linear time.
    """
    items = nest(tokenise(formula_latex, offset, macros or {}, words))
    cursor = Cursor(formula_latex, offset, expression, [], offset, offset + len(formula_latex))
    statements: list[Statement] = []
    for line in lines(items):
        found = _statements(cursor, clauses(line.items))
        if line.labels:
            found = found or [_bare(cursor)]
            found[0] = replace(found[0], label=", ".join(line.labels))
        if statements and found and isinstance(found[0].chain, Empty) and not found[0].label:
            remark = found.pop(0)
            statements[-1] = _with(statements[-1], remark.notes, remark.conditions)
        statements.extend(found)
    return tuple(statements)


def statements_of(document: Document, formula: Formula) -> tuple[Statement, ...]:
    """The statements of a formula of a document, which are read once."""
    if formula.start not in document.parsed:
        document.parsed[formula.start] = parsed(document, formula.latex, formula.start)
    return document.parsed[formula.start]


def parsed(document: Document, latex: str, offset: int = 0) -> tuple[Statement, ...]:
    """The statements of a formula that may stand in a document."""
    return parse_formula(latex, offset, document.macros, document.words)


def _bare(cursor: Cursor) -> Statement:
    return Statement(
        Empty(start=cursor.start, end=cursor.start), start=cursor.start, end=cursor.start
    )


def _statements(cursor: Cursor, found: list[Clause]) -> list[Statement]:
    """The statements of a line; a condition goes to the one before it, or else to the next."""
    statements: list[Statement] = []
    waiting: list[Node] = []
    notes: list[Text] = []
    for clause in found:
        notes.extend(clause.notes)
        node = _node(cursor, clause)
        if node is None:
            continue
        conditional = clause.conditional or (clause.apart and statements and _restricts(node))
        if conditional and statements:
            statements[-1] = _with(statements[-1], notes, [node])
            notes = []
            continue
        if conditional:
            condition, node = _condition_first(node)
            waiting.append(condition)
            if node is None:
                notes.extend([clause.word] if clause.word and clause is found[-1] else [])
                continue
        if clause.reason and statements and _tells_values(node):
            # Why a row is right is not put in: nothing false is said of it.
            reason = Text("a reason", start=node.start, end=node.end)
            statements[-1] = _with(statements[-1], notes, [reason])
            notes = []
            continue
        new = _separate(node, clause.implied)
        new[0] = _with(new[0], notes, waiting)
        notes, waiting = [], []
        statements.extend(new)
    return _left_over(statements, waiting, notes)


def _with(statement: Statement, notes: Sequence[Text], conditions: Sequence[Node]) -> Statement:
    conditions = (*statement.conditions, *conditions)
    return replace(statement, notes=(*statement.notes, *notes), conditions=conditions)


def _condition_first(node: Node) -> tuple[Node, Node | None]:
    """`if i = j = -x` is the condition i = j and the chain = -x; else all is condition."""
    if (
        not isinstance(node, Chain)
        or len(node.members) < 3
        or not all(map(_is_index, node.members[:2]))
    ):
        return node, None
    middle = node.members[1].end
    condition = Chain(node.members[:2], node.relations[:1], start=node.start, end=middle)
    rest = (Empty(start=middle, end=middle), *node.members[2:])
    return condition, Chain(rest, node.relations[1:], start=middle, end=node.end)


def _left_over(
    statements: list[Statement], waiting: list[Node], notes: list[Text]
) -> list[Statement]:
    """Conditions and remarks that found nothing to hang on make their own statement."""
    if waiting and not statements:
        first = waiting.pop(0)
        statements = [Statement(first, start=first.start, end=first.end)]
    if notes and not statements:
        start, end = notes[0].start, notes[-1].end
        statements = [Statement(Empty(start=start, end=start), start=start, end=end)]
    if notes or waiting:
        statements[-1] = _with(statements[-1], notes, waiting)
    return statements


def _node(cursor: Cursor, clause: Clause) -> Node | None:
    if not clause.items:
        return None
    start, end = extent(clause.items, cursor.start)
    inside = Cursor(cursor.source, cursor.offset, expression, clause.items, start, end)
    return expression(inside)


def _separate(node: Node, implied: bool) -> list[Statement]:
    """One statement, or several where a list holds whole equations."""
    several = isinstance(node, List) and any(isinstance(one, Chain) for one in node.items)
    nodes = node.items if several else (node,)
    found = [Statement(_with_reals(one), start=one.start, end=one.end) for one in nodes]
    return [replace(found[0], implied=implied), *found[1:]]


def _with_reals(node: Node) -> Node:
    """`x ∈ R^n` with the ℝ that is meant, since nothing is an element of a matrix."""
    if not isinstance(node, Chain):
        return node
    members = [node.members[0]]
    for relation, member in zip(node.relations, node.members[1:], strict=True):
        match member:
            case Script(Symbol("R", "") as base, None, Node()) if relation.kind == "in":
                member = replace(member, base=replace(base, font="blackboard"))
        members.append(member)
    return replace(node, members=tuple(members))


def _restricts(node: Node) -> bool:
    """Whether an equation set apart by space is a condition: `i \\ne j`, `i = 1, \\dots, n`."""
    if not isinstance(node, Chain):
        return False
    kinds = {relation.kind for relation in node.relations}
    if kinds <= _COMPARISONS:
        return not isinstance(node.members[0], Empty)
    if not _is_index(node.members[0]):
        return isinstance(node.members[0], List) and kinds == {"in"}
    counted = isinstance(node.members[-1], (List, Number)) or _is_index(node.members[-1])
    return kinds == {"in"} or (kinds == {"="} and counted)


def _tells_values(node: Node) -> bool:
    """`y_j = 0`, `j \\ne k`, `\\sum_k t_k = 1`: what is known of values beside a formula."""
    if not isinstance(node, Chain):
        return False
    kinds = {relation.kind for relation in node.relations}
    return kinds <= _COMPARISONS or (kinds == {"="} and isinstance(node.members[-1], Number))


def _is_index(node: Node) -> bool:
    return isinstance(node, Symbol) and node.name in _INDICES and not node.font
