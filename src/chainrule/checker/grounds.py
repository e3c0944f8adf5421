"""Which names in a claim a document says enough about, so that a difference in them is an error."""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from chainrule.checker.misfits import names_in, printed_names
from chainrule.errors import ChainruleError
from chainrule.language.algebra import element
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import Array, Expr
from chainrule.language.inline import elements
from chainrule.mathematics.functions import function_named
from chainrule.notation import tree
from chainrule.notation.differentials import varied_name
from chainrule.notation.layer_graph import unknown_signals
from chainrule.notation.leibniz import variables
from chainrule.notation.primes import UNKNOWN
from chainrule.notation.scope import Scope
from chainrule.notation.tree import Node
from chainrule.transform.differentiate import differentiate
from chainrule.transform.reverse import is_adjoint_name


def known_inputs(scope: Scope) -> set[str]:
    """What definitions depend on; not an error signal of which nobody says how it ends."""
    inputs = {array.name for d in scope.definitions.values() for array in elements(d.body)}
    inputs -= unknown_signals(scope.definitions)
    for function in scope.functions.values():
        inputs |= printed_names(scope, function.body)
    return inputs


def varied_names(scope: Scope, nodes: tuple[Node, ...]) -> set[str]:
    """What the statement itself varies: the u of σ(u), and what is derived by."""
    found = [variable for node in nodes for variable in variables(node)]
    found += [inside for node in nodes for inside in brackets(node, _is_word)]
    return names_in(scope, found)


def brackets(node: Node, called=lambda one: True) -> list[Node]:
    """What stands in brackets right after a factor."""
    found = []
    for part in tree.walk(node):
        if isinstance(part, tree.Product):
            after = [b.base if isinstance(b, tree.Script) else b for b in part.factors[1:]]
            pairs = zip(part.factors, after, strict=False)
            found += [b.body for a, b in pairs if isinstance(b, tree.Group) and called(a)]
    return found


def _is_word(node: Node) -> bool:
    base = node.base if isinstance(node, tree.Script) else node
    return isinstance(base, tree.Symbol) and function_named(base.name.lstrip("\\")) is not None


def matters(expr: Expr, array: Array) -> bool:
    """Whether a value changes with a number that is in it: `(a + F) C / (C F)` does not with C."""
    if array.sizes:
        return True
    slope, arrays = differentiate(expr, element(array)), sorted(elements(expr), key=repr)
    sizes, order = dict.fromkeys(expr.names, 2), sorted(expr.free, key=repr)
    with suppress(ChainruleError):
        for seed in range(3):
            source = np.random.default_rng(seed)
            shapes = ([sizes.get(size, size) for size in one.sizes] for one in arrays)
            values = (source.uniform(-2.0, 2.0, shape) for shape in shapes)
            known = {one.name: value for one, value in zip(arrays, values, strict=True)}
            if not (abs(evaluate(slope, known, sizes, order)) < 1e-12).all():
                return True
        return False
    return True


def is_grounded(scope: Scope, array: Array, inputs: set[str]) -> bool:
    if UNKNOWN in array.name:
        return False
    if array.name.endswith(")") or is_adjoint_name(array.name):
        # A function that is only spoken of; the slope of such a cost, unless it has a formula that
        # was not understood.
        return array.name[1:].partition("/")[0] not in scope.opaque
    name = varied_name(array.name).removesuffix("·")
    symbol = scope.symbols.get(name)
    if name in scope.hot:
        # A one-hot vector of which the document says where it is 1.
        return True
    return name in inputs or (symbol is not None and symbol.declared)
