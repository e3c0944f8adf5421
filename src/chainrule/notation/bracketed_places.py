"""Places in square brackets, as in programs: `x[n - i]` is x_{n-i}, and `(x * k)[n]` an element.

A document that writes one name so writes it so everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from chainrule.notation import tree
from chainrule.notation.neighbours import with_factors
from chainrule.notation.scripts import letter
from chainrule.notation.tree import Node

# Letters that count. What stands in the brackets of H[p], E[x] or q[1 - q] is something else.
_COUNTING = set("ijklmnrst")
# Letters that take what is in brackets as an argument, as probabilities and expectations do.
_TAKING = {"E", "P", "V", "H", "I", "\\mathbb{E}", "f", "g", "\\sigma", "\\phi", "\\varphi"}


def with_places(statements: list[tree.Statement]) -> list[tree.Statement]:
    """The statements with subscripts for the brackets of the names that are written so."""
    chains = [one.chain for one in statements]
    names = _written_so(chains)
    if not names:
        return statements

    def change(part: Node) -> Node:
        return _with_subscripts(part, names) if isinstance(part, tree.Product) else part

    return [replace(one, chain=tree.transformed(one.chain, change)) for one in statements]


def _written_so(chains: Iterable[Node]) -> set[str]:
    """The names of which all brackets hold places, and one of them is a sum or a number.

    What has a lone letter in all of its brackets is read as an element where its shape is known.
    """
    found: dict[str, list[Node]] = {}
    for chain in chains:
        for part in tree.walk(chain):
            for word, bracket in _pairs(part):
                found.setdefault(letter(word) or "", []).append(bracket.body)
    names = {text for text, bodies in found.items() if all(map(_is_place, bodies))}
    names -= _TAKING
    shared = [body for text in names for body in found[text]]
    counted = {letter(part) for body in shared for part in tree.walk(body)}
    computed = any(not isinstance(one, tree.Symbol) for body in shared for one in _items(body))
    return names - counted if computed else set()


def _pairs(part: Node) -> Iterator[tuple[Node, tree.Group]]:
    """The names with a square bracket right behind them."""
    if isinstance(part, tree.Product):
        sides = zip(pairwise(part.factors), part.operators, strict=True)
        for (word, bracket), operator in sides:
            plain = isinstance(word, tree.Accent) or (
                isinstance(word, tree.Symbol) and len(word.name) == 1 and word.font != "blackboard"
            )
            if plain and not operator and _is_square(bracket):
                yield word, bracket


def _is_square(node: Node) -> bool:
    return isinstance(node, tree.Group) and node.open == "["


def _items(body: Node) -> tuple[Node, ...]:
    return body.items if isinstance(body, tree.List) else (body,)


def _is_place(body: Node) -> bool:
    """Whether counting letters and whole numbers, and sums of them, stand in a bracket."""
    return all(map(_is_affine, _items(body)))


def _is_affine(node: Node) -> bool:
    match node:
        case tree.Symbol(name, ""):
            return name in _COUNTING
        case tree.Number(text):
            return text.isdigit()
        case tree.Sum(terms, signs):
            return set(signs) <= {"+", "-"} and all(map(_is_term, terms))
    return _is_term(node) and any(isinstance(part, tree.Symbol) for part in tree.walk(node))


def _is_term(node: Node) -> bool:
    """A letter or a number, or a product of them: the stride of `s n + i`."""
    match node:
        case tree.Symbol(name, ""):
            return len(name) == 1
        case tree.Number(text):
            return text.isdigit()
        case tree.Product((tree.Number() | tree.Symbol(), tree.Symbol(name)), ("" | "cdot",)):
            return name in _COUNTING
    return False


def _with_subscripts(node: tree.Product, names: set[str]) -> Node:
    factors, operators = list(node.factors), list(node.operators)
    for at in reversed(range(len(operators))):
        base, bracket = factors[at], factors[at + 1]
        named = letter(base) in names and not isinstance(base, tree.Group)
        round_ = isinstance(base, tree.Group) and base.open == "("
        if operators[at] or not _is_square(bracket) or not (named or round_):
            continue
        if _is_place(bracket.body):
            element = tree.Script(base, bracket.body, start=base.start, end=bracket.end)
            factors[at : at + 2], operators[at : at + 1] = [element], []
    return with_factors(node, factors, operators)
