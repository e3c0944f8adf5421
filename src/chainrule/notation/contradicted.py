"""Shapes that a document states of a matrix after a formula in which only their transpose fits.

`a = U x + b` with 50 numbers in x, and below it `U ∈ ℝ^{50 × 100}`: the formula comes first and
says that U has 50 columns, so that the statement has its sizes in the wrong order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from chainrule.language.index import Size
from chainrule.language.sizes import is_unknown
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.names import Name, named
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import letter, scripted
from chainrule.notation.tree import EQUAL, Node

# The sizes of a factor that meet its neighbours: on its left, and on its right.
Sides = tuple[Size, Size]
Stated = Iterable[tuple[str, tuple[Node, ...]]]


def turn_contradicted(nodes: Iterable[Node], stated: Stated, scope: Scope) -> None:
    """Give the matrices whose stated shape is contradicted the shape that they must have."""
    scope.misdeclared = contradicted(nodes, stated, scope)
    for name in scope.misdeclared:
        symbol = scope.symbols[name]
        scope.symbols[name] = replace(symbol, axes=symbol.axes[::-1])


def contradicted(nodes: Iterable[Node], stated: Stated, scope: Scope) -> frozenset[str]:
    """The names of matrices whose stated shape fits no product printed above it, though its
    transpose fits each of them."""
    places: dict[str, list[int]] = {}
    for name, sizes in stated:
        if len(sizes) == 2:
            places.setdefault(name, []).append(sizes[0].start)
    asked = {name: at[0] for name, at in places.items() if len(at) == 1 and _is_oblong(scope, name)}
    found: dict[str, list[bool]] = {}
    lengths: dict[str, Size] = {}
    for chain in nodes if asked else ():
        met = list(_meetings(chain, scope, lengths))
        for name, fits in met:
            if chain.start < asked.get(name, -1):
                found.setdefault(name, []).append(fits)
        if all(fits for _, fits in met):
            _note_length(chain, scope, lengths)
    return frozenset(name for name, fits in found.items() if not any(fits)) - scope.restated


def _is_oblong(scope: Scope, name: str) -> bool:
    symbol = scope.symbols.get(name)
    if symbol is None or len(symbol.sizes) != 2 or any(map(is_unknown, symbol.sizes)):
        return False
    one, other = map(scope.sizes.find, symbol.sizes)
    return one != other and frozenset(map(str, (one, other))) not in scope.ties


def _note_length(chain: Node, scope: Scope, lengths: dict[str, Size]) -> None:
    """How long the vector is that `a = U x + b` or `h = f(a)` defines, if no shape of it is
    stated: as U has rows, and as a is."""
    if not isinstance(chain, tree.Chain) or chain.relations[0].kind not in EQUAL:
        return
    head = named(undecorated(chain.members[0]), scope.usage)
    if head is None or head.places or head.primes or head.power is not None or head.transpose:
        return
    length = _length(chain.members[1], scope, lengths)
    if length is not None:
        lengths.setdefault(head.text, length)


def _length(node: Node, scope: Scope, lengths: dict[str, Size]) -> Size | None:
    match node:
        case tree.Sum((first, *_)):
            return _length(first, scope, lengths)
        case tree.Product((_, tree.Group("(", _, inside)), ("",)):
            name = named(inside, scope.usage)
            sides = None if name is None else _sides(name, scope, lengths)
            return sides[0] if sides is not None and sides[0] == sides[1] else None
        case tree.Product((left, right), ("",)):
            names = named(left, scope.usage), named(right, scope.usage)
            sides = [None if name is None else _sides(name, scope, lengths) for name in names]
            matrices = [one is not None and one[0] != one[1] for one in sides]
            if matrices.count(True) == 1 and None not in names:
                return sides[0][0] if matrices[0] else sides[1][1]
    return None


def _meetings(
    chain: Node, scope: Scope, lengths: dict[str, Size]
) -> Iterator[tuple[str, bool]]:
    """The matrices in the formulas of other names, and whether each fits what it stands beside:
    as stated, or only if it is transposed."""
    if not isinstance(chain, tree.Chain) or chain.relations[0].kind not in EQUAL:
        return
    if is_derivative(undecorated(chain.members[0])):
        return
    for node in chain.members[1:2]:
        for part in tree.walk(node):
            if isinstance(part, tree.Product):
                yield from _in_product(part, scope, lengths)
            elif isinstance(part, tree.Big):
                yield from _in_sum(part, scope)


def _in_product(
    product: tree.Product, scope: Scope, lengths: dict[str, Size]
) -> Iterator[tuple[str, bool]]:
    factors = [(named(factor, scope.usage), factor) for factor in product.factors]
    for (left, right), operator in zip(pairwise(factors), product.operators, strict=True):
        if operator or None in (left[0], right[0]):
            continue
        one, other = (_sides(name, scope, lengths) for name, _ in (left, right))
        if one is None or other is None:
            continue
        for (name, _), own, met in ((left, one, other[0]), (right, other[::-1], one[1])):
            # own: the size on the far side, and the one that meets the neighbour.
            if own[0] != own[1] and met in own:
                yield name.text, own[1] == met


def _sides(name: Name, scope: Scope, lengths: dict[str, Size]) -> Sides | None:
    """The sizes of a factor on its left and right; of a vector the one that it has, twice."""
    symbol = scope.symbols.get(name.text)
    if name.places or name.power is not None:
        return None
    if symbol is None or not symbol.declared:
        length = lengths.get(name.text)
        return None if length is None or name.primes else (length, length)
    sizes = [scope.sizes.find(size) for size in symbol.sizes]
    if not sizes or name.primes or any(map(is_unknown, sizes)):
        return None
    if len(sizes) == 1:
        return sizes[0], sizes[0]
    return tuple(sizes[::-1] if name.transpose else sizes)


def _in_sum(big: tree.Big, scope: Scope) -> Iterator[tuple[str, bool]]:
    r"""The matrices w of `\sum_{j=1}^q w_{kj} h_j`, and whether the axis of j is q long."""
    match big:
        case tree.Big("sum", tree.Chain((tree.Symbol() as mark, tree.Number("1")), _), last):
            length = None if last is None else letter(last)
        case _:
            return
    for part in scripted(big.body) if length in scope.size_names else ():
        name = named(part, scope.usage)
        if name is None or len(name.places) != 2 or name.places.count(mark) != 1 or name.transpose:
            continue
        own = scope.symbols.get(name.text)
        sizes = [] if own is None else [scope.sizes.find(size) for size in own.sizes]
        if len(sizes) == 2 and scope.sizes.find(length) in sizes:
            yield name.text, sizes[name.places.index(mark)] == scope.sizes.find(length)
