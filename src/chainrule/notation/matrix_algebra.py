"""The constructors of matrix trees: they keep products and sums flat and transposes few."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import gcd

from chainrule.language.walk import walk
from chainrule.notation.matrices import (
    SCALAR,
    Call,
    Diag,
    Diagonal,
    Hadamard,
    Identity,
    Inverse,
    Leaf,
    Mask,
    Number,
    Ones,
    Product,
    Quotient,
    Scaled,
    Sum,
    Transpose,
    Tree,
    parts,
    turned_inside,
)


def transposed(tree: Tree) -> Tree:
    """The transpose, moved inwards where that prints no more transposes."""

    def visit(tree: Tree):
        if tree.shape == SCALAR:
            return tree
        match tree:
            case Transpose(body):
                return body
            case Identity() | Diag():
                return tree
            case Diagonal(body, column):
                return Diagonal(body, not column)
            case Mask():
                return (yield from _turned_inside(tree))
            case Scaled(number, over, under, Tree() as body):
                return Scaled(number, over, under, (yield body))
        gain = tree.transposes + 1 - turned_inside(tree, tree.transposes)
        if gain > 0 or (isinstance(tree, Product) and (gain == 0 or _is_plain(tree))):
            return (yield from _turned_inside(tree))
        return Transpose(tree)

    return walk(visit, tree)


def without_transposes(tree: Tree, symmetric: frozenset[str]) -> Tree:
    """The tree with symmetric matrices, and their inverses, in the place of their transposes."""

    def is_symmetric(tree: Tree) -> bool:
        leaf = tree.body if isinstance(tree, Inverse) else tree
        return isinstance(leaf, Leaf) and leaf.array.name in symmetric

    def visit(tree: Tree):
        match tree:
            case Transpose(body) if is_symmetric(body):
                return body
            case Transpose(Product(factors)) if any(map(is_symmetric, factors)):
                return (yield Product(tuple(transposed(one) for one in reversed(factors))))
        if not parts(tree):
            return tree
        fields = []
        for name in tree.__match_args__:
            field = getattr(tree, name)
            if isinstance(field, Tree):
                field = yield field
            elif isinstance(field, tuple):
                found = []
                for part in field:
                    part = yield part
                    nested = isinstance(tree, Product) and isinstance(part, Product)
                    found += part.factors if nested else (part,)
                field = tuple(found)
            fields.append(field)
        return type(tree)(*fields)

    return walk(visit, tree) if symmetric else tree


def _is_plain(tree: Product) -> bool:
    """Whether all factors are single signs, so that (A B)ᵀ is better read as Bᵀ Aᵀ."""
    plain = (Leaf, Transpose, Diag, Ones)
    if len(tree.factors) == 2:
        plain = (*plain, Inverse)
    return all(isinstance(factor, plain) for factor in tree.factors)


def _turned_inside(tree: Tree):
    """A generator for `walk`: the transpose with its parts transposed."""
    match tree:
        case Scaled(number, over, under, body):
            return Scaled(number, over, under, (yield body))
        case Call(function, argument, axis):
            return Call(function, (yield argument), 1 - axis)
    inside = []
    for part in parts(tree):
        inside.append((yield part))
    match tree:
        case Product():
            return product(*inside[::-1])
        case Sum():
            return Sum(tuple(_plain_first(inside)))
        case Hadamard():
            return Hadamard(tuple(inside))
        case Mask(kind):
            return Mask(kind, *inside)
    return type(tree)(*inside)


def product(*factors: Tree) -> Tree:
    """The matrix product, flat; scalars in front of a factor go in front of the whole."""
    number, over, under, flat = Fraction(1), [], [], []
    for factor in map(_with_minus_in_front, factors):
        if isinstance(factor, Scaled) and factor.body is not None:
            number *= factor.number
            over += factor.over
            under += factor.under
            factor = factor.body
        if isinstance(factor, Product):
            flat += factor.factors
        elif not isinstance(factor, Identity):
            flat.append(factor)
    flat = _absorbed(flat)
    body = flat[0] if len(flat) == 1 else Product(tuple(flat))
    return scaled(number, tuple(over), tuple(under), body if flat else factors[0])


def _with_minus_in_front(factor: Tree) -> Tree:
    """-(A + B) rather than (-A - B), as a factor."""
    if not isinstance(factor, Sum) or not all(map(_is_negative, factor.terms)):
        return factor
    minus = Fraction(-1)
    return scaled(minus, (), (), Sum(tuple(scaled(minus, (), (), t) for t in factor.terms)))


def _absorbed(factors: list[Tree]) -> list[Tree]:
    """The factors with (I − p 1ᵀ) diag(p) as one of them, diag(p) − p pᵀ."""
    for at, pair in enumerate(pairwise(factors)):
        for side, (whole, beside) in ((-1, pair), (0, pair[::-1])):
            if isinstance(whole, Sum) and isinstance(beside, Diag):
                terms = [_with_diagonal(term, beside, side) for term in whole.terms]
                if None not in terms:
                    return [*factors[:at], Sum(tuple(terms)), *factors[at + 2 :]]
    return factors


def _with_diagonal(term: Tree, diagonal: Diag, side: int) -> Tree | None:
    """The product with a diagonal matrix behind (side -1) or in front, where it is no longer."""
    number = term.number if isinstance(term, Scaled) else Fraction(1)
    bare = _bare(term)
    if isinstance(bare, Identity):
        return scaled(number, (), (), diagonal)
    ones = bare.factors[side] if isinstance(bare, Product) else None
    ones = ones.body if isinstance(ones, Transpose) else ones
    if not isinstance(ones, Ones):
        return None
    vector = line(diagonal.body, side == 0)
    kept = (*bare.factors[:-1], vector) if side else (vector, *bare.factors[1:])
    return scaled(number, (), (), product(*kept))


def scaled(
    number: Fraction, over: tuple[Tree, ...], under: tuple[Tree, ...], body: Tree | None
) -> Tree:
    """number × scalars × body, flat."""
    flat: tuple[list[Tree], list[Tree]] = ([], [])
    for side, other, scalars in ((0, 1, over), (1, 0, under)):
        for scalar in scalars:
            if isinstance(scalar, Number):
                number = number / scalar.value if side else number * scalar.value
            elif isinstance(scalar, Scaled):
                number = number / scalar.number if side else number * scalar.number
                inner = scalar.over if scalar.body is None else (*scalar.over, scalar.body)
                flat[side].extend(inner)
                flat[other].extend(scalar.under)
            else:
                flat[side].append(scalar)
    if isinstance(body, Scaled):
        inner = Scaled(number * body.number, body.over, body.under, body.body)
        number, body = inner.number, inner.body
        flat[0].extend(inner.over)
        flat[1].extend(inner.under)
    if not flat[0] and not flat[1] and (body is None or number == 1):
        return Number(number) if body is None else body
    if body is None and number == 1 and len(flat[0]) == 1 and not flat[1]:
        return flat[0][0]
    return Scaled(number, tuple(flat[0]), tuple(flat[1]), body)


def hadamard(factors: list[Tree], under: list[Tree] | tuple = ()) -> Tree:
    """The product element by element, over another one."""
    top = _together(factors) if factors else Number(Fraction(1))
    return Quotient(top, _together(list(under))) if under else top


def _together(factors: list[Tree]) -> Tree:
    number, over, below, flat = Fraction(1), [], [], []
    for factor in map(_with_minus_in_front, factors):
        if isinstance(factor, Scaled) and factor.body is not None:
            number *= factor.number
            over += factor.over
            below += factor.under
            factor = factor.body
        flat += factor.factors if isinstance(factor, Hadamard) else [factor]
    body = flat[0] if len(flat) == 1 else Hadamard(tuple(_sensible(flat)))
    return scaled(number, tuple(over), tuple(below), body)


def _sensible(factors: list[Tree]) -> list[Tree]:
    """Chains first, then arrays, sums, and last functions and derivatives such as h ∘ (1 − h)."""
    paired = {
        part.body if isinstance(part, Scaled) else part
        for factor in factors
        if _is_complement(factor)
        for part in parts(factor)
    }

    def rank(factor: Tree) -> int:
        if isinstance(factor, Product):
            return 0
        if factor in paired:
            return 4
        if _is_complement(factor):
            return 5
        along = isinstance(factor, Call) and factor.function.axis
        if isinstance(factor, Leaf | Transpose) or along:
            return 1
        return 2 if isinstance(factor, Sum) else 3

    return sorted(factors, key=rank)


def _is_complement(tree: Tree) -> bool:
    return isinstance(tree, Sum) and any(isinstance(term, Number) for term in tree.terms)


def summed(terms: list[Tree]) -> Tree:
    """The sum, with a factor that ends or starts several products written once."""
    terms = _collected([one for term in terms for one in _terms_of(term)])
    for side in (-1, 0):
        terms = _factored(terms, side)
    return terms[0] if len(terms) == 1 else _with_scalars_in_front(_plain_first(terms))


def _terms_of(term: Tree) -> list[Tree]:
    """The terms of a sum, and of the negative of one; anything else is one term."""
    match term:
        case Sum(terms):
            return list(terms)
        case Scaled(number, (), (), Sum(terms)) if number == -1:
            return [scaled(number, (), (), one) for one in terms]
    return [term]


def _collected(terms: list[Tree]) -> list[Tree]:
    """Equal terms once: A + Aᵀ is 2 A where A is printed as its transpose is."""
    amounts: dict[Tree, Fraction] = {}
    for term in terms:
        number = term.number if isinstance(term, Scaled) else Fraction(1)
        rest = scaled(1 / number, (), (), term)
        amounts[rest] = amounts.get(rest, Fraction(0)) + number
    if len(amounts) == len(terms):
        return sorted(terms, key=_is_negative) if _is_negative(terms[0]) else terms
    found = [scaled(number, (), (), rest) for rest, number in amounts.items() if number]
    return found or [Number(Fraction(0))]


def _is_negative(term: Tree) -> bool:
    return isinstance(term, Scaled) and term.number < 0


def _plain_first(terms: list[Tree]) -> list[Tree]:
    """A + Aᵀ rather than Aᵀ + A."""
    bare = [term.body if isinstance(term, Scaled) else term for term in terms]
    if not all(isinstance(term, Leaf | Inverse | Transpose) for term in bare):
        return terms
    return sorted(terms, key=lambda term: term.transposes)


def _with_scalars_in_front(terms: list[Tree]) -> Tree:
    """The sum, with the number and the scalars that all its terms share written once."""
    whole = any(isinstance(term, Scaled) and term.body is not None for term in terms)
    if not all(isinstance(term, Scaled | Number) for term in terms):
        return Sum(tuple(terms))
    over, under = (), ()
    if whole and all(isinstance(term, Scaled) and (term.body or term.over) for term in terms):
        over, under = (_shared([getattr(t, side) for t in terms]) for side in ("over", "under"))
    number = _shared_number(terms, whole)
    if not over and not under and abs(number) == 1:
        return Sum(tuple(terms))
    inner = [_divided(term, number, over, under) for term in terms]
    return scaled(number, over, under, summed(inner))


def _divided(term: Tree, number: Fraction, over: tuple[Tree, ...], under: tuple[Tree, ...]) -> Tree:
    if isinstance(term, Number):
        return Number(term.value / number)
    left = _less(term.over, over), _less(term.under, under)
    return scaled(term.number / number, *left, term.body)


def _shared_number(terms: list[Tree], whole: bool) -> Fraction:
    """The number in front of all terms, or a whole number that divides all of theirs."""
    numbers = [term.value if isinstance(term, Number) else term.number for term in terms]
    if whole and all(abs(number) == abs(numbers[0]) for number in numbers):
        return numbers[0]
    if any(number.denominator != 1 for number in numbers):
        return Fraction(1)
    return Fraction(gcd(*(number.numerator for number in numbers)))


def _shared(groups: list[tuple[Tree, ...]]) -> tuple[Tree, ...]:
    first, *others = groups
    return tuple(one for one in dict.fromkeys(first) if all(one in group for group in others))


def _less(group: tuple[Tree, ...], taken: tuple[Tree, ...]) -> tuple[Tree, ...]:
    left = list(group)
    for one in taken:
        left.remove(one)
    return tuple(left)


def _factored(terms: list[Tree], side: int) -> list[Tree]:
    groups: dict[Tree, list[Tree]] = {}
    for term in terms:
        bare = _bare(term)
        # Products that are scalars stay as they are: their order is a matter of taste.
        if isinstance(bare, Product) and bare.shape != SCALAR:
            groups.setdefault(bare.factors[side], []).append(term)
    for shared, group in groups.items():
        # A B A - A is better left as it is.
        framed = any(_bare(term).factors[0] is _bare(term).factors[-1] for term in group)
        if None not in shared.shape and not framed:
            group += [term for term in terms if _bare(term) is shared]
        if len(group) > 1 and not isinstance(shared, Ones):
            inner = [_without(term, shared, side) for term in group]
            pair = (summed(inner), shared) if side else (shared, summed(inner))
            first = terms.index(group[0])
            rest = [term for term in terms if term not in group]
            kept = [term for term in terms[:first] if term not in group]
            return _factored([*kept, product(*pair), *rest[len(kept) :]], side)
    return terms


def _bare(term: Tree) -> Tree:
    """The term without the number in front."""
    return term.body if isinstance(term, Scaled) and not term.over + term.under else term


def _without(term: Tree, shared: Tree, side: int) -> Tree:
    """What is left of a product without its last or first factor; I of the factor alone."""
    number = term.number if isinstance(term, Scaled) else Fraction(1)
    bare = term.body if isinstance(term, Scaled) else term
    if bare is shared:
        return scaled(number, (), (), Identity(bare.shape[1 + side]))
    rest = bare.factors[:-1] if side else bare.factors[1:]
    return scaled(number, (), (), rest[0] if len(rest) == 1 else Product(rest))


def line(vector: Tree, column: bool) -> Tree:
    """The vector standing as a column, or as a row."""
    stands = vector.shape[1] is None
    return vector if stands == column else transposed(vector)


def spread(tree: Tree, rows: Tree | None, columns: Tree | None) -> Tree:
    """A scalar, row or column repeated to a full shape by products with the ones given."""
    lacks_rows = rows is not None and tree.shape[0] is None
    lacks_columns = columns is not None and tree.shape[1] is None
    if tree.shape == SCALAR:
        ones = [*([line(rows, True)] if rows else []), *([line(columns, False)] if columns else [])]
        return scaled(Fraction(1), (tree,), (), product(*ones)) if ones else tree
    tree = product(line(rows, True), tree) if lacks_rows else tree
    return product(tree, line(columns, False)) if lacks_columns else tree
