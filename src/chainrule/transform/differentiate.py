"""Derivatives by array elements: one line for each kind of node.

∂x[i]/∂x[k] = Delta(i, k), and a delta disappears in a sum: that is all of matrix calculus.
"""

from __future__ import annotations

from functools import partial

from chainrule.errors import NotDifferentiable
from chainrule.language.algebra import (
    ONE,
    ZERO,
    add,
    apply,
    delta,
    mul,
    opened,
    power,
    total,
    where,
)
from chainrule.language.expr import (
    Add,
    Along,
    Apply,
    Element,
    Expr,
    Mul,
    OfMatrix,
    Power,
    Reduce,
    Where,
)
from chainrule.language.inline import expanded, instantiate
from chainrule.language.walk import walk
from chainrule.mathematics.functions import log


def differentiate(expr: Expr, by: Element) -> Expr:
    """The derivative of expr by one array element, simplified only as the constructors do.

    by       array[p, q, ...] with plain indices that do not occur in expr
    returns  free indices: those of expr, then p, q, ...
    raises   NotDifferentiable, naming the function, where no rule exists
    cost     each distinct node once

    At kinks: the derivative of relu, abs and sign at 0 is 0; ties of max share it equally.

    >>> from chainrule.language.algebra import element
    >>> from chainrule.language.expr import Array
    >>> from chainrule.language.index import Index
    >>> z = element(Array("z", ("N",)), Index("i", "N"))
    >>> by = element(Array("z", ("N",)), Index("k", "N"))
    >>> differentiate(z * z, by) is 2 * z * differentiate(z, by)
    True
    """

    return walk(partial(_slope, by), expr)


def _slope(by: Element, node: Expr):
    match node:
        case Element(array, places) if array.name == by.array.name:
            return mul(*(delta(p, q) for p, q in zip(places, by.places, strict=True)))
        case Add(terms):
            slopes = []
            for term in terms:
                slopes.append((yield term))
            return add(*slopes)
        case Mul(factors):
            return (yield from _product(factors))
        case Power(base, exponent):
            return (yield from _power(node, base, exponent))
        case Apply():
            return (yield from _apply(node))
        case Along():
            return (yield from _along(node))
        case Reduce(kind, _, _):
            return (yield from (_sum(node) if kind == "sum" else _max(node)))
        case OfMatrix():
            return (yield from _of_matrix(node))
        case Where(kind, left, right, yes, no):
            slopes = []
            for part in (yes, no):
                slopes.append((yield part))
            return where(kind, left, right, *slopes)
    return ZERO


def _product(factors):
    terms = []
    for position, factor in enumerate(factors):
        slope = yield factor
        if slope is not ZERO:
            terms.append(mul(*factors[:position], slope, *factors[position + 1 :]))
    return add(*terms)


def _power(node, base, exponent):
    slope, growth = (yield base), (yield exponent)
    by_base = ZERO if slope is ZERO else mul(exponent, power(base, add(exponent, -1)), slope)
    return add(by_base, ZERO if growth is ZERO else mul(node, apply(log, base), growth))


def _apply(node: Apply):
    slope = yield node.argument
    if slope is ZERO:
        return ZERO
    if node.function.derivative is None:
        return (yield _written_out(node))
    return mul(instantiate(node.function.derivative, node), slope)


def _along(node: Along):
    if node.function.derivative is None:
        return (yield _written_out(node))
    index, body = opened(node)
    slope = yield body
    if slope is ZERO:
        return ZERO
    return total(index, mul(instantiate(node.function.derivative, node, by=(index,)), slope))


def _of_matrix(node: OfMatrix):
    (row, column), body = opened(node)
    slope = yield body
    if slope is ZERO:
        return ZERO
    by_entry = instantiate(node.function.derivative, node, by=(row, column))
    return total(row, total(column, mul(by_entry, slope)))


def _sum(node: Reduce):
    index, body = opened(node)
    return total(index, (yield body))


def _max(node: Reduce):
    """The slope at the largest element; ties share it equally."""
    index, body = opened(node)
    slope = yield body
    chosen = where("==", body, node, ONE, ZERO)
    ties = total(index, chosen)
    return total(index, mul(chosen, slope)) / ties


def _written_out(node: Apply | Along) -> Expr:
    written = expanded(node)
    if written is None:
        raise NotDifferentiable(
            f"no derivative is known for {node.function.name}",
            remedy=f"define {node.function.name} in the document by functions that have one",
        )
    return written
