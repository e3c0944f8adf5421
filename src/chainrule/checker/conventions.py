"""Conventions that a document fixes: whether a gradient has the shape of its variable.

A gradient that is right but for a transpose is `convention` as long as the document says nothing
about it. Where another gradient by a symbol of stated shape has that shape, the transposed one is
against the document's own convention.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from chainrule.checker.findings import TRUE, Finding
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import is_derivative, is_operator, operand
from chainrule.notation.names import named
from chainrule.notation.reading import ChainItem
from chainrule.notation.scope import Symbol

TRANSPOSED = "transposed"
TRANSPOSED_SHAPE = "the derivative is written transposed"

_DENOMINATOR = re.compile(r"\bdenominator[- ]layout\b", re.IGNORECASE)
_OTHER_LAYOUT = re.compile(
    r"\bnumerator[- ]layout\b|\b(not?|unlike|instead of)\b[^.]{0,30}\bdenominator", re.IGNORECASE
)
_SHAPE_OF_VARIABLE = re.compile(
    r"\b(?:gradient|derivative)s?\b(?:(?!\bnot\b)[^.;:\n]){0,60}"
    r"\bthe (?:same )?(?:shape|size|dimensions?) (?:of|as) (?:the |their |its |that )?"
    r"(?:variable|parameter|argument|matrix|array|thing|quantity|weight)s?\b",
    re.IGNORECASE,
)

Judged = Iterable[tuple[ChainItem, list[Finding]]]


def is_fixed(judged: Judged, text: str) -> bool:
    """Whether the document says that gradients have the shape of their variable, or has such a
    gradient by a symbol of stated shape."""
    return bool(_SHAPE_OF_VARIABLE.search(text)) or any(
        finding.verdict in TRUE
        for item, findings in judged
        if _variable(item) is not None
        for finding in findings
    )


def states_denominator_layout(text: str) -> bool:
    """Whether a document says that the columns of its Jacobians are what is differentiated."""
    return bool(_DENOMINATOR.search(text)) and not _OTHER_LAYOUT.search(text)


def settled(judged: Judged, fixed: bool, text: str) -> list[Finding]:
    """The findings in order, transposed gradients judged by the document's own convention.

    text  of the document
    """
    stated = states_denominator_layout(text)

    def one(item: ChainItem, finding: Finding) -> Finding:
        if fixed and _is_turned(item, finding):
            return _against(finding)
        return _as_stated(finding) if stated and finding.convention == TRANSPOSED else finding

    return [one(item, finding) for item, findings in judged for finding in findings]


def settled_shapes(findings: Iterable[Finding], fixed: bool) -> list[Finding]:
    """The same for shapes that are stated of derivatives."""
    return [
        _against(finding) if fixed and finding.convention == TRANSPOSED_SHAPE else finding
        for finding in findings
    ]


def _variable(item: ChainItem) -> Symbol | None:
    """The symbol of stated orientation by which a number is differentiated in the head."""
    top, below = (
        part and named(part, item.scope.usage) for part in _parts(undecorated(item.members[0]))
    )
    if top is None or below is None or below.places or top.places:
        return None
    if top.text in item.scope.symbols and item.scope.symbols[top.text].sizes:
        return None
    symbol = item.scope.symbols.get(below.text)
    return symbol if symbol is not None and symbol.declared and len(symbol.axes) == 2 else None


def _parts(head: tree.Node) -> tuple[tree.Node | None, tree.Node | None]:
    """What is differentiated in `∂L/∂W` and `∇_W L`, and by what."""
    match head:
        case tree.Product((tree.Script(tree.Symbol("nabla"), sub), cost), ("",)):
            return cost, sub
    if not is_derivative(head) or is_operator(head):
        return None, None
    if not isinstance(head.denominator, tree.Product):
        return None, None
    return operand(head.numerator), operand(head.denominator)


def _is_turned(item: ChainItem, finding: Finding) -> bool:
    symbol = _variable(item)
    return (
        finding.convention == TRANSPOSED
        and symbol is not None
        and len(set(symbol.sizes)) == 2
        and "convention" in (finding.step, finding.head)
    )


def _as_stated(finding: Finding) -> Finding:
    """True in the layout that the document states."""

    def better(verdict: str | None) -> str | None:
        return "holds" if verdict == "convention" else verdict

    step, head = better(finding.step), better(finding.head)
    return replace(
        finding, verdict=better(finding.verdict), step=step, head=head, convention=None
    )


def _against(finding: Finding) -> Finding:
    def worse(verdict: str | None) -> str | None:
        return "shape" if verdict == "convention" else verdict

    return replace(
        finding,
        verdict="shape",
        step=worse(finding.step),
        head=worse(finding.head),
        convention=None,
        diagnosis="the transpose of the gradient, which has the shape of its variable elsewhere",
        slip=True,
    )
