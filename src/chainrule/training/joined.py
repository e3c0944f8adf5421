"""A loss of one example joined to what the layers of a document give.

Notes for courses print the layers of a whole batch, `A = σ(W X + b)`, and the loss of one example,
`L(a, y)`, or its mean over `a^{(i)}` and `y^{(i)}`. That a is a column of A goes without saying.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from chainrule.errors import NoLoss, NotTrainable
from chainrule.language.algebra import count, element, mul, power, substitute, total
from chainrule.language.expr import Array, Expr
from chainrule.language.index import Size, fresh
from chainrule.language.inline import Lambda, inline
from chainrule.language.passes import functions_in
from chainrule.language.program import Definition, Program
from chainrule.language.sizes import is_unknown
from chainrule.notation.likeliest import first_value
from chainrule.notation.loss import Loss
from chainrule.notation.reading import Reading
from chainrule.notation.whole_cost import COSTS
from chainrule.training.examples import loss_of_one, without_axis
from chainrule.training.letters import COUNTS, TARGETS, WEIGHTS, letter

_EXAMPLE = re.compile(r"\((\w)\)(?=\}?$)")
_LOSSES = {
    "sigmoid": r"J = -\frac{1}{m} \sum_i (y_i \log a_i + (1 - y_i) \log(1 - a_i))",
    "softmax": r"J = -\frac{1}{m} \sum_i \sum_k Y_{ki} \log A_{ki}",
}
_SQUARES = r"J = \frac{1}{2m} \sum_i (a_i - y_i)^2"


class _Cost(NamedTuple):
    """A cost: its name, its formula, what it compares, and with which target."""

    name: str
    body: Expr
    value: Array
    target: Array


def joined_loss(reading: Reading) -> Loss:
    """The loss of a document whose loss is of one example, and whose layers are of many.

    >>> import chainrule
    >>> text = r"$$A = \\sigma(W X + b)$$ $$L(a, y) = -y \\log a - (1 - y) \\log (1 - a)$$"
    >>> found = joined_loss(chainrule.read(text).reading)
    >>> found.name, found.assumed
    ('L', ('a in L is what A gives for an example; L is taken as a mean over the examples',))

    raises  NoLoss, NotTrainable
    """
    program = reading.scope.program(archived=True)
    outputs = [one for one in program.definitions if _is_output(one, program)]
    if (loss := _of_one_output(program)) is not None:
        return loss
    costs = list(_costs(reading, program))
    for cost in costs:
        for output in sorted(outputs, key=lambda one: not _is_called(cost.value, one.array)):
            called = _is_called(cost.value, output.array)
            if called or len(outputs) == 1:
                if (loss := _joined(reading, program, cost, output)) is not None:
                    return loss
    if outputs and not costs:
        raise _no_loss(reading, outputs[-1])
    raise NotTrainable(
        f"{reading.document.name} has no loss that compares what its layers give with a target",
        remedy="use in the loss the name of the last layer, and a target y",
    )


def _of_one_output(program: Program) -> Loss | None:
    """A cost of what has a size that nothing tells, which is one number if that is 1."""
    for definition in program.definitions:
        name, needed = definition.name, program.needed(definition.name)
        sizes = {index.size for index in definition.indices}
        if name in COSTS and len(sizes) == 1 and all(map(is_unknown, sizes)):
            if (left := without_axis(needed, *sizes)) is not None:
                return Loss(name, left, None, (f"{name} is a number, so there is one output",))
    return None


def _no_loss(reading: Reading, output: Definition) -> NoLoss:
    names = {function.name for function in functions_in(output.body)}
    formula = next((_LOSSES[name] for name in _LOSSES if name in names), _SQUARES)
    return NoLoss(
        f"{reading.document.name} defines no scalar loss; gradients alone do not tell it",
        remedy=f"add one: {formula} would suit {output.name}",
    )


def _is_output(definition: Definition, program: Program) -> bool:
    """Whether a definition leads from weights to a value that nothing else is made of."""
    if any(definition.name in other.uses for other in program.definitions if _is_layer(other)):
        return False
    given = [array for array in program.needed(definition.name).inputs if array.sizes]
    return _is_layer(definition) and len(given) > 1


def _is_layer(definition: Definition) -> bool:
    """Whether a definition is of the way forward: no cost, no slope, no target in it."""
    name = definition.name
    slope = re.match(r"\\?d[A-Za-z\\]|\\delta|\\partial", name) is not None
    return not (slope or name in COSTS or _targets(definition.body))


def _targets(body: Expr) -> list[Array]:
    return [array for array in body.arrays if letter(array).lower() in TARGETS]


def _costs(reading: Reading, program: Program) -> Iterator[_Cost]:
    """The formulas of costs that compare something with a target."""
    found = [(d.name, d.body) for d in program.definitions if d.name in COSTS]
    for name in reading.scope.functions:
        scope = reading.scope.copy()
        whole = first_value(scope, lambda meaning, n=name: meaning.whole(n), closed=False)
        if whole is not None and whole.is_scalar:
            found.append((name, whole.expr))
    for name, body in found:
        targets = _targets(body)
        values = [a for a in body.arrays if a not in targets and a.name not in COUNTS]
        # Weights are in a penalty.
        values = [a for a in values if letter(a) == "a" or letter(a) not in WEIGHTS]
        alike = [a for a in values if targets and len(a.sizes) == len(targets[0].sizes)]
        marked = [a for a in alike if _EXAMPLE.search(a.name)] or alike
        marked = [a for a in marked if a.name in program.by_name] or marked
        if len(targets) == 1 and len(marked) == 1:
            yield _Cost(name, body, marked[0], targets[0])


def _is_called(value: Array, output: Array) -> bool:
    """Whether a^{[2](i)} stands for A^{[2]}."""
    return _bare(value).lower() == _bare(output).lower()


def _bare(array: Array) -> str:
    """A name without the number of an example."""
    return _EXAMPLE.sub("", array.name).replace("^{}", "")


def _joined(
    reading: Reading, program: Program, cost: _Cost, output: Definition
) -> Loss | None:
    """The loss of all examples, in terms of an output of the layers."""
    if (cost := _of_one_example(cost)) is None:
        return None
    needed = program.needed(output.name)
    number = next((s for s in output.array.sizes if _counts_examples(s, needed)), None)
    outputs = [size for size in output.array.sizes if size != number]
    body = cost.body
    if not cost.value.sizes and len(outputs) == 1 and is_unknown(outputs[0]):
        # What is compared is a number, so that there is one output.
        whole = Program((*needed.definitions, Definition(Array(cost.name), (), body)))
        if (left := without_axis(whole, outputs.pop())) is None:
            return None
        *others, last = left.definitions
        needed, body = Program(tuple(others)), last.body
    if len(outputs) != len(cost.value.sizes):
        return None
    body = substitute(body, {}, dict(zip(cost.value.sizes, outputs, strict=True)))
    array, target = needed.definition(output.name).array, _bare(cost.target)
    if number is not None and target.capitalize() in reading.scope.symbols:
        target = target.capitalize()
    body = _of_all(cost._replace(body=body), array, number, target)
    said = f"{cost.value.name} in {cost.name} is what {output.name} gives for an example"
    mean = "" if number is None else f"; {cost.name} is taken as a mean over the examples"
    definition = Definition(Array(cost.name), (), body)
    return Loss(cost.name, Program((*needed.definitions, definition)), None, (said + mean,))


def _of_one_example(cost: _Cost) -> _Cost | None:
    """The cost of one example, where it is a sum or mean over them."""
    size = _examples_of(cost)
    if size is None:
        return cost
    if (one := loss_of_one(cost.body, size)) is None:
        return None
    left = tuple(own for own in cost.value.sizes if own != size)
    return cost._replace(body=one[0], value=Array(cost.value.name, left))


def _of_all(cost: _Cost, array: Array, number: Size | None, target: str) -> Expr:
    """The mean over the examples of the loss of one.

    target  the name of the targets of all examples
    """
    indices = tuple(fresh(size) for size in array.sizes)
    own = tuple(index for index in indices if index.size != number)
    targets = Array(target, array.sizes)
    meanings = {
        cost.value.name: Lambda(own, element(array, *indices)),
        cost.target.name: Lambda(own, element(targets, *indices)),
    }
    body = inline(cost.body, meanings)
    if number is None:
        return body
    (index,) = (index for index in indices if index.size == number)
    return mul(power(count(number), -1), total(index, body))


def _examples_of(cost: _Cost) -> str | None:
    """The size over which a cost sums examples: that of (i), or of which it is the mean."""
    if _EXAMPLE.search(cost.value.name) and cost.value.sizes:
        return cost.value.sizes[0]
    for size in cost.value.sizes:
        if (one := loss_of_one(cost.body, size)) is not None and one[1]:
            return size
    return None


def _counts_examples(size: Size, program: Program) -> bool:
    """Whether an axis is of a matrix of features and of no weight."""
    weights = [a for a in program.inputs if letter(a) in WEIGHTS]
    others = [a for a in program.inputs if a not in weights and len(a.sizes) > 1]
    return any(size in a.sizes for a in others) and not any(size in a.sizes for a in weights)
