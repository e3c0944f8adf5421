"""Expressions in print: matrix notation where the shape is known and it can be said, else indices.

>>> from chainrule.language.algebra import element, total
>>> from chainrule.language.expr import Array
>>> j, k = Index("j", "H"), Index("k", "K")
>>> d, W, h = Array("d", ("K",)), Array("W_2", ("H", "K")), Array("h", ("H",))
>>> g = total(k, element(d, k) * element(W, j, k)) * element(h, j) * (1 - element(h, j))
>>> to_text(g, Style(), (None, j))
'd W₂ᵀ ∘ h ∘ (1 − h)'
>>> to_latex(g, Style())
'h_j (1 - h_j) \\\\sum_{k} d_k W_{2,jk}'
"""

from __future__ import annotations

from chainrule.language.algebra import ZERO
from chainrule.language.expr import Expr
from chainrule.language.index import Index
from chainrule.notation.matrix import Shape, matrix_form
from chainrule.notation.pens import Latex, Pen, Piece, Text
from chainrule.notation.style import Style
from chainrule.notation.write_index import IndexWriter
from chainrule.notation.write_matrix import write_tree


def to_latex(expr: Expr, style: Style, shape: Shape | None = None) -> str:
    """LaTeX without dollar signs; `shape` is (row index, column index), None for indices only."""
    return written(expr, style, shape, Latex(style)).text


def to_text(expr: Expr, style: Style, shape: Shape | None = None) -> str:
    """The same as one line of Unicode text."""
    return written(expr, style, shape, Text(style)).text


def written(expr: Expr, style: Style, shape: Shape | None, pen: Pen) -> Piece:
    """The formula, and how tightly it holds together."""
    tree = None if shape is None or expr is ZERO else matrix_form(expr, shape, style)
    if tree is not None:
        return write_tree(tree, pen, _scalars(style, pen, expr))
    return _indexed(expr, expr, style, pen)


def stands_whole(expr: Expr, shape: Shape | None, style: Style) -> bool:
    """Whether the formula is of whole arrays, so that what equals it needs no subscripts."""
    return not expr.free or (shape is not None and matrix_form(expr, shape, style) is not None)


def _indexed(expr: Expr, whole: Expr, style: Style, pen: Pen) -> Piece:
    def whole_array(body: Expr, *indices: Index) -> Piece | None:
        shape = indices
        if len(indices) == 1:
            shape = (*indices, None) if style.column_vectors else (None, *indices)
        tree = matrix_form(body, shape, style)
        return None if tree is None else write_tree(tree, pen, _scalars(style, pen, whole))

    return IndexWriter(whole, style, pen, whole_array).piece(expr)


def _scalars(style: Style, pen: Pen, whole: Expr | None = None):
    return lambda expr: _indexed(expr, expr if whole is None else whole, style, pen)
