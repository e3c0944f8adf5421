"""The syntax tree of a formula: what is printed, and nothing about what it means.

Every node carries its span in the document, `start` and `end` (exclusive), which equality ignores.
Nodes of a macro expansion have the span of the macro call. `show` prints a tree as a compact
s-expression:

>>> show(Fraction(Symbol("a"), Number("2")))
'(frac a 2)'
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cache


@dataclass(frozen=True)
class Node:
    # What was found out about the tree before: see `kept`.
    __slots__ = ("__dict__", "_kept")

    start: int = field(default=0, compare=False, kw_only=True)
    end: int = field(default=0, compare=False, kw_only=True)

    def __getstate__(self) -> dict:
        # A copy may find that out itself.
        return self.__dict__


@dataclass(frozen=True)
class Empty(Node):
    """Nothing printed where something could stand: before a leading relation, in an empty cell."""


@dataclass(frozen=True)
class Unread(Node):
    """Source that was not understood."""

    text: str


@dataclass(frozen=True)
class Number(Node):
    """Digits as printed; `font` tells a bold or blackboard 1 from the number one."""

    text: str
    font: str = ""


@dataclass(frozen=True)
class Symbol(Node):
    """One name, `x`, `theta` or `softmax`; also a lone operator, as the `cdot` of `f(\\cdot)`."""

    name: str
    font: str = ""


@dataclass(frozen=True)
class Text(Node):
    """Prose inside a formula."""

    text: str


@dataclass(frozen=True)
class Ellipsis(Node):
    """Dots: "horizontal", "vertical" or "diagonal"."""

    kind: str


@dataclass(frozen=True)
class Accent(Node):
    """A mark over a body: hat, bar, tilde, dot, ddot, check, vec (over more than one symbol)."""

    kind: str
    body: Node


@dataclass(frozen=True)
class Script(Node):
    base: Node
    sub: Node | None = None
    sup: Node | None = None
    primes: int = 0


@dataclass(frozen=True)
class Group(Node):
    """A bracketed body; ( ) [ ] { } | || < > ⌊ ⌋ ⌈ ⌉, also "." invisible, "" missing."""

    open: str
    close: str
    body: Node


@dataclass(frozen=True)
class List(Node):
    """Things side by side; separators are "," ";" "||", and "\\quad" for mere space."""

    items: tuple[Node, ...]
    separators: tuple[str, ...]


@dataclass(frozen=True)
class Fraction(Node):
    numerator: Node
    denominator: Node


@dataclass(frozen=True)
class Slash(Node):
    """An inline a/b, which binds one factor, or one `f(x)`, `∂x`, `dx`, on either side."""

    numerator: Node
    denominator: Node


@dataclass(frozen=True)
class Root(Node):
    body: Node
    degree: Node | None = None


@dataclass(frozen=True)
class Product(Node):
    """A flat run of factors; operators[i] joins factors[i] and [i + 1], "" by juxtaposition."""

    factors: tuple[Node, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True)
class Sum(Node):
    """Terms, each with its sign "+", "-", "±" or "∓", the first one's included."""

    terms: tuple[Node, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True)
class Big(Node):
    """An operator with bounds and the rest of its term: sum, prod, int, lim, max, argmin, ..."""

    kind: str
    sub: Node | None
    sup: Node | None
    body: Node


@dataclass(frozen=True)
class Apply(Node):
    """An operator word applied without brackets, as in `\\log x`."""

    function: Node
    argument: Node


@dataclass(frozen=True)
class Matrix(Node):
    """Rows of cells between delimiters "()", "[]", "{}", "||", "‖‖" or "" for none."""

    rows: tuple[tuple[Node, ...], ...]
    delimiters: str = ""


@dataclass(frozen=True)
class Cases(Node):
    """Rows of a value and its condition; without a condition, None."""

    rows: tuple[tuple[Node, Node | None], ...]


@dataclass(frozen=True)
class Decorated(Node):
    """A body with a mark that does not change it: underbrace, boxed, cancel, overset, ..."""

    kind: str
    body: Node
    note: Node | None = None


@dataclass(frozen=True)
class Conditional(Node):
    """`body | condition`, as in p(y | x) or in the definition of a set."""

    body: Node
    condition: Node


EQUAL = {"=", ":=", "equiv"}


@dataclass(frozen=True)
class Relation(Node):
    """A sign of relation and the annotation printed over or under it.

    guessed  whether it is not printed: a line goes on with the computation before it, it seems
    """

    kind: str
    over: Node | None = None
    guessed: bool = False


@dataclass(frozen=True)
class Chain(Node):
    """members[0] relations[0] members[1] ...; beside a leading or trailing relation is an Empty."""

    members: tuple[Node, ...]
    relations: tuple[Relation, ...]


