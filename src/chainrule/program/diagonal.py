"""Terms with δ[i, k] beside arrays that have both indices: they are added on a diagonal."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.language.algebra import mul, substitute
from chainrule.language.expr import Delta, Expr, Mul, factors_of
from chainrule.language.index import Place


def diagonals_of(terms: Sequence[Expr]) -> tuple[list[Expr], list[tuple[Place, Expr]]]:
    """The terms without δ[i, k], and beside them `i - k` and the rest of each term with it.

    Only where an array of the others has both indices, so that nothing is stored for the zeros.
    """
    others = [term for term in terms if _delta(term) is None]
    whole = frozenset().union(*(term.free for term in others))
    found = []
    for term in terms:
        if (pair := _delta(term)) is None:
            continue
        rest = list(term.factors) if isinstance(term, Mul) else [term]
        rest.remove(pair)
        amount = substitute(mul(*rest), {pair.right.index: pair.left})
        if not (any(other.free >= pair.free for other in others) and amount.free <= whole):
            return list(terms), []
        found.append((pair.left - pair.right, amount))
    return others, found


def _delta(term: Expr) -> Delta | None:
    """The one factor δ[i, k] of a term, for two indices of one size."""
    factors = factors_of(term)
    deltas = [factor for factor in factors if isinstance(factor, Delta)]
    if len(deltas) != 1 or None in (deltas[0].left.index, deltas[0].right.index):
        return None
    (pair,) = deltas
    return pair if pair.left.index.size == pair.right.index.size else None
