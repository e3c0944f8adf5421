"""Names for the windows that convolutions and pooling read, so that code gathers them once.

y[p] = Σ_r w[r] x[2 p + r] becomes u[r, p] = x[2 p + r] and y[p] = Σ_r w[r] u[r, p]: a matrix
product, whose gradient by w is one, too. The gradient by x adds up what the windows u share.
"""

from __future__ import annotations

from itertools import count

from chainrule.language.algebra import element
from chainrule.language.expr import Array, Element, Expr
from chainrule.language.index import Index
from chainrule.language.passes import around, parts
from chainrule.language.program import Definition, Program
from chainrule.language.walk import walk


def name_windows(program: Program) -> Program:
    """The program with a definition for every array that is read in windows.

    >>> from chainrule.language.algebra import total
    >>> from chainrule.language.index import place_of
    >>> p, r = Index("p", "P"), Index("r", 3)
    >>> read = element(Array("x", ("N",)), place_of(p) * 2 + place_of(r))
    >>> y = Definition(Array("y", ("P",)), (p,), total(r, element(Array("w", (3,)), r) * read))
    >>> [(d.name, d.array.sizes) for d in name_windows(Program((y,))).definitions]
    [('windows of x', (3, 'P')), ('y', ('P',))]
    """
    taken = {d.name for d in program.definitions} | {a.name for a in program.inputs}
    done: list[Definition] = []
    for definition in program.definitions:
        namer = _Namer(definition.indices, taken)
        body = walk(namer.visit, definition.body)
        done += [*namer.found, Definition(definition.array, definition.indices, body)]
    return Program(tuple(done))


def windowed(program: Program) -> set[Array]:
    """The arrays that a program reads in windows."""
    every = parts(*(definition.body for definition in program.definitions))
    return {part.array for part in every if isinstance(part, Element) and _is_window(part)}


class _Namer:
    """Gives the windows that one body reads definitions of their own."""

    def __init__(self, written: tuple[Index, ...], taken: set[str]):
        self.written, self.taken = written, taken
        self.found: list[Definition] = []

    def visit(self, node: Expr):
        if isinstance(node, Element) and _is_window(node):
            return self.named(node)
        return (yield from around(node))

    def named(self, node: Element) -> Expr:
        """The same as an element of the windows: the indices that are summed over come first."""
        read = dict.fromkeys(index for place in node.places for index in place.indices)
        inside = [index for index in read if index not in self.written]
        indices = (*inside, *(index for index in self.written if index in read))
        wanted = f"windows of {node.array.name}"
        names = (wanted if k == 1 else f"{wanted} {k}" for k in count(1))
        name = next(name for name in names if name not in self.taken)
        self.taken.add(name)
        array = Array(name, tuple(index.size for index in indices))
        self.found.append(Definition(array, indices, node))
        return element(array, *indices)


def _is_window(node: Element) -> bool:
    return any(len(place.indices) > 1 for place in node.places)
