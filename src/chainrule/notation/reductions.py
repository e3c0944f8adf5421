"""Sums and maxima over an index, with the bounds that people print."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.language.algebra import (
    ONE,
    add,
    delta,
    largest,
    mul,
    substitute,
    total,
)
from chainrule.language.expr import Expr
from chainrule.language.index import Index, Size, fresh, place_of
from chainrule.notation import tree
from chainrule.notation.misread import Misread
from chainrule.notation.names import letter, named, scripted, subscripts
from chainrule.notation.tree import Node
from chainrule.notation.value import Value


@dataclass(frozen=True)
class Bounds:
    """The letters that run, how many first and last values are left out, and a pair that differs.

    `j \\neq i` runs j over all but i; `i=2` leaves out the first, an upper bound N - 1 the last.
    """

    letters: tuple[str, ...]
    early: int = 0
    late: int = 0
    size: Size | None = None
    distinct: tuple[str, str] | None = None


def reduction(meaning, node: tree.Big) -> Value:
    """Σ and max over one or several indices."""
    if node.kind not in ("sum", "max"):
        raise Misread(node)
    bounds = _unbounded(meaning, node) if node.sub is None else _bounds(meaning, node)
    saved = dict(meaning.letters)
    for mark in bounds.letters:
        meaning.letters[mark] = fresh(bounds.size or meaning.scope.sizes.unknown())
    try:
        value = meaning.algebra.resolved(meaning.value(node.body))
        apart = bounds.distinct
        condition = ONE if apart is None else 1 - delta(*map(meaning.index, apart))
        inner = [meaning.index(mark) for mark in bounds.letters]
    finally:
        meaning.letters = {k: v for k, v in meaning.letters.items() if k not in bounds.letters} | {
            k: v for k, v in saved.items() if k in bounds.letters
        }
    if node.kind == "max" and (bounds.early or bounds.late or bounds.distinct):
        raise Misread(node)
    return Value(_reduced(node.kind, inner, mul(value.expr, condition), bounds), value.axes)


def _reduced(kind: str, inner: list[Index], body: Expr, bounds: Bounds) -> Expr:
    for index in inner:
        out = [place_of(k) for k in range(bounds.early)]
        out += [place_of(index.size) + place_of(-k) for k in range(1, bounds.late + 1)]
        less = [mul(-1, substitute(body, {index: place})) for place in out]
        body = total(index, body) if kind == "sum" else largest(index, body)
        body = add(body, *less)
    return body


def _bounds(meaning, node: tree.Big) -> Bounds:
    letters, first, distinct = _lower(node.sub, node)
    size, late = _upper(meaning, node.sup)
    if first == 0:
        # Counted from 0: all elements, however many the bound makes them.
        return Bounds(letters, 0, 0, None, distinct)
    if first < 1 or (len(letters) > 1 and (first > 1 or late)):
        raise Misread(node)
    return Bounds(letters, first - 1, late, size, distinct)


def _unbounded(meaning, node: tree.Big) -> Bounds:
    """`Σ y_i log p_i`: over the one letter that is free nowhere else in the statement."""
    letters = set()
    for part in scripted(node.body):
        name = named(part, meaning.scope.usage)
        letters |= {letter(mark) for mark in (() if name is None else name.places)}
    free = sorted(text for text in letters if text and text not in meaning.letters)
    if len(free) != 1 or node.sup is not None:
        raise Misread(node)
    meaning.note(f"a sum without bounds is over {free[0]}")
    return Bounds((free[0],))


def _upper(meaning, node: Node | None) -> tuple[Size | None, int]:
    """(size, how many last values are left out) of an upper bound `N` or `N - 1`."""
    match node:
        case None:
            return None, 0
        case tree.Symbol("infinity"):
            raise Misread(node, "a sum without end")
        case tree.Sum((size, tree.Number(text)), ("+", "-")) if text.isdigit() and int(text) < 4:
            return meaning.size(size), int(text)
    return meaning.size(node), 0


def _lower(sub: Node, node: Node) -> tuple[tuple[str, ...], int, tuple[str, str] | None]:
    """(letters, first value, a pair that must differ) of `i`, `i=1`, `i,j` or `j \\neq i`."""
    match sub:
        case tree.Chain((tree.Symbol() as mark, tree.Number(text)), (relation,)):
            if relation.kind == "=" and text.isdigit():
                return (letter(mark),), int(text), None
        case tree.Chain((tree.Symbol() as mark, tree.Symbol() as other), (relation,)):
            if relation.kind == "!=":
                return (letter(mark),), 1, (letter(mark), letter(other))
        case _:
            marks = tuple(letter(part) for part in subscripts(sub))
            if marks and all(marks):
                return marks, 1, None
    raise Misread(node)
