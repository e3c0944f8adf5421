"""Which cost a document speaks of: defined, only differentiated, or behind bars over names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from chainrule.language.algebra import const
from chainrule.notation import tree
from chainrule.notation.differentials import signed
from chainrule.notation.heads import mentions, undecorated
from chainrule.notation.layers import ends, layer_letter
from chainrule.notation.leibniz import (
    COSTS,
    by_variable,
    is_derivative,
    is_gradient_sign,
    is_operator,
    operand,
)
from chainrule.notation.likeliest import first_value
from chainrule.notation.names import named
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import letter
from chainrule.notation.tree import Node
from chainrule.notation.value import Value
from chainrule.notation.whole_cost import the_cost

# What a cost without a name is called, by the letters that a document leaves free.
NAMELESS = ("L", "J", "C", "E")


def document_cost(scope: Scope) -> str | None:
    """The document's one scalar cost: defined, and used by nothing else that is defined."""
    functions = _scalar_functions(scope)
    bodies = [scope.functions[text].body for text in functions]
    numbers = [
        text
        for text in _scalar_definitions(scope)
        if not any(mentions(body, text, scope.usage) for body in bodies)
    ]
    found = numbers or functions
    return ([text for text in found if text in COSTS] or found or [None])[-1]


def costs(nodes: Iterable[Node], scope: Scope) -> tuple[str | None, str | None, tuple[str, ...]]:
    """(loss, J, outputs): the defined cost, and a J that is only differentiated.

    A number of another letter that happens to be used by nothing is no cost where the document
    differentiates a J that it never defines.
    """
    nodes = list(nodes)
    loss = document_cost(scope)
    cost, outputs = undefined_cost(nodes, scope)
    if loss is None and cost is None and scope.slopes:
        return None, *nameless_cost(nodes, scope)
    if loss is not None and (
        cost is None or loss in COSTS or is_differentiated(loss, nodes, scope)
    ):
        if cost is not None and loss in scope.definitions:
            if not _all_uses(scope, loss).intersection(outputs):
                # Of what the loss does not depend on another cost is meant.
                return loss, cost, outputs
        return loss, None, ()
    return None, cost, outputs


def is_differentiated(text: str, nodes: Iterable[Node], scope: Scope) -> bool:
    tops = (named(operand(part.numerator), scope.usage) for part in _derivatives(nodes))
    return any(top is not None and top.text == text for top in tops)


def _scalar_definitions(scope: Scope) -> list[str]:
    used = {name for definition in scope.definitions.values() for name in definition.uses}
    return [
        text
        for text, definition in scope.definitions.items()
        if not definition.indices and definition.uses and text not in used
        if layer_letter(text) is None
    ]


def _scalar_functions(scope: Scope) -> list[str]:
    found = []
    for text, function in scope.functions.items():
        if function.index is None and (len(function.parameters) > 1 or text in COSTS):
            value = first_value(scope.copy(), lambda m, t=text: m.whole(t), closed=False)
            if value is not None and value.is_scalar:
                found.append(text)
    mentioned = {
        text
        for text in found
        for other in found
        if other != text and mentions(scope.functions[other].body, text, scope.usage)
    }
    return [text for text in found if text not in mentioned]


def undefined_cost(nodes: Iterable[Node], scope: Scope) -> tuple[str | None, tuple[str, ...]]:
    """(J, the outputs) for a J that is differentiated by what is defined, and defined nowhere."""
    by: dict[str, list[str]] = {}
    for above, variable in _slopes(nodes, scope):
        top, below = named(above, scope.usage), named(variable, scope.usage)
        if top is not None and not top.places and _is_unknown(top.text, scope):
            by.setdefault(top.text, []).extend([] if below is None else [below.text])
    for cost, names in sorted(by.items(), key=lambda one: -len(one[1])):
        if outputs := _outer(names, scope):
            return cost, outputs
    return None, ()


