"""The derivative by a matrix U whose rows, or columns, are the vectors u_w of a cost."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.language.algebra import element
from chainrule.language.expr import Array, Expr
from chainrule.language.index import Index
from chainrule.language.inline import elements
from chainrule.transform.differentiate import differentiate


def slope_by_rows(scope, expr: Expr, name: str, images: Sequence[Index]) -> Expr | None:
    """The derivative of an expression by the elements of U; None if it has no such vectors.

    images  an index for each axis of U
    """
    small, sizes = name.lower(), tuple(scope.sizes.find(index.size) for index in images)
    if len(sizes) != 2 or small == name or {small, name} & scope.definitions.keys():
        return None
    for array in elements(expr):
        own = tuple(map(scope.sizes.find, array.sizes))
        if array.name == small and own in (sizes, sizes[::-1]):
            places = images if own == sizes else images[::-1]
            return differentiate(expr, element(Array(small, array.sizes), *places))
    return None
