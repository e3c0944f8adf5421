"""Which steps lead to an answer, and the document that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainrule.language.algebra import substitute
from chainrule.language.index import Index, place_of
from chainrule.language.program import Program
from chainrule.notation.chain_steps import ChainSteps
from chainrule.notation.derivation_document import markdown
from chainrule.notation.derivation_steps import Step, Writer
from chainrule.notation.differential_steps import differential_steps
from chainrule.notation.differentials import is_differential
from chainrule.notation.element_steps import cases, element_steps
from chainrule.notation.pens import Latex
from chainrule.notation.question import UNNAMED, Target

if TYPE_CHECKING:
    from chainrule.notation.derive import Derivation

# The derivative of a longer formula is no reading matter, entry by entry.
LONGEST = 32
ELEMENTS, CHAIN, DIFFERENTIALS = "elements", "chain", "differentials"


def steps_of(found: Derivation, manner: str | None) -> list[Step]:
    """The steps of a derivation in one of three manners."""
    inner = {d.name for d in _definitions(found)} - {found.question.of.name}
    if found.gradients is not None and inner and found.kind == "gradient":
        question = found.question
        if manner == DIFFERENTIALS:
            return differential_steps(found)
        writer = Writer(found.style)
        chain = ChainSteps(found.gradients, writer, question.facts, manner == ELEMENTS)
        return chain.steps()
    if found.kind in ("gradient", "jacobian"):
        return [step for target in found.question.by for step in single(found, target)]
    return []


def _definitions(found: Derivation):
    program = found.gradients.forward if found.gradients else found.question.program
    return program.needed(found.question.of.name).definitions


def single(found: Derivation, target: Target) -> list[Step]:
    """One entry of what is differentiated by one entry of the variable."""
    question, answer, writer = found.question, found.answers[target.name], Writer(found.style)
    definition = question.definition
    rank = len(definition.indices)
    rows, columns = answer.indices[:rank], answer.indices[rank:]
    whole = question.program.inlined(question.of.name, keep=_apart_from(found, target.name))
    array = next((a for a in whole.arrays if a.name == target.name), None)
    if array is None or whole.size > LONGEST:
        return []
    images = dict(zip(definition.indices, map(place_of, rows), strict=True))
    body = substitute(whole, images)
    left = found.left

    def printed(rows_: tuple[Index, ...], columns_: tuple[Index, ...]):
        return left.slope(target.name, rows_, columns_)

    steps = element_steps(body, array, columns, printed(rows, columns), answer.body, writer)
    if rank == 1:
        steps += cases(answer.body, rows, columns, printed, writer)
    return steps


def _apart_from(found: Derivation, name: str) -> frozenset[str]:
    """The values that do not depend on a variable, and the variable itself."""
    moving = {name}
    for definition in found.question.program.definitions:
        if definition.uses & moving:
            moving.add(definition.name)
    return frozenset(set(found.question.program.by_name) - moving | {name})


def document_of(found: Derivation, steps: list[Step]) -> str:
    program = Program(tuple(_definitions(found)))
    style = found.style
    of = Latex(style).array(found.question.of.name).text
    if found.question.of.name.startswith(UNNAMED):
        of = found.left.of(Latex(style))
    by = ", ".join(f"${Latex(style).array(t.name).text}$" for t in found.question.by)
    results = [found.latex(variable) for variable in found.by]
    title = f"The derivative of ${of}$ by {by}"
    known = {d.name for d in program.definitions} | {array.name for array in program.inputs}
    arrays = {array for answer in found.answers.values() for array in answer.body.arrays}
    others = sorted((a for a in arrays if a.name not in known), key=lambda array: array.name)
    others = [array for array in others if not is_differential(array.name)]
    return markdown(title, program, others, found.question.facts, style, steps, results)
