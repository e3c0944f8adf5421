"""How many operations a plan takes, exactly, as polynomials in the sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from chainrule.language.index import Size
from chainrule.program.operation import OF_MATRICES, SOURCES, Operation
from chainrule.program.plan import Plan

RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Count:
    """A whole number, or a polynomial in sizes that are not known yet.

    terms  the sizes multiplied, sorted → how often

    >>> 2 * Count.of(["D", "H"]) + Count.of([3, "H"])
    2 D H + 3 H
    """

    terms: tuple[tuple[tuple[str, ...], int], ...] = ()

    @staticmethod
    def of(sizes: list[Size] | tuple[Size, ...]) -> Count:
        """The number of elements of an array."""
        names = tuple(sorted(size for size in sizes if isinstance(size, str)))
        return _count({names: prod(size for size in sizes if isinstance(size, int))})

    def __add__(self, other: Count) -> Count:
        found = dict(self.terms)
        for names, amount in other.terms:
            found[names] = found.get(names, 0) + amount
        return _count(found)

    def __rmul__(self, factor: int) -> Count:
        return _count({names: factor * amount for names, amount in self.terms})

    def at(self, sizes: Mapping[str, int]) -> Count:
        """With some sizes known."""
        found = Count()
        for names, amount in self.terms:
            found += amount * Count.of([sizes.get(name, name) for name in names])
        return found

    def json(self) -> int | str:
        """The number, or the polynomial as text."""
        return dict(self.terms).get((), 0) if not self.names else str(self)

    @property
    def names(self) -> set[str]:
        return {name for names, _ in self.terms for name in names}

    def __repr__(self) -> str:
        parts = []
        for names, amount in sorted(self.terms, key=lambda term: (-len(term[0]), term[0])):
            number = [] if abs(amount) == 1 and names else [f"{abs(amount):,}"]
            powers = [_power(name, names.count(name)) for name in dict.fromkeys(names)]
            parts.append(("-" if amount < 0 else "+", " ".join((*number, *powers))))
        text = " ".join(f"{sign} {part}" for sign, part in parts) or "0"
        return text.removeprefix("+ ")


def _power(name: str, exponent: int) -> str:
    return name if exponent == 1 else name + str(exponent).translate(RAISED)


def _count(terms: dict[tuple[str, ...], int]) -> Count:
    return Count(tuple(sorted((names, amount) for names, amount in terms.items() if amount)))


def operations(plan: Plan) -> dict[str, Count]:
    """Definition → its operations: one for each sum, difference, product, quotient, comparison,
    and value of a function such as exp. Reading, copying and choosing are free, and so is what
    depends on sizes only, which is computed once. What two definitions share counts for the first.
    """
    found: dict[str, Count] = {}
    for value, operation in enumerate(plan.operations):
        if value not in plan.fixed:
            before = found.get(operation.definition, Count())
            found[operation.definition] = before + _of(operation)
    return found


def _of(operation: Operation) -> Count:
    if operation.kind in SOURCES or operation.kind == "where":
        return Count()
    if operation.kind == "fold":
        return Count.of([operation.sizes[axis] for axis in operation.operands[0][1]])
    each = Count.of(operation.sizes)
    if operation.kind in OF_MATRICES:
        # Elimination in an n × n matrix takes about 2/3 n³ operations, an inverse 2 n³.
        size = Count.of([*operation.sizes, operation.sizes[operation.detail[0].plain]])
        return size if operation.kind == "determinant" else 2 * size
    if operation.kind == "add_on_diagonal":
        return Count.of([operation.sizes[axis] for axis in operation.operands[1][1]])
    if operation.elementwise:
        return each
    # n numbers are added up, or compared, in n - 1 steps; a product of two is n more.
    steps = each + -1 * Count.of([operation.sizes[axis] for axis in operation.axes])
    return steps + each if operation.kind == "contract" else steps
