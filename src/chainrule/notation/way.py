"""Which steps lead to an answer, and the document that they make."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chainrule.language.algebra import substitute
from chainrule.language.index import Index, place_of
from chainrule.language.program import Program
from chainrule.notation.answers import DENOMINATOR, NO_TIES, Answer, Answering, Request
from chainrule.notation.chain_steps import ChainSteps
from chainrule.notation.derivation_document import markdown
from chainrule.notation.derivation_steps import Step, Writer, distinct, with_letters
from chainrule.notation.differential_steps import differential_steps
from chainrule.notation.differentials import is_differential
from chainrule.notation.element_steps import cases
from chainrule.notation.forward_steps import ForwardSteps, array_named
from chainrule.notation.pens import Latex
from chainrule.notation.product_steps import hessian_steps, product_step
from chainrule.notation.question import UNNAMED, Question, Target

if TYPE_CHECKING:
    from chainrule.notation.derive import Derivation

ELEMENTS, CHAIN, DIFFERENTIALS = "elements", "chain", "differentials"
# The kind of derivative that another one follows from.
BEFORE = {"vjp": "jacobian", "jvp": "jacobian", "hvp": "hessian", "hessian": "gradient"}
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
    if not is_by_chain(found) and any(target.letters for target in found.question.by):
        found = at_any_element(found)
    if is_by_chain(found):
        if manner == DIFFERENTIALS:
            return differential_steps(found)
        writer = Writer(with_letters(found.style, _definitions(found)))
        facts = found.question.facts
        return ChainSteps(found.gradients, writer, facts, manner == ELEMENTS).steps()
    if found.kind == "differential":
        return differential_steps(found)
    if found.kind not in BEFORE:
        return [step for target in found.question.by for step in single(found, target)]
    inner = as_kind(found, BEFORE[found.kind])
    steps = [s for s in steps_of(inner, manner) if "diagonal-and-off-diagonal" not in s.rules]
    last = hessian_steps if found.kind == "hessian" else product_step
    return [*steps, *(step for target in found.question.by for step in last(found, inner, target))]


def as_kind(found: Derivation, kind: str) -> Derivation:
    """The same question with another kind of derivative."""
    return anew(found, found.question, replace(found.request, kind=kind))


def at_any_element(found: Derivation) -> Derivation:
    """The same question of any elements, where it is asked of elements by their numbers; of a
    second derivative by all of them."""
    if found.kind in BEFORE:
        whole = tuple(replace(target, letters=()) for target in found.question.by)
        return anew(found, replace(found.question, by=whole), found.request)
    targets = (found.question.of, *found.question.by)
    taken = {one for target in targets for one in target.letters}
    free = iter([one for one in "ijklmnpqrs" if one not in taken])
    of, *by = (
        replace(target, letters=tuple(next(free) if o.isdigit() else o for o in target.letters))
        for target in targets
    )
    return anew(found, replace(found.question, of=of, by=tuple(by)), found.request)


def anew(found: Derivation, question: Question, request: Request) -> Derivation:
    """The derivation of another question."""
    answering = Answering(question, request, found.style, found.of)
    return replace(
        found,
        question=question,
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


def _definitions(found: Derivation, *names: str):
    program = found.gradients.forward if found.gradients else found.question.program
    others = [name for name in names if name in program.by_name]
    return program.needed(found.question.of.name, *others).definitions


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
    if answer.vectors is not None:
        steps += in_vectors(answer)
    elif rank == 1:
        steps += cases(answer.body, rows, columns, printed, writer)
    return steps


def in_vectors(answer: Answer) -> list[Step]:
    """All entries of a gradient at once; what probabilities weigh is an expectation."""
    body, style = answer.vectors
    plain, expected = Writer(replace(style, shares=None)).both(body), Writer(style).both(body)
    rules = ("gradient-by-entries", *(() if plain == expected else ("expectation",)))
    members = distinct(answer.left, [plain, expected])
    return [Step(answer.left, members, rules)] if members else []


def document_of(found: Derivation, steps: list[Step]) -> str:
    first = found
    while first.kind in BEFORE:
        first = as_kind(first, BEFORE[first.kind])
    # An answer may have names for values that what is asked for is not defined by.
    names = {array.name for answer in found.answers.values() for array in answer.body.arrays}
    program = Program(tuple(_definitions(first, *sorted(names))))
    named = is_by_chain(first) or (found.kind == "differential" and found.gradients is not None)
    style = with_letters(found.style, program.definitions) if named else found.style
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
    if found.layout.startswith(DENOMINATOR):
        provided = f"In {found.layout}."
    facts = found.question.facts
    return markdown(title, program, others, facts, style, steps, results, provided)
