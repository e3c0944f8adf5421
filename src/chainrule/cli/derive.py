"""chainrule derive: derivatives in closed form, of a document or of one expression."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from chainrule.cli.arguments import Argument, Option
from chainrule.cli.options import By, note
from chainrule.errors import BadOption

if TYPE_CHECKING:
    from chainrule.notation.answers import Request
    from chainrule.notation.derivation_steps import Step
    from chainrule.notation.derive import Derivation


class Output(StrEnum):
    text = "text"
    latex = "latex"
    markdown = "markdown"
    json = "json"


class Layout(StrEnum):
    numerator = "numerator"
    denominator = "denominator"


class Steps(StrEnum):
    main = "main"
    all = "all"


class Manner(StrEnum):
    elements = "elements"
    chain = "chain"
    differentials = "differentials"


def derive(
    source: Annotated[
        str, Argument("A document, - for standard input, or an expression.", signed=True)
    ],
    of: Annotated[str | None, Option("What is differentiated, as J or h_j.")] = None,
    by: By = "",
    given: Annotated[str, Option("Shapes and facts for an expression.")] = "",
    jacobian: Annotated[bool, Option("All derivatives of a vector or matrix.")] = False,
    layout: Annotated[Layout, Option("Of a Jacobian: what its rows are.")] = Layout.numerator,
    hessian: Annotated[bool, Option("Second derivatives of a number.")] = False,
    differential: Annotated[bool, Option("The total differential dJ.")] = False,
    vjp: Annotated[str | None, Option("The product of this vector with the Jacobian.")] = None,
    jvp: Annotated[str | None, Option("The product of the Jacobian with this vector.")] = None,
    hvp: Annotated[str | None, Option("The product of the Hessian with this vector.")] = None,
    steps: Annotated[Steps | None, Option("The way there.", alone="main")] = None,
    style: Annotated[Manner | None, Option("How the steps are written.")] = None,
    format: Annotated[Output, Option("How results are printed.")] = Output.text,
) -> None:
    """Derivatives in closed form, in the document's own notation."""
    request = _request(layout, jacobian, hessian, differential, vjp, jvp, hvp)
    found = _derived(source, of, by, given, request)
    manner, every = style and str(style), steps is Steps.all
    if format is Output.markdown:
        print(found.markdown(manner, every), end="")
    elif format is Output.json:
        print(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
    else:
        way = found.steps(manner, every) if steps is not None else []
        _print(found, format, way)


def _request(layout, jacobian, hessian, differential, vjp, jvp, hvp) -> Request:
    from chainrule.notation.answers import Request

    asked = {
        "jacobian": jacobian,
        "hessian": hessian,
        "differential": differential,
        "vjp": vjp,
        "jvp": jvp,
        "hvp": hvp,
    }
    kinds = [kind for kind, wanted in asked.items() if wanted]
    if len(kinds) > 1:
        raise BadOption(
            f"{' and '.join('--' + kind for kind in kinds)} exclude each other",
            remedy="ask for one of them",
        )
    return Request(kinds[0] if kinds else None, vjp or jvp or hvp or "v", str(layout))


def _derived(source: str, of: str | None, by: str, given: str, request: Request) -> Derivation:
    from chainrule import documents

    if of is None and not documents.names_document(source):
        return documents.derive_expression(source, by, given, request)
    if of is None:
        raise BadOption("nothing is asked for", remedy="add --of J, or give an expression")
    return documents.read(source).derive(of, by, request)


def _print(found: Derivation, format: Output, steps: list[Step]) -> None:
    latex = format is Output.latex
    for step in steps:
        print(step.latex() if latex else step.text())
    for variable in found.by:
        print(found.latex(variable) if latex else found.text(variable))
    for sentence in found.remarks:
        note(sentence, style="dim")
