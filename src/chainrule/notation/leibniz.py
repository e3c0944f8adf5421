"""Derivatives as printed: fractions, operators in front of a bracket, nabla, primes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from chainrule.language.algebra import ZERO, add, element
from chainrule.language.expr import Array, Element, Expr
from chainrule.language.index import fresh
from chainrule.language.inline import Lambda, abstracted, elements, inline
from chainrule.notation import tree
from chainrule.notation.by_rows import slope_by_rows, tied
from chainrule.notation.inverse import slope_of_inverse
from chainrule.notation.known_costs import is_known_cost
from chainrule.notation.labels import is_label
from chainrule.notation.matrix_calculus import inside_stack
from chainrule.notation.misread import Misread
from chainrule.notation.names import Name, named, padded
from chainrule.notation.primes import POINT, UNKNOWN
from chainrule.notation.primes import slope as slope_of_one
from chainrule.notation.scripts import scripted
from chainrule.notation.steps import is_of_step
from chainrule.notation.through_names import depended_on, is_behind
from chainrule.notation.tree import Node
from chainrule.notation.unknown_functions import through_dependence, was_called
from chainrule.notation.value import Misfit, Value
from chainrule.notation.whole_cost import (
    COSTS,
    cost_of_layers,
    is_another_cost,
    linear_cost,
    loss_value,
    through_layers,
    with_unknown_costs,
)
from chainrule.transform.differentiate import differentiate
from chainrule.transform.reverse import is_adjoint_name

INNER = "·inner"


def is_derivative(node: Node) -> bool:
    """∂f/∂x, df/dx, and the bare operators ∂/∂x and d/dx; d/(d √v) is a quotient of sizes."""
    match node:
        case tree.Fraction(_, tree.Product((_, tree.Root() | tree.Number(), *_))):
            return False
        case tree.Fraction(above, below) | tree.Slash(above, below):
            return bool((sign := _sign(above)) and sign == _sign(below))
    return False


# A doubt about a slope, not about a name.
SLOPE = "the slope by "
# Said of a cost without a formula, in a document that has one for another cost.
TAKEN = "is nowhere defined; it is taken to be the loss"


def is_operator(node: Node) -> bool:
    """∂/∂x with nothing in the numerator."""
    return is_derivative(node) and isinstance(node.numerator, tree.Symbol)


def _sign(node: Node) -> str:
    match node:
        case tree.Symbol("partial" | "d" as name):
            return name
        case tree.Product((tree.Symbol("partial" | "d" as name), *_), _):
            return name
        case tree.Sum((first, *rest), ("+", *_)) if not any(map(_sign, rest)):
            # ∂ of a whole sum, printed without brackets.
            return _sign(first)
    return ""


def operand(node: Node) -> Node:
    """What stands after the sign of differentiation."""
    if isinstance(node, tree.Sum):
        if isinstance(node.terms[0], tree.Symbol):
            # ∂{−log p}: the sign of the sum is not that of a difference.
            return tree.Sum(node.terms[1:], node.signs[1:], start=node.start, end=node.end)
        terms = (operand(node.terms[0]), *node.terms[1:])
        return tree.Sum(terms, node.signs, start=node.start, end=node.end)
    if not isinstance(node, tree.Product):
        raise Misread(node)
    rest = node.factors[1:]
    if len(rest) == 1:
        return rest[0]
    return tree.Product(rest, node.operators[1:], start=rest[0].start, end=node.end)


def variables(node: Node) -> set[Node]:
    """The variables of all derivatives in a tree, as printed."""
    found = set()
    for part in tree.walk(node):
        if is_derivative(part) and isinstance(part.denominator, tree.Product):
            found.add(operand(part.denominator))
    return found


def quotient(meaning, node: Node) -> Value:
    """∂f/∂x, printed as a fraction."""
    if is_operator(node):
        raise Misread(node)
    function = function_differentiated(meaning, node)
    if function is not None:
        try:
            return meaning.called(function, 1, operand(node.denominator), node)
        except (Misread, Misfit):
            # A function of a whole vector has a derivative by it all the same.
            pass
    return derivative(meaning, numerator_value(meaning, operand(node.numerator)), node.denominator)


def function_differentiated(meaning, node: Node) -> Node | None:
    """The function of ∂f/∂x where it is printed without its argument, as in ∂tanh/∂x."""
    if (
        not is_derivative(node)
        or is_operator(node)
        or not isinstance(node.denominator, tree.Product)
    ):
        return None
    top = operand(node.numerator)
    name = named(top, meaning.scope.usage)
    if name is None or name.places or name.primes or name.power is not None:
        return None
    function = meaning.scope.functions.get(name.text)
    if function is not None:
        by = named(operand(node.denominator), meaning.scope.usage)
        if by is not None and is_behind(by.text, function.parameters, meaning.scope):
            return None
        return top if _is_elementwise(function, meaning.scope) else None
    record = meaning.record(name.text)
    return top if record is not None and not record.axis else None


def _is_elementwise(function, scope) -> bool:
    """Not where the one parameter is missing in the formula, as W of E(W) may be, or a matrix."""
    if function.index is not None or len(function.parameters) != 1:
        return False
    (own,) = function.parameters
    names = (named(part, scope.usage) for part in scripted(function.body))
    return scope.rank(own) < 2 and own in {name.text for name in names if name is not None}


def numerator_value(meaning, node: Node) -> Value:
    """What is differentiated; a cost that is never defined is the document's one loss."""
    node = _without_arguments(meaning, node)
    name = named(node, meaning.scope.usage)
    if name is not None and not name.places and name.power is None:
        scope = meaning.scope
        known = name.text in scope.definitions or name.text in scope.functions
        if name.text == scope.cost and not known:
            return linear_cost(meaning)
        known = known or name.text in scope.opaque
        if not known and scope.loss and not scope.symbol(name.text).sizes:
            if is_another_cost(scope, name.text):
                return cost_of_layers(meaning, name.text) or meaning.value(node)
            if (value := loss_value(meaning)) is not None:
                meaning.note(f"{name.text} {TAKEN} {scope.loss}")
                return value
        if name.text in scope.functions:
            return meaning.whole(name.text)
    return meaning.value(node)


