"""Index notation → matrix notation, for expressions with at most two free indices."""

from __future__ import annotations

from fractions import Fraction

from chainrule.language.algebra import ONE, ZERO, add, mul, power, substitute, total, where
from chainrule.language.expr import (
    Add,
    Along,
    Apply,
    Array,
    Const,
    Delta,
    Element,
    Expr,
    Mul,
    OfMatrix,
    Power,
    Reduce,
    Where,
    bound_indices,
    children,
    factors_of,
)
from chainrule.language.index import Index, Size, bound, place_of
from chainrule.language.inline import elements
from chainrule.language.walk import walk
from chainrule.mathematics.functions import PI
from chainrule.notation import matrices as m
from chainrule.notation import matrix_algebra as algebra
from chainrule.notation.network import Edge, Network
from chainrule.notation.order import ordered_factors, ordered_terms
from chainrule.notation.style import Style

Shape = tuple[Index | None, Index | None]
_ONE = Fraction(1)
# No expression nests so many binders: indices counted from here are met nowhere else.
_OPENED = 10**9
# Multiplying out may double an expression; what grows beyond this is better read with indices.
_LARGEST = 4000


def matrix_form(expr: Expr, shape: Shape, style: Style) -> m.Tree | None:
    """The expression as a matrix tree, or None where only indices can say it.

    shape   (row index, column index): (i, None) a column, (None, j) a row, (None, None) a scalar
    raises  ValueError where the expression has a free index that is not in the shape

    >>> from chainrule.language.algebra import element
    >>> from chainrule.language.expr import Array
    >>> i, j = Index("i", "N"), Index("j", "M")
    >>> W, x = Array("W", ("N", "M")), Array("x", ("N",))
    >>> tree = matrix_form(total(i, element(x, i) * element(W, i, j)), (None, j), Style())
    >>> [leaf.array.name for leaf in tree.factors]
    ['x', 'W']
    """
    if extra := expr.free - set(shape):
        raise ValueError(f"free indices outside the shape: {sorted(map(repr, extra))}")
    reader = _Reader(expr, style)
    tree = walk(reader.visit, (expr, *shape))
    if tree is None or isinstance(tree, m.Scalar):
        return None
    return algebra.without_transposes(reader.spread(tree, *shape), style.symmetric)


