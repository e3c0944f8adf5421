"""The summation convention: where it is declared, an index that a term has twice is summed."""

from __future__ import annotations

import re

from chainrule.language.algebra import total
from chainrule.language.expr import Expr
from chainrule.language.index import Index, is_written
from chainrule.notation.document import Document, Prose
from chainrule.notation.value import Value

_DECLARED = re.compile(
    r"summation convention|einstein(?:'s|’s)? (?:notation|convention|summation|sum)"
    r"|(?:repeated|doubled?) (?:ind(?:ex|ices)|subscripts?) (?:is|are) (?:always )?summed"
    r"|sum(?:med|mation)? (?:is )?(?:implied )?over (?:all )?repeated (?:ind|subscript)",
    re.I,
)


def is_declared(document: Document) -> bool:
    """Whether a sentence of a document says that repeated indices are summed."""
    text = " ".join(part.text for part in document.parts if isinstance(part, Prose))
    return bool(_DECLARED.search(" ".join(text.split())))


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
