"""Names for the intermediate values of one long formula, for the reverse sweep to share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from chainrule.language.algebra import along, apply, element, opened, rebound
from chainrule.language.expr import Along, Apply, Array, Expr, Reduce
from chainrule.language.index import Index, place_of
from chainrule.language.passes import around
from chainrule.language.program import Definition, Program
from chainrule.language.walk import walk
from chainrule.transform.simplify import fold


def name_values(program: Program, base: str = "value", whole: int = 2) -> Program:
    """The program with a definition for every function applied to something that holds a sum.

    J = -Σ y log softmax(σ(x W₁ + b₁) W₂ + b₂) becomes the five lines that people write for it.
    New names are `value 1`, `value 2`, …; a program in which every value has a name stays as it is.

    whole  how deep sums and functions along an axis may be nested in a definition that is left
           alone. 2 suits formulas that people read. 0 suits code: tanh(x W + b) gives its
           argument a name, and the gradients by x, W and b then share the gradient by it.
    """
    taken = {d.name for d in program.definitions} | {a.name for a in program.inputs}
    names = (name for k in count(1) if (name := f"{base} {k}") not in taken)
    done: list[Definition] = []
    for definition in program.definitions:
        body = _with_known(definition.body, done)
        if body.height > whole:
            namer = _Namer(names, definition.indices)
            body = namer.outside(walk(namer.visit, body))
            done.extend(namer.found)
        done.append(Definition(definition.array, definition.indices, body))
    return Program(tuple(done))


class _Namer:
    """Gives the values inside one body definitions of their own."""

    def __init__(self, names: Iterator[str], written: tuple[Index, ...]):
        self.names, self.written = names, written
        self.found: list[Definition] = []

    def named(self, body: Expr) -> Expr:
        """The body as an element of a definition over its free indices."""
        for definition in self.found:
            if definition.body is body:
                return definition.left
        rest = sorted(body.free - {*self.written}, key=lambda index: place_of(index).order)
        indices = (*(index for index in self.written if index in body.free), *rest)
        array = Array(next(self.names), tuple(index.size for index in indices))
        self.found.append(Definition(array, indices, body))
        return element(array, *indices)

    def outside(self, body: Expr) -> Expr:
        """The whole body, which needs no second name."""
        if self.found and body is self.found[-1].left:
            return self.found.pop().body
        return body

    def visit(self, node: Expr):
        match node:
            case Apply(function, argument):
                inner = yield argument
                if not _has_sum(inner):
                    return apply(function, inner)
                return self.named(apply(function, self.named(inner)))
            case Along(function, index, _, at):
                index, body = opened(node)
                inner = yield body
                return along(function, index, self.named(inner) if _has_sum(inner) else inner, at)
            case Reduce():
                index, body = opened(node)
                return rebound(node, index, (yield body))
        return (yield from around(node))


def _with_known(body: Expr, done: list[Definition]) -> Expr:
    """The body with every value that has a name already under that name, from the inside out."""
    for definition in done:
        body = fold(body, [definition])
    return body


def _has_sum(expr: Expr) -> bool:
    return expr.height > 0 and not isinstance(expr, Along)
