"""Where a pattern fits an expression: first-order matching, with sums and products in any order.

Pattern variables are elements of arrays whose names start with "·" (see mathematics/rules.py).
What they stand for is collected in a dictionary:

    "·a"    → Expr       a, b, c, and n for a number
    "·f"    → Lambda     f[j], a body that depends on an index
    "·rest" → Expr       all terms or factors that are left over
    Index   → Place      a place i, and the indices of the pattern's own binders
    AXIS    → Size       of the pattern's one axis
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from chainrule.language.algebra import (
    ONE,
    add,
    const,
    mul,
    opened,
    split_number,
    substitute,
)
from chainrule.language.expr import (
    Add,
    Along,
    Apply,
    Const,
    Delta,
    Element,
    Expr,
    Mul,
    Power,
    Reduce,
    Where,
    children,
    factors_of,
    terms_of,
)
from chainrule.language.index import Index, Place, age, place_of
from chainrule.language.inline import AXIS, Lambda, all_places, elements, inline
from chainrule.language.joined import Joined, joined

Bound = dict

NUMBER, REST = "·number", "·rest"


@lru_cache(maxsize=4096)
def variables(pattern: Expr) -> frozenset:
    """The variables of a pattern, and its free indices."""
    return pattern.free | {array.name for array in elements(pattern)}


def is_variable(pattern: Expr) -> bool:
    return isinstance(pattern, Element)


def instantiate(template: Expr, bound: Bound) -> Expr:
    """The template with everything that is bound put in."""
    size = bound.get(AXIS)
    mapping = {key: image for key, image in bound.items() if isinstance(key, Index)}
    if size is not None:
        template = substitute(template, {}, {AXIS: size})
        mapping = {Index(key.name, size): image for key, image in mapping.items()}
    meanings = {
        key: value if isinstance(value, Lambda) else Lambda((), value)
        for key, value in bound.items()
        if isinstance(value, (Expr, Lambda))
    }
    return inline(substitute(template, mapping), meanings)


class Matcher:
    """Matches with a memory of the binders it has opened."""

    def __init__(self):
        self.openings: dict[Expr, tuple[Index, Expr]] = {}
        self.joined: dict[Add, list[Joined]] = {}

    def open(self, binder: Along | Reduce) -> tuple[Index, Expr]:
        """The body of a binder with a fresh index, the same whenever it is asked for."""
        if binder not in self.openings:
            self.openings[binder] = opened(binder)
        return self.openings[binder]

    def sums(self, node: Add) -> list[Joined]:
        """The terms that are sums over one axis as one sum, where there are several."""
        if node not in self.joined:
            self.joined[node] = joined(node)
        return self.joined[node]

    def matches(self, pattern: Expr, target: Expr, bound: Bound) -> Iterator[Bound]:
        """Every way in which the whole target is an instance of the pattern."""
        if variables(pattern) <= bound.keys():
            if instantiate(pattern, bound) is target:
                yield bound
            return
        match pattern:
            case Element():
                yield from self.variable(pattern, target, bound)
            case Add():
                yield from self.whole(self.terms(pattern, target, bound))
            case Mul():
                yield from self.whole(self.factors(pattern, target, bound))
            case Apply() | Power() | Where():
                if type(target) is type(pattern) and _head(target) == _head(pattern):
                    yield from self.each(children(pattern), children(target), bound)
            case Reduce() | Along():
                if type(target) is type(pattern) and _head(target) == _head(pattern):
                    yield from self.binder(pattern, target, bound)
            case Delta(left, right) if isinstance(target, Delta):
                for first, second in ((left, right), (right, left)):
                    for found in _at(first, target.left, bound):
                        yield from _at(second, target.right, found)

    def within(self, pattern: Expr, target: Expr) -> Iterator[tuple[Bound, Expr | None]]:
        """As `matches`, but some terms or factors of the target may be left over: (bound, rest)."""
        if type(pattern) is type(target) is Add:
            yield from self.terms(pattern, target, {}, partial=True)
        elif type(pattern) is type(target) is Mul:
            yield from self.factors(pattern, target, {}, partial=True)
        else:
            for found in self.matches(pattern, target, {}):
                yield found, None

    @staticmethod
    def whole(found: Iterator[tuple[Bound, Expr | None]]) -> Iterator[Bound]:
        return (bound for bound, rest in found if rest is None)

    def variable(self, pattern: Element, target: Expr, bound: Bound) -> Iterator[Bound]:
        name = pattern.array.name
        if not pattern.places:
            if (name != NUMBER or isinstance(target, Const)) and not target.free & _inner(bound):
                yield {**bound, name: target}
            return
        place = pattern.places[0].substitute(bound_places(bound))
        if name not in bound:
            escaping = target.free & _inner(bound) - {place.index}
            if place.index is not None and pattern.free <= bound.keys() and not escaping:
                yield {**bound, name: Lambda((place.index,), target)}
            return
        for candidate in _places_in(target):
            if bound[name].at((candidate,)) is target:
                yield from _at(pattern.places[0], candidate, bound)
                return

    def each(self, patterns, targets, bound: Bound) -> Iterator[Bound]:
        if not patterns:
            yield bound
            return
        for found in self.matches(patterns[0], targets[0], bound):
            yield from self.each(patterns[1:], targets[1:], found)

    def binder(self, pattern, target, bound: Bound) -> Iterator[Bound]:
        size = target.index.size
        if bound.get(AXIS, size) != size:
            return
        theirs, body = self.open(target)
        ours, template = self.open(pattern)
        start = {**bound, AXIS: size, ours: place_of(theirs)}
        for found in self.matches(template, body, start):
            if isinstance(pattern, Reduce) or pattern.at is None:
                yield found
            else:
                yield from _at(pattern.at, target.at, found)

    def terms(self, pattern: Add, target: Expr, bound: Bound, partial=False):
        items = terms_of(target)
        for found, rest in self.collection(_ordered(pattern.terms), items, bound, add, partial):
            yield found, add(*rest) if rest else None

    def factors(self, pattern: Mul, target: Expr, bound: Bound, partial=False):
        """Numbers are divided, the other factors matched in any order."""
        wanted, product = split_number(pattern)
        number, rest = split_number(target)
        parts = tuple(part for part in _factors(product) if not _is_number(part))
        ratio = number / wanted
        if len(parts) < len(_factors(product)):
            if bound.get(NUMBER, const(ratio)) is not const(ratio):
                return
            bound, ratio = {**bound, NUMBER: const(ratio)}, 1
        elif is_variable(product) and not partial:
            for found in self.matches(product, target / wanted, bound):
                yield found, None
            return
        items = _factors(rest) if ratio == 1 else (const(ratio), *_factors(rest))
        for found, left in self.collection(_ordered(parts), items, bound, mul, partial):
            yield found, None if mul(*left) is ONE else mul(*left)

    def collection(self, parts, items, bound: Bound, join, partial: bool):
        """Pairs (bound, items left over) for parts matched against some of the items."""
        if not parts:
            if partial or not items:
                yield bound, items
            return
        known = next((p for p in parts if variables(p) <= bound.keys()), None)
        if known is not None:
            rest = _without(items, instantiate(known, bound), join)
            if rest is not None:
                others = tuple(p for p in parts if p is not known)
                yield from self.collection(others, rest, bound, join, partial)
            return
        first, others = parts[0], parts[1:]
        if all(isinstance(name, Index) for name in variables(first) - bound.keys()):
            yield from self.placed(first, others, items, bound, join, partial)
            return
        last = not others and is_variable(first)
        if last and (not partial or _is_rest(first)) and (items or join is mul):
            for found in self.matches(first, join(*items), bound):
                yield found, ()
            return
        for spot, item in enumerate(items):
            for found in self.matches(first, item, bound):
                rest = items[:spot] + items[spot + 1 :]
                yield from self.collection(others, rest, found, join, partial)


    def placed(self, first, others, items, bound: Bound, join, partial: bool):
        """As `collection`, where of the first part all but the place is known: several items."""
        (index,) = variables(first) - bound.keys()
        for place in _places_in(join(*items)):
            plain = place.index
            if plain is not None and plain.size != bound.get(AXIS, plain.size):
                continue
            if place.indices & _inner(bound):
                continue
            found = {**bound, index: place}
            rest = _without(items, instantiate(first, found), join)
            if rest is not None:
                yield from self.collection(others, rest, found, join, partial)


def _head(node: Expr):
    """What two nodes of one type must share to match."""
    match node:
        case Apply(function) | Along(function):
            return function
        case Reduce(kind) | Where(kind):
            return kind
    return None


def bound_places(bound: Bound) -> dict[Index, Place]:
    return {key: image for key, image in bound.items() if isinstance(key, Index)}


def _at(wanted: Place, found: Place | None, bound: Bound) -> Iterator[Bound]:
    """A pattern's place, which is one index, against a place."""
    index = wanted.index
    if found is not None and bound.get(index, found) == found:
        if index in bound or not found.indices & _inner(bound):
            yield {**bound, index: found}


