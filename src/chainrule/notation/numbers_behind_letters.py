"""Numbers right behind letters: the `x1` of `w1 x1 + w2 x2` is x_1, and no product of x and 1.

Where a letter has neither a 0 nor a 1 behind it somewhere, its `x2` may be x^2 as well, of which a
raised 2 was lost: then it is not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from chainrule.notation import tree
from chainrule.notation.neighbours import with_pairs
from chainrule.notation.tree import Node


def with_numbered_letters(statements: list[tree.Statement]) -> list[tree.Statement]:
    """The statements with x_1 for `x1`, other than in subscripts, where i1 are two places."""
    chains = [one.chain for one in statements]
    pairs = [pair for chain in chains for pair in _pairs(chain)]
    if not pairs:
        return statements
    names = {letter for letter, number in pairs if number.text in ("0", "1")}

    def written(one: Node, other: Node) -> Node | None:
        if not _is_glued(one, other):
            return None
        if one in names:
            return tree.Script(one, other, start=one.start, end=other.end)
        return tree.Unread(f"{one.name}{other.text}", start=one.start, end=other.end)

    def changed(part: Node, inside: set[tuple[int, int]]) -> Node:
        within = (part.start, part.end) in inside
        return part if within else with_pairs(part, written)

    return [
        replace(s, chain=tree.transformed(s.chain, partial(changed, inside=_marks(s.chain))))
        for s in statements
    ]


def _pairs(chain: Node) -> Iterator[tuple[Node, tree.Number]]:
    """Letters with the numbers right behind them."""
    inside = _marks(chain)
    for part in tree.walk(chain):
        if isinstance(part, tree.Product) and (part.start, part.end) not in inside:
            for one, other in zip(part.factors, part.factors[1:], strict=False):
                if _is_glued(one, other):
                    yield one, other


def _is_glued(one: Node, other: Node) -> bool:
    plain = isinstance(other, tree.Number) and not other.font and other.text.isdigit()
    # `\alpha1` is typed by nobody for a name: its 1 may be a vector of ones.
    return plain and isinstance(one, tree.Symbol) and one.end == other.start == one.start + 1


def _marks(chain: Node) -> set[tuple[int, int]]:
    """Where products stand below and over letters, and at the bounds of sums."""
    scripts = (p for p in tree.walk(chain) if isinstance(p, (tree.Script, tree.Big)))
    marks = (mark for one in scripts for mark in (one.sub, one.sup) if mark is not None)
    return {(part.start, part.end) for mark in marks for part in tree.walk(mark)}
