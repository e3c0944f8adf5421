"""How much an inline slash binds: a factor, but `f(x)`, `∂y` and `dy` as one."""

from __future__ import annotations

from collections.abc import Callable

from chainrule.notation import vocabulary
from chainrule.notation.brackets import Item, Nest
from chainrule.notation.cursor import DEEPEST, Cursor, is_group, is_token
from chainrule.notation.tree import (
    Fraction,
    Group,
    Node,
    Number,
    Product,
    Script,
    Slash,
    Symbol,
    children,
)


def joined(factors: list[Node], operators: list[str]) -> Node:
    """A product, or its only factor."""
    if len(factors) == 1:
        return factors[0]
    start, end = factors[0].start, max(one.end for one in factors)
    return Product(tuple(factors), tuple(operators), start=start, end=end)


def divide(
    cursor: Cursor,
    factors: list[Node],
    operators: list[str],
    factor: Callable[[Cursor], Node],
    signed: Callable[..., Node],
) -> None:
    """Joins the last factor and the next around a slash, `f(x)`, `∂x` and `dx` being one."""
    differential = begins_differential(cursor.peek(1), cursor.peek(2))
    first = len(factors) - width(factors, operators, differential)
    above = joined(factors[first:], operators[first:])
    cursor.take()
    parts = [signed(cursor, factor)]
    follows = cursor.peek() is not None and not cursor.next_is("sign", "operator", "slash")
    if follows and (is_partial(parts[0]) or (differential and is_d(parts[0]))):
        parts.append(factor(cursor))
    while _is_twice(above) and _is_sign(cursor.peek()):
        parts += (factor(cursor), factor(cursor))
    if is_group(cursor.peek()) and callable_at(parts[-1], cursor.here()):
        parts.append(factor(cursor))
    below = joined(parts, [""] * (len(parts) - 1))
    del factors[first:]
    del operators[first:]
    factors.append(_divided(above, below))


def width(factors: list[Node], operators: list[str], differential: bool) -> int:
    """How many factors before a slash it binds."""
    bound = 1
    juxtaposed = [False, *(operator == "" for operator in operators)]
    if (
        isinstance(_base(factors[-1]), Group)
        and juxtaposed[-1]
        and callable_at(factors[-2], factors[-1].start)
    ):
        bound = 2
    before = len(factors) - bound - 1
    if before >= 0 and juxtaposed[before + 1]:
        tight = factors[before].end == factors[before + 1].start
        if is_partial(factors[before]) or (differential and tight and is_d(factors[before])):
            bound += 1
    return bound


def callable_at(node: Node, place: int) -> bool:
    """Whether a bracket at `place` reads as the argument of a name rather than as a factor."""
    base = _base(node)
    named = isinstance(base, Symbol) and not is_partial(node)
    return named and (node.end == place or base.name in vocabulary.FUNCTIONS)


def begins_differential(item: Item | None, follower: Item | None) -> bool:
    """Whether `dx` is printed tight, so that its `d` is a differential."""
    d = is_token(item, "letter") and item.text == "d"
    return (
        d and follower is not None and item.end == follower.start and not isinstance(follower, Nest)
    )


def is_partial(node: Node) -> bool:
    base = _base(node)
    return isinstance(base, Symbol) and base.name == "partial"


def _is_twice(node: Node) -> bool:
    """Whether a numerator begins with ∂² or d²; below the slash stand two variables, or one²."""
    first = node.factors[0] if isinstance(node, Product) else node
    sign = is_partial(first) or is_d(first)
    return sign and isinstance(first, Script) and first.sup == Number("2")


def _is_sign(item: Item | None) -> bool:
    """Whether a ∂ comes next."""
    return is_token(item, "symbol", "letter", "word") and item.text == "partial"


def _divided(above: Node, below: Node) -> Node:
    """One thing over another; a second derivative as the fraction that it is, whatever stands
    around the variables: `∂²f/(∂x ∂y)`."""
    place = {"start": above.start, "end": below.end}
    if not _is_twice(above):
        return Slash(above, below, **place)
    inside = isinstance(below, Group) and isinstance(below.body, Product)
    return Fraction(above, below.body if inside else below, **place)


def is_d(node: Node) -> bool:
    base = _base(node)
    return isinstance(base, Symbol) and base.name == "d"


def shallow(node: Node) -> bool:
    """Whether what leans to the left, a/b/c... or a|_b|_c..., is short enough to be walked."""
    depth = 0
    while isinstance(node, (Slash, Script, Group)) and depth < DEEPEST:
        node = next(iter(children(node)))
        depth += 1
    return depth < DEEPEST


def _base(node: Node) -> Node:
    return node.base if isinstance(node, Script) else node
