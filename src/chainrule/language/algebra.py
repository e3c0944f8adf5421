"""The constructors of expressions. They keep a normal form and otherwise simplify nothing:

sums and products are flat, sorted by structure, with numbers and like terms collected; a factor
that does not depend on the index stands outside its sum; a delta inside a sum is used up.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache

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
    Position,
    Power,
    Reduce,
    Where,
    bits,
    children,
)
from chainrule.language.function import Function
from chainrule.language.index import Index, Place, Size, bound, fresh, place_of, resized
from chainrule.language.outside import vanishes
from chainrule.language.walk import walk

Number = int | float | Fraction

# Powers of numbers are worked out up to so many bits; beyond that they stay powers.
BITS = 8192


@lru_cache(maxsize=4096)
def const(value: Number | str) -> Expr:
    return Const(Fraction(value))


ZERO, ONE, MINUS_ONE = const(0), const(1), const(-1)


def lift(value: Expr | Number) -> Expr:
    return value if isinstance(value, Expr) else const(value)


def element(array: Array, *where: Index | Place | int | str) -> Expr:
    if len(where) != len(array.sizes):
        raise ValueError(f"{array!r} takes {len(array.sizes)} places, not {len(where)}")
    return Element(array, tuple(place_of(w) for w in where))


def position(where: Index | Place | int | str) -> Expr:
    where = place_of(where)
    return Position(where) if where.terms else const(where.offset)


def add(*terms: Expr | Number) -> Expr:
    """The sum, with like terms collected."""
    alike: dict[Expr, list[Expr]] = {}
    constant = ZERO.value
    for term in _flat(terms, Add):
        if isinstance(term, Const):
            constant += term.value
        else:
            alike.setdefault(split_number(term)[1], []).append(term)
    kept = []
    for rest, found in alike.items():
        if len(found) == 1:
            kept += found
        elif amount := sum(split_number(term)[0] for term in found):
            kept.append(mul(Const(amount), rest))
    if constant:
        kept.append(Const(constant))
    if len(kept) < 2:
        return kept[0] if kept else ZERO
    return Add(tuple(sorted(kept, key=lambda term: term.key)))


def mul(*factors: Expr | Number) -> Expr:
    """The product, with powers of the same base collected."""
    constant = ONE.value
    exponents: dict[Expr, Expr] = {}
    for factor in _flat(factors, Mul):
        if isinstance(factor, Const):
            constant *= factor.value
            continue
        power_ = isinstance(factor, Power)
        base, exponent = (factor.base, factor.exponent) if power_ else (factor, ONE)
        exponents[base] = add(exponents[base], exponent) if base in exponents else exponent
    if not constant:
        return ZERO
    kept = []
    pending = list(exponents.items())
    for done, (base, exponent) in enumerate(pending, start=1):
        raised = base if exponent is ONE else power(base, exponent)
        if isinstance(raised, Const):
            constant *= raised.value
        elif isinstance(raised, Mul):
            return mul(constant, *kept, raised, *(power(b, e) for b, e in pending[done:]))
        else:
            kept.append(raised)
    return _product(constant, sorted(kept, key=lambda factor: factor.key))


def _product(constant: Fraction, factors: list[Expr]) -> Expr:
    if not constant:
        return ZERO
    if constant == 1:
        return (factors[0] if len(factors) == 1 else Mul(tuple(factors))) if factors else ONE
    if not factors:
        return Const(constant)
    if len(factors) == 1 and isinstance(factors[0], Add):
        return add(*(mul(Const(constant), term) for term in factors[0].terms))
    return Mul((Const(constant), *factors))


def _flat(parts: Iterable[Expr | Number], kind: type) -> list[Expr]:
    flat = []
    for part in map(lift, parts):
        flat.extend(part.kids if type(part) is kind else (part,))
    return flat


def split_number(term: Expr) -> tuple[Fraction, Expr]:
    """(number, rest) with term = number × rest."""
    if isinstance(term, Const):
        return term.value, ONE
    if isinstance(term, Mul) and isinstance(term.factors[0], Const):
        rest = term.factors[1:]
        return term.factors[0].value, rest[0] if len(rest) == 1 else Mul(rest)
    return ONE.value, term


def power(base: Expr | Number, exponent: Expr | Number) -> Expr:
    """base ** exponent over the reals; integer powers of products and powers are taken apart."""
    base, exponent = lift(base), lift(exponent)
    if exponent is ZERO or base is ONE:
        return ONE
    if exponent is ONE:
        return base
    if not isinstance(exponent, Const):
        return Power(base, exponent)
    amount = exponent.value
    whole = amount.denominator == 1
    match base:
        case Const(value) if whole and (value or amount > 0) and bits(value) * abs(amount) <= BITS:
            return Const(value ** int(amount))
        case Power(inner, Const(inner_exponent)) if whole:
            return power(inner, Const(inner_exponent * amount))
        case Mul(factors) if whole:
            return mul(*(power(factor, exponent) for factor in factors))
        case Delta() if whole and amount > 0:
            return base
    return Power(base, exponent)


def apply(function: Function, argument: Expr | Number) -> Expr:
    return Apply(function, lift(argument))


def delta(left: Index | Place | int | str, right: Index | Place | int | str) -> Expr:
    """1 where the two places agree, else 0; decided at once where it can be."""
    left, right = place_of(left), place_of(right)
    difference = left - right
    if not difference.terms:
        return ONE if difference.offset == 0 else ZERO
    left, right = sorted((left, right), key=lambda place: place.order)
    return Delta(left, right)


_OPERATIONS = {Add: add, Mul: mul, Power: power}
COMPARISONS = {"<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne}


def where(kind: str, left: Expr | Number, right: Expr | Number, yes, no) -> Expr:
    """yes where `left kind right` holds, else no; kind is one of <, <=, ==, !=."""
    left, right, yes, no = lift(left), lift(right), lift(yes), lift(no)
    if kind in (">", ">="):
        kind, left, right = {">": "<", ">=": "<="}[kind], right, left
    if kind not in COMPARISONS:
        raise ValueError(f"unknown comparison {kind}")
    if yes is no:
        return yes
    if isinstance(left, Const) and isinstance(right, Const):
        return yes if COMPARISONS[kind](left.value, right.value) else no
    return Where(kind, left, right, yes, no)


# Binders ------------------------------------------------------------------------------------------


def count(size: Size) -> Expr:
    """The number of elements of an axis, as an expression."""
    return const(size) if isinstance(size, int) else Reduce("sum", bound(0, size), ONE)


def total(index: Index, body: Expr | Number) -> Expr:
    """sum of body over index."""
    body = lift(body)
    if body is ZERO:
        return ZERO
    if index not in body.free:
        return mul(count(index.size), body)
    match body:
        case Delta() | Mul() if (collapsed := _used_delta(index, body)) is not None:
            return collapsed
        case Add(terms) if any(_collapses(index, term) for term in terms):
            return add(*(total(index, term) for term in terms))
        case Mul(factors):
            outside = [factor for factor in factors if index not in factor.free]
            if outside:
                inside = [factor for factor in factors if index in factor.free]
                return mul(*outside, total(index, mul(*inside)))
            if (expanded := _expanded_delta_sum(index, factors)) is not None:
                return total(index, expanded)
    if (exchanged := _exchanged(index, body)) is not None:
        return exchanged
    return Reduce("sum", *_renamed_bound(index, body))


def _collapses(index: Index, term: Expr) -> bool:
    return index not in term.free or _used_delta(index, term) is not None


def _used_delta(index: Index, body: Expr) -> Expr | None:
    """The sum over index of a product with a delta that fixes it, or None."""
    factors = body.factors if isinstance(body, Mul) else (body,)
    for factor in factors:
        if isinstance(factor, Delta) and (solution := solve(factor, index)) is not None:
            rest = mul(*(other for other in factors if other is not factor))
            return inside(solution, index.size, substitute(rest, {index: solution}))
    return None


def solve(equation: Delta, index: Index) -> Place | None:
    """The place that index must have, where the equation fixes it with coefficient 1 or -1."""
    difference = equation.left - equation.right
    coefficient = difference.coefficient(index)
    if abs(coefficient) != 1:
        return None
    return place_of(index) - difference * coefficient


def inside(place: Place, size: Size, expr: Expr) -> Expr:
    """expr where 0 ≤ place < size, else 0; what is 0 there by itself needs no test."""
    if (plain := place.index) is not None and plain.size == size:
        return expr
    if place.indices and vanishes(expr, place, size):
        return expr
    if not place.indices:
        # A place the author wrote, such as x_2 or x_N, is taken to exist.
        beyond = isinstance(size, int) and place.offset >= size
        outside = not place.terms and (place.offset < 0 or beyond)
        return ZERO if outside else expr
    below = where("<", position(place), position(size), expr, ZERO)
    return where("<=", ZERO, position(place), below, ZERO)


def _expanded_delta_sum(index: Index, factors: tuple[Expr, ...]) -> Expr | None:
    """The product multiplied out over one factor that is a sum with a delta to be used up."""
    for factor in factors:
        if isinstance(factor, Add) and any(
            index in term.free and _used_delta(index, term) is not None for term in factor.terms
        ):
            rest = [other for other in factors if other is not factor]
            return add(*(mul(*rest, term) for term in factor.terms))
    return None


def _exchanged(index: Index, body: Expr) -> Expr | None:
    """Σ_j Σ_k … δ(j + 2k, i) summed over j first, where that uses the delta up."""
    factors = body.factors if isinstance(body, Mul) else (body,)
    for factor in factors:
        if isinstance(factor, Reduce) and factor.kind == "sum":
            parts = factor.body.factors if isinstance(factor.body, Mul) else (factor.body,)
            if any(isinstance(p, Delta) and solve(p, index) is not None for p in parts):
                inner, part = opened(factor)
                rest = [other for other in factors if other is not factor]
                return total(inner, total(index, mul(*rest, part)))
    return None


def largest(index: Index, body: Expr | Number) -> Expr:
    """max of body over index."""
    body = lift(body)
    return Reduce("max", *_renamed_bound(index, body)) if index in body.free else body


def along(function: Function, index: Index, body: Expr, at: Index | Place | int | None) -> Expr:
    """function over index, its value read at `at`; without `at` for functions such as logsumexp."""
    at = None if at is None else place_of(at)
    return Along(function, *_renamed_bound(index, body), at)


def _renamed_bound(index: Index, body: Expr) -> tuple[Index, Expr]:
    """The canonical name of the index, and the body with it; renaming may change nothing else."""
    while (target := _canonical(index, body)) != index:
        index, body = target, substitute(body, {index: place_of(target)})
    return index, body


def _canonical(index: Index, body: Expr) -> Index:
    height = body.height
    # A free index of that very name would be captured: the next name is taken.
    while (target := bound(height, index.size)) != index and target in body.free:
        height += 1
    return target


def opened(binder: Along | Reduce) -> tuple[Index, Expr]:
    """A fresh index and the body with it: the one way to work under a binder."""
    index = fresh(binder.index.size)
    return index, substitute(binder.body, {binder.index: place_of(index)})


def rebound(binder: Along | Reduce, index: Index, body: Expr) -> Expr:
    """The binder again, around another body."""
    match binder:
        case Reduce("sum"):
            return total(index, body)
        case Reduce("max"):
            return largest(index, body)
    return along(binder.function, index, body, binder.at)


# Substitution -------------------------------------------------------------------------------------


def rebuilt(expr: Expr, kids: tuple[Expr, ...]) -> Expr:
    """The node again through its constructor, around other children; not for binders."""
    match expr:
        case Add() | Mul() | Power():
            return _OPERATIONS[type(expr)](*kids)
        case Apply(function):
            return apply(function, *kids)
        case Where(kind):
            return where(kind, *kids)
    return expr


def substitute(
    expr: Expr, mapping: dict[Index, Place], sizes: dict[str, Size] | None = None
) -> Expr:
    """expr with free indices replaced by places, and size names by sizes."""
    targets = frozenset(mapping)

    def untouched(node: Expr) -> bool:
        named = sizes is not None and not node.names.isdisjoint(sizes)
        return not named and node.free.isdisjoint(targets)

    def visit(node: Expr):
        if untouched(node):
            return node
        if isinstance(node, (Reduce, Along)):
            # An index that the mapping names would capture, or be replaced itself.
            own = node.index
            named = own in mapping or any(own in image.indices for image in mapping.values())
            apart = opened(node) if named else (own, node.body)
            index, body = apart[0], (yield apart[1])
            index = resized(index, sizes) if sizes else index
            if isinstance(node, Along):
                at = None if node.at is None else node.at.substitute(mapping, sizes)
                return along(node.function, index, body, at)
            return total(index, body) if node.kind == "sum" else largest(index, body)
        if not node.kids:
            return _moved(node, mapping, sizes)
        kids = []
        for kid in children(node):
            if not untouched(kid):
                kid = (yield kid) if kid.kids else _moved(kid, mapping, sizes)
            kids.append(kid)
        return rebuilt(node, tuple(kids))

    return expr if untouched(expr) else walk(visit, expr)


def _moved(leaf: Expr, mapping, sizes) -> Expr:
    """A leaf with its places replaced."""
    match leaf:
        case Element(array, where_):
            if sizes:
                array = Array(array.name, tuple(sizes.get(s, s) for s in array.sizes))
            return Element(array, tuple([p.substitute(mapping, sizes) for p in where_]))
        case Position(place):
            return position(place.substitute(mapping, sizes))
        case Delta(left, right):
            return delta(left.substitute(mapping, sizes), right.substitute(mapping, sizes))
    return leaf
