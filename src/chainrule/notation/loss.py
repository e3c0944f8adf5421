"""The document's loss as one definition at the end of its program."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.errors import NoLoss, NotTrainable
from chainrule.language.algebra import element, mul, total
from chainrule.language.expr import Array, Expr
from chainrule.language.inline import elements
from chainrule.language.program import Definition, Program
from chainrule.notation.likeliest import first_value
from chainrule.notation.reading import Reading
from chainrule.notation.scope import Scope
from chainrule.notation.value import Value

# The name of a target that a document gives as a class number only.
CLASSES = "onehot"


@dataclass(frozen=True)
class Loss:
    """A scalar loss and what leads to it.

    program  the definitions it needs, itself the last
    target   the one-hot array that stands for a class number, where the document has a number
    assumed  sentences for people
    """

    name: str
    program: Program
    target: Array | None
    assumed: tuple[str, ...] = ()


def find_loss(reading: Reading) -> Loss:
    """The one scalar loss of a document.

    raises  NoLoss, NotTrainable where it depends on indices that nothing sums over
    """
    body, name = _loss_body(reading)
    body, target, assumed = _with_target(body)
    definitions = (
        *reading.scope.program(archived=True).definitions,
        Definition(Array(name), (), body),
    )
    program = Program(tuple({d.name: d for d in definitions}.values())).needed(name)
    return Loss(name, program, target, assumed)


def _loss_body(reading: Reading) -> tuple[Expr, str]:
    """The loss as an expression: of the members that define it, one that leads to weights."""
    scope = reading.scope
    name = scope.loss
    if name is None:
        raise NoLoss(
            f"{reading.document.name} defines no scalar loss",
            remedy=r"add one, as in J = -\sum_k y_k \log \hat{y}_k",
        )
    candidates = []
    for item in reading.chains:
        for node in item.members[1:] if item.defines == name else ():
            value = first_value(scope, lambda meaning, n=node: meaning.value(n), closed=False)
            if value is not None and value.is_scalar:
                candidates.append(scope.algebra.resolved(value).expr)
    body = max(candidates, key=lambda body: _weights(body, scope))
    # Reading a later member may have told sizes that were open before.
    return scope.algebra.resolved(Value(body)).expr, name


def _weights(body: Expr, scope: Scope) -> int:
    """How many matrices an expression depends on."""
    return sum(len(a.sizes) == 2 for a in elements(scope.inlined(body, archived=True)))


def _with_target(body: Expr) -> tuple[Expr, Array | None, tuple[str, ...]]:
    """The loss with one-hot rows in place of the index by which it picks the class, if it does."""
    loose = sorted(body.free, key=lambda index: index.name)
    if not loose:
        return body, None, ()
    if len(loose) > 1:
        raise NotTrainable(
            f"the loss depends on the free indices {', '.join(i.name for i in loose)}",
            remedy="sum over them, or average",
        )
    (label,) = loose
    target = Array(f"{CLASSES}({label.name})", (label.size,))
    said = f"{label.name} is the number of the class; it goes in as one-hot rows"
    return total(label, mul(element(target, label), body)), target, (said,)
