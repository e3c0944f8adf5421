"""Sums, products and maxima over an index, with the bounds that people print."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace

from chainrule.errors import SizeMismatch
from chainrule.language.algebra import (
    ONE,
    ZERO,
    add,
    apply,
    delta,
    largest,
    mul,
    position,
    substitute,
    total,
    where,
)
from chainrule.language.expr import Expr
from chainrule.language.index import Index, Size, fresh, place_of
from chainrule.language.inline import all_places
from chainrule.language.sizes import is_unknown
from chainrule.mathematics.conditions import is_positive
from chainrule.mathematics.functions import exp, log
from chainrule.notation import tree
from chainrule.notation.layers import sum_over_layers
from chainrule.notation.misread import Misread
from chainrule.notation.names import named
from chainrule.notation.ranges import as_one_range
from chainrule.notation.scripts import letter, scripted, subscripts
from chainrule.notation.totals import MEAN
from chainrule.notation.tree import Node
from chainrule.notation.value import Value

# So many factors of a product are written out.
FACTORS = 64


@dataclass(frozen=True)
class Bounds:
    """The letters that run, how many first and last values are left out, and what they obey.

    `j \\neq i` runs j over all but i, `j > i` over those after it, and `i < j` over both; `i=2`
    leaves out the first, an upper bound N - 1 the last.
    `count` is how many values a letter takes that runs from 0, where nothing else tells, and
    `start` the printed number of the first one, if it is printed; `mean` tells that the sum is
    divided by that count, which nothing else may contradict.
    """

    letters: tuple[str, ...]
    early: int = 0
    late: int = 0
    size: Size | None = None
    relation: tuple[str, str, str] | None = None
    count: Size | None = None
    start: int | None = None
    mean: bool = False


def reduction(meaning, node: tree.Big) -> Value:
    """Σ, ∏, max and min over one or several indices."""
    if node.kind not in ("sum", "prod", "max", "min"):
        raise Misread(node)
    if (found := sum_over_layers(meaning, node)) is not None:
        return found
    if is_over_numbers(node):
        raise Misread(node, "a largest or smallest value over all numbers")
    bounds = _unbounded(meaning, node) if node.sub is None else _bounds(meaning, node)
    saved, starts = meaning.letters, meaning.starts
    running = {m: fresh(bounds.size or meaning.scope.sizes.unknown()) for m in bounds.letters}
    meaning.letters = {**saved, **running}
    if bounds.start is not None:
        meaning.starts = {**starts, **dict.fromkeys(bounds.letters, bounds.start)}
    try:
        value = meaning.value(node.body)
        _count(meaning, bounds)
        _run_as_before(meaning, bounds)
        value = meaning.algebra.resolved(value)
        condition = _condition(meaning, bounds.relation)
        inner = [meaning.index(mark) for mark in bounds.letters]
    finally:
        meaning.starts = starts
        meaning.letters = {k: v for k, v in meaning.letters.items() if k not in bounds.letters} | {
            k: v for k, v in saved.items() if k in bounds.letters
        }
    if node.kind in ("max", "min") and (bounds.early or bounds.late or bounds.relation):
        raise Misread(node)
    if node.kind == "prod":
        return Value(_multiplied(meaning, node, inner, value.expr, condition, bounds), value.axes)
    return Value(_reduced(node.kind, inner, mul(value.expr, condition), bounds), value.axes)


def is_over_numbers(node: tree.Big) -> bool:
    r"""Whether a largest value is that over all numbers: `\\max_x f(x)`, of no entry x."""
    if node.kind not in ("max", "min") or not isinstance(node.sub, tree.Symbol):
        return False
    text = letter(node.sub)
    parts = list(scripted(node.body))
    marks = (m for p in parts if isinstance(p, tree.Script) for m in subscripts(p.sub))
    return any(letter(part) == text for part in parts) and text not in map(letter, marks)


def _condition(meaning, relation: tuple[str, str, str] | None) -> Expr:
    """1 where the letters of a bound obey it, else 0."""
    if relation is None:
        return ONE
    kind, *letters = relation
    left, right = map(meaning.index, letters)
    meaning.scope.sizes.unify(left.size, right.size)
    left, right = map(meaning.index, letters)
    if kind == "!=":
        return 1 - delta(left, right)
    return where(kind, position(left), position(right), ONE, ZERO)


def _multiplied(
    meaning, node: tree.Big, inner: list[Index], body: Expr, condition: Expr, bounds: Bounds
) -> Expr:
    """The factors one by one; of an axis of unknown length by logarithms, if all are positive."""
    body = body if condition is ONE else where("==", condition, ZERO, ONE, body)
    for index in inner:
        if isinstance(index.size, int) and index.size <= FACTORS:
            kept = range(bounds.early, index.size - bounds.late)
            body = mul(*(substitute(body, {index: place_of(k)}) for k in kept))
        elif is_positive(meaning.scope.inlined(body)) and not bounds.early and not bounds.late:
            body = apply(exp, total(index, apply(log, body)))
        else:
            raise Misread(node)
    return body


def _reduced(kind: str, inner: list[Index], body: Expr, bounds: Bounds) -> Expr:
    for index in inner:
        match kind:
            case "sum":
                body = _summed(index, body, bounds)
            case "max":
                body = largest(index, body)
            case "min":
                body = mul(-1, largest(index, mul(-1, body)))
    return body


def _summed(index: Index, body: Expr, bounds: Bounds) -> Expr:
    """The sum without the first and last values that the bounds leave out."""
    out = [place_of(k) for k in range(bounds.early)]
    out += [place_of(index.size) + place_of(-k) for k in range(1, bounds.late + 1)]
    if out and any(index in place.indices and place.offset for place in all_places(body)):
        # The neighbours of what is left out may lie outside.
        for place in out:
            body = where("==", position(index), position(place), ZERO, body)
        return total(index, body)
    return add(total(index, body), *(mul(-1, substitute(body, {index: p})) for p in out))


def _bounds(meaning, node: tree.Big) -> Bounds:
    if isinstance(node.sup, tree.Decorated) and node.sup.kind == MEAN:
        bounds = _bounds(meaning, replace(node, sup=None))
        return replace(bounds, count=meaning.size(node.sup.body), mean=True)
    if (window := _window(meaning, node)) is not None:
        return window
    letters, first, relation = _lower(meaning, as_one_range(node.sub), node)
    if relation is None and (within := _up_to(meaning, letters, node.sup)) is not None:
        if first != 1:
            raise Misread(node)
        return Bounds(letters, relation=within, start=1)
    size, late = _upper(meaning, node.sup)
    if first == 0:
        # Counted from 0: all elements, however many the bound makes them.
        return Bounds(letters, 0, 0, None, relation, count_from_zero(meaning, node.sup), 0)
    if first < 1 or (len(letters) > 1 and (first > 1 or late)):
        raise Misread(node)
    start = 1 if isinstance(as_one_range(node.sub), tree.Chain) and relation is None else None
    return Bounds(letters, first - 1, late, size, relation, start=start)


def _count(meaning, bounds: Bounds) -> None:
    """A letter from 0 takes as many values as its bound tells, if the body leaves that open."""
    for mark in bounds.letters if bounds.count is not None else ():
        if bounds.mean or is_unknown(meaning.index(mark).size):
            with suppress(SizeMismatch) if bounds.mean else nullcontext():
                meaning.scope.sizes.unify(meaning.index(mark).size, bounds.count)


def _run_as_before(meaning, bounds: Bounds) -> None:
    """In sums without bounds a letter runs as far as it did before, if nothing else tells."""
    for mark in bounds.letters if bounds.size is None and bounds.count is None else ():
        size, sizes = meaning.index(mark).size, meaning.scope.sizes
        axes = (axis for symbol in meaning.scope.symbols.values() for axis in symbol.sizes)
        if is_unknown(size) and size not in map(sizes.find, axes):
            sizes.unify(size, meaning.ranges.setdefault(mark, size))


def count_from_zero(meaning, node: Node | None) -> Size | None:
    """How many values a letter takes from 0 to what is printed: `K - 1` or a number."""
    match node:
        case tree.Number(text) if text.isdigit():
            return int(text) + 1
        case tree.Sum((tree.Symbol() as size, tree.Number("1")), ("+", "-")):
            return meaning.size(size)
    return None


def _window(meaning, node: tree.Big) -> Bounds | None:
    r"""`r, s \in \{1, 2\}` and `1 \le r, s \le R`: the letters and how far they run."""
    match as_one_range(node.sub):
        case tree.Chain((marks, tree.Group("{", _, tree.List(items))), (relation,)):
            kinds, numbers = relation.kind == "in", [getattr(item, "text", "") for item in items]
            first = 0 if numbers[0] == "0" else 1
            if kinds and numbers == [str(first + k) for k in range(len(numbers))]:
                return _running(marks, first, len(numbers))
        case tree.Chain((tree.Number("0" | "1" as first), marks, last), (below, above)):
            if below.kind == "<=" and above.kind in ("<=", "<"):
                count = meaning.size(last)
                wide = (first == "0") == (above.kind == "<")
                if not wide and not isinstance(count, int):
                    raise Misread(node)
                return _running(marks, int(first), count if wide else count + 1 - 2 * int(first))
    return None


def _running(marks: Node, first: int, count: Size) -> Bounds | None:
    letters = tuple(letter(mark) for mark in subscripts(marks))
    if None in letters:
        return None
    if first == 0:
        return Bounds(letters, count=count, start=0)
    return Bounds(letters, size=count, start=1)


def widened(
    meaning, terms: tuple[Node, ...], signs: tuple[str, ...]
) -> tuple[tuple[Node, ...], tuple[str, ...]]:
    """`Σ_i a_i + b_i` as `Σ_i (a_i + b_i)`, where an i outside the sum would have no meaning."""
    for place, term in enumerate(terms[:-1]):
        running = _running_letters(term) - meaning.letters.keys()
        held = [k for k in range(place + 1, len(terms)) if running & free_marks(terms[k])]
        if held:
            last = held[-1] + 1
            wide = _with_terms(term, terms[place + 1 : last], signs[place + 1 : last])
            return (*terms[:place], wide, *terms[last:]), (*signs[: place + 1], *signs[last:])
    return terms, signs


def _last_sum(node: Node) -> tree.Big | None:
    if isinstance(node, tree.Product):
        return _last_sum(node.factors[-1])
    return node if isinstance(node, tree.Big) and node.kind == "sum" and node.sub else None


def _running_letters(node: Node) -> set[str]:
    big = _last_sum(node)
    return set() if big is None else own_letters(big)


def own_letters(big: tree.Big) -> set[str]:
    """The letters that run in a sum or a maximum."""
    first = big.sub.members[0] if isinstance(big.sub, tree.Chain) else big.sub
    return {text for part in subscripts(first) if (text := letter(part)) is not None}


def free_marks(node: Node) -> set[str]:
    """The letters below and, in brackets, above names in a term, but for those of its own sums."""
    if isinstance(node, tree.Big):
        return free_marks(node.body) - (own_letters(node) if node.sub else set())
    found: set[str] = set()
    if isinstance(node, tree.Script):
        above = node.sup.body if isinstance(node.sup, tree.Group) else None
        marks = (*subscripts(node.sub), *(() if above is None else (above,)))
        found = {text for mark in marks if (text := letter(mark)) is not None}
    return found.union(*map(free_marks, tree.children(node)))


def _with_terms(node: Node, terms: tuple[Node, ...], signs: tuple[str, ...]) -> Node:
    end = terms[-1].end
    if isinstance(node, tree.Product):
        last = _with_terms(node.factors[-1], terms, signs)
        return replace(node, factors=(*node.factors[:-1], last), end=end)
    own = node.body
    inner = (own.terms, own.signs) if isinstance(own, tree.Sum) else ((own,), ("+",))
    body = tree.Sum((*inner[0], *terms), (*inner[1], *signs), start=own.start, end=end)
    return replace(node, body=body, end=end)


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


def _up_to(meaning, letters: tuple[str, ...], node: Node | None) -> tuple[str, str, str] | None:
    """What the letter obeys where the upper bound is a letter that runs, `i` or `i - 1`."""
    match node:
        case tree.Symbol() if letter(node) in meaning.letters and len(letters) == 1:
            return "<=", letters[0], letter(node)
        case tree.Sum((tree.Symbol() as last, tree.Number("1")), ("+", "-")):
            if letter(last) in meaning.letters and len(letters) == 1:
                return "<", letters[0], letter(last)
    return None


def _upper(meaning, node: Node | None) -> tuple[Size | None, int]:
    """(size, how many last values are left out) of an upper bound `N` or `N - 1`."""
    match node:
        case None:
            return None, 0
        case tree.Symbol("infinity"):
            raise Misread(node, "a sum without end")
        case tree.Sum((size, tree.Number(text)), ("+", "-")) if text.isdigit() and int(text) < 4:
            return meaning.size(size), int(text)
        case tree.Sum() if node in meaning.scope.usage.ends:
            # As many as the elements are, which something else tells.
            return None, 0
    return meaning.size(node), 0


def _lower(meaning, sub: Node, node: Node) -> tuple:
    """(letters, first value, relation) of `i`, `i=1`, `i,j`, `j \\neq i`, `j = i` or `i < j`."""
    match sub:
        case tree.Chain((tree.Symbol() | tree.List() as marks, tree.Number(text)), (relation,)):
            letters = tuple(letter(mark) for mark in subscripts(marks))
            if relation.kind == "=" and text.isdigit() and all(letters):
                return letters, int(text), None
        case tree.Chain((tree.Symbol() as mark, tree.Symbol() as other), (relation,)):
            first, second = letter(mark), letter(other)
            if relation.kind == "!=":
                return (first,), 1, ("!=", first, second)
            if relation.kind == "=" and second in meaning.letters:
                return (first,), 1, (">=", first, second)
            if relation.kind in ("<", "<=", ">", ">="):
                running = [mark for mark in (first, second) if mark not in meaning.letters]
                if running:
                    return tuple(running), 1, (relation.kind, first, second)
        case _:
            marks = tuple(letter(part) for part in subscripts(sub))
            if marks and all(marks):
                return marks, 1, None
    raise Misread(node)