def _inner(bound: Bound) -> frozenset[Index]:
    """The indices of the target's binders around here: what a variable stands for has none of them,
    but for the one that it is a function of. Σ_i softmax_j(W_ij)_i is no sum of one softmax.
    """
    return frozenset(
        image.index
        for key, image in bound.items()
        if isinstance(key, Index) and age(key) is not None
    )


def _factors(product: Expr) -> tuple[Expr, ...]:
    if product is ONE:
        return ()
    return factors_of(product)


def _is_number(part: Expr) -> bool:
    return isinstance(part, Element) and part.array.name == NUMBER


def _is_rest(part: Expr) -> bool:
    return isinstance(part, Element) and part.array.name == REST


def _without(items: tuple[Expr, ...], value: Expr, join) -> tuple[Expr, ...] | None:
    """The items less those that make up the value; None if some are not there."""
    kind = Add if join is add else Mul
    rest = list(items)
    for part in children(value) if isinstance(value, kind) else (value,):
        if part not in rest:
            return None
        rest.remove(part)
    return tuple(rest)


@lru_cache(maxsize=4096)
def _ordered(parts: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """Binders first, since a body can't be read at a place before it is known; variables last,
    and last of all what takes the rest.
    """

    def turn(part: Expr) -> tuple:
        return _is_rest(part), is_variable(part), -part.height, -part.size

    return tuple(sorted(parts, key=turn))


def _places_in(target: Expr) -> list[Place]:
    """The places at which a body may have been read to give the target."""
    plain = {place_of(index) for index in target.free}
    return sorted(plain | all_places(target), key=lambda place: place.order)
