"""The order of multiplication in a run of factors, and what a product of two of them means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

from chainrule.errors import SizeMismatch
from chainrule.language.algebra import ONE, power
from chainrule.notation import tree
from chainrule.notation.choices import Choices
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.misread import Misread
from chainrule.notation.scripts import is_transposed
from chainrule.notation.value import Misfit, Value

TIGHT, HADAMARD, KRONECKER = ("", "cdot", "times", "ast"), ("odot", "circ", "oslash"), ("otimes",)

MATRIX_FIRST, IN_TURN = "matrix products first", "left to right"
HADAMARD_FIRST, KRONECKER_FIRST = "element-wise products first", "Kronecker products first"

# What an order of products takes for granted that is not the usual one.
_TAKEN = {
    IN_TURN: "products are taken from left to right",
    HADAMARD_FIRST: "element-wise products are taken before matrix products",
    KRONECKER_FIRST: "Kronecker products are taken before matrix products",
}


def multiplied(meaning, values: list[Value], operators: list[str], node: tree.Product) -> Value:
    """The value of a run of factors, in an order in which they fit together."""
    if any(operator not in (*TIGHT, *HADAMARD, *KRONECKER) for operator in operators):
        raise Misread(node)
    match node.factors, node.operators:
        case (*_, tree.Script(_, _, sup) as before, tree.Number(_, "") as last), (*_, "") if sup:
            # `e^{-x}1`: what stands for it in the source was lost in print.
            if not is_transposed(before):
                raise Misread(last, "a number behind a power")
    values = _with_rows(meaning, values, node)
    loose = {operator for operator in operators if operator not in TIGHT}
    long = sum(not value.is_scalar for value in values)
    if "ast" in operators and long > 1 and meaning.scope.convolves:
        raise Misread(node, "a star, which may be a convolution")
    if not loose or len(loose) == len(set(operators)) == 1 or (long <= 2 and not _kron(loose)):
        # The derivative of a number by a vector may be a row: `v ∂s/∂x` is a matrix then.
        row = len(values) > 1 and is_derivative(undecorated(node.factors[-1]))
        return _in_turn(meaning, values, operators, row)
    orders = _orders(loose)
    fitting = [name for name in orders if _fits(meaning, orders[name], values, operators)]
    chosen = meaning.choices.settle("products", fitting or list(orders), True)
    if chosen in _TAKEN:
        meaning.supposed.append(_TAKEN[chosen])
    return orders[chosen](meaning, values, operators)


def _with_rows(meaning, values: list[Value], node: tree.Product) -> list[Value]:
    """The slopes in `x ∂L/∂z`, for vectors of two lengths, as the rows that they must be there."""
    if len(values) != len(node.factors):
        return values
    result = values[:1]
    for before, value, factor in zip(values, values[1:], node.factors[1:], strict=False):
        plain = is_derivative(undecorated(factor)) and value.is_vector and value.is_plain
        if plain and before.is_vector and before.is_plain:
            sizes = [vector.indices[0].size for vector in (before, value)]
            if not meaning.algebra.sizes.agree(*sizes) and meaning.columns():
                value = value.standing(as_column=False)
        result.append(value)
    return result


def _kron(loose: set[str]) -> bool:
    return bool(loose & set(KRONECKER))


def _orders(loose: set[str]) -> dict[str, Callable]:
    """The orders that people mean, the likeliest first."""
    if _kron(loose):
        return {KRONECKER_FIRST: _loose_first, MATRIX_FIRST: _tight_first, IN_TURN: _in_turn}
    return {MATRIX_FIRST: _tight_first, IN_TURN: _in_turn, HADAMARD_FIRST: _loose_first}


def _fits(meaning, order: Callable, values: list[Value], operators: list[str]) -> bool:
    with _tentative(meaning):
        try:
            order(meaning, values, operators)
        except (Misfit, SizeMismatch):
            return False
    return True


@contextmanager
def _tentative(meaning) -> Iterator[None]:
    """Whatever is found out or asked inside is forgotten."""
    sizes, choices = meaning.scope.sizes, meaning.choices
    parent = dict(sizes.parent)
    meaning.choices = Choices()
    meaning.choices.settled = dict(choices.settled)
    try:
        yield
    finally:
        meaning.choices = choices
        sizes.parent.clear()
        sizes.parent.update(parent)


def _in_turn(meaning, values: list[Value], operators: list[str], row: bool = False) -> Value:
    """The product from left to right; row: whether the last factor may be a row."""
    result, last = values[0], len(values) - 1
    for at, (value, operator) in enumerate(zip(values[1:], operators, strict=True), 1):
        result = _joined(meaning, result, value, operator, row and at == last)
    return result


def _tight_first(meaning, values: list[Value], operators: list[str]) -> Value:
    return _grouped(meaning, values, operators, TIGHT)


def _loose_first(meaning, values: list[Value], operators: list[str]) -> Value:
    return _grouped(meaning, values, operators, (*HADAMARD, *KRONECKER))


def _grouped(meaning, values: list[Value], operators: list[str], first: tuple[str, ...]) -> Value:
    """Runs that are joined by the operators that bind first, then the others in turn."""
    runs: list[tuple[list[Value], list[str]]] = [([values[0]], [])]
    others = []
    for value, operator in zip(values[1:], operators, strict=True):
        if operator in first:
            runs[-1][0].append(value)
            runs[-1][1].append(operator)
        else:
            runs.append(([value], []))
            others.append(operator)
    return _in_turn(meaning, [_in_turn(meaning, *run) for run in runs], others)


def _joined(meaning, a: Value, b: Value, operator: str, row: bool = False) -> Value:
    """The product of two factors: of matrices, or whatever else the shapes allow."""
    algebra = meaning.algebra
    if operator == "oslash":
        b = Value(power(b.expr, -1), b.axes)
    if operator in HADAMARD:
        return algebra.hadamard(a, b)
    if operator in KRONECKER:
        return _kronecker(meaning, a, b)
    if a.is_vector and b.is_vector and a.is_plain and b.is_plain:
        return _of_vectors(meaning, a, b, operator, row)
    try:
        return algebra.matmul(a, b)
    except Misfit:
        if a.is_vector and b.is_vector and operator:
            return algebra.hadamard(a, b)
        raise


def _of_vectors(meaning, a: Value, b: Value, operator: str, row: bool) -> Value:
    """The product of two vectors of which nobody has said how they stand."""
    algebra = meaning.algebra
    if a.expr is ONE and operator == "":
        # `1_N b` has b in each row: a sum of its elements is written with the row of ones.
        return algebra.outer(a, b)
    sizes = [vector.indices[0].size for vector in (a, b)]
    if not algebra.sizes.agree(*sizes):
        if meaning.scope.layout is not None:
            stands = "a column" if meaning.columns() else "a row"
            first, second = sizes
            what = f"vectors of the sizes {first} and {second}, each {stands}, have no product"
            raise Misfit(what, (first, second))
        meaning.supposed.append("the product is the outer product")
        return algebra.outer(a, b)
    if operator == "cdot":
        options, sign = ["scalar product", "elementwise"], "with a dot "
    else:
        options, sign = ["elementwise", "scalar product"], ""
    options += ["outer product"] if row and operator == "" else []
    chosen = meaning.choices.settle(f"a product of vectors {sign}is", options)
    if chosen == "outer product":
        return algebra.outer(a, b)
    return algebra.dot(a, b) if chosen == "scalar product" else algebra.hadamard(a, b)


def _kronecker(meaning, a: Value, b: Value) -> Value:
    """`⊗`: the Kronecker product; of two vectors also the outer product."""
    if a.is_vector and b.is_vector and not (a.is_stacked or b.is_stacked):
        options = ["the outer product", "the Kronecker product"]
        if meaning.choices.settle("⊗ of vectors is", options) == options[0]:
            return meaning.algebra.outer(a, b)
    # A vector of ones is a column, whatever the others are.
    a, b = (v.standing(as_column=True) if v.expr is ONE else v for v in (a, b))
    standing = a.is_plain or b.is_plain
    return meaning.algebra.kronecker(a, b, standing and meaning.columns())


def refuse_numbers_in_a_row(node: tree.Product) -> None:
    """`0.2 0.8`, or two numbers in boxes: a list of numbers, and no product."""
    factors = [undecorated(factor) for factor in node.factors]
    for pair, operator in zip(pairwise(factors), node.operators, strict=True):
        # The 1 of an indicator or of a vector of ones has a font of its own.
        if not operator and all(isinstance(one, tree.Number) and not one.font for one in pair):
            raise Misread(node, "numbers side by side")


def before_elementwise(node: tree.Product, at: int) -> int:
    """How many factors from one on stand before the next `⊙`: `∇_a C ⊙ f'(z)` is (∇_a C) ⊙ …"""
    for position, operator in enumerate(node.operators[at + 1 :], at + 2):
        if operator in HADAMARD:
            return position - at
    return len(node.factors) - at
