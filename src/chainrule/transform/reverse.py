"""Backpropagation as a map from programs to programs: one named adjoint for each definition.

All gradients asked for come from one joint sweep, so that they share what they have in common.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chainrule.errors import NotDifferentiable, UnknownSymbol
from chainrule.language.algebra import ONE, ZERO, add, element, mul, substitute, total
from chainrule.language.expr import Array, Expr
from chainrule.language.facts import Fact
from chainrule.language.index import Index, fresh, place_of
from chainrule.language.program import Definition, Program
from chainrule.transform.differentiate import differentiate
from chainrule.transform.simplify import cost, fold, inferred_facts, simplify


@dataclass(frozen=True)
class Gradients:
    """The result of a reverse sweep.

    of       the name of the scalar that was differentiated
    forward  the part of the program it depends on
    backward one definition for each adjoint, in the order of the sweep
    names    variable → name of its adjoint array, for the variables asked for
    facts    the declared facts that the simplification used
    every    the adjoints of all values on the way, whether the backward pass needs them or not
    """

    of: str
    forward: Program
    backward: Program
    names: dict[str, str]
    facts: tuple[Fact, ...]
    every: Program

    @property
    def program(self) -> Program:
        """Forward and backward as one program."""
        return Program(self.forward.definitions + self.backward.definitions)

    def closed(self, variable: str) -> Definition:
        """One gradient with all other adjoints put in: in the document's own symbols only."""
        name = self.names[variable]
        definition = self.backward.definition(name)
        return Definition(definition.array, definition.indices, self.backward.inlined(name))


def adjoint_name(of: str, variable: str) -> str:
    return f"∂{of}/∂{variable}"


def is_adjoint_name(name: str) -> bool:
    """Whether a name stands for a slope, as `adjoint_name` writes it."""
    return name.startswith("∂")


def reverse(program: Program, of: str, by: Sequence[str], facts: Iterable[Fact] = ()) -> Gradients:
    """The gradients of a scalar definition by several variables, by one reverse sweep.

    program  definitions; variables may be its inputs or defined values
    of       a definition without indices
    by       names of arrays
    facts    what may be taken for granted of the symbols
    raises   UnknownSymbol; NotDifferentiable where `of` is not a scalar
    cost     each definition is differentiated once by each array it uses

    >>> from chainrule.language.index import Index
    >>> x, i = Array("x", ("N",)), Index("i", "N")
    >>> program = Program((Definition(Array("J"), (), total(i, element(x, i) ** 2)),))
    >>> found = reverse(program, "J", ["x"]).closed("x")
    >>> found.body is 2 * element(x, found.indices[0])
    True
    """
    forward = program.needed(of)
    if forward.definition(of).indices:
        raise NotDifferentiable(
            f"{of} has the indices {', '.join(i.name for i in forward.definition(of).indices)};"
            " a gradient is of one number",
            remedy=f"ask for one element of {of}, or for a loss",
        )
    arrays = _arrays(forward)
    for name in by:
        if name not in arrays:
            raise UnknownSymbol(
                f"{of} does not depend on {name}; it depends on {', '.join(sorted(arrays))}",
                remedy="ask for one of these names",
            )
    return _Sweep(program, forward, of, tuple(facts)).run(tuple(dict.fromkeys(by)))


def _arrays(program: Program) -> dict[str, Array]:
    found = {d.name: d.array for d in program.definitions}
    return found | {array.name: array for array in program.inputs}


class _Sweep:
    def __init__(self, program: Program, forward: Program, of: str, facts: tuple[Fact, ...]):
        self.program, self.forward, self.of = program, forward, of
        # What follows from the definitions needs no mention.
        self.inferred = inferred_facts(forward, facts)
        self.facts = (*facts, *self.inferred)
        self.used: set[Fact] = set()
        self.adjoints: dict[str, Definition] = {}
        self.consumers: dict[str, list[Definition]] = {}
        for definition in forward.definitions:
            for name in definition.uses:
                self.consumers.setdefault(name, []).append(definition)

    def run(self, by: tuple[str, ...]) -> Gradients:
        relevant = self._between(by)
        order = [d.array for d in reversed(self.forward.definitions)] + list(self.forward.inputs)
        for array in order:
            if array.name in relevant:
                self.adjoints[array.name] = self._adjoint(array)
        names = {name: adjoint_name(self.of, name) for name in by}
        every = Program(tuple(self.adjoints.values()))
        backward = every.needed(*names.values())
        # A value that only the backward pass uses, such as ŷ beside log softmax, belongs here too.
        used = frozenset().union(*(d.uses for d in backward.definitions)) & set(
            self.program.by_name
        )
        forward = self.program.needed(self.of, *used)
        declared = tuple(sorted(self.used - set(self.inferred)))
        return Gradients(self.of, forward, backward, names, declared, every)

    def _between(self, by: tuple[str, ...]) -> set[str]:
        """The names on a way from the variables to the result."""
        found = set(by)
        for definition in self.forward.definitions:
            if definition.uses & found:
                found.add(definition.name)
        return found

    def _adjoint(self, array: Array) -> Definition:
        indices = self._indices(array)
        if array.name == self.of:
            body = ONE
        else:
            users = self.consumers.get(array.name, [])
            parts = [self._through(user, array, indices) for user in users]
            # Each part is as short as it gets by itself.
            body = self._tidy(add(*parts)) if len(parts) > 1 else add(*parts)
        return Definition(Array(adjoint_name(self.of, array.name), array.sizes), indices, body)

    def _through(self, user: Definition, array: Array, indices: tuple[Index, ...]) -> Expr:
        """What one use of the array contributes: the user's adjoint times the local derivative."""
        if user.name not in self.adjoints:
            return ZERO
        places = {index: place_of(fresh(index.size)) for index in user.indices}
        body = substitute(user.body, places)
        local = tuple(place.index for place in places.values())
        variable = element(array, *indices)
        slope = fold(differentiate(body, variable), self.program.definitions)
        outer = self.adjoints[user.name]
        named = self._summed(local, mul(element(outer.array, *local), slope))
        put_in = self._summed(local, mul(outer.meaning.at(tuple(places.values())), slope))
        if outer.body is ONE:
            return put_in
        # The named form keeps what other gradients share; written out it may cancel altogether.
        return put_in if cost(put_in) <= cost(named) else named

    def _summed(self, indices: tuple[Index, ...], body: Expr) -> Expr:
        for index in indices:
            body = total(index, body)
        return self._tidy(body)

    def _tidy(self, body: Expr) -> Expr:
        return fold(simplify(body, self.facts, self.used), self.program.definitions)

    def _indices(self, array: Array) -> tuple[Index, ...]:
        """The indices of the array's own definition, or letters."""
        if array.name in self.forward.by_name:
            return self.forward.by_name[array.name].indices
        letters = "ijklmnpq"
        return tuple(Index(letters[k], size) for k, size in enumerate(array.sizes))
