"""Functions: another one, its derivative, its argument, a power of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from chainrule.checker.slips.misprint import Edit, Print, shown
from chainrule.notation import tree
from chainrule.notation.names import named
from chainrule.notation.tree import Node

# So many names are tried as factors of an argument.
MOST_FACTORS = 3


def _calls(printed: Print, node: Node) -> Iterator[tuple[Node, str, int, int]]:
    """(function word, its argument as printed, start, end) of the calls that stand in a node."""
    match node:
        case tree.Product(factors):
            pairs = list(pairwise(factors))
        case tree.Apply(word, argument):
            pairs = [(word, argument)]
        case _:
            return
    for word, argument in pairs:
        called = isinstance(node, tree.Apply) or isinstance(argument, tree.Group)
        if called and printed.is_word(word):
            start, end = printed.span(word)[0], printed.span(argument)[1]
            yield word, printed.source(argument), start, end


def functions(printed: Print, node: Node) -> Iterator[Edit]:
    for word, inside, start, end in _calls(printed, node):
        name = printed.source(word)
        if name.lstrip("\\") in ("log", "ln"):
            sentence = f"the logarithm of {shown(inside)} stands where {shown(inside)} is meant"
            yield Edit(start, end, inside, sentence)
        argument = inside if inside.startswith("(") else f"({inside})"
        sentence = f"{shown(name)} stands where its derivative is meant"
        yield Edit(start, end, f"{name}'{argument}", sentence)


def arguments(printed: Print, node: Node) -> Iterator[Edit]:
    """Another sign or a factor in the argument of a function."""
    for word, inside, start, end in _calls(printed, node):
        name = printed.source(word)
        argument = inside if inside.startswith("(") else f"({inside})"
        names = [f"{other} " for other in printed.operands("")][:MOST_FACTORS]
        for factor in ("-", "2 ", r"\frac{1}{2} ", *names):
            new = f"{name}({factor}{argument[1:-1]})"
            sentence = f"a wrong argument: {shown(name + argument)} should be {shown(new)}"
            yield Edit(start, end, new, sentence)


# Functions that are taken for each other.
_ALIKE = (
    ("\\tanh", "\\sigma"),
    ("\\log", "\\exp"),
    ("\\ln", "\\exp"),
    ("\\sin", "\\cos"),
    ("\\max", "\\min"),
)


def exchanged(printed: Print, node: Node) -> Iterator[Edit]:
    """One function for another: tanh for the logistic function, log for exp."""
    if isinstance(node, tree.Symbol):
        own = printed.source(node).strip()
        for pair in _ALIKE:
            if own in pair:
                other = pair[1 - pair.index(own)]
                sentence = f"the function {shown(own)} stands where {shown(other)} is meant"
                yield printed.replace(node, f"{other} ", sentence)


def magnitudes(printed: Print, node: Node) -> Iterator[Edit]:
    """`|x|` where x is meant."""
    match node:
        case tree.Group("|" | "\\vert" | "\\lvert", _, body):
            sentence = f"the bars around {shown(printed.source(body))} are too much"
            yield printed.replace(node, f"({printed.source(body)})", sentence)


def logarithms_of_sums(printed: Print, node: Node) -> Iterator[Edit]:
    if isinstance(node, tree.Big):
        own = printed.source(node)
        yield printed.replace(node, rf"\log {own}", f"the logarithm of {shown(own)} is meant")


def logarithms(printed: Print, node: Node) -> Iterator[Edit]:
    element = isinstance(node, tree.Script) and named(node, printed.usage) is not None
    if element or printed.is_operand(node):
        own = printed.source(node)
        yield printed.replace(node, rf"\log({own})", f"the logarithm of {shown(own)} is meant")


def slopes(printed: Print, node: Node) -> Iterator[Edit]:
    """1 - h for 1 - h², the slopes of the logistic function and of tanh, and the other way."""
    match node:
        case tree.Sum(
            (tree.Number("1"), tree.Script(_, _, tree.Number("2")) as square), ("+", "-")
        ):
            yield from powers(printed, square)
        case tree.Sum((tree.Number("1"), other), ("+", "-")):
            own = printed.source(other)
            if isinstance(other, (tree.Symbol, tree.Script, tree.Accent)):
                sentence = f"a square is missing on {shown(own)}"
                yield printed.replace(other, f"{own}^2", sentence)
                yield printed.replace(other, rf"{own} \odot {own}", sentence)
            elif isinstance(other, (tree.Apply, tree.Product)):
                new = f"{own}^2" if own.endswith(")") else f"({own})^2"
                yield printed.replace(other, new, f"a square is missing on {shown(own)}")


def powers(printed: Print, node: Node) -> Iterator[Edit]:
    own = printed.source(node)
    match node:
        case tree.Script(base, sub, tree.Number("2")):
            start, end = printed.span(base if sub is None else sub)[1], printed.span(node)[1]
            if start < end:
                yield Edit(start, end, "", f"the square of {shown(own)} is too much")
        case tree.Fraction(top, bottom):
            new = rf"\frac{{{printed.source(top)}}}{{({printed.source(bottom)})^2}}"
            yield printed.replace(node, new, "the square of the denominator is missing")
        case tree.Product() | tree.Apply():
            for _, _, start, end in _calls(printed, node):
                call = printed.document.text[start:end]
                new = f"{call}^2" if call.endswith(")") else f"({call})^2"
                yield Edit(start, end, new, f"a square is missing on {shown(call)}")
        case tree.Group("(" | "["):
            yield printed.replace(node, f"{own}^2", f"a square is missing on {shown(own)}")
        case tree.Big("sum"):
            yield printed.replace(node, f"({own})^2", f"a square is missing on {shown(own)}")
        case tree.Script(_, _, None) | tree.Symbol():
            name = named(node, printed.usage)
            if name is not None and (name.places or printed.is_operand(node)):
                yield printed.replace(node, f"{own}^2", f"a square is missing on {shown(own)}")


def quotient_rule(printed: Print, node: Node) -> Iterator[Edit]:
    """(f' g - f g') / g² with its two terms exchanged."""
    match node:
        case tree.Fraction(
            tree.Sum((first, second), ("+", "-")) as top, tree.Script(_, _, tree.Number("2"))
        ):
            sentence = "the terms of the numerator are swapped, as in the quotient rule"
            new = f"{printed.source(second)} - {printed.source(first)}"
            yield printed.replace(top, new, sentence)
