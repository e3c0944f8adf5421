"""Derivatives of matrices by matrices as Kronecker products: `∂vec(A X B)/∂vec(X) = Bᵀ ⊗ A`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from chainrule.language.algebra import mul
from chainrule.language.expr import Expr, factors_of, terms_of
from chainrule.language.index import Index
from chainrule.notation import matrices as m
from chainrule.notation import matrix_algebra as algebra
from chainrule.notation.matrix import Shape, matrix_form
from chainrule.notation.pens import HADAMARD, PRODUCT, Pen, Piece
from chainrule.notation.style import Style
from chainrule.notation.write import written
from chainrule.notation.write_matrix import held, signed_sum, write_tree


@dataclass(frozen=True)
class Stacked:
    """A sum of Kronecker products, as pairs of trees."""

    terms: tuple[tuple[m.Tree, m.Tree], ...]

    def written(self, style: Style, pen: Pen) -> str:
        def piece(tree: m.Tree) -> Piece:
            return write_tree(tree, pen, lambda expr: written(expr, style, None, pen))

        pieces, negative = [], []
        for first, second in self.terms:
            negative.append(isinstance(first, m.Scaled) and first.number < 0)
            if negative[-1]:
                first = algebra.scaled(Fraction(-1), (), (), first)
            texts = [held(piece(tree), PRODUCT + 1, pen) for tree in (first, second)]
            sign = pen.minus if negative[-1] else ""
            pieces.append(Piece(sign + pen.kronecker.join(texts), HADAMARD))
        return signed_sum(pieces, negative, pen).text


def stacked_form(
    body: Expr, rows: tuple[Index, ...], columns: tuple[Index, ...], style: Style
) -> Stacked | None:
    """The derivative of the entries of an array by those of another as a sum of A ⊗ B.

    The entries of a matrix stand column by column, as vec has them. None where the derivative is
    no such sum.
    """
    found = []
    for term in terms_of(body):
        pairs = (_pair(term, *shapes, style) for shapes in _shapes(rows, columns))
        pair = next((pair for pair in pairs if pair is not None), None)
        if pair is None:
            return None
        found.append(pair)
    return Stacked(tuple(found))


def _shapes(rows: tuple[Index, ...], columns: tuple[Index, ...]) -> list[tuple[Shape, Shape]]:
    """How the indices may stand in the two factors: the column of a matrix belongs to the first."""
    if len(rows) == len(columns) == 2:
        return [((rows[1], columns[1]), (rows[0], columns[0]))]
    if len(rows) == 1 and len(columns) == 2:
        first, second = (rows[0], columns[1]), (None, columns[0])
        return [(first, second), ((None, columns[1]), (rows[0], columns[0]))]
    if len(rows) == 2 and len(columns) == 1:
        return [
            ((rows[1], columns[0]), (rows[0], None)),
            ((rows[1], None), (rows[0], columns[0])),
        ]
    return []


def _pair(term: Expr, left: Shape, right: Shape, style: Style) -> tuple[m.Tree, m.Tree] | None:
    """The two factors of one term, if no part of it has indices of both."""
    parts: tuple[list[Expr], list[Expr]] = ([], [])
    for factor in factors_of(term):
        sides = [bool(factor.free & set(shape)) for shape in (left, right)]
        if all(sides):
            return None
        parts[1 if sides[1] else 0].append(factor)
    trees = []
    for factors, shape in zip(parts, (left, right), strict=True):
        body = mul(*factors)
        if any(index is not None and index not in body.free for index in shape):
            return None
        trees.append(matrix_form(body, shape, style))
    return None if None in trees else tuple(trees)
