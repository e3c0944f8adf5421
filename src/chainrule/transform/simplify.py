"""Shorter forms of the same expression: facts, common factors, multiplying out where it cancels.

A cost decides: a change is kept only if the result costs less, so that every pass ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import permutations

from chainrule.language.algebra import (
    ONE,
    ZERO,
    add,
    element,
    inside,
    mul,
    opened,
    rebound,
    rebuilt,
    substitute,
    total,
)
from chainrule.language.expr import (
    BINDERS,
    Add,
    Along,
    Apply,
    Array,
    Const,
    Element,
    Expr,
    Mul,
    OfMatrix,
    Power,
    Reduce,
    Where,
    children,
    factors_of,
    terms_of,
)
from chainrule.language.facts import ONE_HOT, SUMS_TO_ONE, SUMS_TO_ZERO, Fact
from chainrule.language.index import Place, place_of
from chainrule.language.inline import Lambda, inline
from chainrule.language.largest import compared
from chainrule.language.passes import around
from chainrule.language.program import Definition, Program
from chainrule.language.walk import walk
from chainrule.mathematics.rules import READABLE, SIMPLIFY
from chainrule.transform.deltas import apart
from chainrule.transform.factors import (
    divisors,
    factored,
    fractions_within,
    in_front_of_cases,
    multiplied_out,
    negative,
    opposed_within,
    over_each_sum,
    over_its_sums,
    over_one_divisor,
    shared_within,
    sums_within,
    with_equal_signs,
    with_number_in_front,
    with_sign_inside,
)
from chainrule.transform.rewrite import Step, rewrite
from chainrule.transform.symmetric import with_places_in_order
from chainrule.transform.ties import without_ties

# Multiplying out is tried on expressions up to this cost: beyond it, it does not shorten.
LARGEST_EXPANDED = 160

_WEIGHT = {Reduce: 4, Along: 5, OfMatrix: 5, Apply: 3, Where: 2, Element: 3}


def cost(expr: Expr) -> int:
    """The number of nodes, with binders and functions counted more; the measure of simplicity."""

    def visit(node: Expr):
        result = _WEIGHT.get(type(node), 1)
        for kid in children(node):
            result += yield kid
        return result

    return walk(visit, expr)


def shortened(expr: Expr, trace: list[Step] | None = None) -> Expr:
    """An equal expression that no rule makes cheaper.

    trace  if given, every use of a rule is added to it, in order
    """
    return rewrite(expr, SIMPLIFY, trace, cost)


def simplify(
    expr: Expr, facts: Iterable[Fact] = (), used: set[Fact] | None = None, joined: bool = False
) -> Expr:
    """An equal expression that costs no more.

    facts    what may be taken for granted
    used     if given, the facts that were needed are added to it
    joined   whether fractions may be put over one divisor: shorter to read, but its numbers are
             larger, so that it is not for code
    """
    facts, used = tuple(facts), set() if used is None else used

    def visit(node: Expr):
        if isinstance(node, BINDERS):
            index, body = opened(node)
            node = rebound(node, index, (yield body))
            return _sum_by_facts(node, facts, used) if isinstance(node, Reduce) else node
        # What is compared with a maximum must round as the maximum did, and code as it stands.
        read = joined and isinstance(node, Where) and compared(node.left, node.right) is None
        kids = []
        for kid in children(node):
            kept = isinstance(node, Where) and len(kids) < 2 and not read
            kids.append(kid if kept else (yield kid))
        node = rebuilt(node, tuple(kids))
        cases = read and isinstance(node, Where)
        return in_front_of_cases(node) if cases else _shortest(node, joined)

    for _ in range(4):
        changed = walk(visit, shortened(expr))
        if changed is expr:
            break
        expr = changed
    return expr


def readable(
    expr: Expr,
    facts: Iterable[Fact],
    definitions: Iterable[Definition],
    used: set[Fact],
    joined: bool = True,
) -> Expr:
    """The expression as a person would write it, with the names that its parts have.

    joined  whether fractions may be put over one divisor
    """
    facts = tuple(facts)
    definitions = tuple(
        replace(one, body=with_places_in_order(one.body, facts, set())) for one in definitions
    )
    expr = with_places_in_order(without_ties(expr, definitions), facts, used)
    named = fold(simplify(expr, facts, used), definitions)
    # Only now: the name of c/σ is not found in c/σ² over one divisor.
    named = fold(simplify(named, facts, used, joined=joined), definitions)
    short = rewrite(named, READABLE, None, cost)
    if (found := apart(short)) is None:
        return short
    # diag(…) and the rest, each as short as it is by itself.
    beside, rest = (readable(part, facts, definitions, used, joined) for part in found[1:])
    return min(short, add(mul(found[0], beside), rest), key=_reading_cost)


def _shortest(node: Expr, joined: bool) -> Expr:
    """The cheapest of: the node, factored, multiplied out, multiplied out and factored."""
    if not isinstance(node, (Add, Mul)):
        return node
    forms = [node]
    if isinstance(node, Add):
        forms += [factored(node), over_its_sums(node)]
        if (signed := with_equal_signs(node)) is not node:
            forms.append(factored(signed))
    if cost(node) <= LARGEST_EXPANDED:
        if isinstance(node, Mul):
            forms += [with_sign_inside(node), with_number_in_front(node), *over_each_sum(node)]
        wide = multiplied_out(node)
        if wide is not node:
            forms += [wide, factored(wide)]
        if joined:
            forms += over_one_divisor(node)
            if isinstance(node, Add):
                forms.append(with_number_in_front(node))
    return min(forms, key=_reading_cost if joined else cost)


def _reading_cost(expr: Expr) -> int:
    untidy = 4 * fractions_within(expr) + 2 * shared_within(expr) + 5 * opposed_within(expr)
    return cost(expr) + untidy


_SUMS = {SUMS_TO_ONE: ONE, ONE_HOT: ONE, SUMS_TO_ZERO: ZERO}


def inferred_facts(program: Program, facts: Iterable[Fact] = ()) -> tuple[Fact, ...]:
    """What sums to 1 or to 0 over its last axis by its definition: softmax(z), x - μ."""
    found: list[Fact] = []
    scalars: dict[str, Lambda] = {}
    for definition in program.definitions:
        body = inline(definition.body, scalars)
        if not definition.indices:
            if body.size <= LARGEST_EXPANDED:
                scalars[definition.name] = Lambda((), body)
            continue
        if body.size > LARGEST_EXPANDED:
            continue
        whole = simplify(total(definition.indices[-1], body), (*facts, *found))
        kind = {ONE: SUMS_TO_ONE, ZERO: SUMS_TO_ZERO}.get(whole)
        if kind is not None:
            found.append(Fact(kind, definition.name))
    return tuple(found)


def _sum_by_facts(node: Expr, facts: tuple[Fact, ...], used: set[Fact]) -> Expr:
    """A sum that is 1: of softmax over its axis, or of an array declared to sum to 1."""
    if node.kind != "sum":
        return node
    match node.body:
        case Along(function, index, body, at) if function.name == "softmax":
            # Σ_i softmax_j(W_ij)_i is no sum of one softmax.
            if at.index == node.index and index.size == at.index.size and at.index not in body.free:
                return ONE
        case Element(array, places):
            for fact in facts:
                if fact.kind in _SUMS and fact.array == array.name and -fact.axis <= len(places):
                    here = places[fact.axis].index == node.index
                    whole = array.sizes[fact.axis] == node.index.size
                    alone = sum(node.index in place.indices for place in places) == 1
                    if here and whole and alone:
                        used.add(fact)
                        return _within(_SUMS[fact.kind], array, places)
        case Mul(factors) if not any(isinstance(_base(one), Add) for one in factors):
            # Nothing to multiply out.
            return node
        case Add() | Mul():
            index, body = opened(node)
            body = multiplied_out(body)
            if not isinstance(body, Add):
                return node
            apart = add(*(total(index, term) for term in terms_of(body)))
            settled = add(*(_settled(term, facts, used) for term in terms_of(apart)))
            # What a fact has made 1 is worth a bracket less.
            most = cost(node) - (settled is apart)
            return settled if cost(settled) <= most else node
    return node


def _base(factor: Expr) -> Expr:
    return factor.base if isinstance(factor, Power) else factor


def _within(expr: Expr, array: Array, places: tuple[Place, ...]) -> Expr:
    """What a row sums to, but 0 where the row lies outside of the array."""
    for place, size in zip(places, array.sizes, strict=True):
        expr = inside(place, size, expr)
    return expr


def _settled(term: Expr, facts: tuple[Fact, ...], used: set[Fact]) -> Expr:
    factors = factors_of(term)
    return mul(*(_sum_by_facts(f, facts, used) if isinstance(f, Reduce) else f for f in factors))


@lru_cache(maxsize=8)
def _folds(definitions: tuple[Definition, ...]) -> tuple[dict, list[Definition]]:
    """(what may be folded, by what it looks like; definitions that are products)."""
    known, products = {}, []
    for definition in definitions:
        body = definition.body
        if not isinstance(body, (Const, Element)):
            key = type(body), body.size, body.height, body.arrays
            known.setdefault(key, []).append(definition)
        if isinstance(body, Mul):
            products.append(definition)
    return known, products


def fold(expr: Expr, definitions: Iterable[Definition]) -> Expr:
    """Every value that has a name under that name: σ(φ) is h again, wherever it occurs."""
    known, products = _folds(tuple(definitions))

    def visit(node: Expr):
        for definition in known.get((type(node), node.size, node.height, node.arrays), ()):
            if (found := _named(node, definition)) is not None:
                return found
        for definition in products if isinstance(node, Mul) else ():
            for found in (_with_part(node, definition), _with_part_in_sum(node, definition)):
                if found is not None:
                    return (yield found)
        if isinstance(node, Where) and compared(node.left, node.right) is not None:
            return (yield from _beside_a_maximum(node))
        if isinstance(node, Reduce) and node.kind == "sum":
            if (found := _with_sum(node, known)) is not None:
                return (yield found)
        return (yield from around(node))

    return walk(visit, expr)


def _with_sum(node: Reduce, known: dict) -> Expr | None:
    """Nested sums with a definition that is one of them, in whatever order they stand."""
    for inner, (indices, factors) in sums_within(node):
        for definition in known.get((type(inner), inner.size, inner.height, inner.arrays), ()):
            if (named := _named(inner, definition)) is not None:
                found = mul(*factors, named)
                for index in indices:
                    found = total(index, found)
                return found if cost(found) < cost(node) else None
    return None


def _beside_a_maximum(node: Where):
    """What is compared with a maximum of computed numbers must be rounded as that was."""
    left, right = (yield node.left), node.right
    index, body = opened(right)
    body = yield body
    right = (yield right) if _is_read(body) else rebound(right, index, body)
    return rebuilt(node, (left, right, (yield node.yes), (yield node.no)))


def _is_read(expr: Expr) -> bool:
    """Whether nothing is computed, and so nothing rounded: an element, or the largest of such."""
    if isinstance(expr, Reduce) and expr.kind == "max":
        return _is_read(expr.body)
    return isinstance(expr, Element)


def _with_part(node: Mul, definition: Definition) -> Expr | None:
    """A product with a definition that is one taken out of it: c / σ is y, c c / σ² is y y."""
    body = definition.body
    if not isinstance(body, Mul) or len(definition.indices) > 2:
        return None
    arrays = body.arrays
    plain = all(isinstance(factor, Element | Power | Add | Reduce) for factor in body.factors)
    if not plain or not arrays <= node.arrays:
        return None
    free = sorted(node.free, key=lambda index: index.name)
    for images in permutations(free, len(definition.indices)):
        if [own.size for own in definition.indices] != [index.size for index in images]:
            continue
        named = element(definition.array, *images)
        for part, name in _both_signs(definition.meaning.at(tuple(map(place_of, images))), named):
            rest = node / part
            if cost(rest) < cost(node) and _divides_by_no_more(rest, node):
                found = mul(rest, name)
                if cost(found) <= cost(node) and _degree(rest, arrays) < _degree(node, arrays):
                    return found
    return None


def _both_signs(part: Expr, name: Expr) -> Iterator[tuple[Expr, Expr]]:
    """(part, its name), and the same of the part with y - x for a factor x - y."""
    yield part, name
    for factor in factors_of(part):
        if isinstance(factor, Add):
            yield mul(part / factor, negative(factor)), -name


def _divides_by_no_more(rest: Expr, node: Expr) -> bool:
    """Whether what is left of a product divides by nothing that it did not: 3 x² is no 3 y / x."""
    below = {factor.base: factor.exponent.value for factor in divisors(node)}
    return all(below.get(part.base, 0) <= part.exponent.value for part in divisors(rest))


def _with_part_in_sum(node: Mul, definition: Definition) -> Expr | None:
    """The same where a part of the product stands in front of a sum: Σ_n g_n c_n / σ."""
    for factor in node.factors:
        if isinstance(factor, Reduce) and factor.kind == "sum":
            index, body = opened(factor)
            inside = mul(*(other for other in node.factors if other is not factor), body)
            found = _with_part(inside, definition) if isinstance(inside, Mul) else None
            if found is not None:
                found = total(index, found)
                return found if cost(found) < cost(node) else None
    return None


def _degree(expr: Expr, arrays: frozenset) -> int:
    """How many factors of a product read one of some arrays."""
    factors = factors_of(expr)
    return sum(1 for factor in factors if not factor.arrays.isdisjoint(arrays))


def _named(node: Expr, definition: Definition) -> Element | None:
    """The element of the definition that the node is, if it is one."""
    body, indices = definition.body, definition.indices
    if type(node) is not type(body) or node.size != body.size or node.height != body.height:
        return None
    if len(node.free) != len(indices) or body.free != frozenset(indices):
        return None
    for images in permutations(sorted(node.free, key=lambda index: index.name)):
        if any(a.size != b.size for a, b in zip(indices, images, strict=True)):
            continue
        mapping = {a: place_of(b) for a, b in zip(indices, images, strict=True)}
        if substitute(body, mapping) is node:
            return element(definition.array, *images)
    return None
