"""Powers: of numbers, element by element, and the inverse of a matrix."""

from __future__ import annotations

from dataclasses import replace

from chainrule.language.algebra import ONE, apply, power
from chainrule.language.inline import elements
from chainrule.mathematics.functions import exp
from chainrule.notation import tree
from chainrule.notation.misread import Misread
from chainrule.notation.names import Name
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import MINUS_ONE, letter
from chainrule.notation.summation import summed_square
from chainrule.notation.tree import Node
from chainrule.notation.value import Value

# A matrix is multiplied by itself so often at most.
MOST = 4


def raised(meaning, value: Value, exponent: Node, node: Node) -> Value:
    """A value to a power; of a matrix X^{-1} is read, and X^{\\circ 2}, element by element."""
    if len(value.long) == 2 and exponent == MINUS_ONE:
        return meaning.algebra.inverse(value)
    match exponent:
        case tree.Product((tree.Symbol("circ" | "odot"), each), ("",)):
            amount = meaning.value(each)
            if amount.is_scalar:
                return Value(power(value.expr, amount.expr), value.axes)
    amount = meaning.value(exponent)
    if not amount.is_scalar:
        raise Misread(node)
    if value.indices and elements(amount.expr):
        # A letter over a vector is a name for it more often than an exponent.
        raise Misread(node)
    if len(value.indices) >= 2:
        return _power_of_matrix(meaning, value, exponent, node)
    result = Value(power(value.expr, amount.expr), value.axes)
    return summed_square(meaning, result) if exponent == tree.Number("2") else result


def _power_of_matrix(meaning, value: Value, exponent: Node, node: Node) -> Value:
    """`H^2` of a matrix: element by element, if it is not square; else the matrix product first."""
    if len(value.axes) != 2 or not isinstance(exponent, tree.Number) or not exponent.text.isdigit():
        raise Misread(node)
    count = int(exponent.text)
    sizes = [meaning.scope.sizes.find(index.size) for index in value.indices]
    options = ["element by element"]
    if meaning.scope.sizes.agree(*sizes):
        options.insert(0, "the matrix product")
    if meaning.choices.settle("the power of a matrix is", options) == options[-1]:
        return Value(power(value.expr, count), value.axes)
    if not 2 <= count <= MOST:
        raise Misread(node)
    result = value
    for _ in range(count - 1):
        result = meaning.algebra.matmul(result, meaning.algebra.renamed(value))
    return result


def entry_of_inverse(meaning, name: Name, node: Node) -> Value | None:
    """`X^{-1}_{ij}`: an entry of the inverse; None where it is one over the entry instead."""
    if len(name.places) != 2 or name.power != MINUS_ONE:
        return None
    options = ["an entry of the inverse", "one over an entry"]
    if meaning.choices.settle("the power of an entry is", options) == options[1]:
        return None
    whole = meaning.algebra.inverse(meaning.symbol(replace(name, places=()), node))
    return meaning.at(whole, name.places, node)


def is_euler(name: Name, scope: Scope) -> bool:
    """Whether e is the number where it is printed so: as a base it is, where the name has a
    formula, but for small powers of that."""
    if name.text != "e" or name.places:
        return False
    if "e" not in scope.symbols:
        # What numbers are given for has no formula.
        given = scope.usage.constants.e == "name" and "e" in scope.numbers
        return not (given and name.power is None)
    return scope.usage.constants.e == "name" and not isinstance(name.power, tree.Number | None)


def exponential(meaning, name: Name, node: Node) -> Value:
    """Euler's number to a power."""
    if name.power is None and meaning.scope.usage.constants.e != "number":
        raise Misread(node, "e is a name in this document")
    if name.power is not None and letter(name.power) in meaning.letters:
        raise Misread(node, "an index as an exponent")
    exponent = Value(ONE) if name.power is None else meaning.value(name.power)
    return Value(apply(exp, exponent.expr), exponent.axes)
