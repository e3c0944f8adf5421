"""A value worked out by the engine, in the notation of the document."""

from __future__ import annotations

from chainrule.errors import ChainruleError
from chainrule.language.index import is_written
from chainrule.notation.document import Document
from chainrule.notation.document_style import style_of
from chainrule.notation.reading import Reading
from chainrule.notation.scope import Scope
from chainrule.notation.style import Style
from chainrule.notation.value import Value
from chainrule.notation.write import to_latex
from chainrule.transform.simplify import fold, simplify

# Longer formulas help nobody.
LONGEST = 160


def closed_form(document: Document, scope: Scope, value: Value) -> str | None:
    """LaTeX of the value in terms of the names that the document has; None where it is no help."""
    trial = scope.copy()
    value = trial.algebra.resolved(value)
    expr = simplify(trial.inlined(value.expr), sorted(trial.facts))
    return written(document, trial, Value(expr, value.axes))


def written(document: Document, scope: Scope, value: Value, tidy: bool = True) -> str | None:
    """LaTeX of a value over the document's inputs, with its names put back; None if too long."""
    style = style_of(Reading(document, scope))
    expr = value.expr
    try:
        for definition in scope.program().definitions:
            expr = fold(expr, [definition])
        latex = to_latex(simplify(expr) if tidy else expr, style, _shape(value, style))
    except (ChainruleError, ValueError):
        return None
    return latex if len(latex) <= LONGEST else None


def _shape(value: Value, style: Style):
    """How the value stands on the page; None for a formula in letters."""
    if value.is_scalar:
        return None if any(map(is_written, value.expr.free)) else (None, None)
    if len(value.axes) == 2:
        return value.axes
    (axis,) = value.indices
    return (axis, None) if style.column_vectors else (None, axis)