@dataclass(frozen=True)
class Statement(Node):
    """One line of mathematics: a chain or an expression, with what is printed around it.

    `implied` says that it stood after ⇒ or ∴; `given` are the conditions that words state, which
    may be a Text: words that are not understood.
    """

    chain: Node
    label: str = ""
    conditions: tuple[Node, ...] = ()
    notes: tuple[Text, ...] = ()
    implied: bool = False
    given: tuple[Node, ...] = ()


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly inside a node, in order."""
    try:
        return node._kept["children"]
    except (AttributeError, KeyError):
        found = tuple(_nodes(getattr(node, name) for name in _names(type(node))))
        kept(node)["children"] = found
        return found


def kept(node: Node) -> dict:
    """Where passes keep what they found out about a tree, which never changes."""
    try:
        return node._kept
    except AttributeError:
        object.__setattr__(node, "_kept", {})
        return node._kept


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


def _nodes(values) -> Iterator[Node]:
    for value in values:
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from _nodes(value)


def walk(node: Node) -> Iterator[Node]:
    """The node and everything inside it, parents before children, in the order of print."""
    known = kept(node)
    if "parts" not in known:
        parts, waiting = [], [node]
        while waiting:
            parts.append(waiting.pop())
            waiting.extend(reversed(children(parts[-1])))
        known["parts"] = tuple(parts)
    return iter(known["parts"])


def is_arithmetic(node: Node) -> bool:
    """Whether a formula is made of printed numbers only."""
    return not any(isinstance(part, (Symbol, Accent)) for part in walk(node))


def transformed(node: Node, change: Callable[[Node], Node]) -> Node:
    """The tree with `change` applied to every node, children before parents."""
    if inside := children(node):
        images = [transformed(child, change) for child in inside]
        if any(map(operator.is_not, images, inside)):
            left, names = iter(images), _names(type(node))
            node = replace(node, **{name: _put(getattr(node, name), left) for name in names})
    return change(node)


def _put(value, images: Iterator[Node]):
    """What a node holds, with the next of the images in the place of each node."""
    if isinstance(value, tuple):
        return tuple([_put(one, images) for one in value])
    return next(images) if isinstance(value, Node) else value


def unread(node: Node) -> list[Unread]:
    """What was not understood inside a node."""
    return [one for one in walk(node) if isinstance(one, Unread)]


def show(node: Node | None) -> str:
    """A compact s-expression of a tree, without spans."""
    match node:
        case None:
            return "-"
        case Empty():
            return "()"
        case Number(text, font) | Symbol(text, font):
            return f"{font}:{text}" if font else text
        case Text(text):
            return f'"{text}"'
        case Ellipsis(kind):
            return {"horizontal": "...", "vertical": ":..", "diagonal": "\\.."}[kind]
        case Unread(text):
            return f"(unread {text!r})"
        case _:
            return f"({' '.join(_parts(node))})"


def _parts(node: Node) -> list[str]:
    match node:
        case Script(base, sub, sup, primes):
            marks = [*_marks(sub, sup), *(["'" * primes] if primes else [])]
            return ["script", show(base), *marks]
        case Big(kind, sub, sup, body):
            return ["big", kind, *_marks(sub, sup), show(body)]
        case Group(opening, closing, body):
            return ["group", opening + closing, show(body)]
        case List(items, separators):
            return ["list", *_between(map(show, items), separators)]
        case Product(factors, operators):
            marks = ["\\" + operator if operator else "" for operator in operators]
            return ["product", *_between(map(show, factors), marks)]
        case Sum(terms, signs):
            return [
                "sum",
                *(
                    part
                    for sign, term in zip(signs, terms, strict=True)
                    for part in (sign, show(term))
                ),
            ]
        case Chain(members, relations):
            return ["chain", *_between(map(show, members), map(_relation, relations))]
        case Statement():
            return _statement(node)
        case _:
            return _plain_parts(node)


def _plain_parts(node: Node) -> list[str]:
    match node:
        case Accent(kind, body):
            return [kind, show(body)]
        case Decorated(kind, body, note):
            return [kind, show(body), *([f"note:{show(note)}"] if note else [])]
        case Fraction(numerator, denominator):
            return ["frac", show(numerator), show(denominator)]
        case Slash(numerator, denominator):
            return ["/", show(numerator), show(denominator)]
        case Root(body, degree):
            return ["root", show(body), *([show(degree)] if degree else [])]
        case Apply(function, argument):
            return ["apply", show(function), show(argument)]
        case Conditional(body, condition):
            return ["given", show(body), show(condition)]
        case Matrix(rows, delimiters):
            return [f"matrix{delimiters}", *(f"[{' '.join(map(show, row))}]" for row in rows)]
        case Cases(rows):
            return ["cases", *(f"[{show(value)} if {show(when)}]" for value, when in rows)]
        case Relation():
            return ["relation", _relation(node)]
    raise TypeError(f"not a node of syntax: {node!r}")


def _marks(sub: Node | None, sup: Node | None) -> list[str]:
    return [sign + show(node) for sign, node in (("_", sub), ("^", sup)) if node is not None]


def _between(parts, marks) -> list[str]:
    first, *rest = parts
    others = (one for pair in zip(marks, rest, strict=True) for one in pair if one)
    return [first, *others]


def _relation(relation: Relation) -> str:
    return relation.kind if relation.over is None else f"{relation.kind}{{{show(relation.over)}}}"


def _statement(node: Statement) -> list[str]:
    return [
        "implied" if node.implied else "statement",
        show(node.chain),
        *([f"label:{node.label}"] if node.label else []),
        *(f"if:{show(condition)}" for condition in node.conditions),
        *(f"note:{show(note)}" for note in node.notes),
    ]
