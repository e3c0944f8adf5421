"""Derivatives one rule at a time: what is still to be differentiated stands as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from chainrule.language.algebra import (
    ZERO,
    add,
    delta,
    element,
    mul,
    opened,
    power,
    split_number,
    total,
    where,
)
from chainrule.language.expr import (
    Add,
    Along,
    Apply,
    Array,
    Const,
    Element,
    Expr,
    Mul,
    OfMatrix,
    Power,
    Reduce,
    Where,
)
from chainrule.language.function import Function
from chainrule.language.index import place_of
from chainrule.language.inline import Lambda, expanded, inline, instantiate
from chainrule.mathematics.any_function import is_any
from chainrule.transform.differentiate import differentiate

# No user can type a name with a blank in it.
PENDING = "pending "


@dataclass
class Unfolding:
    """The derivative by one array element, unfolded rule by rule.

    by       array[p, q, ...] with plain indices
    pending  array → what its elements are the derivatives of; the indices of `by` come last
    rules    the rules used since it was last emptied

    >>> from chainrule.language.index import Index
    >>> x, i, j = Array("x", ("N",)), Index("i", "N"), Index("j", "N")
    >>> unfolding = Unfolding(element(x, j))
    >>> start = unfolding.slope(element(x, i) ** 2)
    >>> unfolding.unfolded(start) is 2 * element(x, i) * delta(i, j), unfolding.rules
    (True, ['power-rule', 'derivative-of-element'])
    """

    by: Element
    pending: dict[str, Lambda] = field(default_factory=dict)
    rules: list[str] = field(default_factory=list)

    def slope(self, body: Expr) -> Expr:
        """The derivative of a body: known where that is plain, else still to be worked out."""
        if self.by.array not in body.arrays:
            return ZERO
        if isinstance(body, Element):
            self.cite("derivative-of-element")
            return mul(*(delta(p, q) for p, q in zip(body.places, self.by.places, strict=True)))
        number, rest = split_number(body)
        if number != 1:
            return mul(number, self.slope(rest))
        indices = tuple(sorted(body.free, key=lambda index: place_of(index).order))
        name = f"{PENDING}{len(self.pending)}"
        self.pending[name] = Lambda(indices, body)
        sizes = (*(index.size for index in indices), *self.by.array.sizes)
        return element(Array(name, sizes), *indices, *self.by.places)

    def cite(self, rule: str) -> None:
        if rule not in self.rules:
            self.rules.append(rule)

    def cite_function(self, function: Function, argument: Expr) -> None:
        """The derivative of a function, of more than a symbol by the chain rule."""
        if not isinstance(argument, Element):
            self.cite("chain-rule")
        self.cite("unknown-function" if is_any(function) else function.name)

    def is_done(self, expr: Expr) -> bool:
        return not any(array.name in self.pending for array in expr.arrays)

    def unfolded(self, expr: Expr) -> Expr:
        """Every derivative that is still to be worked out, by one rule."""
        meanings = {}
        places = tuple(place.index for place in self.by.places)
        for array in sorted(expr.arrays, key=lambda array: array.name):
            if array.name in self.pending:
                known = self.pending[array.name]
                meanings[array.name] = Lambda((*known.indices, *places), self.by_rule(known.body))
        return inline(expr, meanings)

    def by_rule(self, body: Expr) -> Expr:
        """The derivative of a body by one rule, in terms of those of its parts."""
        match body:
            case Add(terms):
                self.cite("sum-rule")
                return add(*(self.slope(term) for term in terms))
            case Mul(factors):
                return self.of_product(factors)
            case Power(base, Const(value)):
                if value < 0:
                    return self.of_quotient(mul(1), power(body, -1))
                self.cite("power-rule")
                return mul(value, power(base, value - 1), self.slope(base))
            case Apply(function, argument) if function.derivative is not None:
                self.cite_function(function, argument)
                return mul(instantiate(function.derivative, body), self.slope(argument))
            case Along(function) if function.derivative is not None:
                index, inside = opened(body)
                self.cite_function(function, inside)
                slope = instantiate(function.derivative, body, by=(index,))
                return total(index, mul(slope, self.slope(inside)))
            case OfMatrix(function):
                (row, column), inside = opened(body)
                self.cite_function(function, inside)
                slope = instantiate(function.derivative, body, by=(row, column))
                return total(row, total(column, mul(slope, self.slope(inside))))
            case Reduce("sum"):
                self.cite("sum-rule")
                index, inside = opened(body)
                return total(index, self.slope(inside))
            case Where(kind, left, right, yes, no):
                return where(kind, left, right, self.slope(yes), self.slope(no))
        return differentiate(body, self.by)

    def of_product(self, factors: Iterable[Expr]) -> Expr:
        moving = [factor for factor in factors if self.by.array in factor.arrays]
        fixed = [factor for factor in factors if factor not in moving]
        under = [f for f in moving if isinstance(f, Power) and _is_negative(f.exponent)]
        if any(not isinstance(factor, Const) for factor in fixed):
            self.cite("constant-factor")
        if under:
            over = mul(*(factor for factor in moving if factor not in under))
            return mul(*fixed, self.of_quotient(over, power(mul(*under), -1)))
        if len(moving) == 1:
            return mul(*fixed, self.slope(moving[0]))
        self.cite("product-rule")
        terms = []
        for position, factor in enumerate(moving):
            rest = moving[:position] + moving[position + 1 :]
            terms.append(mul(*rest, self.slope(factor)))
        return mul(*fixed, add(*terms))

    def of_quotient(self, over: Expr, under: Expr) -> Expr:
        self.cite("quotient-rule")
        above = add(mul(self.slope(over), under), mul(-1, over, self.slope(under)))
        return mul(above, power(under, -2))


def _is_negative(exponent: Expr) -> bool:
    return isinstance(exponent, Const) and exponent.value < 0


def written_out(body: Expr) -> Expr | None:
    """A function of a name, standing alone, by its definition; None where there is none."""
    match body:
        case Apply(function, Element()) | Along(function, _, Element()) if not is_any(function):
            return expanded(body)
    return None
