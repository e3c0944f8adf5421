"""Products: which factors are applied to which, and in which order the rest is multiplied."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

from chainrule.language.algebra import mul
from chainrule.language.inline import elements
from chainrule.notation import tree
from chainrule.notation.calls import call, takes_braces
from chainrule.notation.chain_rule import contracted, linked
from chainrule.notation.differentials import (
    differential,
    of_loss,
    slope_of_cost,
    starts_differential,
)
from chainrule.notation.expectation import expectation, is_expectation
from chainrule.notation.gradients import gradient_of, names_function, with_variable
from chainrule.notation.leibniz import (
    function_differentiated,
    is_operator,
    operated,
)
from chainrule.notation.matrix_calculus import called_indicator
from chainrule.notation.misread import Misread
from chainrule.notation.multiplication import (
    before_elementwise,
    multiplied,
    refuse_numbers_in_a_row,
)
from chainrule.notation.names import named
from chainrule.notation.primes import unknown_call
from chainrule.notation.scripts import letter, plain, subscripts
from chainrule.notation.second_derivatives import second_derivative, two_operators
from chainrule.notation.summation import held, summed_product
from chainrule.notation.totals import MEAN, mean_size
from chainrule.notation.tree import Node
from chainrule.notation.value import Value


def product(meaning, node: tree.Product) -> Value:
    """The value of a flat run of factors."""
    node = _with_means(meaning, _with_times(meaning, node))
    refuse_numbers_in_a_row(node)
    _refuse_operators(meaning, node)
    values: list[Value] = []
    operators: list[str] = []
    position_ = 0
    with held(meaning, node):
        while position_ < len(node.factors):
            value, used = _operand(meaning, node, position_)
            if values:
                operators.append(node.operators[position_ - 1])
            values.append(value)
            position_ += used
    return summed_product(meaning, values, multiplied(meaning, values, operators, node))


def _refuse_operators(meaning, node: tree.Product) -> None:
    """What is printed like a product and is none, where nothing gives the first sign a value.

    `\\Delta x` is a change of x, `\\phi \\circ \\iota` one function after the other,
    `J_{\\mathbf x}` in front of something its Jacobian, and `(d \\times m) \\times (m \\times 1)`
    says what shapes are multiplied.
    """
    if all(map(_is_shape, node.factors)):
        raise Misread(node, "a product of shapes")
    for (first, second), operator in zip(pairwise(node.factors), node.operators, strict=True):
        text = letter(first)
        known = text in meaning.scope.definitions or text in meaning.bindings
        if known or meaning.scope.is_declared(text):
            continue
        symbols = isinstance(second, (tree.Symbol, tree.Script, tree.Accent))
        if not operator and symbols and text == "\\Delta":
            raise Misread(node, "a change of something, which is not followed")
        functions = isinstance(first, tree.Symbol) and isinstance(second, tree.Symbol)
        if operator == "circ" and functions and text in meaning.scope.usage.called:
            raise Misread(node, "one function after another")
        match first:
            case tree.Script(tree.Symbol("J"), tree.Symbol(font="bold")) if not operator:
                raise Misread(node, "a Jacobian that is named by its variable")


def _is_shape(node: Node) -> bool:
    """`(d × m)`"""
    match node:
        case tree.Group("(", _, tree.Product(factors, operators)):
            letters = any(isinstance(part, (tree.Symbol, tree.Script)) for part in factors)
            return letters and set(operators) == {"times"}
    return False


def _with_times(meaning, node: tree.Product) -> tree.Product:
    """A lone x between two fractions may be a sign of multiplication."""
    for at in range(1, len(node.factors) - 1):
        around = node.factors[at - 1], node.factors[at + 1]
        if letter(node.factors[at]) == "x" and all(isinstance(f, tree.Fraction) for f in around):
            if not node.operators[at - 1] and not node.operators[at]:
                if meaning.choices.settle("x is", ["×", "a name"]) == "×":
                    factors = (*node.factors[:at], *node.factors[at + 1 :])
                    operators = (*node.operators[: at - 1], "times", *node.operators[at + 1 :])
                    return _with_times(meaning, replace(node, factors=factors, operators=operators))
    return node


def _with_means(meaning, node: tree.Product) -> tree.Product:
    """`1/n Σ_i` with n values of i, where nothing else says how many there are."""
    factors = list(node.factors)
    for at, pair in enumerate(pairwise(node.factors)):
        size = mean_size(*pair)
        if size is not None and letter(size) in meaning.scope.size_names - meaning.letters.keys():
            factors[at + 1] = replace(pair[1], sup=tree.Decorated(MEAN, size))
    return replace(node, factors=tuple(factors))


def _operand(meaning, node: tree.Product, at: int) -> tuple[Value, int]:
    """The value that starts at a factor, and how many factors it takes."""
    factor, rest = node.factors[at], len(node.factors) - at
    if isinstance(factor, tree.Apply) and _has_sum_after(node, at):
        # `log 1/n Σ …` is the logarithm of all of it.
        inside = tree.Product(
            (factor.argument, *node.factors[at + 1 :]),
            ("", *node.operators[at + 1 :]),
            start=factor.argument.start,
            end=node.end,
        )
        return meaning.value(tree.Apply(factor.function, inside, start=factor.start)), rest
    if (links := linked(node, at, meaning.scope.usage)) and _reads_as_chain_rule(meaning):
        return contracted(meaning, links), len(links)
    if (slope := _slope_called(meaning, node, at)) is not None:
        return slope, 2
    if is_operator(factor) or two_operators(factor) is not None:
        return _operated(meaning, node, at)
    if rest > 1 and (sign := with_variable(meaning, node, at)) is not None:
        return _gradient(meaning, node, at, sign)
    if starts_differential(meaning, node, at):
        return _varied(meaning, node, at)
    following = node.factors[at + 1] if rest > 1 and not node.operators[at] else None
    for reading in (called_indicator, _entry_in_brackets) if following is not None else ():
        if (found := reading(meaning, factor, following)) is not None:
            return found, 2
    braced = isinstance(following, tree.Group) and takes_braces(meaning, factor)
    arguments = _items(following) if braced else _bracket(following)
    if arguments is not None:
        called = call(meaning, factor, arguments, following)
        if called is not None:
            return called, 2
        if is_expectation(meaning, factor, following):
            return expectation(meaning, factor, following), 2
        if _may_be_function(meaning, factor, arguments) and not _is_times(meaning, following):
            if len(arguments) == 1 and not isinstance(following, tree.Script):
                return unknown_call(meaning, factor, arguments[0]), 2
            raise Misread(factor, f"{plain(factor)} may be a function that is nowhere defined")
    return meaning.value(factor), 1


def _is_times(meaning, following: Node) -> bool:
    """Whether a bracket is an entry of a matrix: the `(W_2)_{mc}` behind a λ."""
    match following:
        case tree.Script(tree.Group("(", _, tree.Script() as inner), sub, None):
            name = named(inner, meaning.scope.usage)
            marks = subscripts(sub)
            return name is not None and len(marks) == 2 == meaning.scope.rank(name.text)
    return False


def _entry_in_brackets(meaning, factor: Node, following: Node) -> Value | None:
    """`p[k]`, `W[i, j]`: an element, as in a program, of what has as many axes."""
    if not isinstance(following, tree.Group) or following.open != "[":
        return None
    places, known = _items(following), meaning.scope.symbols
    if not all(isinstance(one, tree.Symbol) and letter(one) not in known for one in places):
        return None
    if not isinstance(factor, (tree.Symbol, tree.Script, tree.Accent)):
        return None
    value = meaning.value(factor)
    if len(value.indices) != len(places):
        return None
    sub = tree.List(places, (",",) * (len(places) - 1))
    return meaning.rescripted(value, tree.Script(factor, sub))


def _slope_called(meaning, node: tree.Product, at: int) -> Value | None:
    """`∂tanh/∂x (u)`: the derivative of a function at an argument, or the second one."""
    factor = node.factors[at]
    following = node.factors[at + 1] if at + 1 < len(node.factors) else None
    if not isinstance(following, tree.Group) or node.operators[at]:
        return None
    arguments = _bracket(following) or ()
    if (found := second_derivative(factor)) is not None and found[1] == found[2]:
        name, functions = named(found[0], meaning.scope.usage), meaning.scope.functions
        function = found[0] if name is not None and name.text in functions else None
        return meaning.called(function, 2, arguments[0], factor) if function is not None else None
    function = function_differentiated(meaning, factor)
    if function is None or len(arguments) != 1:
        return None
    return meaning.called(function, 1, arguments[0], factor)


def _operated(meaning, node: tree.Product, at: int) -> tuple[Value, int]:
    """`d/dx` and `d²/dx²` of what follows, or of `d/dx [u] v` of the bracket alone."""
    factor, *rest = node.factors[at:]
    if not rest:
        raise Misread(factor)
    used = len(rest) + 1
    if used > 2 and isinstance(rest[0], tree.Group) and rest[0].open in ("(", "["):
        options = ["all that follows", "the bracket"]
        options = options[::-1] if rest[0].open == "[" else options
        if meaning.choices.settle("d/dx is of", options, True) == "the bracket":
            used = 2
    inside = _remainder(_up_to(node, at + used), at + 1)
    if (both := two_operators(factor)) is not None:
        start, end = factor.start, inside.end
        factor, inside = both[0], tree.Product((both[1], inside), ("",), start=start, end=end)
    return operated(meaning, factor, inside), used


def _up_to(node: tree.Product, end: int) -> tree.Product:
    return replace(node, factors=node.factors[:end], operators=node.operators[: end - 1])


def _gradient(meaning, node: tree.Product, at: int, sign: Node) -> tuple[Value, int]:
    """∇_x of the factors that follow, up to the next `⊙`, or of the first of them."""
    used = before_elementwise(node, at)
    options, first = ["all that follows", "the next factor"], used
    with suppress(Misread):
        bare = names_function(meaning, node, at + 1)
        first = 2 if bare else _operand(meaning, node, at + 1)[1] + 1
        if first < used and meaning.choices.settle("∇ is of", options, True) == options[1]:
            used = first
    try:
        return gradient_of(meaning, sign, _remainder(_up_to(node, at + used), at + 1)), used
    except Misread as mistake:
        # It is hardly the gradient of all that follows, if that has none.
        mistake.likely = first >= used
        raise


def _reads_as_chain_rule(meaning) -> bool:
    options = ["by the chain rule", "of matrices"]
    return meaning.choices.settle("products of derivatives are", options, True) == options[0]


def _varied(meaning, node: tree.Product, at: int) -> tuple[Value, int]:
    """The differential of what follows the sign at a factor: a name, a bracket, or a call."""
    factor = node.factors[at + 1]
    if meaning.scope.slopes:
        return slope_of_cost(meaning, factor), 2
    if _bracket(next(iter(node.factors[at + 2 : at + 3]), None)) is None:
        if (value := of_loss(meaning, factor)) is not None:
            return value, 2
    first = at + 1
    while tree.is_arithmetic(node.factors[first]) and first + 1 < len(node.factors):
        # `d ½ ‖E‖²`: a constant in front is part of what is varied.
        first += 1
    value, used = _operand(meaning, node, first)
    numbers = (meaning.value(one).expr for one in node.factors[at + 1 : first])
    value = Value(mul(*numbers, value.expr), value.axes)
    return differential(meaning, value, factor), first - at + used


def _has_sum_after(node: tree.Product, at: int) -> bool:
    following = node.factors[at + 1 : at + 2]
    return bool(following) and isinstance(following[0], tree.Big) and not node.operators[at]


def _may_be_function(meaning, factor: Node, arguments: tuple[Node, ...]) -> bool:
    """Whether an unknown letter stands in front of a bracket that holds a name."""
    if any(named(_unsigned(one), meaning.scope.usage) is None for one in arguments):
        return False
    base = factor.base if isinstance(factor, tree.Script) else factor
    text = letter(base)
    scope = meaning.scope
    if text is None or isinstance(base, tree.Group) or text in meaning.bindings:
        return False
    value = meaning.value(factor)
    known = {array.name for array in elements(value.expr)}
    return bool(known) and not any(
        n in scope.definitions or scope.symbol(n).declared for n in known
    )


def _unsigned(node: Node) -> Node:
    """What stands after a lone minus."""
    return node.terms[0] if isinstance(node, tree.Sum) and len(node.terms) == 1 else node


def _remainder(node: tree.Product, at: int) -> Node:
    rest = node.factors[at:]
    if len(rest) == 1:
        return rest[0]
    return tree.Product(rest, node.operators[at:], start=rest[0].start, end=node.end)


def _bracket(node: Node | None) -> tuple[Node, ...] | None:
    """The arguments in a bracket, scripted or not."""
    if isinstance(node, tree.Script):
        node = node.base
    if not isinstance(node, tree.Group) or node.open not in ("(", "["):
        return None
    return _items(node)


def _items(node: tree.Group) -> tuple[Node, ...]:
    return node.body.items if isinstance(node.body, tree.List) else (node.body,)