class _Reader:
    """One conversion. A request to `visit` is (expression, row index, column index)."""

    def __init__(self, expr: Expr, style: Style):
        self.style = style
        self.count = _OPENED
        self.column_sizes = _column_sizes(expr)

    def visit(self, request: tuple[Expr, Index | None, Index | None]):
        """The tree; of shape 1 × 1 where the expression depends on neither index."""
        expr, row, column = request
        inner_row = row if row in expr.free else None
        inner_column = column if column in expr.free else None
        if not expr.free:
            tree = yield from self.node(expr, None, None)
            return m.Scalar(expr) if tree is None else tree
        if (inner_row, inner_column) == (row, column):
            return (yield from self.node(expr, row, column))
        tree = yield (expr, inner_row, inner_column)
        return None if tree is None else self.spread(tree, row, column)

    def spread(self, tree: m.Tree, row: Index | None, column: Index | None) -> m.Tree:
        return algebra.spread(tree, row and self.ones(row), column and self.ones(column))

    def ones(self, index: Index) -> m.Tree:
        """A vector of ones; over the examples of a batch always a column."""
        return m.Ones(index.size, self.style.column_ones or index.size in self.column_sizes)

    def opened(self, binder: Reduce | Along | OfMatrix):
        """The body with an index of its own; counted from the start, so always the same."""
        old, new = bound_indices(binder), []
        for index in old:
            self.count += 1
            new.append(bound(self.count, index.size))
        body = substitute(binder.body, dict(zip(old, map(place_of, new), strict=True)))
        return tuple(new) if len(new) > 1 else new[0], body

    def node(self, expr: Expr, row: Index | None, column: Index | None):
        match expr:
            case Const(value):
                return m.Number(value)
            case Element():
                return self.element(expr, row, column)
            case Delta(left, right):
                pair = {left.index, right.index}
                both = row is not None and column is not None
                return m.Identity(row.size) if both and pair == {row, column} else None
            case Apply() if expr is PI:
                return m.Leaf(Array("pi"), False)
            case Apply(function, argument):
                inner = yield (argument, row, column)
                return None if inner is None else m.Call(function, inner, 0)
            case Power():
                return (yield from self.power(expr, row, column))
            case Add(terms):
                return (yield from self.sum(terms, row, column))
            case Mul() | Reduce("sum"):
                return (yield from self.product(expr, row, column))
            case Reduce("max"):
                return (yield from self.largest(expr, row, column))
            case Along():
                return (yield from self.along(expr, row, column))
            case OfMatrix():
                return (yield from self.of_matrix(expr, row, column))
            case Where():
                return (yield from self.mask(expr, row, column))
        return None

    def element(self, expr: Element, row: Index | None, column: Index | None) -> m.Tree | None:
        indices = [place.index for place in expr.places]
        if not indices:
            return m.Leaf(expr.array, False)
        if None in indices or len(indices) > 2:
            return None
        if len(indices) == 2 and indices[0] == indices[1]:
            return m.Diagonal(m.Leaf(expr.array, False), row is not None)
        if len(indices) == 2:
            leaf = m.Leaf(expr.array, False)
            return leaf if indices == [row, column] else m.Transpose(leaf)
        leaf = m.Leaf(expr.array, self.style.is_column(expr.array.name))
        return algebra.line(leaf, row is not None)

    def power(self, expr: Power, row: Index | None, column: Index | None):
        base = yield (expr.base, row, column)
        exponent = yield (expr.exponent, row, column)
        if base is None or exponent is None:
            return None
        if not isinstance(exponent, m.Number) or exponent.value > 0:
            return m.Power(base, exponent)
        inverse = -exponent.value
        under = base if inverse == 1 else m.Power(base, m.Number(inverse))
        if base.shape == m.SCALAR:
            return algebra.scaled(_ONE, (), (under,), None)
        return algebra.hadamard([], [under])

    def sum(self, terms: tuple[Expr, ...], row: Index | None, column: Index | None):
        found = []
        for term in ordered_terms(terms):
            tree = yield (term, row, column)
            if tree is None:
                return None
            # A number spreads over a matrix by itself; a scalar would read as a multiple of I.
            if row and column and tree.shape == m.SCALAR and not isinstance(tree, m.Number):
                if row.size != column.size:
                    return None
                tree = self.spread(tree, row, column)
            found.append(tree)
        return algebra.summed(found)

    def largest(self, expr: Reduce, row: Index | None, column: Index | None):
        if row or column:
            return None
        index, body = self.opened(expr)
        tree = yield self.vector_request(body, index)
        return None if tree is None else m.Largest(tree)

    def vector_request(self, body: Expr, index: Index):
        return (body, index, None) if self.style.column_vectors else (body, None, index)

    def along(self, expr: Along, row: Index | None, column: Index | None):
        """softmax(x), over the vector, or over each row of a matrix."""
        function, read = expr.function, expr.at and expr.at.index
        if expr.at is not None and read is None:
            return None
        index, body = self.opened(expr)
        others = [k for k in (row, column) if k is not None and k != read]
        other = others[0] if others else None
        if len(others) > 1 or (read is not None and read in body.free):
            return None
        # A vector stands as it is asked for; print does not tell another axis of a matrix.
        upright = row == read if read else self.style.column_vectors
        axis = 0 if upright and not other else 1
        shape = (index, other) if axis == 0 else (other, index)
        inner = yield (body, *shape)
        if inner is None:
            return None
        tree = m.Call(function, self.spread(inner, *shape), axis)
        stands = (read, other) if axis == 0 else (other, read)
        return tree if stands == (row, column) else algebra.transposed(tree)

    def of_matrix(self, expr: OfMatrix, row: Index | None, column: Index | None):
        """det(X), or X⁻¹, whose rows are the columns of X."""
        pair, body = self.opened(expr)
        stands = _natural(body, list(pair))
        inner = yield (body, *stands)
        read = tuple(place.index for place in expr.at)
        if inner is None or set(read) & body.free:
            return None
        inner = self.spread(inner, *stands)
        if not read:
            return m.Determinant(inner)
        if set(read) != {row, column} or len(set(read)) == 1:
            return None
        turned = (read if stands == pair else read[::-1]) != (row, column)
        return algebra.transposed(m.Inverse(inner)) if turned else m.Inverse(inner)

    def mask(self, expr: Where, row: Index | None, column: Index | None):
        if expr.no is not ZERO:
            return None
        if expr.yes is not ONE:
            indicator = where(expr.kind, expr.left, expr.right, ONE, ZERO)
            return (yield (mul(indicator, expr.yes), row, column))
        left = yield (expr.left, row, column)
        right = yield (expr.right, row, column)
        return None if left is None or right is None else m.Mask(expr.kind, left, right)

    # Products under sums ------------------------------------------------------------------------

    def flattened(self, expr: Expr) -> tuple[list[Expr], list[Index]]:
        """The factors, those inside sums too, and the indices summed over."""
        factors, contracted, pending = [], [], [expr]
        while pending:
            node = pending.pop(0)
            if isinstance(node, Mul):
                pending[:0] = ordered_factors(node.factors, self.style.column_vectors)
            elif isinstance(node, Reduce) and node.kind == "sum" and node.index in node.body.free:
                index, body = self.opened(node)
                contracted.append(index)
                pending.insert(0, body)
            else:
                factors.append(node)
        return factors, contracted

    def product(self, expr: Expr, row: Index | None, column: Index | None):
        factors, contracted = self.flattened(expr)
        if factors == [expr]:
            return None
        if len(factors) > 1:
            for factor in factors:
                if isinstance(factor, Add) and any(_has_delta(term) for term in factor.terms):
                    return (yield from self.expanded(factors, factor, contracted, row, column))
        network = Network(self.style.column_vectors, self.ones)
        corners = [k for k in (row, *contracted, column) if k is not None]
        for factor in factors:
            if not (yield from self.placed(network, factor, corners)):
                return (yield from self.expanded(factors, factor, contracted, row, column))
        return network.result(row, column) if network.reduce(contracted) else None

    def placed(self, network: Network, factor: Expr, corners: list[Index]):
        """Put a factor into the network; False where it is no scalar, vector or matrix."""
        divides = isinstance(factor, Power) and _is_negative(factor.exponent)
        source = power(factor, -1) if divides else factor
        live = [index for index in corners if index in factor.free]
        if len(live) > 2:
            return False
        if not live:
            tree = yield (source, None, None)
            network.scalars.put(tree, divides)
        elif len(live) == 1:
            tree = yield self.vector_request(source, live[0])
            if tree is not None:
                network.put_vector(live[0], tree, divides, source)
        else:
            rows, columns = _natural(source, live)
            tree = yield (source, rows, columns)
            if tree is not None:
                network.edges.append(Edge(tree, rows, columns, divides))
        return tree is not None

    def expanded(self, factors: list[Expr], factor: Expr, contracted: list[Index], row, column):
        """The product multiplied out over one factor, where that is a sum."""
        if not isinstance(factor, Add) or factor.size * len(factors) > _LARGEST:
            return None
        others = list(factors)
        others.remove(factor)
        terms = []
        for term in factor.terms:
            body = mul(*others, term)
            for index in reversed(contracted):
                body = total(index, body)
            terms.append(body)
        return (yield (add(*terms), row, column))


def _is_negative(exponent: Expr) -> bool:
    return isinstance(exponent, Const) and exponent.value < 0


def _has_delta(term: Expr) -> bool:
    return any(isinstance(f, Delta) for f in factors_of(term))


def _natural(factor: Expr, live: list[Index]) -> tuple[Index, Index]:
    """The rows and columns of a factor: as in the first array inside that has both indices."""

    def visit(node: Expr):
        if isinstance(node, Element | OfMatrix):
            where = node.places if isinstance(node, Element) else node.at
            found = tuple(place.index for place in where)
            return found if len(found) == 2 and set(found) == set(live) else None
        for kid in children(node):
            if found := (yield kid):
                return found
        return None

    return walk(visit, factor) or tuple(live)


def _column_sizes(expr: Expr) -> frozenset[Size]:
    """The sizes that only number the rows of matrices: those of the examples in a batch."""
    arrays = elements(expr)
    first = {array.sizes[0] for array in arrays if len(array.sizes) == 2}
    return frozenset(first - {s for a in arrays for s in a.sizes[len(a.sizes) == 2 :]})
