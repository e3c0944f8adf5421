"""Differentials: dJ, dW, d(x W + b), each total, along independent variations of the inputs.

The differential of an array is an array of the same shape. That of an input is free; that of a
name the document defines follows from the definition, by the chain rule. An input that no formula
of the document varies or differentiates by is held fixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from chainrule.language.algebra import ZERO, add, element, mul, total
from chainrule.language.expr import Array, Expr
from chainrule.language.index import fresh
from chainrule.language.inline import Lambda, elements, inline
from chainrule.language.program import Definition
from chainrule.notation import tree
from chainrule.notation.leibniz import (
    COSTS,
    by_variable,
    is_derivative,
    numerator_value,
    operand,
    variables,
)
from chainrule.notation.matrix_calculus import MATRIX_WORDS
from chainrule.notation.misread import Misread
from chainrule.notation.names import named
from chainrule.notation.scripts import MINUS_ONE, is_transposed, letter, plain
from chainrule.notation.tree import Node
from chainrule.notation.usage import Usage
from chainrule.notation.value import Value
from chainrule.notation.vocabulary import FUNCTIONS
from chainrule.notation.whole_cost import the_cost
from chainrule.transform.differentiate import differentiate

# No user can type a name with a blank in it.
SIGN = "d "


def differential_name(name: str) -> str:
    """The name of the array that is the differential of an array."""
    return SIGN + name


def varied_name(name: str) -> str:
    """The array that a differential belongs to; any other name is its own."""
    return name.removeprefix(SIGN)


def is_differential(name: str) -> bool:
    return name.startswith(SIGN)


def shown_name(name: str) -> str:
    """The name of an array as people print it: `dW_1`, `f'` without its argument, a number x."""
    return name.replace(SIGN, "d").removesuffix("()").removesuffix("·")


# Print -------------------------------------------------------------------------------------------


def uses_differentials(nodes: Iterable[Node]) -> bool:
    """Whether `d` is the sign of a differential: a side of an equation, or the argument of a trace
    or of vec, is `dJ`, `d(x W + b)`, `d tr(A)` or `d ½ ‖A‖²`."""
    chains = (node for node in nodes if isinstance(node, tree.Chain))
    return any(
        _is_differential(part) for chain in chains for part in (*chain.members, *_arguments(chain))
    )


def _arguments(node: Node) -> Iterable[Node]:
    """The arguments of words such as tr and vec."""
    for part in tree.walk(node):
        if isinstance(part, tree.Product):
            for word, bracket in pairwise(part.factors):
                if letter(word) in MATRIX_WORDS and isinstance(bracket, tree.Group):
                    yield bracket.body


def _is_differential(node: Node) -> bool:
    if is_lone(node):
        return _is_variable(node.factors[1])
    if isinstance(node, tree.Product) and len(node.factors) == 3 and sign_of(node, 0):
        _, word, varied = node.factors
        if tree.is_arithmetic(word):
            # d ½ ‖R‖²
            return _is_variable(varied)
        return letter(word) in FUNCTIONS and isinstance(varied, tree.Group)
    return False


def are_slopes(
    nodes: Iterable[Node], usage: Usage, heads: set[str], ranks: Mapping[str, int]
) -> bool:
    """Whether `dW = dZ X^T` gives a formula for the d of an input: then dW stands for ∂J/∂W.

    A differential of an input is free, and nobody sets it equal to anything. Where the cost has
    one, or a bracket, or it stands in a trace, `d` is a differential all the same.
    """
    nodes = [node for node in nodes if isinstance(node, tree.Chain)]
    heads = heads - _inputs_with_numbers(nodes, usage)
    if any(signed((inside,), usage) for node in nodes for inside in _arguments(node)):
        return False
    members = [member.factors[1] for node in nodes for member in node.members if is_lone(member)]
    names = [named(member, usage) for member in members]
    if any(name is None or (name.text in COSTS and not ranks.get(name.text)) for name in names):
        return False
    return bool(stated_slopes(nodes, usage)) or any(
        is_lone(node.members[0]) and _is_formula(node, usage, heads) for node in nodes
    )


def _inputs_with_numbers(nodes: Iterable[tree.Chain], usage: Usage) -> set[str]:
    """The names that are set to numbers, and to nothing else: inputs all the same."""
    numbers, formulas = set(), set()
    for node in nodes:
        name = named(node.members[0], usage)
        if name is not None:
            plain = all(map(tree.is_arithmetic, node.members[1:]))
            (numbers if plain else formulas).add(name.text)
    return numbers - formulas


def stated_slopes(nodes: Iterable[Node], usage: Usage) -> frozenset[str]:
    """The names W for which a document says that `dW` is a derivative: `dW = ∂L/∂W`."""
    found = set()
    for node in nodes:
        if isinstance(node, tree.Chain) and is_lone(node.members[0]):
            variable = node.members[0].factors[1]
            name = named(variable, usage)
            by = {below for member in node.members[1:] if (below := _differentiated(member))}
            if name is not None and variable in by:
                found.add(name.text)
    return frozenset(found)


def _differentiated(node: Node) -> Node | None:
    """The W of a lone ∂L/∂W."""
    fraction = is_derivative(node) and isinstance(node.denominator, tree.Product)
    return operand(node.denominator) if fraction else None


def _is_formula(node: tree.Chain, usage: Usage, heads: set[str]) -> bool:
    """Whether a chain gives a formula for the d of a name that nothing else defines."""
    slope = any(is_derivative(part) for part in tree.walk(node))
    number = isinstance(node.members[1], tree.Number)
    return named(node.members[0].factors[1], usage).text not in heads and not (slope or number)


def _is_variable(node: Node) -> bool:
    """A name, or a bracket with more than a name in it: `d(x)` may be a function of x."""
    if isinstance(node, tree.Group):
        inverse = isinstance(node.body, tree.Script) and node.body.sup == MINUS_ONE
        return inverse or isinstance(node.body, (tree.Sum, tree.Product, tree.Apply))
    return isinstance(node, (tree.Symbol, tree.Accent, tree.Script, tree.Apply))


def sign_of(node: tree.Product, at: int) -> bool:
    """Whether a factor is a `d` in front of something."""
    factor = node.factors[at]
    return (
        isinstance(factor, tree.Symbol)
        and factor.name == "d"
        and factor.font in ("", "roman")
        and at < len(node.operators)
        and not node.operators[at]
        and not isinstance(node.factors[at + 1], tree.Number)
        and not _is_pair(node.factors[at + 1])
    )


def _is_pair(node: Node) -> bool:
    """The arguments of a distance `d(u, v)`."""
    return isinstance(node, tree.Group) and isinstance(node.body, tree.List)


def without_signs(node: Node) -> Node:
    """The tree with what is varied in the place of its differential."""

    def change(part: Node) -> Node:
        if not isinstance(part, tree.Product):
            return part
        kept = [k for k in range(len(part.factors)) if not sign_of(part, k)]
        if len(kept) == len(part.factors):
            return part
        if len(kept) == 1:
            return part.factors[kept[0]]
        factors = tuple(part.factors[k] for k in kept)
        operators = tuple(part.operators[k - 1] for k in kept[1:])
        return tree.Product(factors, operators, start=part.start, end=part.end)

    return tree.transformed(node, change)


def varied(nodes: Iterable[Node], usage: Usage, signs: bool) -> set[str]:
    """The names that a document differentiates by, and those behind its signs d."""
    nodes = list(nodes)
    names = (named(part, usage) for node in nodes for part in variables(node))
    found = {name.text for name in names if name is not None}
    return found | signed(nodes, usage) if signs else found


def signed(nodes: Iterable[Node], usage: Usage) -> set[str]:
    """The names behind signs d."""
    names = (
        named(part.factors[at + 1], usage)
        for node in nodes
        for part in tree.walk(node)
        if isinstance(part, tree.Product)
        for at in range(len(part.factors))
        if sign_of(part, at)
    )
    return {name.text for name in names if name is not None}


def is_lone(node: Node) -> bool:
    """Whether a formula is `dJ` and nothing else."""
    return isinstance(node, tree.Product) and len(node.factors) == 2 and sign_of(node, 0)


# Meaning -----------------------------------------------------------------------------------------


def starts_differential(meaning, node: tree.Product, at: int) -> bool:
    """Whether a factor is the sign of a differential in this document."""
    return meaning.scope.differentials and "d" not in meaning.bindings and sign_of(node, at)


def of_loss(meaning, node: Node) -> Value | None:
    """The differential of a lone name that is the document's loss or one of its functions."""
    name = named(node, meaning.scope.usage)
    scope = meaning.scope
    if name is None or name.places or name.transpose or name.power is not None:
        return None
    costly = name.text in COSTS or name.text == scope.cost
    if name.text in scope.definitions or not (costly or name.text in scope.functions):
        return None
    return differential(meaning, numerator_value(meaning, node), node)


