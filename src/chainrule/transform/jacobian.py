"""Derivatives of arrays: Jacobians, products with them from either side, and Hessians.

All of them come from one reverse sweep of the scalar Σ v[i] y[i]: its gradient is the
vector-Jacobian product, and the coefficient of v[i] in that is row i of the Jacobian.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from chainrule.errors import UnknownSymbol
from chainrule.language.algebra import ZERO, add, delta, element, mul, substitute, total
from chainrule.language.expr import Apply, Array, Expr, Mul, terms_of
from chainrule.language.facts import Fact
from chainrule.language.index import Index, fresh, place_of
from chainrule.language.inline import inline
from chainrule.language.program import Definition, Program
from chainrule.transform.differentiate import differentiate
from chainrule.transform.factors import factored, multiplied_out
from chainrule.transform.reverse import Gradients, reverse
from chainrule.transform.simplify import cost, fold, simplify
from chainrule.transform.stabilise import stabilise

# No user can type a name with a blank in it.
SEED, WEIGHTED = "seed of the sweep", "weighted sum"


def vector_jacobian(
    program: Program, of: str, by: str, seed: Array, facts: Iterable[Fact] = ()
) -> Gradients:
    """The reverse sweep of Σ seed[i] y[i], where y is the definition `of`; the gradient by `by` is
    the product of the seed with the Jacobian."""
    definition = program.definition(of)
    needed = program.needed(of)
    known = {*needed.by_name, *(array.name for array in needed.inputs)}
    if by not in known:
        raise UnknownSymbol(
            f"{of} does not depend on {by}; it depends on {', '.join(sorted(known - {of}))}",
            remedy="ask for one of these names",
        )
    body = mul(element(seed, *definition.indices), definition.left)
    for index in reversed(definition.indices):
        body = total(index, body)
    weighted = Definition(Array(WEIGHTED), (), body)
    return reverse(Program((*program.definitions, weighted)), WEIGHTED, [by], facts)


def jacobian(
    program: Program, of: str, by: str, facts: Iterable[Fact] = (), used: set[Fact] | None = None
) -> Definition:
    """∂y[i]/∂x[k] for a definition y and any array x: the indices of y first, then those of x.

    used     if given, the facts that were needed are added to it

    >>> x, y, i = Array("x", ("N",)), Array("y", ("N",)), Index("i", "N")
    >>> program = Program((Definition(y, (i,), element(x, i) ** 2),))
    >>> found = jacobian(program, "y", "x")
    >>> found.indices
    (i:N, j:N)
    """
    facts, used = tuple(facts), set() if used is None else used
    definition = program.definition(of)
    if not definition.indices:
        found = reverse(program, of, [by], facts)
        used |= set(found.facts)
        return found.closed(by)
    seed = Array(SEED, definition.array.sizes)
    found = vector_jacobian(program, of, by, seed, facts)
    used |= set(found.facts)
    closed = without_sum(found.closed(by), found)
    columns = _apart(closed.indices, definition.indices)
    body = substitute(closed.body, dict(zip(closed.indices, map(place_of, columns), strict=True)))
    rows = tuple(fresh(index.size) for index in definition.indices)
    slope = differentiate(body, element(seed, *rows))
    body = substitute(slope, dict(zip(rows, map(place_of, definition.indices), strict=True)))
    body = fold(simplify(body, facts, used), found.forward.definitions[:-1])
    body = read_at(body, dict(zip(columns, definition.indices, strict=False)))
    name = f"∂{of}/∂{by}"
    sizes = (*definition.array.sizes, *closed.array.sizes)
    return Definition(Array(name, sizes), (*definition.indices, *columns), body)


def read_at(body: Expr, rows: Mapping[Index, Index]) -> Expr:
    """The same, where everything beside δ[i, k] is read at i: s_k δ[i, k] is s_i δ[i, k].

    rows   column index → row index; pairs of other sizes are left alone

    >>> s, i, k = Array("s", ("N",)), Index("i", "N"), Index("k", "N")
    >>> body = element(s, k) * (delta(i, k) - element(s, i))
    >>> read_at(body, {k: i}) is element(s, i) * (delta(i, k) - element(s, k))
    True
    """
    pairs = {a: b for a, b in rows.items() if a.size == b.size}
    wide = multiplied_out(body)
    terms = terms_of(wide)
    found = []
    for term in terms:
        for column, row in pairs.items():
            equal = delta(row, column)
            if isinstance(term, Mul) and equal in term.factors:
                rest = mul(*(factor for factor in term.factors if factor is not equal))
                term = mul(equal, substitute(rest, {column: place_of(row)}))
        found.append(term)
    same = add(*found)
    # Of forms that cost the same, the one with δ inside the bracket of its row.
    forms = [form for form in (factored(same), same) if cost(form) <= cost(body)]
    return min(forms, key=cost) if forms else body


def second_derivative(program: Program, of: str, by: str) -> Definition:
    """The Jacobian of a gradient, in the form that is best computed.

    Values that are a function of another one are put in and the stable form is taken, where that
    makes it shorter: with p = σ(z), y σ(−z) + (1 − p)(1 − y) is σ(−z).

    >>> from chainrule.mathematics.functions import sigmoid
    >>> from chainrule.language.algebra import apply
    >>> z, p, y = element(Array("z")), element(Array("p")), element(Array("y"))
    >>> slope = p * (1 - y) - y * apply(sigmoid, -z)
    >>> bodies = {"p": apply(sigmoid, z), "∂J/∂z": slope}
    >>> program = Program(tuple(Definition(Array(name), (), bodies[name]) for name in bodies))
    >>> second_derivative(program, "∂J/∂z", "z").body is p * apply(sigmoid, -z)
    True
    """
    slope = jacobian(program, of, by)
    applied = {d.name: d.meaning for d in program.definitions if isinstance(d.body, Apply)}
    body = simplify(stabilise(inline(slope.body, applied)))
    body = fold(body, program.definitions)
    return replace(slope, body=body) if cost(body) < cost(slope.body) else slope


def without_sum(closed: Definition, sweep: Gradients) -> Definition:
    """A result of `vector_jacobian` in which nothing is hidden in the value of the weighted sum."""
    meaning = sweep.forward.definition(WEIGHTED).meaning
    return Definition(closed.array, closed.indices, inline(closed.body, {WEIGHTED: meaning}))


def _apart(indices: tuple[Index, ...], others: tuple[Index, ...]) -> tuple[Index, ...]:
    """The indices under letters that the others do not have."""
    taken = {index.name for index in others}
    letters = iter([letter for letter in "ijklmnpqrstuv" if letter not in taken])
    return tuple(Index(next(letters), index.size) for index in indices)


def with_gradient(
    program: Program, of: str, by: str, facts: Iterable[Fact] = (), used: set[Fact] | None = None
) -> tuple[Program, Definition]:
    """The program with the closed gradient of `of` as one more definition, and that definition.

    The Hessian is the Jacobian of it.
    """
    found = reverse(program, of, [by], facts)
    closed = found.closed(by)
    if used is not None:
        used |= set(found.facts)
    return Program((*found.forward.definitions, closed)), closed


def tangents(
    program: Program, by: Mapping[str, Array], of: str, facts: Iterable[Fact] = ()
) -> Program:
    """The forward sweep: for each definition that leads to `of`, its change in first order.

    by       array → the array that is its change; what is not in it stays fixed
    returns  definitions named `d y`, in the order of the program

    >>> x, y, i = Array("x", ("N",)), Array("y"), Index("i", "N")
    >>> program = Program((Definition(y, (), total(i, element(x, i) ** 2)),))
    >>> found = tangents(program, {"x": Array("v", ("N",))}, "y").definitions[0]
    >>> found.body is total(i, 2 * element(x, i) * element(Array("v", ("N",)), i))
    True
    """
    forward = program.needed(of)
    changes, found = dict(by), []
    for definition in forward.definitions:
        if definition.name in changes:
            continue
        body = add(*(_change(definition.body, a, changes) for a in _moving(definition, changes)))
        body = fold(simplify(body, facts), program.definitions)
        if body is not ZERO:
            array = Array(f"d {definition.name}", definition.array.sizes)
            changes[definition.name] = array
            found.append(Definition(array, definition.indices, body))
    if of not in changes:
        raise UnknownSymbol(
            f"{of} does not depend on {', '.join(by)}", remedy="ask for a symbol that it depends on"
        )
    return Program(tuple(found))


def _moving(definition: Definition, changes: Mapping[str, Array]) -> list[Array]:
    found = [array for array in definition.body.arrays if array.name in changes]
    return sorted(found, key=lambda array: array.name)


def _change(body: Expr, array: Array, changes: Mapping[str, Array]) -> Expr:
    images = tuple(fresh(size) for size in array.sizes)
    slope = differentiate(body, element(array, *images))
    term = mul(slope, element(changes[array.name], *images))
    for image in reversed(images):
        term = total(image, term)
    return term
