"""What passes over expressions share: all parts of one, and a node around new children."""

from __future__ import annotations

from collections.abc import Iterator

from chainrule.language.algebra import opened, rebound, rebuilt
from chainrule.language.expr import BINDERS, Along, Apply, Expr, children
from chainrule.language.function import Function


def parts(*exprs: Expr) -> Iterator[Expr]:
    """Every distinct part of the expressions, each before what is inside it.

    The bodies of binders are given as they stand, with their bound indices.

    >>> from chainrule.language.algebra import element, power
    >>> from chainrule.language.expr import Array, Element
    >>> x = element(Array("x"))
    >>> [type(part).__name__ for part in parts(power(x, 2) + x)]
    ['Add', 'Element', 'Power', 'Const']
    """
    waiting, seen = list(reversed(exprs)), set()
    while waiting:
        part = waiting.pop()
        if part not in seen:
            seen.add(part)
            yield part
            waiting.extend(reversed(children(part)))


def around(node: Expr):
    """The node around what its children become in the pass that goes over them.

    For passes of `walk`: `result = yield from around(node)`. Under a binder the pass sees the body
    with a fresh index. A node whose children stay is given back itself.
    """
    if isinstance(node, BINDERS):
        index, body = opened(node)
        new = yield body
        return node if new is body else rebound(node, index, new)
    kids = children(node)
    new = []
    for kid in kids:
        new.append((yield kid))
    return node if tuple(new) == kids else rebuilt(node, tuple(new))


def functions_in(expr: Expr) -> set[Function]:
    """The named functions that are applied to numbers or along an axis anywhere inside."""
    return {part.function for part in parts(expr) if isinstance(part, Apply | Along)}


def has_function(expr: Expr) -> bool:
    """Whether a named function is applied to numbers or along an axis anywhere inside."""
    return any(isinstance(part, Apply | Along) for part in parts(expr))
