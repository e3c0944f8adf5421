"""From the equations of one example to those of a batch: an index over examples in front."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from chainrule.language.algebra import (
    ONE,
    ZERO,
    add,
    element,
    mul,
    position,
    power,
    total,
    where,
)
from chainrule.language.expr import Array, Element, Expr, terms_of
from chainrule.language.index import Index, place_of
from chainrule.language.passes import around
from chainrule.language.program import Definition, Program
from chainrule.language.walk import walk
from chainrule.transform.simplify import shortened
from chainrule.transform.windows import windowed

EXAMPLES = Index("n", "examples")
CHANNELS_AND_SIDES = 3


def batched(
    program: Program, loss: str, inputs: frozenset[str], weights: str | None = None
) -> Program:
    """The program over all examples at once; the loss is their mean.

    inputs   the arrays that differ from example to example: features and target, examples first
    weights  the name of an array (examples,) that each example's loss is multiplied by
    """
    placed = partial(_placed, last=bool(windowed(program)))
    moving = dict.fromkeys(inputs, True)
    done = []
    for definition in program.definitions:
        body = _with_examples(shortened(definition.body), moving, placed)
        if definition.name == loss:
            done.append(Definition(definition.array, (), mean(body, weights)))
        elif EXAMPLES in body.free:
            moving[definition.name] = False
            array = Array(definition.name, placed(definition.array.sizes, EXAMPLES.size))
            done.append(Definition(array, placed(definition.indices, EXAMPLES), body))
        else:
            done.append(definition)
    return Program(tuple(done))


def _placed(axes: tuple, example, given: bool = False, *, last: bool) -> tuple:
    """The axes with that of the examples in front; behind the channels of what has some.

    given  in any case in front
    last   behind all axes where there are several: a window is then not short rows of one picture,
           but long rows of all of them
    """
    first = 1 if len(axes) >= CHANNELS_AND_SIDES else 0
    if last and len(axes) > 1:
        first = len(axes)
    first = 0 if given else first
    return (*axes[:first], example, *axes[first:])


def _with_examples(expr: Expr, moving: Mapping[str, bool], placed: Callable[..., tuple]) -> Expr:
    """expr with every array that differs between examples read at the example n.

    moving  name of such an array → whether it is given
    placed  as `_placed`
    """

    def visit(node: Expr):
        if isinstance(node, Element) and node.array.name in moving:
            given = moving[node.array.name]
            array = Array(node.array.name, placed(node.array.sizes, EXAMPLES.size, given))
            return element(array, *placed(node.places, place_of(EXAMPLES), given))
        return (yield from around(node))

    return walk(visit, expr)


def mean(body: Expr, weights: str | None = None) -> Expr:
    """The mean over the examples; what does not depend on them, such as λ‖W‖², stays as it is.

    weights  the name of an array (examples,); the divisor is the number of examples all the same
    """
    terms = terms_of(body)
    moving = [term for term in terms if EXAMPLES in term.free]
    fixed = [term for term in terms if EXAMPLES not in term.free]
    share = power(total(EXAMPLES, ONE), -1)
    one = add(*moving)
    if weights is not None:
        one = mul(element(Array(weights, (EXAMPLES.size,)), place_of(EXAMPLES)), one)
    return add(mul(share, total(EXAMPLES, one)), *fixed)


def with_labels(program: Program, target: str) -> Program:
    """The program with class numbers as its input, of which the one-hot target is made.

    The number of example n is in `labels_name(target)`; the one-hot array is never stored whole.
    """
    array = next(array for array in program.inputs if array.name == target)
    label = element(Array(labels_name(target), array.sizes[:1]), place_of(EXAMPLES))
    k = Index("k", array.sizes[1])
    body = where("==", position(k), label, ONE, ZERO)
    return Program((Definition(array, (EXAMPLES, k), body), *program.definitions))


def labels_name(target: str) -> str:
    return f"class of {target}"
