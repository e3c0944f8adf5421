"""Products with a Jacobian or a Hessian by entries; the Hessian as derivative of a gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainrule.language.algebra import element, mul, substitute
from chainrule.language.expr import Array
from chainrule.language.index import Index, place_of
from chainrule.notation.chain_steps import plain_sum
from chainrule.notation.derivation_steps import Step, Writer, distinct
from chainrule.notation.forward_steps import ForwardSteps, array_named
from chainrule.notation.pens import Latex, Text
from chainrule.notation.question import Target

if TYPE_CHECKING:
    from chainrule.notation.derive import Derivation


def product_step(found: Derivation, matrix: Derivation, target: Target) -> list[Step]:
    """`Σ_i v_i ∂y_i/∂x_j`: an entry of the product with the Jacobian or Hessian of `matrix`."""
    answer, closed = matrix.answers[target.name], found.answers[target.name]
    count = len(answer.indices) - len(closed.indices)
    first = found.kind == "vjp"
    over = answer.indices[:count] if first else answer.indices[len(closed.indices) :]
    kept = answer.indices[count:] if first else answer.indices[: len(closed.indices)]
    if not over:
        return []
    vector = Array(found.request.vector, tuple(index.size for index in over))
    terms = plain_sum(over, mul(element(vector, *over), answer.body))
    images = dict(zip(closed.indices, map(place_of, kept), strict=True))
    writer = Writer(found.style)
    slopes = entry(matrix, target, answer.indices)
    letters = [index.name for index in over]
    left = []
    for pen, slope in zip((Latex(found.style), Text(found.style)), slopes, strict=True):
        sums = "".join(pen.big("sum", one) for one in letters)
        left.append(f"{sums}{pen.scripted(vector.name, letters).text} {slope}")
    members = [writer.both(terms), writer.both(substitute(closed.body, images))]
    rules = ("product-by-entries", "sum-with-delta")
    return [Step(tuple(left), distinct(tuple(left), members), rules)]


def entry(found: Derivation, target: Target, indices: tuple[Index, ...]):
    """The left side of one entry of a Jacobian or a Hessian."""
    if found.kind == "hessian":
        half = len(indices) // 2
        return found.left.hessian(target.name, indices[:half], indices[half:])
    rank = len(found.question.definition.indices)
    return found.left.slope(target.name, indices[:rank], indices[rank:])


def hessian_steps(found: Derivation, gradient: Derivation, target: Target) -> list[Step]:
    """An entry of the Hessian: an entry of the gradient differentiated."""
    answer, slope = found.answers[target.name], gradient.answers[target.name]
    half = len(answer.indices) // 2
    rows, columns = answer.indices[:half], answer.indices[half:]
    body = substitute(slope.body, dict(zip(slope.indices, map(place_of, rows), strict=True)))
    program, writer = found.question.program, Writer(found.style)
    array = array_named(program, target.name)
    forward = ForwardSteps(program, writer, found.question.facts, array, columns)
    left = entry(found, target, answer.indices)
    return [*forward.up_to(body), *forward.to(body, left, answer.body)]
