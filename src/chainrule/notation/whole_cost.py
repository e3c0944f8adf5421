"""The cost as a value: the document's loss, or one that nobody defines, through all layers."""

from __future__ import annotations

from chainrule.language.algebra import ZERO, add, element, mul, total
from chainrule.language.expr import Array, Element, Expr
from chainrule.language.inline import elements
from chainrule.notation import tree
from chainrule.notation.misread import Misread
from chainrule.notation.value import Value
from chainrule.transform.reverse import adjoint_name


def the_cost(meaning) -> Value:
    """The document's loss, or the one that nobody defines."""
    value = loss_value(meaning)
    return linear_cost(meaning) if value is None else value


def linear_cost(meaning) -> Value:
    """A cost that nobody defines, linear in the outputs: right up to first derivatives."""
    terms = _signals(meaning, meaning.scope.cost, meaning.scope.outputs)
    if not terms:
        raise Misread(tree.Empty(), "no loss is known here")
    return Value(add(*terms))


def _signals(meaning, cost: str, outputs: tuple[str, ...]) -> list[Expr]:
    """The terms of a cost that is linear in some outputs."""
    scope, terms = meaning.scope, []
    for output in outputs:
        if output in scope.definitions:
            value = meaning.algebra.resolved(scope.value(output))
            signal = Array(adjoint_name(cost, output), tuple(i.size for i in value.indices))
            term = mul(element(signal, *value.indices), value.expr)
            for index in value.indices:
                term = total(index, term)
            terms.append(term)
    return terms


def loss_value(meaning) -> Value | None:
    """The document's loss, where it is known already."""
    scope = meaning.scope
    if scope.loss in scope.definitions:
        return scope.value(scope.loss)
    return meaning.whole(scope.loss) if scope.loss in scope.functions else None


def through_layers(meaning, value: Value, by: str) -> Expr:
    """What a cost of the last layer depends on in between: the other layers that are known."""
    scope = meaning.scope
    cost = _named_cost(scope, value)
    if cost is None:
        return ZERO
    whole = scope.inlined(scope.definitions[cost].body, frozenset(scope.ends))
    reached = {array.name for array in elements(whole)}
    if cost != scope.loss and reached.isdisjoint(scope.ends):
        return ZERO
    outputs = tuple(name for name in scope.ends if name not in reached)
    return scope.inlined(add(*_signals(meaning, cost, outputs)), frozenset((by,)))


def _named_cost(scope, value: Value) -> str | None:
    """The name of the cost that is differentiated: the document's loss, or another number."""
    if value.axes:
        return None
    match value.expr:
        case Element(array) if array.name in scope.definitions:
            return array.name
    if scope.loss in scope.definitions:
        if scope.inlined(scope.value(scope.loss).expr) is scope.inlined(value.expr):
            return scope.loss
    return None
