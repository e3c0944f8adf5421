"""The constructors of expressions. They keep a normal form and otherwise simplify nothing:

sums and products are flat, sorted by structure, with numbers and like terms collected; a factor
that does not depend on the index stands outside its sum; a delta inside a sum is used up.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from itertools import count as counted

from chainrule.language.expr import (
    Add,
    Along,
    Apply,
    Array,
    Delta,
    Element,
    Expr,
    Mul,
    OfMatrix,
    Position,
    Power,
    Reduce,
    Where,
    bound_indices,
    children,
    factors_of,
)
from chainrule.language.function import Function
from chainrule.language.index import Index, Place, Size, bound, fresh, place_of, resized
from chainrule.language.normal import (
    COMPARISONS,
    MINUS_ONE,
    ONE,
    ZERO,
    Number,
    add,
    apply,
    const,
    delta,
    element,
    lift,
    mul,
    position,
    power,
    split_number,
    where,
)
from chainrule.language.outside import vanishes
from chainrule.language.walk import walk

__all__ = [
    "COMPARISONS",
    "MINUS_ONE",
    "ONE",
    "ZERO",
    "Number",
    "add",
    "along",
    "apply",
    "const",
    "count",
    "delta",
    "element",
    "inside",
    "largest",
    "lift",
    "mul",
    "of_matrix",
    "opened",
    "position",
    "power",
    "rebound",
    "rebuilt",
    "solve",
    "split_number",
    "substitute",
    "total",
    "where",
]


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
        case Delta() | Mul() | Where() if (collapsed := _used_delta(index, body)) is not None:
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
    factors = factors_of(body)
    for factor in factors:
        if isinstance(factor, Where) and (parts := _delta_of_case(factor)):
            others = (other for other in factors if other is not factor)
            if (collapsed := _used_delta(index, mul(*parts, *others))) is not None:
                return collapsed
        if isinstance(factor, Delta) and (solution := solve(factor, index)) is not None:
            rest = mul(*(other for other in factors if other is not factor))
            return inside(solution, index.size, substitute(rest, {index: solution}))
    return None


def _delta_of_case(node: Where) -> tuple[Expr, ...]:
    """What is a delta times something in one case and 0 in the other, as a product."""
    case = node.yes if node.no is ZERO else node.no if node.yes is ZERO else ZERO
    factors = factors_of(case)
    found = [factor for factor in factors if isinstance(factor, Delta)]
    if not found:
        return ()
    rest = mul(*(factor for factor in factors if factor is not found[0]))
    branches = (branch if branch is ZERO else rest for branch in (node.yes, node.no))
    return found[0], where(node.kind, node.left, node.right, *branches)


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
    factors = factors_of(expr)
    # Deltas stand in front, where a sum can use them up.
    deltas = [factor for factor in factors if isinstance(factor, Delta)]
    rest = mul(*(factor for factor in factors if not isinstance(factor, Delta)))
    below = where("<", position(place), position(size), rest, ZERO)
    return mul(*deltas, where("<=", ZERO, position(place), below, ZERO))


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
    factors = factors_of(body)
    for factor in factors:
        if isinstance(factor, Reduce) and factor.kind == "sum":
            parts = factors_of(factor.body)
            sums = (p.terms for p in parts if isinstance(p, Add))
            if any(_has_delta(p, index) for p in (*parts, *chain.from_iterable(sums))):
                inner, part = opened(factor)
                rest = [other for other in factors if other is not factor]
                return total(inner, total(index, mul(*rest, part)))
    return None


def _has_delta(term: Expr, index: Index) -> bool:
    """Whether a delta that fixes the index is a factor."""
    factors = factors_of(term)
    return any(isinstance(f, Delta) and solve(f, index) is not None for f in factors)


def largest(index: Index, body: Expr | Number) -> Expr:
    """max of body over index."""
    body = lift(body)
    return Reduce("max", *_renamed_bound(index, body)) if index in body.free else body


def along(function: Function, index: Index, body: Expr, at: Index | Place | int | None) -> Expr:
    """function over index, its value read at `at`; without `at` for functions such as logsumexp."""
    at = None if at is None else place_of(at)
    return Along(function, *_renamed_bound(index, body), at)


def of_matrix(
    function: Function, rows: Index, columns: Index, body: Expr, at: Iterable[Place] = ()
) -> Expr:
    """A function of the matrix of body over rows and columns, its value read at `at`."""
    taken = set(body.free - {rows, columns})
    named = []
    for index in (columns, rows):
        names = (bound(height, index.size) for height in counted(body.height + len(named)))
        named.append(next(name for name in names if name not in taken))
        taken.add(named[-1])
    places = {columns: place_of(named[0]), rows: place_of(named[1])}
    return OfMatrix(function, named[1], named[0], substitute(body, places), tuple(at))


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


Bound = Index | tuple[Index, ...]


def opened(binder: Along | Reduce | OfMatrix) -> tuple[Bound, Expr]:
    """A fresh index (of a matrix, two) and the body with it: the one way to work under a binder."""
    old = bound_indices(binder)
    new = tuple(fresh(index.size) for index in old)
    body = substitute(binder.body, dict(zip(old, map(place_of, new), strict=True)))
    return new if isinstance(binder, OfMatrix) else new[0], body


def rebound(binder: Along | Reduce | OfMatrix, index: Bound, body: Expr) -> Expr:
    """The binder again, around another body."""
    match binder:
        case Reduce("sum"):
            return total(index, body)
        case Reduce("max"):
            return largest(index, body)
        case OfMatrix(function, at=at):
            return of_matrix(function, *index, body, at)
    return along(binder.function, index, body, binder.at)


# Substitution -------------------------------------------------------------------------------------


_OPERATIONS = {Add: add, Mul: mul, Power: power}


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
        if isinstance(node, OfMatrix):
            pair, body = opened(node)
            body = yield body
            pair = [resized(index, sizes) for index in pair] if sizes else pair
            at = [place.substitute(mapping, sizes) for place in node.at]
            return of_matrix(node.function, *pair, body, at)
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
            moved = tuple([p.substitute(mapping, sizes) for p in where_])
            read = Element(array, moved)
            for old, new, size in zip(where_, moved, array.sizes, strict=True):
                # x_{j-i-1} at j = i lies outside x as at other j, where a written x_0 is missing.
                if not new.indices and len(old.indices) > 1 and inside(new, size, read) is ZERO:
                    return ZERO
            return read
        case Position(place):
            return position(place.substitute(mapping, sizes))
        case Delta(left, right):
            return delta(left.substitute(mapping, sizes), right.substitute(mapping, sizes))
    return leaf
