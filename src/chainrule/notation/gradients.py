"""Gradients and Hessians by signs: ∇_x f, D_x f, ∇f(x), ∇^2 f(x)."""

from __future__ import annotations

from dataclasses import replace

from chainrule.notation import tree
from chainrule.notation.fixed_arguments import elsewhere
from chainrule.notation.heads import is_numeric
from chainrule.notation.leibniz import by_variable, is_gradient_sign, numerator_value
from chainrule.notation.misread import Misread
from chainrule.notation.names import named
from chainrule.notation.scripts import letter, scripted
from chainrule.notation.through_names import at_arguments
from chainrule.notation.tree import Node
from chainrule.notation.value import Value


def with_variable(meaning, node: tree.Product, at: int) -> Node | None:
    """∇_x for the sign at a factor; of a bare ∇ the variable is what the next function takes."""
    sign = node.factors[at]
    if is_gradient_sign(sign, meaning.scope.size_names):
        return sign
    bare = sign.base if isinstance(sign, tree.Script) and sign.sub is None else sign
    if bare != tree.Symbol("nabla") or len(node.factors) <= at + 1:
        return None
    variable = _argument(meaning, node, at + 1) or _only_vector(meaning, node.factors[at + 1])
    above = sign.sup if isinstance(sign, tree.Script) else None
    if variable is None or above not in (None, tree.Number("2")):
        return None
    return tree.Script(bare, variable, above, start=sign.start, end=sign.end)


def _argument(meaning, node: tree.Product, at: int) -> Node | None:
    """The x of f(x), or of an f that takes one argument."""
    following = node.factors[at + 1] if len(node.factors) > at + 1 else None
    numbers = isinstance(following, tree.Group) and is_numeric(following.body)
    if isinstance(following, tree.Group) and not node.operators[at] and not numbers:
        name = named(following.body, meaning.scope.usage)
        return None if name is None or name.places else following.body
    name, functions = named(node.factors[at], meaning.scope.usage), meaning.scope.functions
    if name is None or name.places:
        return None
    function = functions.get(name.text) or functions.get(elsewhere(name.text))
    if function is None or len(function.parameters) != 1 or None in function.parameters:
        return None
    return function.arguments[0]


def _only_vector(meaning, body: Node) -> Node | None:
    """The w of `∇ (λ ‖w‖^2)`: the one vector, or the one that a function is taken of."""
    scope = meaning.scope
    if not isinstance(body, tree.Group):
        body = body.base if isinstance(body, tree.Script) else None
    if not isinstance(body, tree.Group):
        return None
    names = {n.text: n for part in scripted(body.body) if (n := named(part, scope.usage))}
    vectors = [text for text in names if scope.rank(text)]
    taken = {text for one in scope.functions.values() for text in one.parameters}
    match [one for one in vectors if one in taken] or vectors:
        case [text] if len(text) == 1 and not names[text].places:
            return tree.Symbol(text)
    return None


def names_function(meaning, node: tree.Product, at: int) -> bool:
    """Whether a factor is the name of a function without an argument behind it: ∇^2 f v."""
    name = named(node.factors[at], meaning.scope.usage)
    following = node.factors[at + 1] if len(node.factors) > at + 1 else None
    called = isinstance(following, tree.Group) and not node.operators[at]
    return name is not None and name.text in meaning.scope.functions and not called


def _at_a_value(meaning, nabla: tree.Script, body: Node):
    """(f, a) of ∇_x f(a), for a function f of x and another argument: numbers."""
    match body:
        case tree.Product((word, tree.Group("(", _, argument)), ("",)) if is_numeric(argument):
            function = meaning.scope.functions.get(letter(word))
            if function is not None and function.parameters == (letter(nabla.sub),):
                return function, argument
    return None


def gradient_of(meaning, nabla: tree.Script, body: Node) -> Value:
    """∇_x f, D_x f; with a 2 above it the matrix of second derivatives."""
    if nabla.sup not in (None, tree.Number("2")):
        raise Misread(nabla)
    if (call := _at_a_value(meaning, nabla, body)) is not None:
        function, argument = call
        own = tree.Group("(", ")", function.arguments[0])
        found = gradient_of(meaning, nabla, replace(body, factors=(body.factors[0], own)))
        arguments = {function.parameters[0]: meaning.value(argument)}
        return at_arguments(meaning, found, arguments, argument)
    value, scope = numerator_value(meaning, body), meaning.scope
    variable, text = nabla.sub, getattr(nabla.sub, "name", None)
    if f"{text}^L" in scope.definitions and text not in scope.definitions:
        # ∇_a C: by what the last layer gives.
        last = tree.Symbol("L", start=variable.start, end=variable.end)
        variable = tree.Script(variable, None, last)
    found = by_variable(meaning, value, variable)
    if nabla.sup is None:
        return found
    if not value.is_scalar:
        raise Misread(nabla)
    return by_variable(meaning, replace(found, axes=found.indices), variable)
