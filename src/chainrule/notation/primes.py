"""Functions without an argument and functions that nobody defined: `σ' = σ(1 − σ)`, `(fg)'`,
`f'(g(x)) g'(x)`, `ln(x)'`.

A known function that is printed without its argument is taken at one number, the same all over the
statement. A function that is nowhere defined is a symbol of its own for each argument printed; its
derivative is another symbol, and the chain rule ties the two.
"""

from __future__ import annotations

from chainrule.language.algebra import ONE, add, apply, const, element, mul
from chainrule.language.expr import Array, Expr
from chainrule.language.inline import elements, instantiate
from chainrule.notation import tree
from chainrule.notation.misread import Misread
from chainrule.notation.names import Name, named
from chainrule.notation.scripts import letter, plain, scripted
from chainrule.notation.tree import Node
from chainrule.notation.usage import Usage
from chainrule.notation.value import Misfit, Value, shown
from chainrule.transform.differentiate import differentiate

# The scalar that a function is taken at where none is printed; no user can type it.
POINT = Array("·s")
# The letters that stand for functions where nothing is said of them.
FUNCTION_LETTERS = {"f", "g", "h", "u", "v"}
# Marks a function of which nothing at all is known.
UNKNOWN = "?"


def primed_names(nodes: tuple[Node, ...], usage: Usage) -> frozenset[str]:
    """The names that are printed with primes; in `(f g)'` the usual letters for functions are, and
    σ always."""
    printed = [part for node in nodes for part in scripted(node)]
    found = {name.text for part in printed if (name := named(part, usage)) and name.primes}
    brackets = [part for node in nodes for part in tree.walk(node) if _is_primed_bracket(part)]
    inside = {letter(part) for one in brackets for part in tree.walk(one.base)}
    taken = {letter(part) for one in brackets for part in _arguments(one.base)}
    letters = FUNCTION_LETTERS | {"\\sigma"} if found else {"\\sigma"}
    return frozenset(found | (inside & letters - taken))


def _arguments(node: Node) -> list[Node]:
    """All that stands in brackets right after a factor."""
    products = [part for part in tree.walk(node) if isinstance(part, tree.Product)]
    groups = [one for part in products for one in part.factors[1:] if isinstance(one, tree.Group)]
    return [part for group in groups for part in tree.walk(group)]


def _is_primed_bracket(node: Node) -> bool:
    return isinstance(node, tree.Script) and node.primes > 0 and isinstance(node.base, tree.Group)


def mentions_alone(node: Node, text: str) -> bool:
    """Whether a name is printed in a tree without a bracket after it."""
    if isinstance(node, tree.Product):
        following = [*node.factors[1:], None]
        pairs = zip(node.factors, following, strict=True)
        return any(
            mentions_alone(factor, text)
            for factor, after in pairs
            if not (letter(factor) == text and isinstance(after, tree.Group))
        )
    if letter(node) == text or (isinstance(node, tree.Script) and letter(node.base) == text):
        return True
    return any(mentions_alone(child, text) for child in tree.children(node))


def is_abstract(meaning, text: str) -> bool:
    """Whether a name is a function of which only the derivative is spoken of."""
    scope = meaning.scope
    known = text in scope.functions or text in scope.definitions or text in meaning.bindings
    symbol = scope.symbols.get(text)
    return (
        text in meaning.primed
        and not known
        and meaning.record(text) is None
        and not (symbol is not None and (symbol.declared or symbol.sizes))
    )


def bare(meaning, name: Name, node: Node) -> Value | None:
    """`f`, `f'` and `σ'` without an argument; None where the name is no function here."""
    if name.places:
        return None
    if is_abstract(meaning, name.text):
        return Value(_symbol(meaning, name.text, name.primes, None, ""))
    if name.text not in meaning.primed:
        return None
    if name.primes and (slope := _of_its_variable(meaning.scope, name)) is not None:
        return slope
    point = Value(element(POINT))
    if name.text in meaning.scope.functions:
        function = meaning.scope.functions[name.text]
        if function.index is not None or len(function.parameters) != 1:
            return None
        return meaning.call_document(function, name.primes, point, node)
    record = meaning.record(name.text)
    if record is None or record.axis or name.primes > 1:
        return None
    value = apply(record, point.expr)
    return Value(instantiate(record.derivative, value) if name.primes else value)


