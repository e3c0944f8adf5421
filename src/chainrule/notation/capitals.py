"""Capital letters: which of them are matrices, since they are multiplied."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from chainrule.mathematics.functions import function_named
from chainrule.notation import tree
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.names import named
from chainrule.notation.scripts import letter, scripted
from chainrule.notation.steps import is_of_step
from chainrule.notation.tree import Node
from chainrule.notation.usage import Usage

_ACCENTED = re.compile(r"\\(?:hat|bar|tilde|check|breve|dot|ddot)\{(\w)")


def is_capital(text: str) -> bool:
    """Whether a name is a capital letter, which may have an accent: W, W_1, \\hat{Y}."""
    accented = _ACCENTED.match(text)
    return (text if accented is None else accented[1])[0].isupper()


def capitals(nodes: list[Node], usage: Usage, sizes: set[str]) -> Iterator[str]:
    """The capital letters that are multiplied, unless they are costs, sizes or numbers."""
    others = {name for node in nodes for name in _beside_numbers(node, usage)}
    others |= {name for node in nodes for name in _set_to_numbers(node, usage)}
    others |= {name for node in nodes for name in _doubled_below(node, usage)}
    others |= {name for node in nodes for name in _set_by_entries(node, usage, sizes)}
    others |= sizes | _costs(nodes, usage)
    products = (p for node in nodes for p in tree.walk(node) if isinstance(p, tree.Product))
    for factor in (factor for product in products for factor in _multiplied(product)):
        name = named(factor, usage)
        if not name or name.places or not is_capital(name.text):
            continue
        # What stands in a cell at a time is a vector more often; T may be a temperature.
        cell = is_of_step(name.text, ("t", "\\tau"))
        if not cell and not (name.text == "T" and "T" in usage.divided):
            if name.text not in others:
                yield name.text


def _costs(nodes: Iterable[Node], usage: Usage) -> set[str]:
    """The L of ∂L/∂x and of ∇_x L."""
    found = set()
    for part in (part for node in nodes for part in tree.walk(node)):
        match part:
            case tree.Fraction(tree.Product((_, cost, *_))) if is_derivative(part):
                name = named(cost, usage)
            case tree.Product((tree.Script(tree.Symbol("nabla"), tree.Node()), cost)):
                name = named(cost, usage)
            case _:
                continue
        if name is not None and not name.places:
            found.add(name.text)
    return found


def _beside_numbers(node: Node, usage: Usage) -> set[str]:
    """The N of `N + 1`, to which a number is added; H of `H (1 - H)` may be an array."""
    sums = (
        part
        for part in tree.walk(node)
        if isinstance(part, tree.Sum)
        and not (isinstance(part.terms[0], tree.Number) and part.signs[1:] == ("-",))
    )
    return {
        name.text
        for part in sums
        if any(isinstance(term, tree.Number) and not term.font for term in part.terms)
        for term in part.terms
        if (name := named(term, usage)) is not None and not name.places
    }


def _set_to_numbers(node: Node, usage: Usage) -> set[str]:
    """The H of `H = 100`; a matrix may be 0 or 1."""
    match node:
        case tree.Chain((head, tree.Number(text)), (tree.Relation("="),)) if text not in "01":
            name = named(head, usage)
            return set() if name is None or name.places else {name.text}
    return set()


def _set_by_entries(node: Node, usage: Usage, sizes: set[str]) -> set[str]:
    r"""The S of `S_i = e^{x_i} / \sum_k e^{x_k}`: its entries are made of entries of vectors."""
    match node:
        case tree.Chain((head, body, *_), (tree.Relation("="), *_)):
            name = named(head, usage)
        case _:
            return set()
    if name is None or len(name.places) != 1 or not is_capital(name.text):
        return set()
    parts = [one for part in scripted(body) if (one := named(part, usage)) is not None]
    marks = {letter(place) for one in (name, *parts) for place in one.places}
    made_of = [one for one in parts if one.text not in sizes | marks | {"e", "\\pi"}]
    made_of = [one for one in made_of if function_named(one.text.lstrip("\\")) is None]
    entries = all(len(one.places) == 1 and not is_capital(one.text) for one in made_of)
    return {name.text} if made_of and entries else set()


def _doubled_below(node: Node, usage: Usage) -> set[str]:
    r"""The N of `\frac{1}{2N}`: nobody divides by twice a matrix."""
    fractions = (part for part in tree.walk(node) if isinstance(part, tree.Fraction))
    return {
        name.text
        for below in (fraction.denominator for fraction in fractions)
        if isinstance(below, tree.Product) and isinstance(below.factors[0], tree.Number)
        for name in (named(factor, usage) for factor in below.factors[1:])
        if name is not None and not name.places and len(below.factors) == 2
    }


def _multiplied(node: tree.Product) -> list[Node]:
    """The factors that are not called: no bracket follows them directly."""
    kept = []
    for position, factor in enumerate(node.factors):
        following = node.factors[position + 1] if position + 1 < len(node.factors) else None
        if isinstance(following, tree.Script):
            following = following.base
        called = isinstance(following, tree.Group) and following.open == "("
        tight = position < len(node.operators) and node.operators[position] == ""
        if not (called and tight):
            kept.append(factor)
    return kept
