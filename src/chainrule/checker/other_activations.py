"""Claims for another activation function than the formulas apply: `| tanh | D = G ⊙ (1 - A ⊙ A) |`.

A row of a table, an item or a clause that begins with the name of a function is said of a network
with that function, whatever function the layers have above.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import replace

from chainrule.checker.misfits import names_in
from chainrule.language.algebra import apply, opened, rebound, rebuilt
from chainrule.language.expr import Along, Apply, Expr, OfMatrix, Reduce, children
from chainrule.language.function import Function
from chainrule.language.passes import parts
from chainrule.language.walk import walk
from chainrule.mathematics.functions import function_named, relu, sigmoid, softplus, tanh
from chainrule.notation.document import Document, Heading
from chainrule.notation.reading import ChainItem

Visited = Generator[Expr, Expr, Expr]

_ACTIVATIONS = {sigmoid, tanh, relu, softplus}
_NAME = r"[*_$\\({]*(?P<name>tanh|relu|softplus|sigmoid|logistic|identity|linear)\b"
_WORD = re.compile(
    r"\b(?:tanh|relu|softplus|sigmoid|logistic)\b(?!\s+(?:regress|loss|classif|model))", re.I
)
_BEGINS = (
    re.compile(rf"^[ \t]*\|[ \t]*{_NAME}[^|]*\|", re.I),
    re.compile(rf"^[ \t]*{_NAME}[^&\n]*(?:&|$)", re.I),
    re.compile(rf"^[ \t]*(?:[-*+]|\(?\w[.)]|\\item)[ \t]+(?:(?:for|with)\s+)?{_NAME}", re.I),
    re.compile(rf"(?:^|[.;:]\s+|,\s+)\**(?:for|with)\s+(?:a |the )?{_NAME}[^.;]*$", re.I),
)


def with_activation(document: Document, item: ChainItem) -> tuple[str, ChainItem] | None:
    """The name of the function that a chain is said of, and the chain where the layers have that
    one; None where they have it anyway."""
    spoken = other_activation(document, item)
    function = function_named(spoken.lower()) if spoken is not None else None
    if function is None:
        return None
    scope = item.scope.copy()
    for name in scope.inputs(*names_in(scope, item.members)) & scope.definitions.keys():
        known = scope.definitions[name]
        scope.definitions[name] = replace(known, body=_exchanged(known.body, function))
    return spoken, replace(item, scope=scope)


def _exchanged(expr: Expr, function: Function) -> Expr:
    """An expression with another activation function."""

    def visit(node: Expr) -> Visited:
        if isinstance(node, (Along, Reduce, OfMatrix)):
            index, body = opened(node)
            return rebound(node, index, (yield body))
        kids = []
        for kid in children(node):
            kids.append((yield kid))
        if isinstance(node, Apply) and node.function in _ACTIVATIONS:
            return apply(function, *kids)
        return rebuilt(node, tuple(kids))

    return walk(visit, expr)


def _of_section(document: Document, start: int) -> str | None:
    """The one function that the heading above names: `A small example (ReLU)`."""
    above = [part for part in document.parts if isinstance(part, Heading) and part.start < start]
    named = {found.lower() for found in _WORD.findall(above[-1].text)} if above else set()
    return named.pop() if len(named) == 1 else None


def other_activation(document: Document, item: ChainItem) -> str | None:
    """The name of the function that a claim is said of, where what it names is defined by another
    one; None where it is said of what is defined."""
    before = document.text[: item.members[0].start].rstrip(" \n$[\\&")
    line = before.rpartition("\n")[2]
    spoken = next((found["name"] for p in _BEGINS if (found := p.search(line))), None)
    spoken = spoken or _of_section(document, item.members[0].start)
    if spoken is None:
        return None
    scope = item.scope
    names = scope.inputs(*names_in(scope, item.members)) & scope.definitions.keys()
    values = (part for name in names for part in parts(scope.definitions[name].body))
    applied = {one.function for one in values if isinstance(one, Apply)} & _ACTIVATIONS
    return spoken if applied and function_named(spoken.lower()) not in applied else None
