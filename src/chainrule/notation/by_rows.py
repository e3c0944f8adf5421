"""The derivative by a matrix U whose rows, or columns, are the vectors u_w of a cost, or by u_w."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.language.algebra import element
from chainrule.language.expr import Array, Expr
from chainrule.language.index import Index, fresh
from chainrule.language.inline import Lambda, elements, inline
from chainrule.notation.misread import Misread
from chainrule.notation.tree import Node
from chainrule.transform.differentiate import differentiate


def vector_of(matrix: str) -> str:
    """The name that the rows or columns of a matrix have: u of U. A mark stays as it is.

    >>> vector_of("U"), vector_of("W^{(L)}"), matrix_of("u")
    ('u', 'w^{(L)}', 'U')
    """
    return matrix[0].lower() + matrix[1:]


def matrix_of(vector: str) -> str:
    """The name of the matrix with such rows or columns."""
    return vector[0].upper() + vector[1:]


def slope_by_rows(scope, expr: Expr, name: str, images: Sequence[Index]) -> Expr | None:
    """The derivative of an expression by the elements of U; None if it has no such vectors.

    images  an index for each axis of U
    """
    small = vector_of(name)
    sizes = tuple(scope.sizes.find(index.size) for index in images)
    if len(sizes) != 2 or small == name or {small, name} & scope.definitions.keys():
        return None
    for array in elements(expr):
        own = tuple(map(scope.sizes.find, array.sizes))
        if array.name == small and own in (sizes, sizes[::-1]):
            places = images if own == sizes else images[::-1]
            return differentiate(expr, element(Array(small, array.sizes), *places))
    return None


def tied(scope, expr: Expr, array: Array, node: Node) -> Expr:
    """An expression with u_w for the rows, or the columns, of a matrix U beside them.

    Errors: Misread, where U is of another shape, so that what u_w changes is not known.
    """
    large = matrix_of(array.name)
    beside = [one for one in elements(expr) if one.name == large != array.name]
    if not beside or len(array.sizes) != 2 or large in scope.definitions:
        return expr
    sizes = tuple(map(scope.sizes.find, beside[0].sizes))
    axes = tuple(map(fresh, beside[0].sizes))
    for own, places in ((sizes, axes), (sizes[::-1], axes[::-1])):
        if own == tuple(map(scope.sizes.find, array.sizes)):
            return inline(expr, {large: Lambda(axes, element(array, *places))})
    raise Misread(node, f"{large} and {array.name} are not tied to each other")
