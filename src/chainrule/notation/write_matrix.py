"""Matrix trees as printed formulas."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction

from chainrule.language.algebra import ONE
from chainrule.language.expr import Expr, Reduce
from chainrule.language.walk import walk
from chainrule.notation import matrices as m
from chainrule.notation.pens import HADAMARD, POWER, PRODUCT, SUM, Pen, Piece

_ONE = Fraction(1)

DIGITS = "0123456789"
FLIPPED = {"<": ">", "<=": ">=", "==": "==", "!=": "!="}


def write_tree(tree: m.Tree, pen: Pen, scalar: Callable[[Expr], Piece]) -> Piece:
    """The formula; `scalar` writes what stands in index notation inside."""

    def visit(tree: m.Tree):
        if isinstance(tree, m.Scalar):
            return scalar(tree.expr)
        if isinstance(tree, m.Transpose) and isinstance(tree.body, m.Inverse):
            return pen.inverted((yield tree.body.body), True)
        inside = []
        for part in m.parts(tree):
            inside.append((yield part))
        return _piece(tree, inside, pen)

    return walk(visit, tree)


def held(piece: Piece, level: int, pen: Pen) -> str:
    """The piece as part of something that needs at least this level."""
    return piece.text if piece.level >= level else pen.bracketed(piece.text)


def _piece(tree: m.Tree, inside: list[Piece], pen: Pen) -> Piece:
    match tree:
        case m.Number(value):
            return number(value, pen)
        case m.Leaf(array):
            return pen.array(array.name)
        case m.Ones():
            return Piece(pen.ones)
        case m.Identity():
            return Piece(pen.identity)
        case m.Transpose():
            return pen.transposed(inside[0])
        case m.Inverse():
            return pen.inverted(inside[0])
        case m.Determinant():
            return Piece(pen.determinant + pen.bracketed(inside[0].text))
        case m.Diag() | m.Diagonal():
            return Piece(pen.diagonal + pen.bracketed(inside[0].text))
        case m.Trace():
            return Piece(pen.trace + pen.bracketed(inside[0].text))
        case m.SquaredNorm(body):
            norm = pen.norm(inside[0].text, None not in body.shape)
            return pen.raised(norm, Piece("2"))
        case m.Largest():
            return pen.maximum(inside[0].text)
        case m.Mask(kind):
            return pen.mask(*conditions_of([(kind, inside[0].text, inside[1].text)], pen))
    return _combined(tree, inside, pen)


def _combined(tree: m.Tree, inside: list[Piece], pen: Pen) -> Piece:
    match tree:
        case m.Sum(terms):
            return signed_sum(inside, [_is_negative(term) for term in terms], pen)
        case m.Product():
            return Piece(" ".join(held(p, PRODUCT, pen) for p in inside), PRODUCT)
        case m.Hadamard():
            return Piece(pen.hadamard.join(held(p, HADAMARD + 1, pen) for p in inside), HADAMARD)
        case m.Quotient():
            top = held(inside[0], HADAMARD, pen)
            return Piece(f"{top}{pen.quotient}{held(inside[1], POWER, pen)}", HADAMARD)
        case m.Power(base, exponent):
            return _power(base, exponent, inside, pen)
        case m.Call(function, argument):
            return called(function.name, pen.function(function), inside[0], pen, argument.shape)
    assert isinstance(tree, m.Scaled)
    return _scaled(tree, inside, pen)


def number(value: Fraction, pen: Pen) -> Piece:
    piece = pen.number(abs(value))
    return Piece(pen.minus + piece.text, SUM) if value < 0 else piece


def _is_negative(term: m.Tree) -> bool:
    value = term.number if isinstance(term, m.Scaled) else getattr(term, "value", 0)
    return value < 0


def signed_sum(pieces: Sequence[Piece], negative: Sequence[bool], pen: Pen) -> Piece:
    """The terms with their signs between them; a negative piece brings its own minus."""
    text = ""
    for piece, minus in zip(pieces, negative, strict=True):
        # Without its minus a negative term is a product.
        bare = piece.text.removeprefix(pen.minus) if minus else held(piece, HADAMARD, pen)
        if text:
            text += f" {pen.minus} {bare}" if minus else f" + {bare}"
        else:
            text = pen.minus + bare if minus else bare
    return Piece(text, SUM)


def called(name: str, sign: str, argument: Piece, pen: Pen, shape: m.Shape = m.SCALAR) -> Piece:
    """A function of its argument; of a matrix, e^X and |X| would mean something else."""
    if name == "exp" and None in shape:
        return pen.exponential(argument.text)
    if name == "sqrt":
        return root(argument, pen)
    if name == "abs" and None in shape:
        return pen.absolute(argument.text)
    return Piece(sign + pen.bracketed(argument.text))


_SQUARED_NORM = re.compile(r"(\\lVert ((?!\\[lr]Vert).)*\\rVert(_F)?)\^2|(‖[^‖]*‖(_F)?)²")


def root(argument: Piece, pen: Pen) -> Piece:
    """The square root; of a squared norm the norm."""
    found = _SQUARED_NORM.fullmatch(argument.text)
    return pen.root(argument.text) if found is None else Piece(found[1] or found[4])


def conditions_of(comparisons: Sequence[tuple[str, str, str]], pen: Pen) -> list[str]:
    """`x > 0` rather than `0 < x`, and `1 ≤ p ≤ N` in one."""
    found: list[str] = []
    end = None
    for kind, left, right in comparisons:
        if left == end:
            found[-1] += f" {pen.relations[kind]} {right}"
        else:
            found.append(f"{left} {pen.relations[kind]} {right}")
        end = right
    if len(comparisons) > len(found):
        return found
    return [_flipped(*comparison, pen) for comparison in comparisons]


def _flipped(kind: str, left: str, right: str, pen: Pen) -> str:
    if left.lstrip("−-").replace(".", "").isdigit():
        kind, left, right = FLIPPED[kind], right, left
    return f"{left} {pen.relations[kind]} {right}"


def _power(base: m.Tree, exponent: m.Tree, inside: list[Piece], pen: Pen) -> Piece:
    if isinstance(exponent, m.Number) and exponent.value == Fraction(1, 2):
        return root(inside[0], pen)
    if base.shape == exponent.shape == m.SCALAR:
        return pen.raised(*inside)
    if isinstance(exponent, m.Number) and exponent.value == 2:
        return Piece(pen.hadamard.join([held(inside[0], PRODUCT, pen)] * 2), HADAMARD)
    return pen.elementwise_power(*inside)


def _scaled(tree: m.Scaled, inside: list[Piece], pen: Pen) -> Piece:
    """Number, scalars and body, what divides below a line; the sign in front."""
    over = _sizes_first(tree.over, inside)
    under = _sizes_first(tree.under, inside[len(tree.over) :])
    body = None if tree.body is None else inside[-1]
    inside_fraction = isinstance(tree.body, m.Leaf | m.Call | m.Transpose)
    if len(over) > 1 or (body is not None and (inside_fraction or not under)):
        over = [Piece(held(p, POWER, pen)) for p in over]
    if _is_short_sum(tree.body) and under and not over:
        over, body = [body], None
    elif inside_fraction:
        over, body = _with_body(tree, over, inside), None
    if body is None:
        text, level = fraction_of(abs(tree.number), over, under, pen)
    elif not over and not under and abs(tree.number) == 1:
        text, level = held(body, HADAMARD, pen), body.level
    else:
        level = PRODUCT if over or under else POWER
        front = held(fraction_of(abs(tree.number), over, under, pen), level, pen)
        bare = body if body.level >= HADAMARD else Piece(pen.bracketed(body.text))
        sign = pen.dot if bare.text[0] in DIGITS else " "
        text, level = f"{front}{sign}{bare.text}", min(bare.level, PRODUCT)
    return Piece(pen.minus + text, SUM) if tree.number < 0 else Piece(text, level)


def _is_short_sum(tree: m.Tree | None) -> bool:
    """Whether it is a sum such as x - μ, which stands above a line as well as one sign does."""
    bare = (m.Leaf, m.Number)
    terms = tree.terms if isinstance(tree, m.Sum) else ()
    inner = [t.body if isinstance(t, m.Scaled) and not t.over + t.under else t for t in terms]
    return len(inner) == 2 and all(isinstance(term, bare) for term in inner)


def _with_body(tree: m.Scaled, over: list[Piece], inside: list[Piece]) -> list[Piece]:
    """The scalars, then the body; but a sum written with indices goes last: `σ Σ_j v_j`."""
    last = tree.over[-1] if tree.over and not tree.under else None
    if isinstance(last, m.Scalar) and isinstance(last.expr, Reduce) and not _is_size(last):
        return [*over[:-1], inside[-1], Piece(inside[len(over) - 1].text, PRODUCT)]
    return [*over, inside[-1]]


def _is_size(tree: m.Tree) -> bool:
    """Whether it is the number of elements of an axis."""
    return isinstance(tree, m.Scalar) and isinstance(tree.expr, Reduce) and tree.expr.body is ONE


def _sizes_first(scalars: Sequence[m.Tree], pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces of the scalars, N σ rather than σ N."""
    pairs = sorted(zip(scalars, pieces, strict=False), key=lambda pair: not _is_size(pair[0]))
    return [piece for _, piece in pairs]


