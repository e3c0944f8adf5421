"""Equations between what nothing defines: they suppose something, and claim nothing.

`U^T U = I` makes U orthogonal, `p_q = p_k` sets two numbers equal, `cos θ = -1` is asked for.
What is false of names that may be anything is no mistake.
"""

from __future__ import annotations

import numpy as np

from chainrule.checker.misfits import names_in
from chainrule.checker.numbers_put_in import with_numbers
from chainrule.checker.points import OPEN, lengths, points, size_names
from chainrule.checker.supposed import listed
from chainrule.errors import ChainruleError
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import Along, Apply, Expr
from chainrule.language.inline import elements
from chainrule.language.passes import parts
from chainrule.mathematics.functions import abs_, function_named, sqrt
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.names import named
from chainrule.notation.reading import ChainItem
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import TRANSPOSES, letter
from chainrule.notation.tree import EQUAL, Group, Matrix, Node, Number, Product, Script, walk
from chainrule.notation.value import Value


def is_open(
    item: ChainItem, members: tuple[Value | Exception, ...], against: int, position: int
) -> bool:
    """Whether two members are equal only by what an equation supposes of names."""
    item = with_numbers(item)
    nodes, sides = ((all_[against], all_[position]) for all_ in (item.members, members))
    if item.relations[0].kind not in EQUAL or not all(isinstance(one, Value) for one in sides):
        return False
    scope = item.scope
    if any(is_derivative(part) for node in nodes for part in walk(node)):
        return False
    if _is_code(nodes):
        return True
    if _is_open_name(item, nodes[0], sides[0]) and undecorated(nodes[0]) not in walk(nodes[1]):
        return True
    if _is_of_one_matrix(scope, nodes):
        return True
    printed = names_in(scope, nodes[1:]) & scope.ranks.keys()
    number = not printed and not elements(sides[1].expr) and not sides[1].expr.free
    return number and _is_asked_for(item, sides[0].expr)


def is_known_slope(node: Node) -> bool:
    """`tanh'(u)` at any u, which has its value."""
    match undecorated(node):
        case Product((Script() as word, Group("(", _, inside)), ("",)) if word.primes:
            plain = not any(isinstance(part, Number) for part in walk(inside))
            return plain and function_named(letter(word.base) or "") is not None
    return False


def _is_code(nodes: tuple[Node, Node]) -> bool:
    """`2 = (0, 1, 0)^T`: a class, and the vector that stands for it."""
    number, array = map(undecorated, nodes)
    array = array.base if isinstance(array, Script) else array
    cells = [cell for row in array.rows for cell in row] if isinstance(array, Matrix) else []
    one_hot = {cell.text for cell in cells if isinstance(cell, Number)} == {"0", "1"}
    return isinstance(number, Number) and one_hot and len(cells) > 1


def _is_open_name(item: ChainItem, node: Node, side: Value) -> bool:
    """Whether a side is nothing but a name, or an entry of one, that nothing defines."""
    scope = item.scope
    name = named(undecorated(node), scope.usage)
    if name is None or name.primes or name.power is not None or name.transpose:
        return False
    if name.text in _known_names(item) or function_named(name.text):
        return False
    return {array.name.removesuffix("·") for array in elements(side.expr)} == {name.text}


def _is_of_one_matrix(scope: Scope, nodes: tuple[Node, Node]) -> bool:
    """`U^T = U^{-1}`, `U^T U = I`: what makes a matrix a special one."""
    names = names_in(scope, nodes) - TRANSPOSES - {"I"}
    if len(names) != 1:
        return False
    (name,) = names
    return scope.rank(name) == 2 and name not in scope.definitions


def _is_asked_for(item: ChainItem, side: Expr) -> bool:
    """Whether a number is set for something that can have many values: `w · v = 1` of a v."""
    unknown = {array.name for array in elements(item.scope.inlined(side))}
    calls = [
        part
        for part in parts(side)
        if isinstance(part, (Along, Apply)) and part.function not in (sqrt, abs_)
    ]
    asked = bool(unknown) and not unknown & _known_names(item) and len(calls) <= 1
    return asked and _varies(item.scope, side)


def _varies(scope: Scope, side: Expr) -> bool:
    """Whether there are points with different values: the sum of a softmax is 1 at all of them."""
    whole = scope.inlined(side)
    sizes, order = lengths(size_names(whole)), tuple(sorted(whole.free, key=lambda one: one.name))
    tries = points(elements(whole), sizes, scope.facts, kinds=OPEN)
    try:
        with np.errstate(all="ignore"):
            found = [evaluate(whole, one.values, sizes, order) for one in tries]
    except ChainruleError:
        return True
    return not all(np.allclose(found[0], one) for one in found[1:])


def _known_names(item: ChainItem) -> set[str]:
    """The names of which formulas, premises or lists of values tell something."""
    given = {name for name, _ in item.premises} | listed(item) | item.scope.numbers.keys()
    return item.scope.definitions.keys() | given
