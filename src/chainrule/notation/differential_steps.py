"""A derivation by differentials: how values change, how the loss does, what is read off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainrule.language.expr import Array
from chainrule.language.program import Definition, Program
from chainrule.notation import matrix_algebra as algebra
from chainrule.notation.answers import change_of, inner, with_changes
from chainrule.notation.derivation_steps import Printed, Step, Writer, with_letters
from chainrule.notation.differentials import varied_name
from chainrule.notation.document_style import shape_for
from chainrule.notation.element_steps import rules_of
from chainrule.notation.pens import Latex, Text
from chainrule.notation.question import UNNAMED
from chainrule.notation.write import stands_whole, written
from chainrule.notation.write_matrix import write_tree
from chainrule.transform.jacobian import tangents
from chainrule.transform.reverse import adjoint_name

if TYPE_CHECKING:
    from chainrule.notation.derive import Derivation


def differential_steps(found: Derivation) -> list[Step]:
    """`dh = …` for every value, then `dJ` through one value after the other, then the gradients.

    Of a vector, or where the differential itself is asked for, the last step is `dy = …`.
    """
    swept, of = found.gradients, found.question.of.name
    forward = found.question.program if swept is None else swept.forward
    arrays = {d.name: d.array for d in forward.definitions} | {a.name: a for a in forward.inputs}
    names = _first([target.name for target in found.question.by], forward)
    changes = {name: change_of(arrays[name]) for name in names}
    changing = tangents(forward, changes, of, found.question.facts)
    moved = [*changes.values(), *(d.array for d in changing.definitions)]
    style = with_changes(with_letters(found.style, forward.definitions), moved)
    writer, steps = Writer(style), []
    for definition in changing.definitions:
        name = definition.name.removeprefix("d ")
        if (name == of and swept is not None) or name.startswith(UNNAMED):
            continue
        shape = shape_for(definition.indices, style, name)
        whole = stands_whole(definition.body, shape, style)
        letters = [] if whole else [index.name for index in definition.indices]
        pens = (Latex(style), Text(style))
        left = tuple(pen.scripted(definition.name, letters).text for pen in pens)
        member = writer.both(definition.body, shape if whole else None)
        steps.append(Step(left, (member,), rules_for(forward.by_name[name], changing)))
    if swept is None:
        return steps
    total = tuple(f"d{pen.array(of).text}" for pen in (Latex(style), Text(style)))
    for adjoint in swept.every.definitions:
        name = adjoint.name.removeprefix(adjoint_name(of, ""))
        if name in names or name == of or name.startswith(UNNAMED):
            continue
        if not _is_cut(found, name, names):
            continue
        member = _inner_products(found, style, [(name, change_of(arrays[name]))])
        if member is not None:
            steps.append(Step(total, (member,), ("trace-of-hadamard", "cyclic-trace")))
    member = _inner_products(found, style, list(changes.items()))
    if member is not None:
        steps.append(Step(total, (member,), ("cyclic-trace",)))
    for answer in found.answers.values() if found.kind == "gradient" else ():
        printed = tuple(answer.written(found.style, pen(found.style)) for pen in (Latex, Text))
        steps.append(Step(answer.left, (printed,), ("reading-off",)))
    return steps


def _first(names: list[str], forward: Program) -> list[str]:
    """The variables that do not vary with others of them: of r = X w − y and X, only X."""
    moving, kept = set(names), list(names)
    for definition in forward.definitions:
        if definition.uses & moving:
            moving.add(definition.name)
            kept = [name for name in kept if name != definition.name]
    return kept


def rules_for(definition: Definition, changing: Program) -> tuple[str, ...]:
    """The rules by which a value changes with what is in it."""
    moving = {varied_name(array.name) for d in changing.definitions for array in d.body.arrays}
    found: dict[str, None] = {}
    for array in sorted(definition.body.arrays, key=lambda array: array.name):
        if array.name in moving:
            found |= dict.fromkeys(rules_of(definition.body, array))
    products = ("product-rule", "constant-factor")
    named = ("differential-of-product" if rule in products else rule for rule in found)
    return tuple(dict.fromkeys(named)) or ("sum-rule",)


def _is_cut(found: Derivation, name: str, variables: list[str]) -> bool:
    """Whether the variables reach the loss through this value only."""
    moving = set(variables)
    for definition in found.gradients.forward.definitions:
        if definition.name != name and definition.uses & moving:
            moving.add(definition.name)
    return found.question.of.name not in moving


def _inner_products(
    found: Derivation, style, changes: list[tuple[str, Array]]
) -> Printed | None:
    """The sum of the inner products of gradients with changes."""
    trees = []
    for name, change in changes:
        slope = found.gradients.every.by_name[adjoint_name(found.question.of.name, name)]
        body = found.gradients.every.inlined(slope.name)
        tree = inner(Definition(slope.array, slope.indices, body), change, style)
        if tree is None:
            return None
        trees.append(tree)
    tree = algebra.summed(trees)
    pens = (Latex(style), Text(style))
    return tuple(
        write_tree(tree, pen, lambda expr, pen=pen: written(expr, style, None, pen)).text
        for pen in pens
    )
