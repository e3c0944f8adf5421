"""Jacobians that are named by their variable or by their function: `J_x(s)` and `J_f(x)`.

In a document that speaks of Jacobians both are read as derivatives, ∂s/∂x and ∂f(x)/∂x.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from functools import partial

from chainrule.mathematics.functions import function_named
from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.neighbours import with_pairs
from chainrule.notation.scripts import letter, scripted
from chainrule.notation.totals import called
from chainrule.notation.tree import Node

_JACOBIAN = re.compile(r"\b[Jj]acobi")
_DEL = tree.Symbol("partial")


def with_derivatives(document: Document, statements: list[tree.Statement]) -> list[tree.Statement]:
    """The statements with ∂s/∂x for each `J_x(s)`, if the document speaks of Jacobians."""
    if not any(_JACOBIAN.search(getattr(part, "text", "")) for part in document.parts):
        return statements
    chains = [one.chain for one in statements]
    functions = set().union(*map(called, chains))
    if "J" in functions:
        return statements
    written = partial(with_pairs, written=partial(_slope, functions, _uses(chains)))
    return [replace(one, chain=tree.transformed(one.chain, written)) for one in statements]


def _uses(chains: list[Node]) -> dict[str, set[str]]:
    """For each letter at the head of an equation the letters in its formula."""
    found = defaultdict(set)
    for chain in chains:
        if isinstance(chain, tree.Chain) and chain.relations[0].kind in ("=", ":=", "equiv"):
            head, body = chain.members[0], chain.members[1]
            base = head.base if isinstance(head, tree.Script) else head
            parts = (p.base if isinstance(p, tree.Script) else p for p in scripted(body))
            found[letter(base)] |= {letter(part) for part in parts}
    return found


def _slope(
    functions: set[str], uses: dict[str, set[str]], sign: Node, bracket: Node
) -> Node | None:
    """∂s/∂x for `J_x` and `(s)`, ∂f(x)/∂x for `J_f` and `(x)`, and an entry of either."""
    if isinstance(bracket, tree.Script) and bracket.sub is not None:
        whole = _slope(functions, uses, sign, bracket.base)
        group = whole and tree.Group("(", ")", whole, start=whole.start, end=whole.end)
        return group and replace(bracket, base=group, start=sign.start)
    match sign, bracket:
        case (
            tree.Script(tree.Symbol("J"), tree.Symbol() as mark, None, 0),
            tree.Group("(", _, tree.Symbol() | tree.Script() as inner),
        ):
            text, other = letter(mark), letter(inner) or letter(inner.base)
        case _:
            return None
    place = {"start": sign.start, "end": bracket.end}
    if text in functions or function_named(text) is not None:
        top = tree.Product((_DEL, mark, bracket), ("", ""), **place)
        return tree.Fraction(top, tree.Product((_DEL, inner), ("",), **place), **place)
    if _reaches(uses, other, text):
        above, below = inner, mark
    elif _reaches(uses, text, other):
        above, below = mark, inner
    else:
        return None
    top, bottom = (tree.Product((_DEL, one), ("",), **place) for one in (above, below))
    return tree.Fraction(top, bottom, **place)


def _reaches(uses: dict[str, set[str]], start: str, goal: str) -> bool:
    """Whether what a letter is computed from leads to another letter."""
    seen, waiting = set(), [start]
    while waiting:
        text = waiting.pop()
        if text not in seen:
            seen.add(text)
            waiting.extend(uses.get(text, ()))
    return goal in seen - {start}
