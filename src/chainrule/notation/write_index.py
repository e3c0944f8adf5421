"""Expressions as printed formulas in index notation."""

from __future__ import annotations

from collections.abc import Callable, Collection
from fractions import Fraction
from math import gcd

from chainrule.language.algebra import ONE, ZERO, add, power, split_number
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
    places,
)
from chainrule.language.index import Index, Place, is_written, place_of
from chainrule.language.inline import elements
from chainrule.language.passes import parts
from chainrule.language.sizes import is_unknown
from chainrule.language.walk import walk
from chainrule.mathematics.functions import PI
from chainrule.notation.expected import as_expectation
from chainrule.notation.letters import letter
from chainrule.notation.order import by_appearance, ordered_factors, ordered_terms
from chainrule.notation.pens import ATOM, POWER, PRODUCT, SUM, Pen, Piece
from chainrule.notation.style import Slope, Style
from chainrule.notation.write_matrix import (
    called,
    conditions_of,
    fraction_of,
    held,
    joined,
    number,
    root,
    signed_sum,
)

# How many sums, one inside the other, have different letters even where nothing asks for it.
_APART = 6

Names = tuple[tuple[Index, str], ...]
Whole = Callable[..., Piece | None]
"""Writes a body that depends on one or two indices alone as a vector or matrix, if it can."""


