"""The numbers of a worked example, put into the formulas of a document."""

from __future__ import annotations

from chainrule.errors import ChainruleError
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import Element
from chainrule.language.index import Index
from chainrule.notation.likeliest import first_value
from chainrule.notation.scope import Scope
from chainrule.notation.tree import Node, Number
from chainrule.notation.value import Misfit
from chainrule.transform.reverse import is_adjoint_name

# A size that is set to a greater number stays a letter: what holds for V holds for V = 10000.
LARGEST = 500


def put_in(scope: Scope) -> bool:
    """Give names and sizes the numbers that the section sets them to; whether it sets any."""
    found = any([_is_set(scope, name) for name in scope.numbers] + _counted(scope))
    for name in scope.counted if found else ():
        follow(scope, name)
    return found


def with_sizes(scope: Scope) -> Scope | None:
    """The scope with the sizes that the section sets to numbers; None where it sets none."""
    scope = scope.copy()
    names = [name for name in scope.numbers if name in scope.size_names]
    known = [_is_set(scope, name) for name in names if not _is_large(scope.numbers[name])]
    if not any(known):
        return None
    for name in scope.counted:
        follow(scope, name)
    return scope


def _is_large(node: Node) -> bool:
    return isinstance(node, Number) and len(node.text) > 2 and float(node.text) > LARGEST


def follow(scope: Scope, name: str) -> None:
    """Give a size its number where it is given by sizes that have theirs: M = N - K + 1."""
    try:
        value = first_value(scope, lambda meaning: meaning.value(scope.counted[name]))
        if value is None or value.axes or value.expr.arrays:
            return
        number = evaluate(scope.algebra.resolved(value).expr, {})
    except (ChainruleError, Misfit):
        return
    if number >= 1 and number == int(number):
        scope.sizes.settle(name, int(number))


def signal_of(scope: Scope, name: str) -> str | None:
    """The slope of an unknown cost that a name stands for: the δ of `δ = ∂L/∂y`, which may be
    given in numbers."""
    definition = scope.definitions.get(name)
    match definition and definition.body:
        case Element(array, places) if is_adjoint_name(array.name):
            return array.name if len(places) == len(definition.indices) else None
    return None


def _counted(scope: Scope) -> list[str]:
    """The sizes that get a number, since an array of that size is written out: z = (0, 1, 2)."""
    found = []
    for name, definition in scope.definitions.items():
        found += _count(scope, name, definition.indices)
    return found


def _count(scope: Scope, name: str, indices: tuple[Index, ...]) -> list[str]:
    """The sizes of a name that get the numbers of an array."""
    pairs = zip(indices, scope.symbol(name).sizes, strict=False)
    numbered = [(size, index.size) for index, size in pairs if isinstance(index.size, int)]
    return [size for size, number in numbered if scope.sizes.settle(size, number)]


def _is_set(scope: Scope, name: str) -> bool:
    """Give a name, or a size, its number; whether that is understood."""
    node = scope.numbers[name]
    try:
        value = first_value(scope, lambda meaning: meaning.value(node))
        if name in scope.size_names:
            number = getattr(value and value.expr, "value", None)
            if number is None or number < 1 or number % 1:
                return False
            scope.sizes.settle(name, int(number))
            return scope.sizes.find(name) == number
        if value is None or len(value.indices) != scope.rank(name):
            return False
        _count(scope, name, value.indices)
        scope.define(signal_of(scope, name) or name, value)
    except (ChainruleError, Misfit):
        return False
    return True