def _without_arguments(meaning, node: Node) -> Node:
    """`J(θ)` as `J`, where nothing says what J is."""
    match node:
        case tree.Product((word, tree.Group("(")), ("",)):
            name = named(word, meaning.scope.usage)
            if name is not None and is_known_cost(name.text, len(_items(node.factors[1]))):
                return node
            if name is not None and not name.places and name.text in COSTS:
                scope = meaning.scope
                if name.text not in scope.functions and name.text not in scope.definitions:
                    return word
    return node


def _items(group: tree.Group) -> tuple[Node, ...]:
    return group.body.items if isinstance(group.body, tree.List) else (group.body,)


def operated(meaning, operator: Node, body: Node) -> Value:
    """∂/∂x of what follows; of a number in print it is 0."""
    inside = body.body if isinstance(body, tree.Group) else body
    name = named(operand(operator.denominator), meaning.scope.usage)
    if isinstance(inside, tree.Number) and name is not None and not name.places:
        return Value(ZERO, meaning.scope.value(name.text).axes)
    return derivative(meaning, meaning.value(body), operator.denominator)


def is_gradient_sign(node: Node, sizes: set[str]) -> bool:
    """∇_x, and D_x where D_x is no size."""
    if not isinstance(node, tree.Script) or node.sub is None or node.primes:
        return False
    match node.base:
        case tree.Symbol("nabla"):
            return True
        case tree.Symbol("D"):
            alone = not isinstance(node.sub, tree.List)
            return alone and f"D_{getattr(node.sub, 'name', '')}" not in sizes
    return False


def derivative(meaning, value: Value, denominator: Node) -> Value:
    if (inner := inside_stack(operand(denominator))) is not None:
        return by_stack(meaning, value, inner)
    variable = _without_dependence(meaning, operand(denominator))
    if isinstance(variable, tree.Group):
        return by_bracket(meaning, value, variable)
    if isinstance(variable, tree.Product) and _abstract(meaning, variable) is None:
        return by_bracket(meaning, value, variable)
    return by_variable(meaning, value, variable)


