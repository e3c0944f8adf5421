r"""A plain 1 for a vector of ones: the 1 of `1 b`, where `1^T` is printed somewhere.

Nobody writes a number 1 in front of a factor. And the length of such a vector where it takes a
mean: the 1 of `\frac{1}{n} 1^T x` has n elements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from chainrule.notation import tree
from chainrule.notation.scripts import ONES, is_bold_one, is_transposed
from chainrule.notation.totals import COUNTS
from chainrule.notation.tree import Node


def with_ones(statements: Iterable[tree.Statement]) -> list[tree.Statement]:
    """The statements with each plain 1 that is a vector of ones as a bold one."""
    statements = list(statements)
    parts = (part for one in statements for part in tree.walk(one.chain))
    changes = [_with_length]
    if any(is_transposed(part) and _is_one(part.base) for part in parts):
        changes.insert(0, _changed)
    for change in changes:
        statements = [replace(s, chain=tree.transformed(s.chain, change)) for s in statements]
    return statements


def _changed(part: Node) -> Node:
    if is_transposed(part) and _is_one(part.base):
        return replace(part, base=replace(part.base, font="bold"))
    if not isinstance(part, tree.Product):
        return part
    beside = {
        id(first)
        for (first, second), operator in zip(pairwise(part.factors), part.operators, strict=True)
        if _is_one(first) and operator == "" and isinstance(second, (tree.Symbol, tree.Script))
    }
    factors = (replace(f, font="bold") if id(f) in beside else f for f in part.factors)
    return replace(part, factors=tuple(factors)) if beside else part


def _is_one(node: Node) -> bool:
    return isinstance(node, tree.Number) and node.text == "1" and not node.font


def _with_length(part: Node) -> Node:
    """`1/n 1^T x` with `1_n^T`; of `1/n 1 1^T x`, which has two of them, the one next to x."""
    if not isinstance(part, tree.Product):
        return part
    factors = list(part.factors)
    for at, first in enumerate(factors[:-1]):
        match first:
            case tree.Fraction(tree.Number("1"), tree.Symbol(name) as size) if name in COUNTS:
                last = at + 1
                if last + 1 < len(factors) and _is_lengthless(factors[last]):
                    last += _is_lengthless(factors[last + 1])
                if _is_lengthless(factors[last]) and not _is_taken_of(factors[last + 1 :]):
                    factors[last] = _of_length(factors[last], size)
    return replace(part, factors=tuple(factors))


def _is_taken_of(after: list[Node]) -> bool:
    """Whether a condition in brackets follows, of which the 1 is the indicator."""
    return any(isinstance(one, tree.Group) for one in after[:1]) and any(
        isinstance(part, tree.Chain) for part in tree.walk(after[0])
    )


def _is_lengthless(node: Node) -> bool:
    """`1` and `1^T`, a vector of ones that does not say how many."""
    turned = isinstance(node, tree.Script) and node.sub is None and is_transposed(node)
    return is_bold_one(node.base if turned else node) and (turned or isinstance(node, tree.Number))


def _of_length(node: Node, size: Node) -> Node:
    if isinstance(node, tree.Script):
        return replace(node, sub=size)
    return tree.Script(node, size, start=node.start, end=node.end)


def is_ones(node: Node) -> bool:
    """Whether a node is a row of ones: `1^T` and `1_n^T`."""
    return is_transposed(node) and is_bold_one(node)


def averaged(factors: tuple[Node, ...]) -> Iterator[Node]:
    """The n of `1/n 1_n^T x`: how many elements the mean is of."""
    for first, *after in (factors[at : at + 3] for at in range(len(factors))):
        for one in after:
            match first, one:
                case (
                    tree.Fraction(tree.Number("1"), size),
                    tree.Script(tree.Number("1"), below),
                ) if size == below and one.base.font in ONES:
                    yield size
