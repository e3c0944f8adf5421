"""Jacobians by entries, through named values, from the variable forward to what is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.language.algebra import add, element, mul, total
from chainrule.language.expr import Array, Expr
from chainrule.language.facts import Fact
from chainrule.language.index import Index, fresh, place_of
from chainrule.language.inline import Lambda
from chainrule.language.program import Definition, Program
from chainrule.notation.derivation_steps import Printed, Step, Writer, distinct
from chainrule.notation.element_steps import element_steps, rules_of
from chainrule.notation.pens import Latex, Text
from chainrule.notation.question import UNNAMED
from chainrule.notation.style import Slope
from chainrule.notation.unknown_functions import is_unknown_function
from chainrule.transform.differentiate import differentiate
from chainrule.transform.jacobian import jacobian
from chainrule.transform.simplify import fold, inferred_facts, simplify

# The derivative of a longer formula is no reading matter, entry by entry.
LONGEST = 32


@dataclass
class ForwardSteps:
    """Steps to the derivatives of a program's values by one entry of a variable.

    columns  the indices of the entry
    """

    program: Program
    writer: Writer
    facts: tuple[Fact, ...]
    by: Array
    columns: tuple[Index, ...]

    def __post_init__(self):
        self.facts = (*self.facts, *inferred_facts(self.program, self.facts))
        # What is asked for has no name that could stand for it.
        self.named = [d for d in self.program.definitions if not d.name.startswith(UNNAMED)]
        self.moving = {self.by.name: self.by}
        for definition in self.program.definitions:
            if definition.uses & self.moving.keys():
                self.moving[definition.name] = definition.array

    def between(self, body: Expr) -> list[Array]:
        """The values in a formula that depend on the variable."""
        found = [a for a in body.arrays if a.name in self.moving and a.name != self.by.name]
        return sorted(found, key=lambda array: array.name)

    def up_to(self, body: Expr) -> list[Step]:
        """The steps to every value that leads to a formula."""
        needed = self.program.needed(*(array.name for array in self.between(body))).definitions
        known = [d for d in needed if d.name in self.moving and not is_unknown_function(d)]
        return [step for definition in known for step in self.of(definition)]

    def of(self, definition: Definition) -> list[Step]:
        """The derivative of one value."""
        taken = {column.name for column in self.columns}
        letters = iter([one for one in "ijklmnpqrs" if one not in taken])
        rows = tuple(Index(next(letters), index.size) for index in definition.indices)
        known = jacobian(self.program, definition.name, self.by.name, self.facts)
        closed = known.meaning.at(tuple(map(place_of, (*rows, *self.columns))))
        left = tuple(
            pen.slope(
                pen.scripted(definition.name, [row.name for row in rows]).text,
                pen.scripted(self.by.name, [column.name for column in self.columns]).text,
            )
            for pen in (Latex(self.writer.style), Text(self.writer.style))
        )
        return self.to(definition.meaning.at(tuple(map(place_of, rows))), left, closed)

    def to(self, body: Expr, left: Printed, closed: Expr) -> list[Step]:
        """The derivative of a formula, where those of the values in it are known."""
        if not self.between(body):
            short = body.size <= LONGEST and self.by in body.arrays
            return (
                element_steps(
                    body,
                    self.by,
                    self.columns,
                    left,
                    closed,
                    self.writer,
                    self.named,
                )
                if short
                else []
            )
        slopes, terms, rules = {}, [], ["chain-rule"]
        for array in (*self.between(body), self.by):
            if array not in body.arrays:
                continue
            images = tuple(fresh(size) for size in array.sizes)
            slope = differentiate(body, element(array, *images))
            outer = element(array, *images)
            if array is self.by:
                term = differentiate(outer, element(array, *self.columns))
            else:
                pending = Array(f"slope of {array.name}", (*array.sizes, *self.by.sizes))
                slopes[pending.name] = Slope(Lambda(images, outer), self.by.name)
                term = element(pending, *images, *self.columns)
            term = mul(simplify(slope, self.facts), term)
            for image in reversed(images):
                term = total(image, term)
            terms.append(term)
            rules += [rule for rule in rules_of(body, array) if rule not in rules]
        named = fold(simplify(add(*terms), self.facts), self.named)
        members = [self.writer.with_slopes(slopes).both(named), self.writer.both(closed)]
        return [Step(left, distinct(left, members), tuple(rules))]


def array_named(program: Program, name: str) -> Array:
    """An input or a value of a program."""
    return next(
        a for a in (*program.inputs, *(d.array for d in program.definitions)) if a.name == name
    )
