"""What a record of a function says, in print: its definition, derivative and stable form."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.language.algebra import substitute
from chainrule.language.expr import Expr
from chainrule.language.function import Function
from chainrule.language.index import Index, place_of
from chainrule.language.inline import AXIS, I, K
from chainrule.notation.style import Style
from chainrule.notation.write import to_latex, to_text

STYLE = Style(names={"·x": ("x", "x"), "·y": ("y", "y")})

# The number of nodes from which on a form is not for reading.
LONGEST = 200


@dataclass(frozen=True)
class Formula:
    """One printed equation, or one side of it, as text for a terminal and as LaTeX.

    >>> Formula("y = x²", "y = x^2")
    y = x²
    """

    text: str
    latex: str

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"


def written(template: Expr) -> Formula:
    """A template of a record: x is the argument, y the value, i the element read, k derived by.

    >>> from chainrule.mathematics.functions import softmax
    >>> written(softmax.definition)
    exp(x_i) / (Σ_j exp(x_j))
    """
    if template.size > LONGEST:
        return Formula("by polynomials", r"\text{by polynomials}")
    places = {I: place_of(Index("i", AXIS)), K: place_of(Index("k", AXIS))}
    lettered = substitute(template, places)
    return Formula(to_text(lettered, STYLE), to_latex(lettered, STYLE))


def definition(function: Function) -> Formula:
    """`y_i = …`; for a function without a simpler definition, its name applied to x."""
    head = "y_i" if function.axis == "along" else "y"
    if function.definition is None:
        name, latex = STYLE.text_function(function), STYLE.latex_function(function)
        return Formula(f"{head} = {name}(x)", f"{head} = {latex}(x)")
    return _equation(Formula(head, head), function.definition)


def derivative(function: Function) -> Formula:
    """`∂y_i/∂x_k = …`, of an elementwise function `dy/dx = …`."""
    over, under = ("y_i" if function.axis == "along" else "y"), ("x_k" if function.axis else "x")
    sign, latex = ("∂", "\\partial ") if function.axis else ("d", "d")
    head = Formula(f"{sign}{over}/{sign}{under}", f"\\frac{{{latex}{over}}}{{{latex}{under}}}")
    return _equation(head, function.derivative)


def _equation(head: Formula, template: Expr) -> Formula:
    body = written(template)
    return Formula(f"{head.text} = {body.text}", f"{head.latex} = {body.latex}")
