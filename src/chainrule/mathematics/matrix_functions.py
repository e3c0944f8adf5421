"""The records of functions of a whole matrix: determinant and inverse.

Placeholders as in `functions`, with two axes: the entry (I, P) is read, (K, L) derived by.
"""

from __future__ import annotations

from typing import Any

import flint
import numpy as np

from chainrule.language.algebra import element, of_matrix
from chainrule.language.expr import Array, Expr
from chainrule.language.function import Function, MatrixValue
from chainrule.language.index import Index, place_of, placeholder
from chainrule.language.inline import AXIS, I, K, L, P

_ROWS, _COLUMNS = placeholder("rows", AXIS), placeholder("columns", AXIS)


def _entry(name: str, row: Index, column: Index) -> Expr:
    return element(Array(name, (AXIS, AXIS)), row, column)


def _inverted(x: np.ndarray) -> np.ndarray:
    """The inverse of each matrix; not a number where a matrix has none."""
    try:
        return np.linalg.inv(x)
    except np.linalg.LinAlgError:
        singular = np.linalg.det(x) == 0
        safe = np.where(singular[..., None, None], np.eye(x.shape[-1]), x)
        return np.where(singular[..., None, None], np.nan, np.linalg.inv(safe))


def _inverted_ball(x: flint.arb_mat) -> flint.arb_mat:
    try:
        return x.inv()
    except ZeroDivisionError:
        size = x.nrows()
        return flint.arb_mat([[flint.arb("nan")] * size] * size)


def _change_of_determinant(x: np.ndarray, y: np.ndarray, dx: np.ndarray) -> np.ndarray:
    return y * np.trace(_inverted(x) @ dx, axis1=-2, axis2=-1)


def _change_of_inverse(x: np.ndarray, y: np.ndarray, dx: np.ndarray) -> np.ndarray:
    return -y @ dx @ y


inverse = Function(
    "inverse", "The inverse of a square matrix; not a number where the determinant is 0.",
    axis="matrix", derivative=-_entry("·y", I, K) * _entry("·y", L, P),
    value=MatrixValue(_inverted, _inverted_ball, _change_of_inverse),
)  # fmt: skip
determinant = Function(
    "determinant", "The determinant of a square matrix; its derivative is taken where it is not 0.",
    axis="matrix", spellings=("det",),
    derivative=element(Array("·y"))
    * of_matrix(inverse, _ROWS, _COLUMNS, _entry("·x", _ROWS, _COLUMNS), map(place_of, (L, K))),
    value=MatrixValue(np.linalg.det, flint.arb_mat.det, _change_of_determinant),
)  # fmt: skip

MATRIX_FUNCTIONS: dict[str, Function] = {f.name: f for f in (determinant, inverse)}


def inverse_of(rows: Index, columns: Index, body: Expr, at: tuple[Any, Any]) -> Expr:
    """An entry of the inverse of the matrix of body; `at` is (column, row) of the matrix.

    >>> from chainrule.language.evaluate import evaluate
    >>> i, j, X = Index("i", 2), Index("j", 2), Array("X", (2, 2))
    >>> whole = inverse_of(i, j, element(X, i, j), (Index("p", 2), Index("q", 2)))
    >>> evaluate(whole, {"X": [[2.0, 0.0], [0.0, 4.0]]}).tolist()
    [[0.5, 0.0], [0.0, 0.25]]
    """
    return of_matrix(inverse, rows, columns, body, map(place_of, at))


def determinant_of(rows: Index, columns: Index, body: Expr) -> Expr:
    """The determinant of the matrix of body."""
    return of_matrix(determinant, rows, columns, body)
