"""Which steps lead to an answer, and the document that they make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from chainrule.language.algebra import substitute
from chainrule.language.index import Index, place_of
from chainrule.language.program import Definition, Program
from chainrule.notation.answers import NO_TIES, Answering
from chainrule.notation.chain_steps import ChainSteps
from chainrule.notation.derivation_document import markdown
from chainrule.notation.derivation_steps import Step, Writer
from chainrule.notation.differential_steps import differential_steps
from chainrule.notation.differentials import is_differential
from chainrule.notation.element_steps import cases
from chainrule.notation.forward_steps import ForwardSteps, array_named
from chainrule.notation.pens import Latex
from chainrule.notation.product_steps import hessian_steps, product_step
from chainrule.notation.question import EXPRESSION, UNNAMED, Target
from chainrule.notation.style import Style

if TYPE_CHECKING:
    from chainrule.notation.derive import Derivation

ELEMENTS, CHAIN, DIFFERENTIALS = "elements", "chain", "differentials"
TITLES = {
    "gradient": "The derivative of {of} by {by}",
    "vjp": "A vector times the derivative of {of} by {by}",
    "jvp": "The derivative of {of} by {by} times a vector",
    "hessian": "The second derivative of {of} by {by}",
    "hvp": "The second derivative of {of} by {by} times a vector",
    "differential": "The differential of {of} by {by}",
}


def steps_of(found: Derivation, manner: str | None) -> list[Step]:
    """The steps of a derivation in one of three manners."""
    if is_by_chain(found):
        if manner == DIFFERENTIALS:
            return differential_steps(found)
        writer = Writer(with_letters(found.style, _definitions(found)))
        facts = found.question.facts
        return ChainSteps(found.gradients, writer, facts, manner == ELEMENTS).steps()
    if found.kind == "differential":
        return differential_steps(found)
    kinds = {"vjp": "jacobian", "jvp": "jacobian", "hvp": "hessian", "hessian": "gradient"}
    if found.kind not in kinds:
        return [step for target in found.question.by for step in single(found, target)]
    inner = as_kind(found, kinds[found.kind])
    steps = [s for s in steps_of(inner, manner) if "diagonal-and-off-diagonal" not in s.rules]
    last = hessian_steps if found.kind == "hessian" else product_step
    return [*steps, *(step for target in found.question.by for step in last(found, inner, target))]


def as_kind(found: Derivation, kind: str) -> Derivation:
    """The same question with another kind of derivative."""
    request = replace(found.request, kind=kind)
    answering = Answering(found.question, request, found.style, found.of)
    return replace(
        found,
        answers=answering.answers(),
        kind=answering.kind,
        request=request,
        left=answering.left,
        gradients=answering.gradients,
    )


def is_by_chain(found: Derivation) -> bool:
    """Whether the steps lead through values in between."""
    inner = {d.name for d in _definitions(found)} - {found.question.of.name}
    return found.gradients is not None and bool(inner) and found.kind == "gradient"


def with_letters(style: Style, definitions: Iterable[Definition]) -> Style:
    """The style with letters for values that the document gives no name: f, and u, v, … in it."""
    definitions = list(definitions)
    arrays = {a.name for d in definitions for a in d.body.arrays} | {d.name for d in definitions}
    taken = {style.latex_name(name) for name in arrays} | arrays
    names = dict(style.names)
    for definition in definitions:
        if definition.name.startswith(UNNAMED):
            wanted = "fgh" if definition.name == EXPRESSION else "uvwpqrabc"
            one = next((one for one in wanted if one not in taken), definition.name)
            names[definition.name] = (one, one)
            taken.add(one)
    return replace(style, names=names)


def _definitions(found: Derivation):
    program = found.gradients.forward if found.gradients else found.question.program
    return program.needed(found.question.of.name).definitions


def single(found: Derivation, target: Target) -> list[Step]:
    """One entry of what is differentiated by one entry of the variable."""
    question, answer, writer = found.question, found.answers[target.name], Writer(found.style)
    definition = question.definition
    rank = len(definition.indices)
    rows, columns = answer.indices[:rank], answer.indices[rank:]
    images = dict(zip(definition.indices, map(place_of, rows), strict=True))
    program, left = question.program, found.left
    forward = ForwardSteps(
        program, writer, question.facts, array_named(program, target.name), columns
    )
    body = substitute(definition.body, images)

    def printed(rows_: tuple[Index, ...], columns_: tuple[Index, ...]):
        return left.slope(target.name, rows_, columns_)

    steps = [*forward.up_to(body), *forward.to(body, printed(rows, columns), answer.body)]
    if rank == 1:
        steps += cases(answer.body, rows, columns, printed, writer)
    return steps


def document_of(found: Derivation, steps: list[Step]) -> str:
    program = Program(tuple(_definitions(found)))
    style = with_letters(found.style, program.definitions) if is_by_chain(found) else found.style
    of = Latex(style).array(found.question.of.name).text
    if found.question.of.name.startswith(UNNAMED):
        of = found.left.of(Latex(style))
    by = ", ".join(f"${Latex(style).array(t.name).text}$" for t in found.question.by)
    results = [found.latex(variable) for variable in found.by]
    title = TITLES.get(found.kind, TITLES["gradient"]).format(of=f"${of}$", by=by)
    known = {d.name for d in program.definitions} | {array.name for array in program.inputs}
    arrays = {array for answer in found.answers.values() for array in answer.body.arrays}
    others = sorted((a for a in arrays if a.name not in known), key=lambda array: array.name)
    others = [array for array in others if not is_differential(array.name)]
    provided = f"{NO_TIES.capitalize()}." if NO_TIES in found.assumed else ""
    facts = found.question.facts
    return markdown(title, program, others, facts, style, steps, results, provided)
