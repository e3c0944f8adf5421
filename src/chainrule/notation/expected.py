r"""Sums over probabilities as expectations: Σ_i s_i ∇x_i is `\mathbb{E}_{i \sim s}[\nabla x_i]`."""

from __future__ import annotations

from chainrule.language.algebra import mul
from chainrule.language.expr import Along, Element, Expr, Mul, Reduce
from chainrule.language.index import Index, place_of
from chainrule.mathematics.functions import softmax
from chainrule.notation.style import Style


def is_softmax(body: Expr) -> bool:
    """Whether a formula gives probabilities over its last place."""
    return isinstance(body, Along) and body.function is softmax


def as_expectation(expr: Reduce, index: Index, body: Expr, style: Style) -> tuple | None:
    """(probability, what is expected) of a sum over one index; None where it is none.

    index, body  of the sum, as they are printed
    """
    if style.shares is None or expr.kind != "sum" or not isinstance(body, Mul):
        return None
    chances = [factor for factor in body.factors if _is_chance(factor, index, style)]
    if len(chances) != 1:
        return None
    rest = mul(*(factor for factor in body.factors if factor is not chances[0]))
    slopes = (style.slopes.get(array.name) for array in rest.arrays)
    if index not in rest.free or not any(one is not None and one.gradient for one in slopes):
        return None
    return chances[0], rest


def _is_chance(factor: Expr, index: Index, style: Style) -> bool:
    """Whether a factor is the probability of a value of an index: s_i or softmax(x)_i."""
    match factor:
        case Element(array, (place,)):
            return array.name in style.shares and place == place_of(index)
        case Along(_, _, _, at) if is_softmax(factor):
            return at == place_of(index) and factor.free == {index}
    return False
