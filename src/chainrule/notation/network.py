"""A product under sums as a tensor network, and the matrix product that it is.

Indices are vertices. A factor with one index is a vector at its vertex, one with two is an edge: a
matrix. A sum over an index removes its vertex: a vertex at one edge makes a vector at the other
end (v W), one between two edges makes an edge (A diag(v) B), a lone one makes a scalar (v · w).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from chainrule.language.algebra import mul, power, total
from chainrule.language.expr import Expr
from chainrule.language.index import Index
from chainrule.notation import matrices as m
from chainrule.notation import matrix_algebra as algebra


@dataclass
class Pile:
    """What stands at one vertex, or nowhere: factors and divisors, with their expressions."""

    over: list[m.Tree] = field(default_factory=list)
    under: list[m.Tree] = field(default_factory=list)
    sources: list[Expr | None] = field(default_factory=list)

    def put(self, tree: m.Tree, divides: bool = False, source: Expr | None = None) -> None:
        (self.under if divides else self.over).append(tree)
        self.sources.append(source if source is None or not divides else power(source, -1))

    def tree(self) -> m.Tree:
        return algebra.hadamard(self.over, self.under)


@dataclass(frozen=True)
class Edge:
    """A matrix whose rows run over one index and whose columns over another."""

    tree: m.Tree
    rows: Index
    columns: Index
    divides: bool = False

    def standing(self, rows: Index) -> m.Tree:
        return self.tree if rows == self.rows else algebra.transposed(self.tree)


@dataclass
class Network:
    column_vectors: bool
    ones: Callable[[Index], m.Tree]
    scalars: Pile = field(default_factory=Pile)
    vectors: dict[Index, Pile] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)

    def put_vector(self, index: Index, tree: m.Tree, divides=False, source: Expr | None = None):
        self.vectors.setdefault(index, Pile()).put(tree, divides, source)

    def reduce(self, contracted: Iterable[Index]) -> bool:
        """Sum over these indices; False where three matrices meet at one."""
        pending = list(contracted)
        while pending:
            # Of equal ones the innermost first, as the sums stand.
            index = min(reversed(pending), key=lambda k: len(self.neighbours(k)))
            if (other := self.traced(index, pending)) is not None:
                pending.remove(other)
            else:
                around = self.neighbours(index)
                if len(around) > 2:
                    return False
                (self.close, self.shorten, self.join)[len(around)](index, *around)
            pending.remove(index)
        return True

    def neighbours(self, index: Index) -> list[Index]:
        ends = [(edge.rows, edge.columns) for edge in self.edges]
        found = [b if a == index else a for a, b in ends if index in (a, b)]
        return list(dict.fromkeys(found))

    def taken(self, rows: Index, columns: Index) -> list[Edge]:
        """The edges between two vertices, removed from the network."""
        between = [edge for edge in self.edges if {edge.rows, edge.columns} == {rows, columns}]
        self.edges = [edge for edge in self.edges if edge not in between]
        return between

    def matrix(self, rows: Index, columns: Index) -> m.Tree:
        """All that stands between two vertices, as one matrix, removed from the network."""
        between = self.taken(rows, columns)
        over = [edge.standing(rows) for edge in between if not edge.divides]
        return algebra.hadamard(over, [edge.standing(rows) for edge in between if edge.divides])

    def vector(self, index: Index, column: bool) -> m.Tree | None:
        """All that stands at a vertex, removed from the network."""
        pile = self.vectors.pop(index, None)
        return None if pile is None else algebra.line(pile.tree(), column)

    def traced(self, index: Index, pending: list[Index]) -> Index | None:
        """Two summed vertices joined by matrices and by nothing else are a trace."""
        around = self.neighbours(index)
        if len(around) != 1 or around[0] not in pending or index in self.vectors:
            return None
        other = around[0]
        if self.neighbours(other) != [index] or other in self.vectors:
            return None
        between = self.taken(index, other)
        first = between[0]
        if len(between) == 1 and _square(first.tree) is not None and not first.divides:
            self.scalars.put(m.SquaredNorm(_square(first.tree)))
        elif len(between) == 1 or any(edge.divides for edge in between):
            self.edges += between
            return None
        else:
            turns = ((index, other), (other, index))
            rest = [[edge.standing(end) for edge in between[1:]] for _, end in turns]
            products = [
                _from_first(algebra.product(first.standing(start), algebra.hadamard(trees)))
                for (start, _), trees in zip(turns, rest, strict=True)
            ]
            self.scalars.put(m.Trace(min(products, key=lambda tree: tree.transposes)))
        return other

    def close(self, index: Index) -> None:
        """A lone summed vertex: an inner product, a norm, a trace, or a plain sum."""
        pile = self.vectors.pop(index, Pile())
        if len(pile.over) > 1:
            self.scalars.put(_inner(algebra.hadamard(pile.over[:-1], pile.under), pile.over[-1]))
        elif not pile.under and pile.over and isinstance(pile.over[0], m.Diagonal):
            self.scalars.put(m.Trace(pile.over[0].body))
        elif not pile.under and pile.over and _square(pile.over[0]) is not None:
            self.scalars.put(m.SquaredNorm(_square(pile.over[0])))
        elif None not in pile.sources:
            self.scalars.put(m.Scalar(total(index, mul(*pile.sources))))
        else:
            ones = algebra.line(self.ones(index), True)
            self.scalars.put(algebra.product(algebra.line(pile.tree(), False), ones))

    def shorten(self, index: Index, other: Index) -> None:
        """A summed vertex at the end of one matrix: a vector at the other end."""
        vector = self.vector(index, self.column_vectors)
        vector = algebra.line(self.ones(index) if vector is None else vector, self.column_vectors)
        if self.column_vectors:
            self.put_vector(other, algebra.product(self.matrix(other, index), vector))
        else:
            self.put_vector(other, algebra.product(vector, self.matrix(index, other)))

    def join(self, index: Index, left: Index, right: Index) -> None:
        """A summed vertex between two matrices: one matrix."""
        vector = self.vector(index, self.column_vectors)
        middle = () if vector is None else (diagonal(vector),)
        tree = algebra.product(self.matrix(left, index), *middle, self.matrix(index, right))
        self.edges.append(Edge(tree, left, right))

    def result(self, row: Index | None, column: Index | None) -> m.Tree | None:
        """What is left, with these rows and columns; None where it has no matrix form."""
        if row is None or column is None:
            index = row or column
            body = None if index is None else self.vector(index, row is not None)
        else:
            body = self.result_matrix(row, column)
            if body is None:
                return None
        return algebra.scaled(
            Fraction(1), tuple(self.scalars.over), tuple(self.scalars.under), body
        )

    def result_matrix(self, row: Index, column: Index) -> m.Tree | None:
        identities = [edge for edge in self.edges if isinstance(edge.tree, m.Identity)]
        left, right = self.vector(row, True), self.vector(column, False)
        if identities:
            if len(self.edges) > 1:
                return None
            vectors = [algebra.line(v, self.column_vectors) for v in (left, right) if v is not None]
            return diagonal(algebra.hadamard(vectors)) if vectors else identities[0].tree
        if not self.edges:
            rows = algebra.line(self.ones(row), True) if left is None else left
            columns = algebra.line(self.ones(column), False) if right is None else right
            return algebra.product(rows, columns)
        ends = [() if v is None else (diagonal(v),) for v in (left, right)]
        return algebra.product(*ends[0], self.matrix(row, column), *ends[1])


def diagonal(vector: m.Tree) -> m.Tree:
    """diag(vector), in the orientation that prints fewer transposes."""
    return m.Diag(algebra.transposed(vector) if vector.turned < vector.transposes else vector)


def _inner(left: m.Tree, right: m.Tree) -> m.Tree:
    """The inner product, from the side that prints fewer transposes."""
    first, second = (
        algebra.product(algebra.line(one, False), algebra.line(other, True))
        for one, other in ((left, right), (right, left))
    )
    return second if second.transposes < first.transposes else first


def _square(tree: m.Tree) -> m.Tree | None:
    """The base of a square."""
    if isinstance(tree, m.Power) and tree.exponent is m.Number(Fraction(2)):
        return tree.base
    return None


def _from_first(tree: m.Tree) -> m.Tree:
    """A product under a trace, turned so that the first of its letters leads."""
    if not isinstance(tree, m.Product):
        return tree
    turns = [tree.factors[k:] + tree.factors[:k] for k in range(len(tree.factors))]
    return m.Product(min(turns, key=_names))


def _names(factors: tuple[m.Tree, ...]) -> list[str]:
    """The arrays in the order in which they are printed."""
    return [f.array.name if isinstance(f, m.Leaf) else "~" for f in factors]
