"""An expression as one part times a delta, and one part without it: diag(…) and the rest."""

from __future__ import annotations

from chainrule.language.algebra import ONE, ZERO, add, mul, opened, substitute, total
from chainrule.language.expr import Add, Delta, Expr, Mul, Reduce
from chainrule.language.index import place_of
from chainrule.language.passes import parts
from chainrule.language.walk import walk


def apart(expr: Expr) -> tuple[Delta, Expr, Expr] | None:
    """(delta, what it is multiplied with, the rest), for the one delta of two free indices.

    >>> from chainrule.language.algebra import delta, element
    >>> from chainrule.language.expr import Array
    >>> from chainrule.language.index import Index
    >>> i, j = Index("i", "N"), Index("j", "N")
    >>> p = Array("p", ("N",))
    >>> _, beside, rest = apart(element(p, i) * (delta(i, j) - element(p, j)))
    >>> beside is element(p, i), rest is -element(p, i) * element(p, j)
    (True, True)
    """
    found = [part for part in parts(expr) if isinstance(part, Delta)]
    if len(found) != 1:
        return None
    ends = found[0].left.index, found[0].right.index
    if None in ends or not expr.free.issuperset(ends):
        return None
    pair = walk(_Splitting(found[0]).visit, expr)
    if pair is None:
        return None
    kept, other = sorted(ends)
    return found[0], substitute(pair[0], {other: place_of(kept)}), pair[1]


class _Splitting:
    def __init__(self, delta: Delta):
        self.delta = delta

    def visit(self, node: Expr):
        """(what the delta is multiplied with, the rest); None where it stands in a function."""
        if node is self.delta:
            return ONE, ZERO
        if self.delta not in set(parts(node)):
            return ZERO, node
        if isinstance(node, Add):
            pairs = []
            for term in node.terms:
                pairs.append((yield term))
            return None if None in pairs else tuple(add(*side) for side in zip(*pairs, strict=True))
        if isinstance(node, Mul):
            inside = [factor for factor in node.factors if self.delta in set(parts(factor))]
            pair = (yield inside[0]) if len(inside) == 1 else None
            rest = node / inside[0]
            return None if pair is None else tuple(mul(rest, side) for side in pair)
        if isinstance(node, Reduce) and node.kind == "sum":
            index, body = opened(node)
            pair = yield body
            return None if pair is None else tuple(total(index, side) for side in pair)
        return None
