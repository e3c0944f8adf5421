"""Sizes of images through convolution and pooling layers, with the layers described in prose.

The output of a layer has ⌊(n + 2p − k)/s⌋ + 1 numbers a side and as many channels as it has
filters; pooling keeps the channels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from chainrule.checker.claims.bounds import bound_of
from chainrule.checker.claims.page import Page
from chainrule.checker.findings import Finding
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.sentences import Sentence
from chainrule.notation.tree import Node

_LAYER = re.compile(r"\b(?:conv\w*|layers?|pool\w*|filters?|kernels?)\b", re.I)
_KERNEL = re.compile(r"(?<![\dx×])(\d+)\s?[x×]\s?(\d+)(?!\s?[x×]\s?\d)(?!\d)", re.I)
_FILTERS = re.compile(
    r"(?<![\dx×])(\d+)\s+(?:(?:filters?|kernels?|channels?|feature maps?)\b|\d+\s?[x×]\s?\d+)"
    r"|(?:filters?|kernels?)\s*(?:=|:)\s*(\d+)",
    re.I,
)
_STRIDE = re.compile(r"strides?\s*(?:=|of|:|is)?\s*(\d+)", re.I)
_PADDING = re.compile(r"padding(?:[- ]size)?\s*(?:=|of|:|is)?\s*(\d+)|(?P<none>no padding)", re.I)


@dataclass(frozen=True)
class Image:
    """An image as printed: its numbers in order, and which of them is the channels."""

    side: int
    channels: int | None
    first: bool = False


@dataclass(frozen=True)
class Layer:
    """What the prose says of a layer; None where it does not say."""

    pooling: bool
    kernel: int | None = None
    filters: int | None = None
    stride: int | None = None
    padding: int | None = None

    def output(self, side: int) -> int | None:
        """The side of the output, where the prose gives all that is needed."""
        stride = self.stride or (self.kernel if self.pooling else None)
        padding = 0 if self.pooling and self.padding is None else self.padding
        if self.kernel is None or stride is None or padding is None:
            return None
        return (side + 2 * padding - self.kernel) // stride + 1


def findings(page: Page) -> Iterator[Finding]:
    """The sizes of outputs printed after a layer, and the general formula for them."""
    layer: Layer | None = None
    image: Image | None = None
    computed: int | None = None
    section = -1
    for sentence in page.in_turn(page.sentences):
        if page.section(sentence.start) != section:
            section, layer, image, computed = page.section(sentence.start), None, None, None
        if not sentence.display and (described := described_layer(sentence)) is not None:
            layer, computed = described, None
        for mark in sentence.flat:
            if mark not in sentence.prints:
                continue
            node = sentence.prints[mark].node
            yield from _formula(page, node)
            if layer is None:
                continue
            computed = _computed(node, computed)
            sides = _product(node)
            if sides is not None and sentence.display:
                image, found = _judged(page, node, sides, layer, image, computed)
                if found is not None:
                    yield found


def described_layer(sentence: Sentence) -> Layer | None:
    """The layer that a sentence describes, or None."""
    text = sentence.flat
    if not _LAYER.search(text):
        return None
    pooling = bool(re.search(r"pool", text, re.I))
    sides = _KERNEL.search(text)
    filters = _FILTERS.search(text)
    stride, padding = _STRIDE.search(text), _PADDING.search(text)
    return Layer(
        pooling,
        int(sides[1]) if sides and sides[1] == sides[2] else None,
        int(filters[1] or filters[2]) if filters else None,
        int(stride[1]) if stride else None,
        (0 if padding["none"] else int(padding[1])) if padding else None,
    )


def _computed(node: Node, before: int | None) -> int | None:
    """The whole number that a computation ends with."""
    if isinstance(node, tree.Chain) and (value := bound_of(undecorated(node.members[-1]))):
        if isinstance(value, Fraction) and value.denominator == 1:
            return int(value)
    return before


def _product(node: Node) -> tuple[int, int, int] | None:
    """`64 × 32 × 32` as three whole numbers."""
    inner = undecorated(node)
    if not isinstance(inner, tree.Product) or set(inner.operators) != {"times"}:
        return None
    if len(inner.factors) != 3 or not all(isinstance(f, tree.Number) for f in inner.factors):
        return None
    texts = [factor.text for factor in inner.factors]
    return tuple(map(int, texts)) if all(text.isdigit() for text in texts) else None


def _judged(
    page: Page,
    node: Node,
    printed: tuple[int, int, int],
    layer: Layer,
    before: Image | None,
    computed: int | None,
) -> tuple[Image | None, Finding | None]:
    """The image after a layer, and the verdict on its printed size."""
    side = layer.output(before.side) if before is not None else None
    side = computed if side is None else side
    channels = before.channels if layer.pooling and before is not None else layer.filters
    if side is None:
        return before, None
    wanted = Image(side, channels, before.first if before is not None else False)
    own = _taken_apart(printed, wanted)
    if own is None:
        return wanted, _wrong(page, node, wanted)
    if channels is None:
        fact = f"the layer has {own.channels} filters"
        return own, page.finding(node.start, node.end, "holds-if", fact=fact)
    if before is not None and own.first != before.first and own.channels != own.side:
        words = "the channels stand first here" if own.first else "the channels stand last here"
        return own, page.finding(node.start, node.end, "convention", convention=words)
    return own, page.finding(node.start, node.end, "holds")


def _taken_apart(printed: tuple[int, int, int], wanted: Image) -> Image | None:
    """Which of three numbers are the sides and which the channels, if they are as wanted."""
    orders = [(printed[:2], printed[2], False), (printed[1:], printed[0], True)]
    if wanted.first:
        orders.reverse()
    for sides, channels, first in orders:
        if sides == (wanted.side, wanted.side) and wanted.channels in (None, channels):
            return replace(wanted, channels=channels, first=first)
    return None


def _wrong(page: Page, node: Node, wanted: Image) -> Finding:
    sides = [str(wanted.side), str(wanted.side)]
    channels = "K" if wanted.channels is None else str(wanted.channels)
    parts = [channels, *sides] if wanted.first else [*sides, channels]
    reason = f"the output has {wanted.side} a side"
    if wanted.channels is not None:
        reason += f" and {wanted.channels} channels"
    return page.finding(
        node.start,
        node.end,
        "wrong",
        counterexample=reason,
        diagnosis="the size of the layer's output is another",
        correction=r" \times ".join(parts),
    )


# The general formula, with its letters in words. ------------------------------------------------

_ROLES = {
    "input": re.compile(r"input|image|width|height", re.I),
    "padding": re.compile(r"pad", re.I),
    "kernel": re.compile(r"kernel|filter", re.I),
    "stride": re.compile(r"stride", re.I),
}
_TRIED = (
    {"input": 13, "padding": 1, "kernel": 3, "stride": 2},
    {"input": 28, "padding": 2, "kernel": 5, "stride": 1},
    {"input": 9, "padding": 0, "kernel": 3, "stride": 3},
)


def _formula(page: Page, node: Node) -> Iterator[Finding]:
    """`(input + 2 padding − kernel)/stride + 1`, alone or behind `output size =`."""
    body = node
    if isinstance(node, tree.Chain):
        heads = node.members[0]
        text = getattr(heads, "text", getattr(heads, "name", ""))
        if len(node.members) != 2 or not re.search(r"out|size", str(text), re.I):
            return
        body = node.members[1]
    if _roles(body) != set(_ROLES):
        return
    values = [_number(body, tried) for tried in _TRIED]
    if None in values:
        return
    right = [Fraction(t["input"] + 2 * t["padding"] - t["kernel"], t["stride"]) + 1 for t in _TRIED]
    start, end = body.start, body.end
    if values in (right, [Fraction(value // 1) for value in right]):
        yield page.finding(start, end, "holds", reading="the size of a layer's output")
        return
    given, value, wanted = _TRIED[0], values[0], right[0]
    named = ", ".join(f"{name} = {number}" for name, number in given.items())
    missing = [v + 1 for v in values] == right
    written = page.document.text[slice(*page.document.braced(start, end))]
    yield page.finding(
        start,
        end,
        "wrong",
        reading="the size of a layer's output",
        counterexample=f"with {named}: {value} against {wanted}",
        diagnosis="+ 1 is missing" if missing else None,
        correction=f"{written} + 1" if missing else None,
    )


def _roles(node: Node) -> set[str]:
    found = set()
    for part in tree.walk(node):
        if isinstance(part, (tree.Symbol, tree.Text)):
            role = _role(part)
            if role is None:
                return set()
            found.add(role)
    return found


def _role(node: tree.Symbol | tree.Text) -> str | None:
    text = node.name if isinstance(node, tree.Symbol) else node.text
    return next((role for role, pattern in _ROLES.items() if pattern.search(text)), None)


def _number(node: Node, given: dict[str, int]) -> Fraction | None:
    """The value of a formula in words; None for what is no arithmetic."""
    match undecorated(node):
        case tree.Number(text):
            return Fraction(text)
        case tree.Symbol() | tree.Text() as name:
            role = _role(name)
            return None if role is None else Fraction(given[role])
        case tree.Group("⌊", _, body):
            value = _number(body, given)
            return None if value is None else Fraction(value // 1)
        case tree.Group("(" | "[" | "{", _, body):
            return _number(body, given)
        case tree.Fraction(top, bottom) | tree.Slash(top, bottom):
            parts = [_number(top, given), _number(bottom, given)]
            return None if None in parts or not parts[1] else parts[0] / parts[1]
        case tree.Product(factors, operators) if set(operators) <= {"", "times", "cdot", "ast"}:
            result = Fraction(1)
            for factor in factors:
                value = _number(factor, given)
                if value is None:
                    return None
                result *= value
            return result
        case tree.Sum(terms, signs) if set(signs) <= {"+", "-"}:
            parts = [_number(term, given) for term in terms]
            if None in parts:
                return None
            signed = zip(parts, signs, strict=True)
            return sum((part if sign == "+" else -part for part, sign in signed), Fraction(0))
    return None
