"""The scale of an expression: what stands in its exponent, taken out as `e^scale × rest`.

Overflow comes from exponentials that are computed before they are divided or put in a logarithm.
With its scale known, log(e^scale × rest) is scale + log(rest), and a quotient subtracts scales.
The scale of a sum is found without a maximum written out, by logsumexp and softplus, so that its
derivative is again a softmax or a sigmoid:

    Σ_i w_i e^(g_i) = e^L Σ_i w_i softmax(m)_i,   L = logsumexp(m)
    e^a + e^b = e^(a + softplus(b - a))

where m_i is g_i, or far below everything else where w_i = 0: a weight of 0 must not set the scale.
"""

from __future__ import annotations

from chainrule.language.algebra import (
    ONE,
    ZERO,
    add,
    along,
    apply,
    const,
    mul,
    opened,
    position,
    power,
    split_number,
    substitute,
    total,
    where,
)
from chainrule.language.expr import (
    Add,
    Along,
    Apply,
    Const,
    Expr,
    Mul,
    Power,
    Reduce,
    Where,
    factors_of,
    terms_of,
)
from chainrule.language.index import Index, Size, fresh, place_of
from chainrule.language.walk import walk
from chainrule.mathematics.functions import (
    cosh,
    exp,
    log,
    log_cosh,
    log_softmax,
    logsumexp,
    sigmoid,
    softmax,
    softmax_complement,
    softplus,
    sqrt,
)

# Finite in float32, and far below every logit.
MASKED = const(-(10**30))

Scaled = tuple[Expr, Expr]


def scaled(expr: Expr) -> Scaled:
    """(scale, rest) with expr = e^scale × rest; the scale is 0 where there is none to take out.

    >>> from chainrule.language.algebra import element
    >>> from chainrule.language.expr import Array
    >>> x = element(Array("x"))
    >>> scaled(1 + apply(exp, x)) == (apply(softplus, x), ONE)
    True
    """
    return walk(_visit, expr)


def _visit(node: Expr):
    match node:
        case Apply(function, argument) if function is exp:
            return argument, ONE
        case Apply(function, argument) if function is sigmoid:
            return -apply(softplus, -argument), ONE
        case Apply(function, argument) if function is sqrt:
            scale, rest = yield argument
            return scale / 2, ONE if rest is ONE else apply(sqrt, rest)
        case Along(function, index, body, at) if function is softmax:
            return Along(log_softmax, index, body, at), ONE
        case Along(function, at=at) if function is softmax_complement:
            index, body = opened(node)
            others = where("==", position(index), position(at), MASKED, body)
            whole = along(logsumexp, index, body, None)
            return along(logsumexp, index, others, None) - whole, ONE
        case Apply(function, argument) if function is cosh:
            return apply(log_cosh, argument), ONE
        case Power(Const(number), exponent) if number > 0 and not isinstance(exponent, Const):
            return mul(exponent, apply(log, const(number))), ONE
        case Power(base, exponent):
            scale, rest = yield base
            return mul(exponent, scale), power(rest, exponent)
        case Mul(factors):
            parts = []
            for factor in factors:
                parts.append((yield factor))
            return add(*(scale for scale, _ in parts)), mul(*(rest for _, rest in parts))
        case Reduce("sum"):
            index, body = opened(node)
            scale, weight = yield body
            return _of_sum(node, index, scale, weight)
        case Add(terms):
            parts = []
            for term in _merged(terms):
                parts.append((yield term))
            return _of_terms(node, parts)
    return ZERO, node


def _of_sum(node: Reduce, index: Index, scale: Expr, weight: Expr) -> Scaled:
    outside, inside = [], []
    for term in terms_of(without_log_softmax(scale, index)):
        (inside if index in term.free else outside).append(term)
    exponent = add(*inside)
    if not inside or _is_masked(exponent, weight):
        return ZERO, node
    if weight is ONE:
        return add(*outside, along(logsumexp, index, exponent, None)), ONE
    if isinstance(weight, Where) and {weight.yes, weight.no} == {ZERO, ONE}:
        # Some terms are left out, the others have the weight 1.
        kept = (exponent if part is ONE else MASKED for part in (weight.yes, weight.no))
        masked = where(weight.kind, weight.left, weight.right, *kept)
        return add(*outside, along(logsumexp, index, masked, None)), ONE
    masked = where("==", weight, ZERO, MASKED, exponent)
    rest = total(index, mul(weight, along(softmax, index, masked, index)))
    return add(*outside, along(logsumexp, index, masked, None)), rest


def _is_masked(exponent: Expr, weight: Expr) -> bool:
    return isinstance(exponent, Where) and exponent.left is weight and exponent.yes is MASKED


def without_log_softmax(scale: Expr, index: Index, shift: bool = True) -> Expr:
    """The scale with log-softmaxes read at the index written as logit minus logsumexp.

    shift  whether the logsumexp, which does not depend on the index, is written
    """
    terms = []
    for term in terms_of(scale):
        amount, node = split_number(term)
        if isinstance(node, Along) and node.function is log_softmax and node.at == place_of(index):
            inner, body = opened(node)
            logits = substitute(body, {inner: place_of(index)})
            rest = -along(logsumexp, inner, body, None) if shift else ZERO
            term = mul(const(amount), add(logits, rest))
        terms.append(term)
    return add(*terms)


def _merged(terms: tuple[Expr, ...]) -> list[Expr]:
    """The terms, with sums over axes of one size that share an exponential made one sum."""
    indices: dict[Size, Index] = {}
    weights: dict[tuple[Index, tuple[Expr, ...]], Expr] = {}
    others = []
    for term in terms:
        amount, node = split_number(term)
        if not isinstance(node, Reduce) or node.kind != "sum":
            others.append(term)
            continue
        index = indices.setdefault(node.index.size, fresh(node.index.size))
        body = substitute(node.body, {node.index: place_of(index)})
        factors = factors_of(body)
        shared = tuple(factor for factor in factors if scaled(factor)[0] is not ZERO)
        weight = mul(const(amount), *(factor for factor in factors if factor not in shared))
        weights[index, shared] = add(weights.get((index, shared), ZERO), weight)
    sums = (total(index, mul(weight, *shared)) for (index, shared), weight in weights.items())
    return [*others, *sums]


def _of_terms(node: Expr, parts: list[Scaled]) -> Scaled:
    """A sum of several: by the first scale, if all are exponentials with positive numbers."""
    if all(scale is ZERO for scale, _ in parts):
        return ZERO, node
    if len(parts) == 1:
        return parts[0]
    scale = None
    for exponent, amount in parts:
        if not (isinstance(amount, Const) and amount.value > 0):
            return ZERO, node
        logarithm = exponent if amount is ONE else add(exponent, apply(log, amount))
        scale = logarithm if scale is None else scale + apply(softplus, logarithm - scale)
    return scale, ONE
