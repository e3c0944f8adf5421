"""Derivatives of what a document defines, in closed form and in the document's own notation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from chainrule.notation.answers import NUMERATOR, Answer, Answering, Request
from chainrule.notation.document_style import shape_for, style_of
from chainrule.notation.pens import Latex, Text
from chainrule.notation.question import UNNAMED, Question, read_question
from chainrule.notation.reading import Reading
from chainrule.notation.style import COLUMNS, Style
from chainrule.notation.write import to_latex, to_text
from chainrule.transform.reverse import Gradients, adjoint_name


@dataclass(frozen=True)
class Derivation:
    """Derivatives of one thing by several variables, in closed form.

    of         what was asked for, as it is printed
    by         names of the variables, in the order asked for
    kind       one of KINDS
    answers    variable → its derivative
    gradients  the reverse sweep with every adjoint, where the thing is a number
    assumed    sentences for people
    """

    of: str
    by: tuple[str, ...]
    kind: str
    question: Question
    request: Request
    answers: dict[str, Answer]
    style: Style
    facts: tuple[str, ...]
    assumed: tuple[str, ...] = ()
    gradients: Gradients | None = field(default=None, repr=False)

    def latex(self, variable: str) -> str:
        """`\\frac{\\partial J}{\\partial W} = …`"""
        answer = self.answers[variable]
        return f"{answer.left[0]} = {answer.written(self.style, Latex(self.style))}"

    def text(self, variable: str) -> str:
        """`∂J/∂W = …` on one line."""
        answer = self.answers[variable]
        return f"{answer.left[1]} = {answer.written(self.style, Text(self.style))}"

    @property
    def layout(self) -> str:
        """What the rows of a Jacobian are; empty where nothing is a Jacobian."""
        rows = any(a.shape is not None and None not in a.shape for a in self.answers.values())
        if self.kind != "jacobian" or not rows or len(self.question.definition.indices) != 1:
            return ""
        name = self.question.of.name
        one = "the value" if name.startswith(UNNAMED) else self.style.text_name(name)
        stand = "row" if self.request.layout == NUMERATOR else "column"
        return f"{self.request.layout} layout: a {stand} for each element of {one}"

    def steps(self) -> list[dict]:
        """The adjoints one after the other, each in terms of those before it."""
        return [] if self.gradients is None else adjoints(self.gradients, self.of, self.style)

    def as_json(self) -> dict:
        """The object of `--format json`; for several variables the strings are lists."""
        several, names = len(self.by) > 1, [target.name for target in self.question.by]
        latex, text = [self.latex(v) for v in self.by], [self.text(v) for v in self.by]
        return {
            "of": self.of,
            "by": names if len(names) > 1 else names[0],
            "kind": self.kind,
            "latex": latex if several else latex[0],
            "text": text if several else text[0],
            "facts": list(self.facts),
            "steps": self.steps(),
            "assumed": list(self.assumed),
        }

    def _repr_latex_(self) -> str:
        rows = r" \\ ".join(self.latex(variable).replace("=", "&=", 1) for variable in self.by)
        return rf"$$\begin{{aligned}} {rows} \end{{aligned}}$$"


def derive(
    reading: Reading, of: str, by: Sequence[str], request: Request | None = None
) -> Derivation:
    """The derivatives of `of` by each of `by`.

    of, by   names as the document prints them: J, W_1, w^{(1)}, \\hat{y}, h_j; `of` may be an
             expression in its symbols
    raises   UnknownSymbol, UnreadFormula, NotDifferentiable, NoLoss, BadOption
    """
    request = request or Request()
    question = read_question(reading, of, by)
    if request.kind == "differential" or not by:
        question = replace(question, by=question.by or question.variables)
    style = style_of(reading, question.class_target, _layout(reading))
    found = Answering(question, request, style, of)
    answers = found.answers()
    name = question.of.name
    return Derivation(
        of if name.startswith(UNNAMED) else name,
        tuple(answers),
        found.kind,
        question,
        request,
        answers,
        found.style,
        tuple(map(str, sorted(found.used))),
        question.assumed,
        found.gradients,
    )


def _layout(reading: Reading) -> str:
    """How vectors stand where nothing says so: as in the rest of the document, else as columns."""
    return COLUMNS if reading.document.name == "expression" else "rows"


def adjoints(gradients: Gradients, of: str, style: Style) -> list[dict]:
    """The definitions of the backward sweep as formulas."""
    named = {adjoint_name(gradients.of, d): d for d in gradients.forward.by_name}
    style = _with_adjoints(style, gradients, of)
    found = []
    for definition in gradients.backward.definitions:
        variable = named.get(definition.name, definition.name.split("/∂", 1)[1])
        if variable.startswith(f"{UNNAMED} "):
            continue
        shape = shape_for(definition.indices, style, variable)
        name, body = definition.name, definition.body
        found.append(
            {
                "name": style.text_name(name),
                "latex": f"{style.latex_name(name)} = {to_latex(body, style, shape)}",
                "text": f"{style.text_name(name)} = {to_text(body, style, shape)}",
            }
        )
    return found


def _with_adjoints(style: Style, gradients: Gradients, of: str) -> Style:
    """The style with a printed name for each adjoint."""
    names = dict(style.names)
    for definition in gradients.backward.definitions:
        variable = definition.name.split("/∂", 1)[1]
        names[definition.name] = tuple(
            pen.slope(name(of), name(variable))
            for pen, name in ((Latex, style.latex_name), (Text, style.text_name))
        )
    return replace(style, names=names)
