"""The order in which people write the terms of a sum and the factors of a product.

Nodes store them by structural hash, which is deterministic and means nothing to a reader.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from chainrule.language.algebra import ONE, split_number
from chainrule.language.expr import (
    Add,
    Along,
    Apply,
    Const,
    Delta,
    Element,
    Expr,
    Mul,
    OfMatrix,
    Position,
    Power,
    Reduce,
    Where,
    children,
    places,
)
from chainrule.language.index import Index
from chainrule.language.passes import has_function
from chainrule.mathematics.functions import PI
from chainrule.notation.style import default_name, plain


def ordered_terms(terms: Iterable[Expr]) -> list[Expr]:
    """Positive before negative, higher order first; a number first beside what it complements.

    `1 - h`, `1 + e^x`, `ŷ - y`, `x^2 + 2 x + 1`.
    """
    terms = list(terms)
    numbers = [term for term in terms if isinstance(term, Const)]
    others = sorted((term for term in terms if not isinstance(term, Const)), key=_term_key)
    if not numbers or not others:
        return numbers + others
    positive = split_number(others[0])[0] > 0
    first = numbers[0].value > 0 and (not positive or any(has_function(t) for t in others))
    return numbers + others if first else others + numbers


def ordered_factors(factors: Iterable[Expr], matrices_first: bool = False) -> list[Expr]:
    """Numbers, scalars, sums, vectors and matrices, functions, and last `h (1 - h)`."""
    factors = list(factors)
    complemented = {
        split_number(term)[1]
        for factor in factors
        if _is_complement(factor)
        for term in factor.terms
        if not isinstance(term, Const)
    }

    def key(factor: Expr) -> tuple:
        rank = _rank(factor, matrices_first)
        if _is_complement(factor) and any(split_number(t)[1] in factors for t in factor.terms):
            rank = 12
        elif factor in complemented:
            rank = 11
        letters = sorted(index.name for index in factor.free)
        return (rank, _names(factor), letters, factor.key)

    return sorted(factors, key=key)


def _is_complement(factor: Expr) -> bool:
    return isinstance(factor, Add) and any(isinstance(term, Const) for term in factor.terms)


def _rank(factor: Expr, matrices_first: bool) -> int:
    match factor:
        case Const():
            return 0
        case Apply() if factor is PI:
            return 0
        case Element(_, places) if not any(place.indices for place in places):
            return 1
        case Reduce("sum", _, body):
            return 0 if body is ONE else 2
        case Element(_, (_, _, *_)) | OfMatrix(at=(_, _)):
            return 3 if matrices_first else 7
        case Element():
            return 4
        case Along():
            return 5
        case Add():
            return 6
        case Delta() | Position():
            return 8
        case Power(base, Const()) if isinstance(base, Element):
            return 8
    return 10 if isinstance(factor, Where) else 9


def _term_key(term: Expr) -> tuple:
    number, rest = split_number(term)
    return (number < 0, -_degree(rest), _names(rest), rest.key)


def _degree(expr: Expr) -> int:
    match expr:
        case Mul(factors):
            return sum(_degree(factor) for factor in factors)
        case Power(base, Const(value)) if value > 1:
            return _degree(base) * int(value)
        case Reduce("sum", _, body):
            return _degree(body)
        case Add(terms):
            return max(_degree(term) for term in terms)
        case Const():
            return 0
        case Delta():
            return 9
    return 1


def _names(expr: Expr) -> tuple[tuple[str, str], ...]:
    """The arrays read, in an order that a reader can see."""
    return tuple(sorted((_alphabetical(array.name), array.name) for array in expr.arrays))


def _alphabetical(name: str) -> str:
    """The printed letter without its accent: Latin stands before Greek, ŷ beside y."""
    return unicodedata.normalize("NFD", plain(default_name(name))).casefold()


def by_appearance(indices: Iterable[Index], expr: Expr, matrices_first: bool) -> list[Index]:
    """The indices in the order in which a reader of the expression comes to them."""
    wanted, found, seen = set(indices), {}, set()
    ahead = [expr]
    while ahead and len(found) < len(wanted):
        node = ahead.pop()
        if node in seen or node.free.isdisjoint(wanted):
            continue
        seen.add(node)
        for place in places(node):
            for index in (atom for atom, _ in place.terms if atom in wanted):
                found.setdefault(index)
        match node:
            case Add(terms):
                parts = ordered_terms(terms)
            case Mul(factors):
                parts = ordered_factors(factors, matrices_first)
            case _:
                parts = children(node)
        ahead += reversed(parts)
    return [*found, *(index for index in indices if index not in found)]
