"""The chain rule through named values, from the loss back to the variables."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chainrule.language.algebra import add, element, mul, substitute, total
from chainrule.language.expr import Expr, Reduce
from chainrule.language.facts import Fact
from chainrule.language.index import Index, bound, fresh, place_of
from chainrule.language.program import Definition
from chainrule.mathematics.rules import READABLE
from chainrule.notation.derivation_steps import Printed, Step, Writer, distinct
from chainrule.notation.document_style import shape_for
from chainrule.notation.element_steps import element_steps, rules_of
from chainrule.notation.pens import Latex, Pen, Text
from chainrule.notation.style import Slope
from chainrule.notation.write import stands_whole
from chainrule.transform.differentiate import differentiate
from chainrule.transform.reverse import Gradients, adjoint_name
from chainrule.transform.rewrite import rewrite
from chainrule.transform.simplify import cost, fold, readable, simplify
from chainrule.transform.ties import without_ties


@dataclass
class ChainSteps:
    """The steps of one reverse sweep.

    elements  whether everything is written for single entries, with the local derivatives
    """

    gradients: Gradients
    writer: Writer
    facts: tuple[Fact, ...]
    elements: bool = False

    def __post_init__(self):
        self.forward = self.gradients.forward
        self.of = self.gradients.of
        slopes, names = {}, {}
        for definition in self.gradients.every.definitions:
            name = self.variable(definition)
            slopes[definition.name] = Slope(self.of, name)
            names[definition.name] = tuple(
                pen.slope(pen.array(self.of).text, pen.array(name).text) for pen in self.pens()
            )
        style = replace(self.writer.style, slopes={**self.writer.style.slopes, **slopes})
        for name in names:
            stands = style.is_column(name.split("/∂", 1)[1])
            style = _named(style, name, names[name], "column" if stands else "row")
        self.whole = Writer(style)
        self.entries = self.writer.with_slopes(slopes)

    def pens(self) -> tuple[Pen, Pen]:
        return Latex(self.writer.style), Text(self.writer.style)

    def variable(self, adjoint: Definition) -> str:
        return adjoint.name.removeprefix(adjoint_name(self.of, ""))

    def steps(self) -> list[Step]:
        found = []
        for adjoint in self.gradients.every.definitions:
            name = self.variable(adjoint)
            if name != self.of:
                entries = self.entry(adjoint, name) if self.elements else []
                whole = self.whole_step(adjoint, name)
                found += entries
                found += [in_short(step) for step in whole] if entries else whole
        return found

    def users(self, name: str) -> list[Definition]:
        """The definitions through which the loss depends on a variable."""
        known = {self.variable(d) for d in self.gradients.every.definitions} | {self.of}
        return [d for d in self.forward.definitions if name in d.uses and d.name in known]

    def is_direct(self, user: Definition, name: str) -> bool:
        """Whether a value depends on the variable in its own formula only."""
        between = set(user.uses) - {name}
        return not any(name in d.uses for d in self.forward.needed(*between).definitions)

    # In matrix notation -------------------------------------------------------------------------

    def whole_step(self, adjoint: Definition, name: str) -> list[Step]:
        users, used = self.users(name), set()
        shape = shape_for(adjoint.indices, self.writer.style, name)
        own = [user for user in users if user.name != self.of]
        named = add(*(self.through(user, adjoint) for user in users))
        named = simplify(without_ties(named, self.forward.definitions), self.facts, used)
        named = rewrite(fold(named, self.forward.definitions), READABLE, None, cost)
        closed = self.gradients.every.inlined(adjoint.name)
        closed = readable(closed, self.facts, self.forward.definitions, used)
        style = self.writer.style
        whole = all(stands_whole(body, shape, style) for body in (named, closed))
        places = () if whole else adjoint.indices
        left, writer = self.left(name, places), self.whole if whole else self.entries
        stands = shape if whole else None
        members = [writer.both(named, stands), self.writer.both(closed, stands)]
        rules = ["chain-rule"] if own else []
        if own and len(own) == len(users) and all(self.is_direct(u, name) for u in own):
            members.insert(0, self.product_of_slopes(own, name, places))
        members = distinct(left, members)
        if not own:
            rules += self.local_rules(users, adjoint)
        if used or self.uses_facts(adjoint, users):
            rules.append("declared-fact")
        said = f"By the chain rule, through {_listed(self.name(u.name) for u in own)}:"
        return [Step(left, members, tuple(rules), said if own else "")] if members else []

    def name(self, name: str) -> str:
        return f"${Latex(self.writer.style).array(name).text}$"

    def uses_facts(self, adjoint: Definition, users: list[Definition]) -> bool:
        """Whether the facts make the closed form shorter."""
        used: set[Fact] = set()
        terms = []
        for user in users:
            if user.name == self.of:
                continue
            outer = self.gradients.every.by_name[adjoint_name(self.of, user.name)]
            local = tuple(fresh(index.size) for index in user.indices)
            slope = self.slope(user, local, adjoint)
            body = mul(outer.meaning.at(tuple(map(place_of, local))), slope)
            for index in local:
                body = total(index, body)
            terms.append(body)
        simplify(add(*terms), self.facts, used)
        return bool(used)

    def local_rules(self, users: list[Definition], adjoint: Definition) -> list[str]:
        """The rules that the derivative of the formula itself takes."""
        name, found = self.variable(adjoint), []
        for user in users:
            array = next(a for a in user.body.arrays if a.name == name)
            found += [rule for rule in rules_of(user.body, array) if rule not in found]
        return found

    def product_of_slopes(self, users: list[Definition], name: str, places=()) -> Printed:
        """`∂J/∂h ∂h/∂W`; of the entry at some places the sum over the entries of h."""
        columns = [place.name for place in places]

        def term(user: Definition, pen: Pen) -> str:
            letters = (one for one in "ijklmnpqrs" if one not in columns)
            rows = [next(letters) for _ in user.indices] if places else []
            middle = pen.scripted(user.name, rows).text
            top = pen.slope(pen.array(self.of).text, middle)
            inner = pen.slope(middle, pen.scripted(name, columns).text)
            return "".join(pen.big("sum", row) for row in rows) + f"{top} {inner}"

        return tuple(" + ".join(term(user, pen) for user in users) for pen in self.pens())

    def left(self, name: str, places: tuple[Index, ...] = ()) -> Printed:
        letters = [index.name for index in places]
        return tuple(
            pen.slope(pen.array(self.of).text, pen.scripted(name, letters).text)
            for pen in self.pens()
        )

    def slope(self, user: Definition, local: tuple[Index, ...], adjoint: Definition) -> Expr:
        places = dict(zip(user.indices, map(place_of, local), strict=True))
        array = next(a for a in user.body.arrays if a.name == self.variable(adjoint))
        body = substitute(user.body, places)
        slope = differentiate(body, element(array, *adjoint.indices))
        return fold(simplify(slope, self.facts), self.forward.definitions)

    def through(self, user: Definition, adjoint: Definition) -> Expr:
        """What one use of a variable adds, with the user's own slope by name."""
        local = tuple(fresh(index.size) for index in user.indices)
        slope = self.slope(user, local, adjoint)
        if user.name == self.of:
            return slope
        outer = self.gradients.every.by_name[adjoint_name(self.of, user.name)].array
        body = mul(element(outer, *local), slope)
        for index in local:
            body = total(index, body)
        return body

    # For single entries -------------------------------------------------------------------------

    def entry(self, adjoint: Definition, name: str) -> list[Step]:
        """The local derivatives, and the sum of their products with what comes from above."""
        users, found, terms = self.users(name), [], []
        for user in users:
            rows, columns = self.letters(user, adjoint)
            array = next(a for a in user.body.arrays if a.name == name)
            body = substitute(user.body, dict(zip(user.indices, map(place_of, rows), strict=True)))
            moved = Definition(
                adjoint.array,
                columns,
                substitute(
                    adjoint.body, dict(zip(adjoint.indices, map(place_of, columns), strict=True))
                ),
            )
            slope = self.slope(user, rows, moved)
            if user.name != self.of and not self.is_direct(user, name):
                return []
            left = self.local_left(user.name, rows, name, columns)
            if user.name != self.of:
                found += element_steps(body, array, columns, left, slope, self.writer)
            elif len(users) == 1:
                left = self.left(name, columns)
                found += element_steps(body, array, columns, left, slope, self.writer)
                continue
            terms.append((user, rows, columns, slope))
        return found + (self.entry_sum(moved, name, terms) if terms else [])

    def letters(self, user: Definition, adjoint: Definition):
        """Letters for the entries of the value and of the variable, all different."""
        letters = iter("klmnpqrs" if len(adjoint.indices) < 2 else "klpqrs")
        if not user.indices:
            rows = ()
        else:
            rows = tuple(Index(next(letters), index.size) for index in user.indices)
        free = iter([one for one in "jipqrsmn" if one not in {row.name for row in rows}])
        names = sorted(next(free) for _ in adjoint.indices)
        columns = tuple(
            Index(n, index.size) for n, index in zip(names, adjoint.indices, strict=True)
        )
        return rows, columns

    def local_left(self, of: str, rows, by: str, columns) -> Printed:
        return tuple(
            pen.slope(
                pen.scripted(of, [index.name for index in rows]).text,
                pen.scripted(by, [index.name for index in columns]).text,
            )
            for pen in self.pens()
        )

    def entry_sum(self, adjoint: Definition, name: str, terms) -> list[Step]:
        pens, by_name, direct = self.pens(), self.gradients.every.by_name, False
        products, values = ([], []), []
        for user, rows, columns, slope in terms:
            if user.name == self.of:
                direct = True
                values.append(slope)
                continue
            outer = by_name[adjoint_name(self.of, user.name)]
            closed = self.gradients.every.inlined(outer.name)
            value = substitute(closed, dict(zip(outer.indices, map(place_of, rows), strict=True)))
            values.append(plain_sum(rows, mul(value, slope)))
            for pen, texts in zip(pens, products, strict=True):
                letters = [row.name for row in rows]
                under = pen.scripted(user.name, letters).text
                top = pen.slope(pen.array(self.of).text, under)
                inner = pen.slope(
                    under, pen.scripted(name, [column.name for column in columns]).text
                )
                sums = "".join(pen.big("sum", one) for one in letters)
                texts.append(f"{sums}{top} {inner}")
        left = self.left(name, adjoint.indices)
        closed = self.gradients.every.inlined(adjoint.name)
        original = by_name[adjoint.name].indices
        closed = substitute(
            closed, dict(zip(original, map(place_of, adjoint.indices), strict=True))
        )
        members = [
            *([] if direct else [tuple(" + ".join(texts) for texts in products)]),
            self.entries.both(add(*values)),
            self.writer.both(closed),
        ]
        rules = ["chain-rule", "sum-with-delta"]
        if self.uses_facts(by_name[adjoint.name], [term[0] for term in terms]):
            rules.append("declared-fact")
        through = [term[0].name for term in terms if term[0].name != self.of]
        said = f"By the chain rule, through {_listed(map(self.name, through))}:"
        return [Step(left, distinct(left, members), tuple(rules), said)]


def in_short(step: Step) -> Step:
    """What the entries make together, where the way there is known."""
    return Step(step.left, step.members[-1:], said="Together:")


def plain_sum(indices: tuple[Index, ...], body: Expr) -> Expr:
    """The sum as it stands, with no delta used up."""
    for index in reversed(indices):
        if index not in body.free:
            body = total(index, body)
            continue
        height = body.height
        while (target := bound(height, index.size)) in body.free:
            height += 1
        body = Reduce("sum", target, substitute(body, {index: place_of(target)}))
    return body


def _named(style, name: str, printed: Printed, stands: str):
    return replace(
        style,
        names={**style.names, name: printed},
        orientation={**style.orientation, name: stands},
    )


def _listed(words) -> str:
    words = list(words)
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
