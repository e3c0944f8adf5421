"""Derivatives of what a document defines, in closed form and in the document's own notation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chainrule.notation.answers import NUMERATOR, SECOND, Answer, Answering, Request
from chainrule.notation.derivation_steps import Steps
from chainrule.notation.document_style import style_of
from chainrule.notation.left import Left
from chainrule.notation.pens import Latex, Text
from chainrule.notation.question import UNNAMED, Question, read_question
from chainrule.notation.reading import Reading
from chainrule.notation.style import COLUMNS, Style
from chainrule.notation.way import document_of, steps_of
from chainrule.transform.reverse import Gradients


@dataclass(frozen=True, repr=False)
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
    left: Left
    style: Style
    facts: tuple[str, ...]
    assumed: tuple[str, ...] = ()
    gradients: Gradients | None = None

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
        answers, rank = self.answers.values(), len(self.question.definition.indices)
        rows = any(answer.shape is not None and None not in answer.shape for answer in answers)
        stacked = any(answer.stacked is not None for answer in answers)
        if self.kind != "jacobian" or not (stacked or (rows and rank == 1)):
            return ""
        name = self.question.of.name
        one = "the value" if name.startswith(UNNAMED) else self.style.text_name(name)
        one = f"vec({one})" if rank == 2 and one != "the value" else one
        stand = "row" if self.request.layout == NUMERATOR else "column"
        return f"{self.request.layout} layout: a {stand} for each element of {one}"

    def steps(self, manner: str | None = None, every: bool = False) -> Steps:
        """The way to the answers: each an equation, with the rules that it rests on.

        manner  elements, chain or differentials; None for what suits the question
        every   whether dull steps are shown too
        """
        found = steps_of(self, manner)
        return Steps(step for step in found if every or not step.dull)

    def markdown(self, manner: str | None = None, every: bool = False) -> str:
        """A document of its own: what is given, the steps, the result."""
        return document_of(self, self.steps(manner, every))

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
            "steps": [step.as_json() for step in self.steps()],
            "assumed": list(self.assumed),
        }

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is to be known of the results: the layout, the facts used, what was assumed."""
        given = f"given {', '.join(self.facts)}" if self.facts else ""
        return tuple(filter(None, (self.layout, given, *self.assumed)))

    def __repr__(self) -> str:
        return "\n".join((*map(self.text, self.by), *self.remarks))

    def _repr_latex_(self) -> str:
        rows = r" \\ ".join(self.latex(variable).replace("=", "&=", 1) for variable in self.by)
        return rf"$$\begin{{aligned}} {rows} \end{{aligned}}$$"

    def _repr_markdown_(self) -> str:
        """The results, and the remarks below them."""
        return "\n\n".join((self._repr_latex_(), *(f"*{one}*" for one in self.remarks)))


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
    if request.kind in SECOND:
        question = question.with_free_variables()
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
        found.left,
        found.style,
        tuple(map(str, sorted(found.used - set(found.inferred)))),
        (*question.assumed, *found.assumed),
        found.gradients,
    )


def _layout(reading: Reading) -> str:
    """How vectors stand where nothing says so: as in the rest of the document, else as columns."""
    return COLUMNS if reading.document.name == "expression" else "rows"
