"""Networks whose layers only the letters of their indices tell apart: `z_j` and `z_k`.

`z_j = Σ_i w_ij a_i`, `a_j = f(z_j)` and then `z_k = Σ_j w_jk a_j`: one name stands for the values
of all layers, each of which depends on the one before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from chainrule.notation import tree
from chainrule.notation.leibniz import is_derivative, is_operator, operand
from chainrule.notation.names import named
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import letter, scripted, subscripts
from chainrule.notation.tree import Node
from chainrule.notation.usage import Usage


def layers_by_letter(nodes: Iterable[Node]) -> frozenset[str]:
    """The names that are given by each other, one of them as a sum over the other."""
    chains = [node for node in nodes if isinstance(node, tree.Chain)]
    given = {pair for chain in chains for pair in _given(chain)}
    sums = {pair for chain in chains for pair in _summed(chain)}
    return frozenset(name for a, z in given if (z, a) in sums for name in (a, z))


def crossed(nodes: Iterable[Node], usage: Usage) -> str | None:
    """A name of several layers in an equation that reaches from one of them to another.

    `∂z_k/∂a_j = w_jk` stays within the one formula of z_k; `∂z_k/∂w_ij` and `∂z_k/∂z_j` do not.
    """
    nodes = list(nodes)
    if not usage.several:
        return None
    placed = {pair for node in nodes for part in scripted(node) if (pair := _at_letter(part))}
    names = [name for name, _ in placed if name in usage.several]
    if twice := {name for name in names if names.count(name) > 1}:
        return min(twice)
    slopes = (part for node in nodes for part in tree.walk(node) if is_derivative(part))
    return min(names, default=None) if any(_reaches(part, usage) for part in slopes) else None


def _reaches(slope: tree.Fraction, usage: Usage) -> bool:
    """Whether a derivative is one of a layer by what may belong to another one."""
    if is_operator(slope):
        return True
    top, below = (operand(side) for side in (slope.numerator, slope.denominator))
    own, by = _at_letter(top), named(below, usage)
    if own is None or by is None:
        return True
    within = own[1] in {letter(mark) for mark in by.places}
    return not within and not ({own[0], by.text} <= usage.several and own[0] != by.text)


def numbered(nodes: Iterable[Node], scope: Scope) -> str | None:
    """The z of `∂z_{2i}/∂z_{1j}`, of which nothing says how its parts depend on each other."""
    for slope in (part for node in nodes for part in tree.walk(node) if is_derivative(part)):
        if not is_operator(slope):
            match operand(slope.numerator), operand(slope.denominator):
                case tree.Script(base, sub, None), tree.Script(same, by, None) if base == same:
                    pairs = list(zip(subscripts(sub), subscripts(by), strict=False))
                    numbers = [{type(one) for one in pair} == {tree.Number} for pair in pairs]
                    apart = any(n and a != b for n, (a, b) in zip(numbers, pairs, strict=True))
                    text = letter(base)
                    if apart and not all(numbers) and text not in scope.definitions:
                        return text
    return None


def _given(chain: tree.Chain) -> Iterator[tuple[str, str]]:
    """(a, z) for `a_j = f(z_j)`."""
    if (head := _at_letter(chain.members[0])) is not None:
        for body in chain.members[1:]:
            placed = [part for part in scripted(body) if part not in _called(body)]
            places = dict(filter(None, map(_at_letter, placed)))
            others = places.keys() - {head[0]}
            if len(others) == 1 and places == {(name := others.pop()): head[1]}:
                if not any(isinstance(part, tree.Big) for part in tree.walk(body)):
                    yield head[0], name


def _summed(chain: tree.Chain) -> Iterator[tuple[str, str]]:
    """(z, a) for `z_k = Σ_j w_jk a_j + b_k`."""
    if (head := _at_letter(chain.members[0])) is not None:
        for body in chain.members[1:]:
            placed = list(filter(None, map(_at_letter, scripted(body))))
            for part in tree.walk(body):
                if isinstance(part, tree.Big) and part.kind == "sum":
                    inner = filter(None, map(_at_letter, scripted(part.body)))
                    for name, mark in inner:
                        if mark != head[1] and (name, head[1]) not in placed:
                            yield head[0], name


def _called(node: Node) -> list[Node]:
    """What stands in front of a bracket: the f_j of `f_j(z_j)`."""
    return [
        word
        for part in tree.walk(node)
        if isinstance(part, tree.Product)
        for word, body in pairwise(part.factors)
        if isinstance(body, tree.Group)
    ]


def _at_letter(node: Node) -> tuple[str, str] | None:
    """(z, j) for `z_j`."""
    match node:
        case tree.Script(base, sub, None) if sub is not None and letter(base) is not None:
            marks = subscripts(sub)
            if len(marks) == 1 and letter(marks[0]) is not None:
                return letter(base), letter(marks[0])
    return None
