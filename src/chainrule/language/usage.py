"""How a program uses its inputs: what is multiplied and summed over, what is added on."""

from __future__ import annotations

from chainrule.language.expr import Add, Array, Element, Expr, Mul, Power, Reduce, children
from chainrule.language.passes import parts
from chainrule.language.program import Program


def uses(program: Program) -> tuple[set[Array], set[Array]]:
    """(vectors contracted with another input, arrays that stand alone as a term).

    In `z = W x + b` x is contracted with W, and b stands alone.

    >>> from chainrule.language.algebra import element, total
    >>> from chainrule.language.index import Index
    >>> from chainrule.language.program import Definition
    >>> i, j = Index("i", "D"), Index("j", "H")
    >>> W, x, b = Array("W", ("H", "D")), Array("x", ("D",)), Array("b", ("H",))
    >>> affine = total(i, element(W, j, i) * element(x, i)) + element(b, j)
    >>> uses(Program((Definition(Array("z", ("H",)), (j,), affine),))) == ({x}, {b})
    True
    """
    inputs = set(program.inputs)
    contracted: set[Array] = set()
    added: set[Array] = set()
    for node in parts(*(definition.body for definition in program.definitions)):
        if isinstance(node, Reduce):
            near = factors_and_terms(node.body) & inputs
            if len(near) > 1:
                contracted.update(array for array in near if len(array.sizes) == 1)
        if isinstance(node, Add):
            added.update(term.array for term in node.terms if isinstance(term, Element))
    return contracted, added


def factors_and_terms(body: Expr) -> set[Array]:
    """The arrays that are factors or terms of a body, not those inside functions and sums."""
    found = set()
    waiting = [body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Element):
            found.add(node.array)
        elif isinstance(node, (Add, Mul, Power)):
            waiting.extend(children(node))
    return found