def _without_dependence(meaning, node: Node) -> Node:
    """`x(u)` as `x`, where u only says what x depends on."""
    match node:
        case tree.Product((word, tree.Group("(", _, inside)), ("",)):
            usage = meaning.scope.usage
            names = named(word, usage), named(inside, usage)
            if None not in names and tuple(n.text for n in names) in meaning.scope.dependences:
                if meaning.scope.symbol(names[0].text).sizes:
                    return word
    return node


def by_bracket(meaning, value: Value, bracket: Node) -> Value:
    """∂f/∂(x W + b), ∂f/∂s(x): the derivative by a value that f depends on through this alone."""
    slope = slope_by_bracket(meaning, value, bracket)
    return joint(meaning.algebra.resolved(value), slope, bracket)


def slope_by_bracket(meaning, value: Value, bracket: Node) -> Value:
    """The same over the axes of the bracket; the value's own axes stay free in it."""
    scope = meaning.scope
    whole = meaning.value(bracket)
    value, whole = meaning.algebra.resolved(value), meaning.algebra.resolved(whole)
    inner = Lambda(whole.indices, scope.inlined(whole.expr))
    stand_in = Array(INNER, tuple(index.size for index in whole.indices))
    expr = abstracted(scope.inlined(value.expr), inner, stand_in)
    if stand_in not in elements(expr) or whole.is_stacked:
        raise Misread(bracket, "nothing is known that depends on this expression")
    images = tuple(fresh(index.size) for index in whole.indices)
    slope = inline(differentiate(expr, element(stand_in, *images)), {INNER: inner})
    return Value(slope, _relabelled(whole.axes, images))


def by_stack(meaning, value: Value, variable: Node) -> Value:
    """∂f/∂vec(X), a column; ∂vec(Y)/∂vec(X), the Jacobian with a row for each entry of vec(Y)."""
    name = differentiated(meaning, variable)
    slope = meaning.algebra.vec(slope_by(meaning, value, name, variable))
    if name.places or len(value.long) > 1:
        raise Misread(variable)
    axes = slope.axes if value.is_scalar else (*meaning.algebra.resolved(value).long, *slope.long)
    return Value(slope.expr, axes)


def by_variable(meaning, value: Value, variable: Node) -> Value:
    """The derivative of a value by a symbol or an element of one.

    A number by an array has the array's shape; a vector by a vector is the Jacobian with the
    vector's index first.
    """
    if isinstance(variable, tree.Product) and (call := _abstract(meaning, variable)) is not None:
        return joint(value, Value(differentiate(value.expr, call)), variable)
    name = differentiated(meaning, variable)
    if name.example and any(map(is_label, name.places)):
        raise Misread(variable, "nothing says that other labels are not the same")
    slope = slope_by(meaning, value, name, variable)
    if name.places:
        slope = meaning.at(slope, padded(name, slope), variable)
    return joint(meaning.algebra.resolved(value), slope, variable)


def _abstract(meaning, variable: Node) -> Element | None:
    """The symbol for ψ(v), a call of a function of which nothing is known."""
    expr = meaning.value(variable).expr
    return expr if isinstance(expr, Element) and expr.array.name in meaning.abstract else None


def differentiated(meaning, variable: Node) -> Name:
    """The name that a derivative is taken by, with its places."""
    name = named(variable, meaning.scope.usage)
    if name is None or name.power is not None or name.transpose or name.primes:
        raise Misread(variable)
    if name.text in meaning.bindings or name.text in meaning.scope.functions:
        raise Misread(variable)
    return replace(name, text=meaning.scope.aliases.get(name.text, name.text))


