"""The letters e and π: numbers, unless a document gives them another meaning."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, pairwise

from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.scripts import letter
from chainrule.notation.tree import EQUAL, Node


@dataclass(frozen=True)
class Constants:
    """What e is, "number", "name" or "function", and whether π is the number."""

    e: str = "number"
    pi: bool = False

    def without(self, names: Container[str]) -> Constants:
        """The same where names stand for something else, as some words say."""
        return replace(self, e="name") if "e" in names else self


def constants(formulas: Iterable[Node]) -> Constants:
    """What the letters e and π mean in a document with these formulas."""
    formulas = list(formulas)
    nodes = list(chain.from_iterable(map(tree.walk, formulas)))
    e = _meaning_of_e(nodes)
    if e == "number" and tree.Symbol("e") in formulas and _is_term(nodes):
        # `$e$ is the one-hot vector of $y$`, and `p - e` further on.
        e = "name"
    return Constants(e, _is_pi_the_number(nodes))


def is_vector_in_words(document: Document) -> bool:
    """Whether words call e a vector: `where $e$ is an all $1$ vector`."""
    return _VECTOR.search(" ".join(document.text.split())) is not None


_VECTOR = re.compile(
    r"\$ ?(?:\\(?:mathbf|bm|vec|boldsymbol|mathrm) ?\{? ?)?e ?\}? ?\$ "
    r"(?:is|be|being|denotes) (?:an?|the) "
    r"(?:[\w-]+ |\$1\$ ?-? ?){0,4}(?:vector|column|matrix)\b"
)


def _is_term(nodes: list[Node]) -> bool:
    """Whether e stands without an exponent beside another name in a sum."""
    for part in nodes:
        if isinstance(part, tree.Sum) and tree.Symbol("e") in part.terms:
            if not any(isinstance(term, tree.Number) for term in part.terms):
                return True
    return False


def _meaning_of_e(nodes: list[Node]) -> str:
    """ "name" if `e = …` gives it a formula, "function" if `e(u) = …` does, or else "number".

    >>> e, two, x = tree.Symbol("e"), tree.Number("2"), tree.Symbol("x")
    >>> _meaning_of_e([tree.Chain((e, tree.Script(x, None, two)), (tree.Relation("="),))])
    'name'
    """
    for part in nodes:
        if not isinstance(part, tree.Chain) or part.relations[0].kind not in EQUAL:
            continue
        has_letters = any(isinstance(one, tree.Symbol) for one in tree.walk(part.members[1]))
        match part.members[0]:
            case tree.Symbol("e", "" | "bold") | tree.Script(
                tree.Symbol("e", "" | "bold"), tree.Node(), None
            ) if has_letters:
                return "name"
            case tree.Product((tree.Symbol("e", ""), tree.Group("(")), ("",)):
                return "function"
    return "number"


def _is_pi_the_number(nodes: list[Node]) -> bool:
    """Whether every π stands as the number is used to: as in 2π, √π, π/2 and sin(x + π/2).

    >>> two, pi = tree.Number("2"), tree.Symbol("pi")
    >>> twice = tree.Product((two, pi), ("",))
    >>> _is_pi_the_number([twice, two, pi]), _is_pi_the_number([twice, two, pi, pi])
    (True, False)
    """
    angles = (after for before, after in _pairs(nodes) if _is_angle(before))
    if any(_is_pi(part) for angle in angles for part in tree.walk(angle)):
        return True
    met = sum(map(_is_pi, nodes))
    return 0 < met == sum(_is_pi(part) for node in nodes for part in _beside_numbers(node))


def _beside_numbers(node: Node) -> Iterator[Node]:
    """What stands behind a number, over or under one, or alone below a root."""
    match node:
        case tree.Product(factors):
            for before, after in pairwise(factors):
                if isinstance(before, tree.Number):
                    yield after
        case tree.Fraction(over, under) | tree.Slash(over, under):
            for one, other in ((over, under), (under, over)):
                if isinstance(other, tree.Number):
                    yield one
        case tree.Root(body):
            yield body


def _pairs(nodes: list[Node]) -> Iterator[tuple[Node, Node]]:
    """Words with what they are applied to, and factors with those that follow."""
    for node in nodes:
        if isinstance(node, tree.Apply):
            yield node.function, node.argument
        elif isinstance(node, tree.Product):
            yield from pairwise(node.factors)


def _is_angle(word: Node) -> bool:
    """Whether a word takes an angle."""
    return (letter(word) or "").lstrip("\\") in ("sin", "cos", "tan")


def _is_pi(node: Node) -> bool:
    return isinstance(node, tree.Symbol) and letter(node) == "\\pi"
