"""Steps of a derivation: claims with the rules, facts and shapes that they rest on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from chainrule.language.expr import Delta, Expr, factors_of, terms_of
from chainrule.language.index import Index
from chainrule.language.program import Definition
from chainrule.mathematics.calculus import CALCULUS
from chainrule.notation.pens import Latex, Text
from chainrule.notation.question import EXPRESSION, UNNAMED
from chainrule.notation.style import Style
from chainrule.notation.write import written

Printed = tuple[str, str]
"""A formula as (LaTeX, text)."""


# Rules that are said only where nothing else is to be said.
PLAIN = {"sum-rule", "derivative-of-element", "constant-factor"}


@dataclass(frozen=True)
class Step:
    """One equation of a derivation.

    left     what all members are equal to
    members  right sides, each with the one before it
    rules    names that `chainrule explain` knows
    said     a sentence that stands before it, with LaTeX in dollars
    case     a condition that it holds under, as `i ≠ j`
    dull     whether it is left out unless all steps are asked for
    """

    left: Printed
    members: tuple[Printed, ...]
    rules: tuple[str, ...] = ()
    said: str = ""
    case: Printed | None = None
    dull: bool = False

    def text(self) -> str:
        line = " = ".join([self.left[1], *(member[1] for member in self.members)])
        case = f"   ({self.case[1]})" if self.case else ""
        return line + case + (f"   [{', '.join(self.rules)}]" if self.rules else "")

    def latex(self) -> str:
        line = " = ".join([self.left[0], *(member[0] for member in self.members)])
        return line

    def markdown(self) -> str:
        """A sentence that names the rules, and the equation."""
        notable = [rule for rule in self.rules if rule not in PLAIN] or self.rules
        reasons = [reason(rule) for rule in notable]
        said = self.said or (f"By {_joined(reasons)}:" if reasons else "Directly:")
        names = ", ".join(f"`{rule}`" for rule in notable if f"`{rule}`" not in self.said)
        if self.said and names:
            said = f"{self.said.rstrip(':.')} ({names}):"
        rows = r" \\ ".join(
            [f"{self.left[0]} &= {self.members[0][0]}", *(f"&= {m[0]}" for m in self.members[1:])]
        )
        if len(self.members) == 1:
            rows = f"{self.left[0]} = {self.members[0][0]}"
            return f"{said}\n\n$$ {rows} $$"
        rows = rows.replace(r" \\ ", " \\\\\n")
        return f"{said}\n\n$$\n\\begin{{aligned}}\n{rows}\n\\end{{aligned}}\n$$"

    __str__ = text

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def as_json(self) -> dict:
        return {
            "name": self.left[1],
            "rules": list(self.rules),
            "latex": self.latex(),
            "text": self.text(),
        }


class Steps(list):
    """The steps of a derivation: a list that shows itself, in a notebook as mathematics."""

    def __repr__(self) -> str:
        return "\n".join(map(str, self))

    def _repr_markdown_(self) -> str:
        return "\n\n".join(step.markdown() for step in self)


def reason(rule: str) -> str:
    """What a sentence calls a rule of calculus, or the record of a function."""
    if rule in CALCULUS:
        return f"{CALCULUS[rule].called} (`{rule}`)"
    return f"the derivative of `{rule}`"


def _joined(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def with_letters(style: Style, definitions: Iterable[Definition]) -> Style:
    """The style with letters for values that the document gives no name: f, and u, v, … in it."""
    definitions = list(definitions)
    arrays = {a.name for d in definitions for a in d.body.arrays} | {d.name for d in definitions}
    taken = {style.latex_name(name) for name in arrays} | arrays
    names = dict(style.names)
    for definition in definitions:
        if definition.name.startswith(UNNAMED):
            wanted = "fgh" if definition.name == EXPRESSION else "uvwpqrabc"
            one = next((one for one in wanted if one not in taken), definition.name)
            names[definition.name] = (one, one)
            taken.add(one)
    return replace(style, names=names)


@dataclass
class Writer:
    """Writes expressions in a style, both ways."""

    style: Style

    def both(self, expr: Expr, shape=None) -> Printed:
        latex, text = Latex(self.style), Text(self.style)
        return written(expr, self.style, shape, latex).text, written(
            expr, self.style, shape, text
        ).text

    def with_slopes(self, slopes) -> Writer:
        return Writer(replace(self.style, slopes={**self.style.slopes, **slopes}))


def distinct(left: Printed, members: Iterable[Printed]) -> tuple[Printed, ...]:
    """Without members that print the same as the one before."""
    found: list[Printed] = []
    for member in members:
        if member != left and (not found or member != found[-1]):
            found.append(member)
    return tuple(found)


def with_delta(expr: Expr, rows: tuple[Index, ...], columns: tuple[Index, ...]) -> Delta | None:
    """A delta between a row and a column index that the derivative of an array has in it."""
    factors = factors_of(expr)
    for factor in factors:
        for term in terms_of(factor):
            for part in factors_of(term):
                if isinstance(part, Delta):
                    ends = {part.left.index, part.right.index}
                    if ends & set(rows) and ends & set(columns):
                        return part
    return None