def nameless_cost(nodes: Iterable[Node], scope: Scope) -> tuple[str | None, tuple[str, ...]]:
    """(L, the outputs) where `dF` stands for the derivative of a cost that has no name."""
    outputs = _outer(sorted(signed(nodes, scope.usage)), scope)
    free = [name for name in NAMELESS if name not in scope.symbols and not scope.is_known(name)]
    return (free[0], outputs) if outputs and free else (None, ())


def _outer(names: Iterable[str], scope: Scope) -> tuple[str, ...]:
    """Those of some names that are defined, and are used by no other one of them."""
    defined = [name for name in dict.fromkeys(names) if name in scope.definitions]
    if any(map(layer_letter, names)):
        given = (name for network in ends(scope) for name in network)
        # `a^L = f(z^l)` after `a^l = f(z^l)` gives no value of its own.
        defined += [name for name in given if name not in {*defined, *scope.aliases}]
    inner = {used for name in defined for used in _all_uses(scope, name)}
    return tuple(name for name in defined if name not in inner)


def _all_uses(scope: Scope, name: str) -> set[str]:
    """The names that a definition depends on, directly or not."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        definition = scope.definitions.get(waiting.pop())
        new = (definition.uses if definition is not None else set()) - seen
        seen |= new
        waiting.extend(new)
    return seen


def _derivatives(nodes: Iterable[Node]) -> Iterable[Node]:
    for node in nodes:
        for part in tree.walk(node):
            if (
                is_derivative(part)
                and not is_operator(part)
                and isinstance(part.denominator, tree.Product)
            ):
                yield part


def _slopes(nodes: Iterable[Node], scope: Scope) -> Iterator[tuple[Node, Node]]:
    """(what is differentiated, by what) for each ∂L/∂x and ∇_x L."""
    nodes = list(nodes)
    for part in _derivatives(nodes):
        yield operand(part.numerator), operand(part.denominator)
    for part in (part for node in nodes for part in tree.walk(node)):
        match part:
            case tree.Product((tree.Script(_, variable, None) as sign, cost), ("",)):
                if is_gradient_sign(sign, scope.size_names) and variable is not None:
                    yield cost, variable


def _is_unknown(text: str, scope: Scope) -> bool:
    """Whether a name may be a cost: a capital or an l, without axes, with no meaning so far."""
    known = text in scope.definitions or text in scope.functions or text in scope.size_names
    symbol = scope.symbols.get(text)
    costly = text in COSTS or text[0].isupper()
    return costly and not known and not (symbol is not None and symbol.sizes)


def bars_are_slopes(nodes: Iterable[Node], scope: Scope) -> bool:
    """Whether the document writes v̄ for ∂L/∂v: it says so once, or sets L̄ = 1."""
    for node in nodes:
        if isinstance(node, tree.Chain) and any(barred(m) for m in node.members[:1]):
            under = barred(node.members[0])
            cost = named(under, scope.usage)
            if isinstance(node.members[1], tree.Number) and cost is not None:
                if cost.text in (scope.loss, scope.cost) and node.members[1].text == "1":
                    return True
            if any(variable == under for _, variable in _slopes(node.members, scope)):
                return True
    return False


def barred(node: Node) -> Node | None:
    """What stands under a bar, with the scripts that are printed outside."""
    node = undecorated(node)
    if isinstance(node, tree.Script) and (under := barred(node.base)) is not None:
        return replace(node, base=under)
    return node.body if isinstance(node, tree.Accent) and node.kind in BARS else None


def slope_behind_bar(scope: Scope, head: Node) -> tuple[str, Value] | None:
    """(v̄, ∂L/∂v) for a head v̄ or v̄_i; None where L does not depend on v."""
    name, under = named(undecorated(head), scope.usage), barred(head)
    below = None if under is None else named(under, scope.usage)
    if below is None or name is None or name.power is not None or name.transpose:
        return None
    if below.text in (scope.loss, scope.cost):
        return name.text, Value(const(1))
    whole = under if letter(under) is not None else under.base
    value = first_value(scope, lambda meaning: by_variable(meaning, the_cost(meaning), whole))
    return None if value is None else (name.text, value)


BARS = ("bar", "overline")