def _of_its_variable(scope, name: Name) -> Value | None:
    """The s' of `s = σ(x)`, a number that depends on nothing but one number."""
    known = scope.definitions.get(name.text)
    if known is None or known.indices:
        return None
    slope = scope.inlined(known.body)
    inputs = elements(slope)
    if len(inputs) != 1 or any(one.sizes for one in inputs) or slope.free:
        return None
    for _ in range(name.primes):
        slope = differentiate(slope, element(*inputs))
    return Value(slope)


def abstract_call(meaning, text: str, primes: int, argument: Node) -> Value:
    """f(x) and f'(x) of a function that is nowhere defined, at one number."""
    value = meaning.value(argument)
    if not value.is_scalar:
        raise Misread(argument)
    return Value(_symbol(meaning, text, primes, value.expr, tree.show(argument)))


def unknown_call(meaning, factor: Node, argument: Node) -> Value:
    """f(x) of a function of which nothing is known: a number, and nothing false is said of it."""
    value = meaning.value(argument)
    inner = value.expr if value.is_scalar else None
    return Value(_symbol(meaning, plain(factor) + UNKNOWN, 0, inner, tree.show(argument)))


def _symbol(meaning, text: str, primes: int, argument: Expr | None, printed: str) -> Expr:
    name = f"{text}{primes * chr(39)}({printed})"
    meaning.abstract[name] = (text, primes, argument, printed)
    return element(Array(name))


def is_slope_of_unknown(name: str) -> bool:
    """Whether an array stands for f' or f'(x) of a function that is nowhere defined."""
    return name.endswith(")") and "'" in name.partition("(")[0]


def slope(meaning, expr: Expr, variable: Array | None) -> Expr:
    """The derivative along the one number that everything depends on."""
    parts = []
    for array in sorted(elements(expr), key=lambda one: one.name):
        if array.sizes:
            continue
        if array in (variable, POINT):
            parts.append(differentiate(expr, element(array)))
        elif array.name in meaning.abstract:
            text, primes, argument, printed = meaning.abstract[array.name]
            outer = _symbol(meaning, text, primes + 1, argument, printed)
            inner = ONE if argument is None else slope(meaning, argument, variable)
            parts.append(mul(differentiate(expr, element(array)), outer, inner))
    return add(*parts) if parts else const(0)


def primed_bracket(meaning, value: Value, primes: int, node: Node) -> Value:
    """(…)': the derivative by the one number in the bracket."""
    value = meaning.algebra.resolved(value)
    if primes != 1:
        raise Misread(node)
    if not value.is_scalar:
        raise Misfit(f"a prime on {shown(value.axes)}")
    expr = meaning.scope.inlined(value.expr)
    inside = {array for array in elements(expr) if array.name not in meaning.abstract}
    if POINT not in inside and len(inside) == len(elements(expr)):
        if len(inside) != 1 or next(iter(inside)).sizes:
            raise Misread(node, "a derivative by what is not said")
        return Value(differentiate(expr, element(next(iter(inside)))))
    return Value(slope(meaning, expr, _argument(meaning, expr, node)))


def _argument(meaning, expr: Expr, node: Node) -> Array | None:
    """The one number that abstract functions are printed at, if any is printed."""
    found: set[Array] = set()
    waiting = [expr]
    while waiting:
        for array in elements(waiting.pop()):
            argument = meaning.abstract.get(array.name, (None,) * 4)[2]
            if argument is not None:
                waiting.append(argument)
                found |= {a for a in elements(argument) if a.name not in meaning.abstract}
    if len(found) > 1 or any(array.sizes for array in found):
        raise Misread(node, "a derivative by what is not said")
    return next(iter(found), None)
