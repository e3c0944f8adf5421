"""The summation convention: where it is declared, an index that a term has twice is summed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from chainrule.language.algebra import total
from chainrule.language.expr import Expr
from chainrule.language.index import Index, is_written
from chainrule.notation import tree
from chainrule.notation.document import Document, Heading, Prose
from chainrule.notation.scripts import letter, scripted, subscripts
from chainrule.notation.tree import Node
from chainrule.notation.value import Value

_DECLARED = re.compile(
    r"summation convention|einstein(?:'s|’s)? (?:notation|convention|summation|sum)"
    r"|(?:repeated|doubled?) (?:ind(?:ex|ices)|subscripts?) (?:is|are) (?:always )?summed"
    r"|repeated[- ](?:index|subscript) (?:summation|notation|convention|sums?)\b"
    r"|(?:ind(?:ex|ices)|subscripts?|letters?) (?:that|which) (?:appears?|occurs?|stands?|comes?) "
    r"twice\b[^.;]{0,40} (?:is|are) (?:always )?summed"
    r"|sum(?:med|mation)? (?:is )?(?:implied )?over (?:all )?repeated (?:ind|subscript)",
    re.I,
)

_THROUGHOUT = re.compile(r"\b(?:throughout|everywhere|always|in (?:this|the whole) \w+)\b", re.I)


def summed_from(document: Document) -> float:
    """From where on repeated indices are summed: from the paragraph in which a sentence says so."""
    words = [part for part in document.parts if isinstance(part, (Heading, Prose))]
    if not _DECLARED.search(" ".join(" ".join(part.text for part in words).split())):
        return float("inf")
    for part in words:
        text = part.text.replace("\n", " ")
        if (found := _DECLARED.search(text)) is not None:
            near = text[max(0, found.start() - 80) : found.end() + 80]
            at = part.start + found.start()
            return 0 if _THROUGHOUT.search(near) else document.text.rfind("\n\n", 0, at) + 1
    return 0


def summed_product(meaning, factors: list[Value], product: Value) -> Value:
    """A product, summed over the letters that several of its factors have.

    A letter that stands free on the left of the equation stays free.
    """
    if not meaning.scope.summation:
        return product
    product = meaning.algebra.resolved(product)
    factors = [meaning.algebra.resolved(factor) for factor in factors]
    twice = {
        index
        for index in product.expr.free
        if is_written(index) and sum(index in factor.expr.free for factor in factors) > 1
    }
    return Value(_summed(meaning, product.expr, twice), product.axes)


@contextmanager
def held(meaning, node: tree.Product) -> Iterator[None]:
    """While factors are read: what a bracket shares with another factor is summed outside of it.

    In `p_a (q_a r_{ab} - s_b)` the sum over a is that of the whole product.
    """
    before = set(meaning.standing)
    if meaning.scope.summation:
        marks = [_marks(factor) for factor in node.factors]
        for k, factor in enumerate(node.factors):
            if isinstance(factor, tree.Group) and isinstance(factor.body, tree.Sum):
                others = set().union(*marks[:k], *marks[k + 1 :])
                meaning.standing |= others & _once(factor.body)
    yield
    meaning.standing = before


def _marks(node: Node) -> dict[str, int]:
    """How often each letter stands as a subscript."""
    found: dict[str, int] = {}
    for part in scripted(node):
        if isinstance(part, tree.Script) and part.sub is not None:
            for text in filter(None, map(letter, subscripts(part.sub))):
                found[text] = found.get(text, 0) + 1
    return found


def _once(node: tree.Sum) -> set[str]:
    """The letters that some term has only once."""
    return {text for term in node.terms for text, count in _marks(term).items() if count == 1}


def only_inside(node: Node, text: str) -> bool:
    """Whether a letter counts nothing but what functions are taken of: the w of `e^{z_w}`."""
    return text in _marks(node) and text not in _marks(tree.transformed(node, _without_calls))


def _without_calls(node: Node) -> Node:
    """A product without the brackets right after its factors; a power without its exponent."""
    match node:
        case tree.Script(base, _, sup) if sup is not None and letter(base) == "e":
            return tree.Symbol("e")
        case tree.Apply():
            return tree.Symbol("e")
        case tree.Product(factors, operators):
            behind = zip(factors[1:], factors, operators, strict=False)
            kept = [one for one, before, sign in behind if sign or not _is_called(before, one)]
            return tree.Product((factors[0], *kept), ("",) * len(kept)) if kept else factors[0]
    return node


def _is_called(before: Node, bracket: Node) -> bool:
    word = before.base if isinstance(before, tree.Script) else before
    return isinstance(bracket, tree.Group) and isinstance(word, tree.Symbol)


def summed_square(meaning, value: Value) -> Value:
    """`(y_i - t_i)^2`: a square has its letters twice."""
    if not meaning.scope.summation:
        return value
    value = meaning.algebra.resolved(value)
    return Value(_summed(meaning, value.expr, set(filter(is_written, value.expr.free))), value.axes)


def _summed(meaning, expr: Expr, indices: set[Index]) -> Expr:
    for index in sorted(indices, key=lambda one: one.name):
        if index.name in meaning.letters and index.name not in meaning.standing:
            expr = total(index, expr)
            # The letter may run over another axis in the next term.
            del meaning.letters[index.name]
    return expr


def note_standing(meaning, value: Value) -> None:
    """The letters that a member of an equation leaves free, the others do too."""
    meaning.standing |= {index.name for index in value.expr.free if is_written(index)}