def slope_by(meaning, value: Value, name: Name, variable: Node) -> Value:
    """The derivative of every element of a value by every element of an array, over the latter's
    axes; the value's own axes stay free in it."""
    scope = meaning.scope
    narrow = not name.places and meaning.narrow(name.text)
    whole = Value(element(Array(f"{name.text}·"))) if narrow else scope.value(name.text)
    value = meaning.algebra.resolved(value)
    whole = meaning.algebra.resolved(whole)
    meaning.doubts |= scope.doubts(value.expr)
    expr = scope.inlined(value.expr, keep=frozenset((name.text,)))
    array = whole.expr.array
    if not array.sizes and any(one.name in meaning.abstract for one in elements(expr)):
        return Value(slope_of_one(meaning, expr, array))
    images = tuple(fresh(axis.size) for axis in whole.indices)
    expr = with_unknown_costs(meaning, tied(scope, expr, array, variable), name.text, variable)
    _doubt_steps(meaning, expr, name.text)
    if scope.ends:
        expr = add(expr, through_layers(meaning, value, name.text))
    if array not in elements(expr) and name.text in scope.definitions:
        expr = _in_terms_of(scope, name.text, expr)
    if array not in elements(expr):
        ways = (through_dependence, slope_of_inverse, slope_by_rows)
        slopes = (way(scope, expr, name.text, images) for way in ways)
        if (slope := next((one for one in slopes if one is not None), None)) is None:
            raise Misread(variable, f"nothing is known that depends on {name.text}")
        return Value(slope, _relabelled(whole.axes, images))
    same = (one for one in elements(expr) if one.name == array.name)
    if any(len(one.sizes) != len(array.sizes) for one in same):
        raise Misread(variable, f"{name.text} is a number and an array")
    slope = differentiate(expr, element(array, *images))
    called = through_dependence(scope, expr, name.text, images, partial(was_called, meaning))
    slope = slope if called is None else add(slope, called)
    return Value(slope, _relabelled(whole.axes, images))


def _doubt_steps(meaning, expr: Expr, by: str) -> None:
    """A cost by the c of `o_t = V h_t + c` is a sum over all steps, of which one was read."""
    times = meaning.scope.usage.steps
    if not times or is_of_step(by, times):
        return
    slopes = (one.name for one in elements(expr) if is_adjoint_name(one.name))
    if any(is_of_step(name, times) for name in slopes):
        meaning.doubts.add(f"{SLOPE}{by}")


def _in_terms_of(scope, name: str, expr: Expr) -> Expr:
    """An expression with a name in the place of its formula: `f = (x + y) z`, for q = x + y."""
    known = scope.resolved(scope.definitions[name])
    formula = Lambda(known.indices, scope.inlined(known.body))
    return abstracted(expr, formula, scope.array(name))


def _relabelled(axes, images):
    images = iter(images)
    return tuple(None if axis is None else next(images) for axis in axes)


def joint(value: Value, slope: Value, node: Node) -> Value:
    if value.is_scalar:
        return Value(slope.expr, slope.axes)
    if value.is_stacked and len(value.long) == len(slope.long) == 1:
        # A row for each entry of vec(Y), by a vector.
        return Value(slope.expr, (*value.long, *slope.long))
    axes = (*value.indices, *slope.indices)
    if len(axes) > 2:
        raise Misread(node, "a derivative with more than two axes")
    return Value(slope.expr, axes if slope.indices else value.axes)


# Derivatives of a higher order than this are not read.
HIGHEST = 4


def slope_at(meaning, function, value: Value, node: Node, times: int = 1) -> Value:
    """The derivative of a document's function at a value, or a higher one."""
    (parameter,) = function.parameters
    if parameter is None or function.index is not None or times > HIGHEST:
        raise Misread(node)
    body = meaning.applied_body(function, {parameter: Value(element(POINT))})
    body = meaning.algebra.resolved(body)
    if not body.is_scalar:
        raise Misread(node)
    if depended_on(meaning, body, {parameter: Value(element(POINT))}):
        raise Misread(node, f"a function that depends on {parameter} through other names")
    expr = meaning.scope.inlined(body.expr)
    if any(UNKNOWN in array.name for array in elements(expr)):
        raise Misread(node, "the derivative of what depends on a function that is nowhere defined")
    slope = expr
    for _ in range(times):
        if any(array.name in meaning.abstract for array in elements(slope)):
            slope = slope_of_one(meaning, slope, POINT)
        else:
            slope = differentiate(slope, element(POINT))
    value = meaning.algebra.resolved(value)
    return Value(inline(slope, {POINT.name: Lambda((), value.expr)}), value.axes)
