"""Claims for another activation function than the formulas apply: `| tanh | D = G ⊙ (1 - A ⊙ A) |`.

A row of a table, an item or a clause that begins with the name of a function is said of a network
with that function, whatever function the layers have above.
"""

from __future__ import annotations

import re

from chainrule.checker.misfits import names_in
from chainrule.language.expr import Apply
from chainrule.language.passes import parts
from chainrule.mathematics.functions import function_named, relu, sigmoid, softplus, tanh
from chainrule.notation.document import Document, Heading
from chainrule.notation.reading import ChainItem

_ACTIVATIONS = {sigmoid, tanh, relu, softplus}
_NAME = r"[*_$\\({]*(?P<name>tanh|relu|softplus|sigmoid|logistic|identity|linear)\b"
_WORD = re.compile(r"\b(?:tanh|relu|softplus|sigmoid|logistic)\b", re.I)
_BEGINS = (
    re.compile(rf"^[ \t]*\|[ \t]*{_NAME}[^|]*\|", re.I),
    re.compile(rf"^[ \t]*{_NAME}[^&\n]*(?:&|$)", re.I),
    re.compile(rf"^[ \t]*(?:[-*+]|\(?\w[.)]|\\item)[ \t]+(?:(?:for|with)\s+)?{_NAME}", re.I),
    re.compile(rf"(?:^|[.;:]\s+|,\s+)\**(?:for|with)\s+(?:a |the )?{_NAME}[^.;]*$", re.I),
)


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