def fraction_of(number: Fraction, over: list[Piece], under: list[Piece], pen: Pen) -> Piece:
    """number × over / under, for a number that is not negative."""
    if not under:
        return joined(number, over, pen)
    below = joined(Fraction(number.denominator), under, pen)
    beside = [piece for piece in over if pen.is_tall(piece)]
    if beside and not any(map(pen.has_tall, under)):
        above = joined(Fraction(number.numerator), [p for p in over if p not in beside], pen)
        front = held(pen.fraction(above, below), PRODUCT, pen)
        return Piece(f"{front} {held(joined(_ONE, beside, pen), PRODUCT, pen)}", PRODUCT)
    return pen.fraction(joined(Fraction(number.numerator), over, pen), below)


def joined(number: Fraction, pieces: list[Piece], pen: Pen) -> Piece:
    """The number and the pieces side by side."""
    if not pieces:
        return pen.number(number)
    if number == 1 and len(pieces) == 1:
        return pieces[0]
    texts = [held(piece, PRODUCT, pen) for piece in pieces]
    if number != 1:
        front = pen.number(number)
        sign = pen.dot if texts[0][0] in DIGITS else " "
        return Piece(held(front, POWER, pen) + sign + " ".join(texts), PRODUCT)
    return Piece(" ".join(texts), PRODUCT)
