"""The numbers of a matrix expression, always as a two-dimensional array: its meaning, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule.language.algebra import COMPARISONS, along, apply, element
from chainrule.language.evaluate import bound_sizes, evaluate
from chainrule.language.expr import Array
from chainrule.language.index import Index
from chainrule.language.inline import elements
from chainrule.language.walk import walk
from chainrule.notation import matrices as m

_I, _J = Index("i", "R"), Index("j", "C")
_ARGUMENT = element(Array("argument", ("R", "C")), _I, _J)


def evaluate_tree(
    tree: m.Tree, values: Mapping[str, Any], sizes: Mapping[str, int] | None = None
) -> np.ndarray:
    """The tree's numbers, for arrays by name; sizes are read off the arrays where they tell.

    >>> x = m.Leaf(Array("x", ("N",)), True)
    >>> evaluate_tree(m.Product((m.Transpose(x), x)), {"x": [3.0, 4.0]}).tolist()
    [[25.0]]
    """
    arrays = _arrays(tree)
    known = bound_sizes({a: np.shape(values[a.name]) for a in arrays}, sizes or {})

    def visit(tree: m.Tree):
        inside = []
        for part in m.parts(tree):
            inside.append((yield part))
        return np.atleast_2d(_value(tree, inside, values, known))

    return walk(visit, tree)


def _arrays(tree: m.Tree) -> frozenset[Array]:
    def visit(tree: m.Tree):
        found = frozenset()
        if isinstance(tree, m.Leaf):
            found = frozenset((tree.array,))
        elif isinstance(tree, m.Scalar):
            found = elements(tree.expr)
        for part in m.parts(tree):
            found |= yield part
        return found

    return walk(visit, tree)


def _value(tree: m.Tree, inside: list[np.ndarray], values, sizes) -> Any:
    match tree:
        case m.Number(value):
            return float(value)
        case m.Scalar(expr):
            return evaluate(expr, values, sizes)
        case m.Leaf(array, column):
            found = np.asarray(values[array.name], dtype=float)
            return found.reshape(-1, 1) if column and found.ndim == 1 else found
        case m.Ones(size, column):
            count = sizes.get(size, size)
            return np.ones((count, 1) if column else (1, count))
        case m.Identity(size):
            return np.eye(sizes.get(size, size))
        case m.Call(function, _, axis):
            return _called(function, inside[0], axis)
    return _combined(tree, inside)


def _called(function, argument: np.ndarray, axis: int) -> np.ndarray:
    if not function.axis:
        return evaluate(apply(function, _ARGUMENT), {"argument": argument}, order=(_I, _J))
    index, other = (_J, _I) if axis else (_I, _J)
    read = index if function.axis == "along" else None
    kept = (_I, _J) if read else (other,)
    values = evaluate(along(function, index, _ARGUMENT, read), {"argument": argument}, order=kept)
    return values if read else np.expand_dims(values, axis)


def _combined(tree: m.Tree, inside: list[np.ndarray]) -> Any:
    match tree:
        case m.Transpose():
            return inside[0].T
        case m.Inverse():
            return np.linalg.inv(inside[0])
        case m.Determinant():
            return np.linalg.det(inside[0])
        case m.Diag():
            return np.diag(inside[0].ravel())
        case m.Diagonal(_, column):
            return np.diag(inside[0]).reshape((-1, 1) if column else (1, -1))
        case m.Product():
            return inside[0] if len(inside) == 1 else np.linalg.multi_dot(inside)
        case m.Hadamard():
            return np.prod(np.broadcast_arrays(*inside), axis=0)
        case m.Sum():
            return np.sum(np.broadcast_arrays(*inside), axis=0)
        case m.Quotient():
            return inside[0] / inside[1]
        case m.Power():
            return np.power(*inside)
        case m.Mask(kind):
            return np.where(COMPARISONS[kind](*inside), 1.0, 0.0)
        case m.Trace():
            return np.trace(inside[0])
        case m.SquaredNorm():
            return np.sum(inside[0] ** 2)
        case m.Largest():
            return inside[0].max()
    assert isinstance(tree, m.Scaled)
    over, under = inside[: len(tree.over)], inside[len(tree.over) :][: len(tree.under)]
    body = inside[-1] if tree.body is not None else np.ones((1, 1))
    return float(tree.number) * body * np.prod(over) / np.prod(under)
