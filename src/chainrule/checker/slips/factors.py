"""Factors, terms, operands and numbers: another one, or too much."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chainrule.checker.slips.misprint import Edit, Print, shown
from chainrule.notation import tree
from chainrule.notation.names import named
from chainrule.notation.reductions import own_letters
from chainrule.notation.tree import Node


def operands(printed: Print, node: Node) -> Iterator[Edit]:
    """A name of the claim, or an array of the same sizes, in the place of another one; in that of
    an element all that the claim prints."""
    if printed.is_operand(node):
        yield from _in_place(printed, node, printed.operands(named(node, printed.usage).text))
    elif node in printed.elements:
        names = (part for part in printed.parts if printed.is_operand(part))
        others = dict.fromkeys(map(printed.source, (*printed.elements, *names)))
        own = {printed.source(one).strip() for one in (node, *printed.others)}
        unlike = [one for one in others if one not in own and one not in printed.letters]
        yield from _in_place(printed, node, unlike)


def other_operands(printed: Print, node: Node) -> Iterator[Edit]:
    """An array of any other shape in the place of one that does not fit."""
    if printed.is_operand(node):
        own = named(node, printed.usage).text
        yield from _in_place(printed, node, [name for name in printed.arrays if name != own])


def _in_place(printed: Print, node: Node, others: list[str]) -> Iterator[Edit]:
    own = printed.source(node)
    for other in others:
        sentence = f"a wrong operand: {shown(own)} should be {shown(other)}"
        yield printed.replace(node, other, sentence)


# So many factors at the end may be too much together.
LONGEST_RUN = 3


def factors_too_much(printed: Print, node: Node) -> Iterator[Edit]:
    if isinstance(node, tree.Product):
        last = len(node.factors) - 1
        yield from (_without(printed, node, k, k) for k in range(last + 1) if last)
        yield from (_without(printed, node, k, k + 1) for k in range(last - 1))


def factors_at_the_end(printed: Print, node: Node) -> Iterator[Edit]:
    """The last factors of the whole member: a chain rule that should have ended before."""
    if node is printed.node:
        while isinstance(node, (tree.Decorated, tree.Sum)):
            if isinstance(node, tree.Sum) and len(node.terms) > 1:
                return
            node = node.body if isinstance(node, tree.Decorated) else node.terms[0]
        if isinstance(node, tree.Product):
            last = len(node.factors) - 1
            for length in range(2, min(LONGEST_RUN, last) + 1):
                yield _without(printed, node, last - length + 1, last)


def _without(printed: Print, node: tree.Product, first: int, end: int) -> Edit:
    """A product without some of its factors."""
    spans = [printed.span(factor) for factor in node.factors]
    run = printed.document.text[spans[first][0] : spans[end][1]]
    alone = first == end and printed.is_word(node.factors[first])
    sentence = f"the {'function' if alone else 'factor'} {shown(run)} is too much"
    if end + 1 < len(spans):
        return Edit(spans[first][0], spans[end + 1][0], "", sentence)
    return Edit(spans[first - 1][1], spans[end][1], "", sentence)


def sums_too_much(printed: Print, node: Node) -> Iterator[Edit]:
    """A sum that stands where one of its terms is meant, or the term of the diagonal."""
    if not isinstance(node, tree.Big) or node.kind != "sum" or node.sub is None:
        return
    body = printed.source(node.body)
    bound = min(own_letters(node), default="")
    for other in printed.letters:
        if bound and other != bound:
            new = re.sub(rf"(?<![a-zA-Z\\]){bound}(?![a-zA-Z])", other, body)
            yield printed.replace(node, new, f"the sum over {bound} is too much")
            for third in printed.letters:
                if third not in (bound, other):
                    sentence = f"one term of the sum is meant, where {third} = {other}"
                    yield printed.replace(node, rf"\delta_{{{other} {third}}} {new}", sentence)


def terms_too_much(printed: Print, node: Node) -> Iterator[Edit]:
    if not isinstance(node, tree.Sum) or len(node.terms) < 2:
        return
    spans = [printed.span(term) for term in node.terms]
    for k, (start, end) in enumerate(spans):
        sentence = f"the term {shown(printed.document.text[start:end])} is too much"
        if k:
            yield Edit(spans[k - 1][1], end, "", sentence)
        elif node.signs[1] == "+":
            yield Edit(printed.span(node)[0], spans[1][0], "", sentence)


def precedence(printed: Print, node: Node) -> Iterator[Edit]:
    if not isinstance(node, tree.Sum):
        return
    text = printed.document.text
    for before, after in zip(node.terms, node.terms[1:], strict=False):
        start, (middle, end) = printed.span(before)[0], printed.span(after)
        sentence = "brackets are missing: "
        if isinstance(after, tree.Product):
            stop = printed.span(after.factors[0])[1]
            grouped = f"({text[start:stop]})"
            yield Edit(start, stop, grouped, sentence + shown(f"{grouped}{text[stop:end]}"))
        if isinstance(before, tree.Product):
            begin = printed.span(before.factors[-1])[0]
            grouped = f"({text[begin:end]})"
            yield Edit(begin, end, grouped, sentence + shown(f"{text[start:begin]}{grouped}"))
        if isinstance(before, tree.Fraction):
            top, bottom = printed.source(before.numerator), printed.source(before.denominator)
            joint = text[printed.span(before)[1] : middle]
            new = rf"\frac{{{top}}}{{{bottom}{joint}{text[middle:end]}}}"
            yield Edit(start, end, new, sentence + shown(new))


def fractions(printed: Print, node: Node) -> Iterator[Edit]:
    if isinstance(node, tree.Fraction):
        top, bottom = printed.source(node.numerator), printed.source(node.denominator)
        new = rf"\frac{{{bottom}}}{{{top}}}"
        yield printed.replace(node, new, "numerator and denominator are swapped")


def reciprocals(printed: Print, node: Node) -> Iterator[Edit]:
    """A factor that should divide, and a divisor that should be a factor."""
    if isinstance(node, tree.Product):
        for factor in node.factors:
            own = printed.source(factor)
            if printed.is_operand(factor) or own in printed.lengths:
                new = rf"\frac{{1}}{{{own}}}"
                yield printed.replace(factor, new, f"{shown(own)} should divide")
    match node:
        case tree.Fraction(tree.Number("1"), below):
            own = printed.source(below)
            yield printed.replace(node, f"({own})", f"{shown(own)} should not divide")


def numbers(printed: Print, node: Node) -> Iterator[Edit]:
    if isinstance(node, tree.Number) and node.text.isdigit():
        for other in {"1": ("2",), "2": ("1", "4")}.get(node.text, (str(int(node.text) - 1),)):
            sentence = f"a number is wrong: {shown(node.text)} should be {shown(other)}"
            yield printed.replace(node, other, sentence)
