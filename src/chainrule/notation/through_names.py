"""Functions that depend on their arguments through names: E(w) = Σ_i log p_i of p_i = σ(w^T x_i).

At another argument these names have other values, too.
"""

from __future__ import annotations

from collections.abc import Iterable

from chainrule.language.expr import Const
from chainrule.language.index import fresh
from chainrule.language.inline import Lambda, elements, inline
from chainrule.notation.misread import Misread
from chainrule.notation.tree import Node
from chainrule.notation.value import Value


def with_names_at(
    meaning, value: Value, bindings: dict[str, Value], node: Node, unprinted: set[str]
) -> Value:
    """The value of a function where the names in its formula are taken at the arguments, too.

    Arguments that contain the parameters themselves, as in E(w + v), are not followed.

    unprinted  the parameters that do not stand in the formula
    """
    through = depended_on(meaning, value, bindings)
    if (lost := unprinted - through) and elements(value.expr):
        raise Misread(node, f"how it depends on {min(lost)} is not said")
    if not through:
        return value
    if any(_mentions(meaning, bindings[name], bindings) for name in through):
        raise Misread(node, f"a function that depends on {min(through)} through other names")
    return at_arguments(meaning, value, {name: bindings[name] for name in through}, node)


def at_arguments(meaning, value: Value, arguments: dict[str, Value], node: Node) -> Value:
    """A value in which names are replaced by values: by those of their shape, or by 0 and 1."""
    value, meanings = meaning.algebra.resolved(value), {}
    for name, argument in sorted(arguments.items()):
        argument, axes = meaning.algebra.resolved(argument), ()
        sizes = meaning.scope.symbol(name).sizes
        if len(argument.indices) == len(sizes):
            axes = argument.indices
        elif isinstance(argument.expr, Const):
            axes = tuple(map(fresh, sizes))
        else:
            raise Misread(node, f"a value of another shape than {name}")
        meanings[name] = Lambda(axes, argument.expr)
    expr = meaning.scope.inlined(value.expr, frozenset(arguments))
    return Value(inline(expr, meanings), value.axes)


def _mentions(meaning, value: Value, names) -> bool:
    return bool({array.name for array in elements(value.expr)} & set(names))


def depended_on(meaning, value: Value, bindings: dict[str, Value]) -> set[str]:
    """The parameters that a value depends on through the definitions of other names.

    value  that of a formula in which the parameters are bound to other values
    """
    scope = meaning.scope
    bound = {array for one in bindings.values() for array in elements(one.expr)}
    used = {array.name for array in elements(value.expr) - bound} & scope.definitions.keys()
    return scope.inputs(*used) & bindings.keys() if used else set()


def is_behind(name: str, parameters: Iterable[str | None], scope) -> bool:
    """Whether a function is of a value that depends on a name: ℓ(m) by a, where m = y a."""
    defined = [own for own in parameters if own in scope.definitions]
    return name not in parameters and any(name in scope.inputs(own) for own in defined)