class IndexWriter:
    """Writes one expression and what is in it; `whole` is what letters must not clash with.

    A request to `visit` is (expression, letters of the indices that people did not name).
    """

    def __init__(self, whole: Expr, style: Style, pen: Pen, array: Whole):
        self.style, self.pen, self.array = style, pen, array
        self.arrays = {array.name for array in elements(whole)}
        shown = {style.latex_name(name) for name in self.arrays}
        self.taken = self.arrays | shown | style.reserved
        self.letters = {index.name for index in whole.free if is_written(index)}

    def piece(self, expr: Expr) -> Piece:
        names: Names = ()
        for index in sorted(expr.free, key=lambda k: k.name):
            if not is_written(index):
                names = self.named(index, expr.free, names)
        return walk(self.visit, (expr, names))

    def named(self, index: Index, free: Collection[Index], names: Names) -> Names:
        """The names with a letter for one more index, not one of those beside it."""
        near = len(names) - _APART
        around = {
            shown
            for depth, (known, shown) in enumerate(names)
            if (known in free or depth >= near) and known != index
        }
        beside = self.letters | around | {k.name for k in free if is_written(k)}
        kept = tuple(pair for pair in names if pair[0] != index)
        return (*kept, (index, letter(index, beside, beside | self.taken, self.style)))

    def visit(self, request: tuple[Expr, Names]):
        expr, names = request
        match expr:
            case Const(value):
                return number(value, self.pen)
            case Element(array) if array.name in self.style.slopes:
                return (yield from self.slope(expr, self.style.slopes[array.name], names))
            case Element(array, places):
                return self.pen.scripted(array.name, [self.place(p, names) for p in places])
            case Position(place):
                return self.position(place, names)
            case Delta(left, right):
                return self.delta(left, right, names)
            case Add(terms):
                return (yield from self.whole_sum(terms, names))
            case Mul() | Power():
                return (yield from self.product(expr, names))
            case Apply() if expr is PI:
                return Piece(self.pen.array("pi").text)
            case Apply(function, argument):
                inner = yield (argument, names)
                return called(function.name, self.pen.function(function), inner, self.pen)
            case Along():
                return (yield from self.along(expr, names))
            case Reduce():
                return (yield from self.reduced(expr, names))
            case OfMatrix():
                return (yield from self.of_matrix(expr, names))
        return (yield from self.cases(expr, names))

    def slope(self, expr: Element, slope: Slope, names: Names):
        """`∂s_i/∂x_j`; in front of a bracket where what is differentiated is long."""
        count = 0 if isinstance(slope.over, str) else len(slope.over.indices)
        under = self.pen.scripted(slope.by, [self.place(p, names) for p in expr.places[count:]])
        if isinstance(slope.over, str):
            return Piece(self.pen.slope(self.pen.array(slope.over).text, under.text))
        over = yield (slope.over.at(expr.places[:count]), names)
        if slope.gradient:
            return Piece(self.pen.gradient(over.text, under.text), PRODUCT)
        if over.level >= POWER:
            return Piece(self.pen.slope(over.text, under.text))
        return Piece(f"{self.pen.slope('', under.text)} {self.pen.bracketed(over.text)}", PRODUCT)

    # Places -------------------------------------------------------------------------------------

    def place(self, place: Place, names: Names) -> str:
        """A place as people number it: `x[0]` is `x_1`, where the first element is number 1."""
        return self.form(place, names, self.style.first)

    def position(self, place: Place, names: Names) -> Piece:
        """The place as a number, which counts from 0 whatever the elements are numbered from."""
        text = self.form(place, names, 0)
        return Piece(text, ATOM if text.isalnum() else SUM)

    def form(self, place: Place, names: Names, first: int) -> str:
        """The affine form in printed indices, each of which is larger than ours by style.first."""
        shown = dict(names)
        offset = place.offset + first
        text = ""
        for atom, coefficient in sorted(place.terms, key=lambda term: term[1] < 0):
            is_index = isinstance(atom, Index)
            name = shown.get(atom, atom.name) if is_index else str(atom)
            offset -= coefficient * self.style.first if is_index else 0
            size = "" if abs(coefficient) == 1 else f"{abs(coefficient)} "
            sign = self.pen.minus if coefficient < 0 else "+"
            text += f" {sign} {size}{name}" if text or sign != "+" else f"{size}{name}"
        if offset or not text:
            sign = self.pen.minus if offset < 0 else "+"
            text += f" {sign} {abs(offset)}" if text else str(offset)
        return text.strip().replace(f"{self.pen.minus} ", self.pen.minus, text.startswith(" "))

    def delta(self, left: Place, right: Place, names: Names) -> Piece:
        texts = [self.place(left, names), self.place(right, names)]
        if self.arrays & {"delta", r"\delta", "δ"}:
            return self.pen.mask(f"{texts[0]} {self.pen.relations['==']} {texts[1]}")
        return self.pen.delta(*sorted(texts, key=lambda text: (text.isdigit(), text)))

    # Sums and products --------------------------------------------------------------------------

    def whole_sum(self, terms: tuple[Expr, ...], names: Names):
        """A sum by itself, with a whole number that all its terms share in front."""
        amount = gcd(*(abs(split_number(term)[0].numerator) for term in terms))
        if amount == 1 or any(split_number(term)[0].denominator != 1 for term in terms):
            return (yield from self.sum(ordered_terms(terms), names))
        inner = yield from self.sum(ordered_terms([term / amount for term in terms]), names)
        return joined(Fraction(amount), [inner], self.pen)

    def sum(self, terms: list[Expr], names: Names):
        pieces = []
        for term in terms:
            pieces.append((yield (term, names)))
        return signed_sum(pieces, list(map(_is_negative, terms)), self.pen)

    def product(self, expr: Mul | Power, names: Names):
        """Numerator and denominator, with the sign in front of both."""
        amount, rest = split_number(expr)
        if isinstance(rest, Add):
            factors = [rest]
        else:
            factors = list(rest.factors) if isinstance(rest, Mul) else [rest]
        for position, factor in enumerate(factors):
            if factor is not rest and isinstance(factor, Add):
                if all(map(_is_negative, factor.terms)):
                    amount, factors[position] = -amount, add(*(-term for term in factor.terms))
        under = [f for f in factors if _divides(f)]
        if factors == under == [expr] and isinstance(expr.base, Const):
            return (yield from self.raised(expr, names))
        over = [f for f in factors if f not in under]
        above = yield from self.side(over, names)
        below = yield from self.side([power(f, -1) for f in under], names)
        text, level = fraction_of(abs(amount), above, below, self.pen)
        return Piece(self.pen.minus + text, SUM) if amount < 0 else Piece(text, level)

    def side(self, factors: list[Expr], names: Names):
        """The factors in order; a sum stands bare where nothing after it could be taken in."""
        ordered = ordered_factors(factors, self.style.column_vectors)
        sums = [f for f in ordered if isinstance(f, Reduce) and f.body is not ONE]
        others = [f for f in ordered if f not in sums]
        # Nothing may stand behind a derivative that could be taken into it.
        slopes = [f for f in others if self.is_slope(f)]
        others = [f for f in others if f not in slopes]
        if len(sums) == 1 and not any(map(self.is_in_front, slopes)):
            ordered = others + slopes + sums
        else:
            ordered = sums + others + slopes
        pieces = []
        for factor in ordered:
            piece = yield from self.factor(factor, names)
            if isinstance(factor, Reduce) and len(sums) > 1:
                piece = Piece(self.pen.bracketed(piece.text))
            pieces.append(piece)
        return pieces

    def is_slope(self, factor: Expr) -> bool:
        """Whether a factor is a derivative."""
        return isinstance(factor, Element) and factor.array.name in self.style.slopes

    def is_in_front(self, slope: Element) -> bool:
        """Whether a derivative stands in front of a bracket: `∂/∂x (…)`."""
        over = self.style.slopes[slope.array.name].over
        return not isinstance(over, str) and isinstance(over.body, Add | Mul | Reduce | Where)

    def factor(self, factor: Expr, names: Names):
        if isinstance(factor, Power):
            return (yield from self.raised(factor, names))
        if isinstance(factor, Add):
            return (yield from self.sum(ordered_terms(factor.terms), names))
        return (yield (factor, names))

    def raised(self, expr: Power, names: Names):
        base = yield (expr.base, names)
        if isinstance(expr.exponent, Const) and expr.exponent.value == Fraction(1, 2):
            return root(base, self.pen)
        exponent = yield (expr.exponent, names)
        return self.pen.raised(base, exponent)

    # Binders ------------------------------------------------------------------------------------

    def reduced(self, expr: Reduce, names: Names):
        """`Σ_k …`; the sum of 1 is the size of the axis."""
        size = expr.index.size
        if expr.kind == "sum" and expr.body is ONE and not is_unknown(size):
            return Piece(str(size))
        negative = expr.kind == "sum" and _is_negative(expr)
        indices, body = _nest(expr)
        body = -body if negative else body
        for index in by_appearance(indices, body, self.style.column_vectors):
            names = self.named(index, body.free, names)
        shown = dict(names[-len(indices) :])
        if len(indices) == 1 and (found := as_expectation(expr, indices[0], body, self.style)):
            return (yield from self.expectation(*found, indices[0], negative, names))
        piece = yield (body, names)
        signs = (self.pen.big(expr.kind, shown[k], self.bounds(k, body)) for k in shown)
        text = "".join(signs) + held(piece, PRODUCT if expr.kind == "sum" else ATOM, self.pen)
        return Piece(self.pen.minus + text, SUM) if negative else Piece(text, PRODUCT)

    def expectation(self, chance: Expr, rest: Expr, index: Index, negative: bool, names: Names):
        """The expected value of the rest, where `chance` is the probability at the index."""
        piece = yield (rest, names)
        probability, letter_ = self.array(chance, index), dict(names)[index]
        text = self.pen.expectation(letter_, probability.text, piece.text)
        return Piece(self.pen.minus + text, SUM) if negative else Piece(text, POWER)

    def bounds(self, index: Index, body: Expr) -> tuple[str, str] | None:
        """From where to where an index runs that no array has as it stands, as in x[2p + r]."""
        size = index.size
        if is_unknown(size) or _is_sized(index, body):
            return None
        first = self.style.first
        return str(first), self.form(place_of(size) + place_of(first - 1), (), 0)

    def along(self, expr: Along, names: Names):
        """`softmax(z)_k`, `softmax(Z)_nk`, or `softmax_j(z_nmj)_k` where there are more indices."""
        sign = self.pen.function(expr.function)
        body = self.array(expr.body, expr.index) if expr.body.free == {expr.index} else None
        if body is None and expr.at is not None and len(expr.body.free) == 2:
            (other,) = expr.body.free - {expr.index}
            whole = self.array(expr.body, other, expr.index)
            if whole is not None:
                places = [self.place(place, names) for place in (place_of(other), expr.at)]
                return self.pen.read(sign + self.pen.bracketed(whole.text), places)
        if body is None:
            inner = self.named(expr.index, expr.free | expr.body.free, names)
            body = yield (expr.body, inner)
            sign = self.pen.read(sign, [dict(inner)[expr.index]]).text
        text = sign + self.pen.bracketed(body.text)
        return Piece(text) if expr.at is None else self.pen.read(text, [self.place(expr.at, names)])

    def of_matrix(self, expr: OfMatrix, names: Names):
        """`det(X)`, `(X⁻¹)_ij`."""
        pair = (expr.rows, expr.columns)
        body = self.array(expr.body, *pair) if expr.body.free <= set(pair) else None
        if body is None:
            inner = names
            for index in pair:
                inner = self.named(index, expr.free | expr.body.free, inner)
            body = yield (expr.body, inner)
            scripts = ["".join(dict(inner)[index] for index in pair)]
            body = self.pen.read(self.pen.bracketed(body.text, "[", "]"), scripts)
        if not expr.at:
            return Piece(self.pen.determinant + self.pen.bracketed(body.text))
        text = self.pen.bracketed(self.pen.inverted(body).text)
        return self.pen.read(text, [self.place(place, names) for place in expr.at])

    # Conditions ---------------------------------------------------------------------------------

    def cases(self, expr: Where, names: Names):
        """Nested conditions with the same `otherwise` are one row; 1 and 0 are indicators."""
        comparisons = []
        inner: Expr = expr
        while isinstance(inner, Where) and inner.no is expr.no:
            comparisons.append((yield from self.comparison(inner, names)))
            inner = inner.yes
        conditions = conditions_of(comparisons, self.pen)
        if inner is ONE and expr.no is ZERO:
            masks = [self.pen.mask(condition).text for condition in conditions]
            return Piece(" ".join(masks), ATOM if len(masks) == 1 else PRODUCT)
        yes = yield (inner, names)
        no = yield (expr.no, names)
        return self.pen.cases(yes.text, conditions, no.text)

    def comparison(self, expr: Where, names: Names):
        """(kind, left, right); one between places is stated as people number the elements."""
        left, right = expr.left, expr.right
        bounds = (Const, Position)
        if isinstance(left, bounds) and isinstance(right, bounds):
            kind, last = expr.kind, self.style.first
            if kind == "<" and last == 1 and not right.free:
                # `p < N` from 0 is `p ≤ N` from 1.
                kind, last = "<=", 0
            return kind, self.bound(left, names, self.style.first), self.bound(right, names, last)
        first = yield (left, names)
        second = yield (right, names)
        return expr.kind, first.text, second.text

    def bound(self, side: Const | Position, names: Names, first: int) -> str:
        if isinstance(side, Position):
            return self.form(side.place, names, first)
        return number(side.value + first, self.pen).text


def _is_sized(index: Index, body: Expr) -> bool:
    """Whether an index is a place of an array as it stands, or equal to one in a delta."""
    plain = place_of(index)
    for part in parts(body):
        found = places(part)
        if plain in found and not (isinstance(part, Delta) and None in {p.index for p in found}):
            return True
    return False


def _divides(factor: Expr) -> bool:
    return isinstance(factor, Power) and split_number(factor.exponent)[0] < 0


def _nest(expr: Reduce) -> tuple[list[Index], Expr]:
    """The indices of sums of sums, or of maxima of maxima, and what stands within."""
    indices, body = [expr.index], expr.body
    while isinstance(body, Reduce) and body.kind == expr.kind and body.body is not ONE:
        indices.append(body.index)
        body = body.body
    return indices, body


def _is_negative(term: Expr) -> bool:
    """Whether it is printed with a minus in front, which a sum has from what is summed."""
    while isinstance(term, Reduce) and term.kind == "sum":
        term = term.body
    return split_number(term)[0] < 0
