"""Terms that are struck out: `\\cancel{a}` in a sum keeps its value."""

from __future__ import annotations

from chainrule.language.algebra import ZERO
from chainrule.notation import tree
from chainrule.notation.tree import Node
from chainrule.notation.value import Value


def total_of(meaning, terms: tuple[Node, ...], values: list[Value]) -> Value:
    """The sum of terms. That those struck out count is supposed, unless they cancel each other."""
    struck = [
        value
        for term, value in zip(terms, values, strict=True)
        if isinstance(term, tree.Decorated) and term.kind == "cancel"
    ]
    if struck and meaning.algebra.add(struck).expr is not ZERO:
        meaning.supposed.append("what is struck out still counts")
    return meaning.algebra.add(values)
