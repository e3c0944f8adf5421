"""The cost as a value: the document's loss, or one that nobody defines, through all layers."""

from __future__ import annotations

from chainrule.language.algebra import ZERO, add, element, mul, total
from chainrule.language.expr import Array, Element, Expr
from chainrule.language.inline import elements
from chainrule.notation import tree
from chainrule.notation.misread import Misread
from chainrule.notation.totals import COST_LETTERS, summand
from chainrule.notation.tree import Node
from chainrule.notation.value import Value
from chainrule.transform.differentiate import differentiate
from chainrule.transform.reverse import adjoint_name

COSTS = COST_LETTERS | {"CE", "\\mathcal{J}", "NLL", "\\hat{R}", "R"}


def the_cost(meaning, by: str | None = None) -> Value:
    """The document's loss, or the one that nobody defines.

    by  a name: of several costs, as of one example and of all, one that depends on it
    """
    value = loss_value(meaning) if by is None else _cost_by(meaning, by)
    return linear_cost(meaning) if value is None else value


def _cost_by(meaning, by: str) -> Value | None:
    """A cost that depends on a name, if any does; those of later sections are less likely."""
    scope = meaning.scope
    loss = loss_value(meaning)
    if loss is None:
        return None
    values = {text: _cost(meaning, text) for text in sorted(COSTS)} | {scope.loss: loss}
    found = {text: one for text, one in values.items() if one and _depends(scope, one, by)}
    shown = sorted(found, key=lambda text: (text in scope.later, text != scope.loss))
    return found[meaning.choices.settle("d is that of", shown, True)] if shown else loss


def _depends(scope, value: Value, by: str) -> bool:
    return by in scope.inputs(*(array.name for array in elements(value.expr)))


def linear_cost(meaning) -> Value:
    """A cost that nobody defines, linear in the outputs: right up to first derivatives."""
    outputs = meaning.scope.outputs
    networks = [one for one in meaning.scope.ends if not set(outputs).isdisjoint(one)]
    if len(networks) > 1:
        own = _network(meaning, networks)
        others = {name for network in networks for name in network} - set(own)
        outputs = tuple(name for name in outputs if name not in others)
    outputs = _of_one_or_all(meaning, outputs)
    terms = _signals(meaning, meaning.scope.cost, outputs)
    if not terms:
        raise Misread(tree.Empty(), "no loss is known here")
    return Value(add(*terms))


def _of_one_or_all(meaning, outputs: tuple[str, ...]) -> tuple[str, ...]:
    """Of `y = W x + b` and `Y = W X + b 1^T` the one that a cost is of: an example or a batch."""
    scope = meaning.scope
    ranks = {name: scope.rank(name) for name in outputs if name in scope.definitions}
    shared = [scope.inputs(name) for name in ranks]
    if len(set(ranks.values())) < 2 or not set.intersection(*shared):
        return outputs
    groups = [tuple(n for n in ranks if ranks[n] == rank) for rank in sorted(set(ranks.values()))]
    return _network(meaning, [*groups, outputs])


def _network(meaning, networks: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The one of several networks that a cost is of: of one example, say, or of a batch."""
    shown = {", ".join(network): network for network in networks}
    return shown[meaning.choices.settle("the cost is of", list(shown), True)]


def is_another_cost(scope, name: str) -> bool:
    """Whether a cost without a meaning here is not the loss under another name.

    It gets a formula elsewhere, or the loss is made of it: its mean, or with more added.
    """
    known = scope.definitions.get(scope.loss)
    return name in scope.headed or not (
        known is None or known.uses.isdisjoint((name, summand(name)))
    )


def cost_of_layers(meaning, cost: str) -> Value | None:
    """A cost of what the layers give that is not defined here, right up to first derivatives."""
    if not meaning.scope.ends:
        return None
    terms = _signals(meaning, cost, _network(meaning, list(meaning.scope.ends)))
    return Value(add(*terms)) if terms else None


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
    return _cost(meaning, meaning.scope.loss)


def _cost(meaning, text: str | None) -> Value | None:
    """A number that is defined, or the whole of a function of several arguments."""
    scope = meaning.scope
    if text in scope.definitions:
        return scope.value(text)
    return meaning.whole(text) if text in scope.functions else None


def through_layers(meaning, value: Value, by: str) -> Expr:
    """What a cost of the last layer depends on in between: the other layers that are known."""
    scope = meaning.scope
    cost = _named_cost(scope, value)
    if cost is None:
        return ZERO
    return scope.inlined(_between(meaning, cost), frozenset((by,)))


def _between(meaning, cost: str) -> Expr:
    """What a cost that is defined takes from layers before the last one.

    Of a cost with a penalty it is what the cost without one takes.
    """
    scope = meaning.scope
    if parts := _linear_parts(scope, cost):
        return add(*(mul(factor, _between(meaning, name)) for name, factor in parts))
    if unknown_costs(scope, scope.inlined(scope.definitions[cost].body)):
        return ZERO
    reached = _reached(scope, cost)
    networks = [one for one in scope.ends if not reached.isdisjoint(one)]
    if cost != scope.loss and not networks:
        return ZERO
    if not (networks or scope.ends):
        return ZERO
    networks = networks or [_network(meaning, list(scope.ends))]
    outputs = tuple(name for network in networks for name in network if name not in reached)
    return add(*_signals(meaning, cost, outputs))


def _reached(scope, cost: str) -> set[str]:
    """What a cost depends on, the layers that are ends not resolved."""
    known = frozenset(name for network in scope.ends for name in network)
    return {array.name for array in elements(scope.inlined(scope.definitions[cost].body, known))}


def _linear_parts(scope, cost: str) -> list[tuple[str, Expr]]:
    """The costs that a cost adds up, each times a number: J for `J_λ = J + λ ‖W‖²`."""
    body, known = scope.definitions[cost].body, {name for one in scope.ends for name in one}
    found = []
    for array in sorted(elements(body), key=lambda one: one.name):
        definition = scope.definitions.get(array.name)
        if definition is None or array.sizes or _reached(scope, array.name).isdisjoint(known):
            continue
        factor = differentiate(body, element(array))
        if elements(factor):
            return []
        found.append((array.name, factor))
    return found


def unknown_costs(scope, expr: Expr) -> list[tuple[str, Expr]]:
    """The costs without a formula that are terms of an expression, each with its factor: the C of
    `C + λ ‖W‖²`, which depends on W too. What is nothing but such a cost is one itself."""
    found, all_ = [], elements(expr)
    for array in sorted(all_ if len(all_) > 1 else (), key=lambda one: one.name):
        known = array.name in scope.definitions or array.name in scope.numbers
        if array.sizes or known or not _is_cost(scope, array.name):
            continue
        factor = differentiate(expr, element(array))
        if not elements(factor):
            found.append((array.name, factor))
    return found


def _is_cost(scope, name: str) -> bool:
    base = name.removeprefix("{").partition("_")[0].removesuffix("}")
    return name == scope.cost or (base in COSTS and not scope.is_declared(name))


def with_unknown_costs(meaning, expr: Expr, by: str, node: Node) -> Expr:
    """An expression, the costs without a formula in it as what is known of them: what they depend
    on. Nothing is known of a cost that is never differentiated."""
    scope = meaning.scope
    for name, factor in unknown_costs(scope, expr):
        if name == by:
            continue
        if name != scope.cost:
            raise Misread(node, f"nothing is known of {name}, which may depend on it")
        own = Array(name, ())
        linear = scope.inlined(linear_cost(meaning).expr, frozenset((by,)))
        expr = add(expr, mul(factor, add(linear, mul(-1, element(own)))))
    return expr


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
