"""Matrix expressions: what a formula without indices says.

    tree = Number(value) | Scalar(expr)               one number; expr is written with indices
         | Leaf(array, column)                        an array; a vector stands as column or row
         | Ones(size, column) | Identity(size)
         | Transpose(body) | Diag(vector) | Diagonal(matrix)
         | Product(factors)                           the matrix product
         | Hadamard(factors) | Quotient(over, under)  element by element
         | Power(base, exponent)                      element by element
         | Scaled(number, over, under, body)          scalars in front of a body, or of none
         | Sum(terms)                                 numbers, and scalars beside vectors, spread
         | Call(function, argument, axis)             axis 0: over each column, 1: over each row
         | Mask(kind, left, right)                    1 where the comparison holds, else 0
         | Trace(body) | SquaredNorm(body) | Largest(body) | Determinant(body) | Inverse(body)

A tree knows its shape, (rows, columns), None for an axis of length 1. Trees are interned: equal is
identical. The functions of `matrix_algebra` build them in a short form.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from chainrule.language.expr import Array, Expr, Node
from chainrule.language.function import Function
from chainrule.language.index import Size

Shape = tuple[Size | None, Size | None]
SCALAR: Shape = (None, None)


class Tree(Node):
    """What all trees have: the shape, and the transposes printed in it and in its transpose."""

    shape: Shape
    transposes: int
    turned: int

    def derived(self) -> dict[str, Any]:
        shape = _shape(self)
        here = isinstance(self, Transpose) + sum(part.transposes for part in parts(self))
        turned = 0 if shape == SCALAR else min(here + 1, turned_inside(self, here))
        return {"shape": shape, "transposes": here, "turned": turned}


class Number(Tree):
    value: Fraction


class Scalar(Tree):
    expr: Expr


class Leaf(Tree):
    array: Array
    column: bool


class Ones(Tree):
    size: Size
    column: bool


class Identity(Tree):
    size: Size


class Transpose(Tree):
    body: Tree


class Diag(Tree):
    body: Tree


class Diagonal(Tree):
    body: Tree
    column: bool


class Product(Tree):
    factors: tuple[Tree, ...]


class Hadamard(Tree):
    factors: tuple[Tree, ...]


class Quotient(Tree):
    over: Tree
    under: Tree


class Power(Tree):
    base: Tree
    exponent: Tree


class Scaled(Tree):
    number: Fraction
    over: tuple[Tree, ...]
    under: tuple[Tree, ...]
    body: Tree | None


class Sum(Tree):
    terms: tuple[Tree, ...]


class Call(Tree):
    function: Function
    argument: Tree
    axis: int


class Mask(Tree):
    kind: str
    left: Tree
    right: Tree


class Trace(Tree):
    body: Tree


class SquaredNorm(Tree):
    body: Tree


class Largest(Tree):
    body: Tree


class Determinant(Tree):
    body: Tree


class Inverse(Tree):
    body: Tree


ELEMENTWISE = (Hadamard, Quotient, Power, Sum, Mask)


def parts(tree: Tree) -> tuple[Tree, ...]:
    """The trees directly inside."""
    match tree:
        case Product(found) | Hadamard(found) | Sum(found):
            return found
        case Quotient(left, right) | Power(left, right) | Mask(_, left, right):
            return (left, right)
        case Scaled(_, over, under, body):
            return (*over, *under) if body is None else (*over, *under, body)
        case Call(_, argument):
            return (argument,)
        case Transpose() | Inverse() | Diag() | Diagonal():
            return (tree.body,)
        case Trace() | Determinant() | SquaredNorm() | Largest():
            return (tree.body,)
    return ()


def _shape(tree: Tree) -> Shape:
    match tree:
        case Leaf(Array(_, sizes), column):
            return _line(sizes[0], column) if len(sizes) == 1 else (sizes or SCALAR)
        case Ones(size, column):
            return _line(size, column)
        case Identity(size):
            return (size, size)
        case Transpose(body) | Inverse(body):
            return body.shape[::-1]
        case Diag(body):
            return (length(body), length(body))
        case Diagonal(body, column):
            return _line(body.shape[0], column)
        case Product(factors):
            return (factors[0].shape[0], factors[-1].shape[1])
        case Scaled(_, _, _, body):
            return SCALAR if body is None else body.shape
        case Call(function, argument, axis) if function.axis == "over":
            return (None, argument.shape[1]) if axis == 0 else (argument.shape[0], None)
        case Call(_, argument):
            return argument.shape
    return _joined(tree) if isinstance(tree, ELEMENTWISE) else SCALAR


def _line(size: Size, column: bool) -> Shape:
    return (size, None) if column else (None, size)


def _joined(tree: Tree) -> Shape:
    shapes = [part.shape for part in parts(tree)]
    rows = next((rows for rows, _ in shapes if rows is not None), None)
    return (rows, next((columns for _, columns in shapes if columns is not None), None))


def length(vector: Tree) -> Size | None:
    """The number of elements of a row or column."""
    rows, columns = vector.shape
    return columns if rows is None else rows


def turned_inside(tree: Tree, here: int) -> int:
    """The transposes printed in the transpose, where it is moved inwards; many where it cannot."""
    match tree:
        case Transpose():
            return here - 1
        case Identity() | Diag() | Diagonal():
            return here
        case Call(function, argument) if function.axis and None not in argument.shape:
            # Print does not tell the axis, so it has to stay along the rows.
            return here + 1
        case Leaf() | Ones():
            return here + 1
        case Scaled(_, _, _, body):
            return here + body.turned - body.transposes
    return sum(part.turned for part in parts(tree))
