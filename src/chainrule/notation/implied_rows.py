"""One example of a batch: after `P_{ik} = e^{Z_{ik}} / Σ_m e^{Z_{im}}` the rows p and z of P and Z
hang together alike, where the document speaks of them and says nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from chainrule.mathematics.functions import function_named
from chainrule.notation import tree
from chainrule.notation.heads import is_of_numbers, undecorated
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.scripts import calls, letter, scripted, subscripts
from chainrule.notation.tree import EQUAL, Node
from chainrule.notation.usage import Usage


def small_rows(nodes: Iterable[Node]) -> frozenset[str]:
    """The small letters that are used and get no formula, but for the numbers of an example."""
    nodes = list(nodes)
    chains = [node for node in nodes if isinstance(node, tree.Chain)]
    with_formula = {_base(one.members[0]) for one in chains if not _is_of_an_example(one)}
    used = {_base(part) for node in nodes for part in scripted(node)}
    return frozenset(text for text in used - with_formula - {None} if text.islower())


def _base(node: Node) -> str | None:
    node = undecorated(node)
    return letter(node.base if isinstance(node, tree.Script) else node)


def _is_of_an_example(chain: tree.Chain) -> bool:
    """`p = (0.7, 0.3)`, and `p_1 = …` of a single entry; of what is no equation nothing is said."""
    head = undecorated(chain.members[0])
    entry = isinstance(head, tree.Script) and isinstance(head.sub, tree.Number)
    said = chain.relations[0].kind in EQUAL
    return entry or not said or all(map(is_of_numbers, chain.members[1:]))


def implied_rows(chain: tree.Chain, usage: Usage) -> Iterator[tuple[Node, str, Node]]:
    """(p_k, its name, its formula) of a function that is taken of each row of a matrix."""
    head, body = undecorated(chain.members[0]), chain.members[1]
    example = subscripts(head.sub)[0] if isinstance(head, tree.Script) and head.sub else None
    if chain.relations[0].kind not in EQUAL or not _is_of_function(body, example is not None):
        return

    def change(part: Node) -> Node:
        return _row(part, example, usage) or part

    own, formula = _row(head, example, usage), tree.transformed(body, change)
    left = example is not None and example in tree.walk(formula)
    if own is not None and _base(own) in usage.small and formula != body and not left:
        yield own, _base(own), formula


def _is_of_function(body: Node, entries: bool) -> bool:
    """Whether a formula is no mere product: a call of a known function; of entries, a quotient."""
    if not entries:
        match body:
            case tree.Product((word, tree.Group("(", ")", tree.Symbol())), ("",)):
                return function_named(letter(word) or "") is not None
        return False
    called = any(function_named(letter(word) or "") for word, _ in calls(body))
    return called or (isinstance(body, tree.Fraction) and not is_derivative(body))


def _row(node: Node, example: Node | None, usage: Usage) -> Node | None:
    """p_k for P_{ik}, and p for P, where the document has a p."""
    if example is None:
        return _lower(node, usage)
    if not isinstance(node, tree.Script) or node.sup is not None or node.sub is None:
        return None
    marks = subscripts(node.sub)
    if len(marks) != 2 or marks[0] != example or not isinstance(example, tree.Symbol):
        return None
    base = _lower(node.base, usage)
    return base and replace(node, base=base, sub=marks[1])


def _lower(node: Node, usage: Usage) -> Node | None:
    """The same letter in lower case, where it is used."""
    match node:
        case tree.Symbol(name) if len(name) == 1 and name.isupper():
            small = replace(node, name=name.lower())
        case tree.Accent(body=tree.Symbol(name)) if len(name) == 1 and name.isupper():
            small = replace(node, body=replace(node.body, name=name.lower()))
        case _:
            return None
    text = letter(small)
    return small if usage.lettered[text] or usage.alone[text] else None
