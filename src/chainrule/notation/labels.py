"""Numbers of classes as subscripts: `P_{i,y_i}` is the entry of row i that its label y_i says.

The label of example i is a row of a one-hot array, for which there is no print: picking an element
by it is a sum over all of them.
"""

from __future__ import annotations

from chainrule.language.algebra import mul, substitute, total
from chainrule.language.facts import ONE_HOT
from chainrule.language.index import Index, place_of
from chainrule.notation import tree
from chainrule.notation.misread import Misread
from chainrule.notation.names import named
from chainrule.notation.scripts import letter
from chainrule.notation.tree import Node
from chainrule.notation.value import Value

_CALL = "onehot("


def is_one_hot(name: str) -> bool:
    """Whether an array is that of the labels with a name."""
    return name.startswith(_CALL)


def is_label(mark: Node) -> bool:
    """Whether a subscript is a letter with a subscript of its own, as y_i."""
    match mark:
        case tree.Script(tree.Symbol(), tree.Symbol(), None, 0):
            return True
    return False


def picked(meaning, value: Value, chosen: list[tuple[Index, Node]]) -> Value:
    """The elements of a value that labels say, along an axis for each label."""
    for axis, mark in chosen:
        value = _picked(meaning, value, axis, mark)
    return value


def _picked(meaning, value: Value, axis: Index, mark: Node) -> Value:
    hot = one_hot(meaning, mark)
    meaning.same(hot.indices[0].size, axis.size, mark)
    hot, value = meaning.algebra.resolved(hot), meaning.algebra.resolved(value)
    axis = next(one for one in value.indices if one.name == axis.name)
    weight = substitute(hot.expr, {hot.indices[0]: place_of(axis)})
    rest = tuple(one for one in value.axes if one != axis)
    return Value(total(axis, mul(weight, value.expr)), rest)


def compared(meaning, members: tuple[Node, ...]) -> Value | None:
    """1 where a label is a class, as in `y_i = j`; None for other comparisons."""
    for mark, other in (members, members[::-1]):
        if not is_label(mark) or not isinstance(other, tree.Symbol):
            continue
        text = letter(other)
        if text in meaning.letters or not (
            meaning.scope.is_known(text) or meaning.scope.symbol(text).sizes
        ):
            hot = one_hot(meaning, mark)
            place = meaning.place(other, hot.indices[0].size)
            hot = meaning.algebra.resolved(hot)
            return Value(substitute(hot.expr, {hot.indices[0]: place}))
    return None


def one_hot(meaning, mark: Node) -> Value:
    """The one-hot row that belongs to a label `y_i`."""
    name = named(mark, meaning.scope.usage)
    if name is None or name.power is not None or name.transpose or name.primes:
        raise Misread(mark)
    text = _rows_of_all(meaning.scope, name.text) or f"{_CALL}{name.text})"
    meaning.scope.ranks[text] = len(name.places) + 1
    return meaning.at(meaning.scope.value(text), (*name.places, tree.Symbol(":")), mark)


def _rows_of_all(scope, label: str) -> str | None:
    """The one matrix whose rows are called one-hot."""
    called = {fact.array for fact in scope.facts if fact.kind == ONE_HOT}
    found = {name for name in called - scope.headed if scope.rank(name) == 2}
    return min(found) if len(found) == 1 and label not in called else None
