"""What makes a product fit: transposes, the order of its factors, the product by elements."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

from chainrule.checker.slips.misprint import Edit, Print, shown
from chainrule.notation import tree
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.names import named
from chainrule.notation.scripts import is_transposed
from chainrule.notation.tree import Node


def transposes(printed: Print, node: Node) -> Iterator[Edit]:
    own = printed.source(node)
    if is_transposed(node):
        start = printed.span(node.base)[1]
        if node.sub is None:
            end = printed.span(node)[1]
            yield Edit(start, end, "", f"{shown(own)} should not be transposed")
    elif printed.is_operand(node) and printed.sizes.get(named(node, printed.usage).text):
        if printed.document.text[printed.span(node)[1] :].lstrip().startswith("^"):
            # A power, or the transpose itself, which is no part of this node.
            return
        base = f"{{{own}}}" if "^" in own else own
        yield printed.replace(node, rf"{base}^\top", f"{shown(own)} should be transposed")


def moved_transposes(printed: Print, node: Node) -> Iterator[Edit]:
    """`aᵀ b` where `a bᵀ` is meant: one factor is transposed in place of the other."""
    if isinstance(node, tree.Product):
        for first, second in combinations(node.factors, 2):
            turned, plain = (first, second) if is_transposed(first) else (second, first)
            movable = is_transposed(turned) and turned.sub is None
            if movable and printed.is_operand(plain):
                (start, end), text = printed.span(turned.base), printed.document.text
                own, other = text[start:end], rf"{printed.source(plain)}^\top"
                (a, b), (c, d) = printed.span(first), printed.span(second)
                left, right = (own, other) if turned is first else (other, own)
                new = f"{left}{text[b:c] or ' '}{right}"
                sentence = f"{shown(printed.source(plain))} should be transposed, not {shown(own)}"
                yield Edit(a, d, new, sentence)


def order(printed: Print, node: Node) -> Iterator[Edit]:
    """Two factors beside each other exchanged, or the first and the last of three."""
    if isinstance(node, tree.Product):
        text, units = printed.document.text, list(printed.units(node))
        for (a, b), (c, d) in (*pairwise(units), *zip(units, units[2:], strict=False)):
            if b <= c:
                new = text[c:d] + (text[b:c] or " ") + text[a:b]
                sentence = f"the order of {shown(text[a:b])} and {shown(text[c:d])} is wrong"
                yield Edit(a, d, new, sentence)


def turned(printed: Print, node: Node) -> Iterator[Edit]:
    """Two factors in the other order, one or both of them transposed."""
    if isinstance(node, tree.Product):
        for first, second in pairwise(node.factors):
            (a, b), (c, d) = printed.span(first), printed.span(second)
            one, other = _both_ways(printed, first), _both_ways(printed, second)
            if printed.is_word(first) or printed.span(first) in printed.arguments:
                continue
            if b <= c and one and other:
                text = printed.document.text[a:d]
                for left, right in ((other[0], one[1]), (other[1], one[0]), (other[1], one[1])):
                    new = f"{left} {right}"
                    yield Edit(a, d, new, f"{shown(text)} should be {shown(new)}")
                yield Edit(a, d, f"{one[1]} {other[1]}", f"both of {shown(text)} are transposed")


def _both_ways(printed: Print, node: Node) -> tuple[str, str] | None:
    """A factor as it is printed, and transposed."""
    own = printed.source(node)
    if is_transposed(node) and node.sub is None:
        return own, printed.document.text[slice(*printed.span(node.base))]
    plain = isinstance(node, (tree.Symbol, tree.Group, tree.Accent, tree.Decorated))
    if isinstance(node, tree.Script):
        plain = node.sup is None
    return (own, rf"{{{own}}}^\top") if plain else None


def transposed_groups(printed: Print, node: Node) -> Iterator[Edit]:
    """Brackets, derivatives and names with a mark that should be transposed."""
    if printed.span(node) in printed.arguments:
        return
    if isinstance(node, (tree.Group, tree.Accent)) or is_derivative(node):
        own = printed.source(node)
        new = f"({own})" if is_derivative(node) else own
        yield printed.replace(node, rf"{{{new}}}^\top", f"{shown(own)} should be transposed")


def by_elements(printed: Print, node: Node) -> Iterator[Edit]:
    """`a \\odot b` for `a b`."""
    if isinstance(node, tree.Product):
        text = printed.document.text
        # Vectors stand behind matrices.
        for (a, b), (c, d) in reversed(list(pairwise(printed.units(node)))):
            if b <= c:
                new = rf"{text[a:b]} \odot {text[c:d]}"
                new = f"({new})" if len(node.factors) > 2 else new
                yield Edit(a, d, new, f"the product by elements is meant: {shown(new)}")
