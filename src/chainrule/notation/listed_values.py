"""Names of which a document lists the values: `$y \\in \\{-1, +1\\}$`, `$t_n = \\pm 1$`, and
`$t = 2 y - 1 \\in \\{-1, 1\\}$`."""

from __future__ import annotations

from collections.abc import Iterable

from chainrule.language.facts import ONE_OF, Fact
from chainrule.notation import tree
from chainrule.notation.names import named
from chainrule.notation.scripts import letter
from chainrule.notation.tree import EQUAL, Node
from chainrule.notation.usage import Usage


def listed_values(nodes: Iterable[Node], usage: Usage | None = None) -> set[Fact]:
    """A fact for each name with one list of at least two numbers; of several lists none holds.

    >>> from chainrule.notation.document import read_document
    >>> from chainrule.notation.syntax import statements_of
    >>> document = read_document(r"Labels are $y \\in \\{-1, +1\\}$.", "note")
    >>> print(*listed_values(one.chain for one in statements_of(document, document.formulas[0])))
    y is −1 or 1
    """
    found: dict[str, set[str]] = {}
    for node in nodes:
        match node:
            case tree.Chain((*heads, body), (*others, relation)):
                if any(other.kind not in EQUAL for other in others):
                    continue
                values = _values(body, relation)
                for head in heads if len(values) > 1 else ():
                    for text in _names(_uncalled(head), usage):
                        found.setdefault(text, set()).add(" ".join(values))
    return {Fact(ONE_OF, name, value=min(v)) for name, v in found.items() if len(v) == 1}


def _uncalled(head: Node) -> Node:
    """`y^{(i)}` for `y(i)`, as it is printed in running text."""
    match head:
        case tree.Product((base, tree.Group("(", ")", tree.Symbol()) as mark), ("",)):
            return tree.Script(base, None, mark, start=head.start, end=head.end)
    return head


def _names(head: Node, usage: Usage | None) -> set[str]:
    """The letter itself, and what the targets of all examples are called: y and y^{(i)}."""
    name = None if usage is None else named(head, usage)
    text = letter(head.base if isinstance(head, tree.Script) else head)
    return {one for one in (text, name and name.text) if one is not None}


def _values(body: Node, relation: tree.Relation) -> list[str]:
    """The numbers of `\\{-1, 1\\}`, `\\{0, 1\\}^K` and `\\pm 1`, in order."""
    if relation.kind == "in":
        body = body.base if isinstance(body, tree.Script) else body
        body = body.body if isinstance(body, tree.Group) and body.open == "{" else None
    elif relation.kind not in EQUAL:
        return []
    match body:
        case tree.Sum((tree.Number(text),), ("±",)):
            return [f"-{text}", text]
        case tree.List(items) if relation.kind == "in":
            numbers = [_number(item) for item in items]
            return sorted(numbers, key=float) if None not in numbers else []
    return []


def _number(node: Node) -> str | None:
    match node:
        case tree.Number(text, ""):
            return text
        case tree.Sum((tree.Number(text, ""),), (sign,)) if sign in ("+", "-"):
            return text if sign == "+" else f"-{text}"
    return None