def slope_of_cost(meaning, node: Node) -> Value:
    """`dW` where it stands for ∂J/∂W. Up to the factor that a mean over examples gives, which
    people leave out of some of these and not of others: nothing false is said of them, unless
    the document states what it is. `dW^T` is that, transposed."""
    if is_transposed(node):
        plain_ = node.base if node.sub is None else replace(node, sup=None)
        return meaning.transposed(slope_of_cost(meaning, plain_))
    name = named(node, meaning.scope.usage)
    if name is None or name.text not in meaning.scope.stated_slopes:
        meaning.doubts.add(f"d{plain(node)}")
    return by_variable(meaning, the_cost(meaning, name and name.text), node)


def differential(meaning, value: Value, node: Node) -> Value:
    """d of a value: a value of the same shape."""
    value = meaning.algebra.resolved(value)
    if any(is_differential(array.name) for array in elements(value.expr)):
        raise Misread(node, "a second differential")
    return Value(tangent(value.expr), value.axes)


@lru_cache(maxsize=1024)
def tangent(expr: Expr) -> Expr:
    """The differential of an expression in terms of those of the arrays it reads."""
    terms = []
    for array in sorted(elements(expr), key=lambda one: one.name):
        images = tuple(fresh(size) for size in array.sizes)
        slope = differentiate(expr, element(array, *images))
        name = differential_name(array.name)
        term = mul(slope, element(Array(name, array.sizes), *images))
        for image in reversed(images):
            term = total(image, term)
        terms.append(term)
    return add(*terms)


def expanded(expr: Expr, definitions: Mapping[str, Definition], varied: set[str]) -> Expr:
    """expr with the differentials of all defined names in terms of those of the inputs.

    definitions  also those that say no more than that x depends on u; the differential of a name
    that is varied is its own where the document varies nothing that the name is made of
    """
    while True:
        meanings = {}
        for array in elements(expr):
            name = varied_name(array.name).removesuffix("·")
            if not is_differential(array.name):
                continue
            if name in definitions and (name not in varied or _moves(name, definitions, varied)):
                definition = definitions[name]
                meanings[array.name] = Lambda(definition.indices, tangent(definition.body))
            elif name not in varied:
                meanings[array.name] = Lambda(tuple(map(fresh, array.sizes)), ZERO)
        if not meanings:
            return expr
        expr = inline(expr, meanings)


def _moves(name: str, definitions: Mapping[str, Definition], varied: set[str]) -> bool:
    """Whether a name is made of what is varied."""
    waiting, known = [name], {name}
    while waiting:
        definition = definitions.get(waiting.pop())
        uses = definition.uses - known if definition is not None else frozenset()
        if uses & varied:
            return True
        waiting += uses
        known |= uses
    return False
