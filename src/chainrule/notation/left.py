"""The left sides of derivatives: `∂J/∂W`, `v ∂s/∂x`, `∂²J/∂x²`."""

from __future__ import annotations

from collections.abc import Callable

from chainrule.language.index import Index
from chainrule.notation.document_style import shape_for
from chainrule.notation.pens import POWER, Latex, Pen, Piece, Text
from chainrule.notation.question import UNNAMED, Question
from chainrule.notation.style import Style
from chainrule.notation.write import written

Printed = tuple[str, str]
"""A formula as (LaTeX, text)."""


class Left:
    """Writes what is differentiated, and by what; an expression is written as it was asked for."""

    def __init__(self, question: Question, style: Style, vector: str):
        self.question, self.style, self.vector = question, style, vector

    def both(self, write: Callable[[Pen], str]) -> Printed:
        return write(Latex(self.style)), write(Text(self.style))

    def of(self, pen: Pen, rows: tuple[Index, ...] = ()) -> str:
        definition = self.question.definition
        if not definition.name.startswith(UNNAMED):
            letters = [index.name for index in rows]
            return pen.scripted(definition.name, letters).text
        shape = shape_for(definition.indices, self.style, definition.name)
        if self.question.of.letters:
            shape = None
        piece = written(definition.body, self.style, shape, pen)
        text = piece.text if piece.level >= POWER else pen.bracketed(piece.text)
        if rows and shape is not None:
            return pen.read(text, [index.name for index in rows]).text
        return text

    def slope(self, by: str, rows: tuple[Index, ...] = (), columns: tuple[Index, ...] = ()):
        def write(pen: Pen) -> str:
            under = pen.scripted(by, [index.name for index in columns]).text
            return pen.slope(self.of(pen, rows), under)

        return self.both(write)

    def gradient(self, by: str, rows: tuple[Index, ...]) -> Printed:
        """`∇_u log(s_j)`, by all of u."""
        return self.both(lambda pen: pen.gradient(self.of(pen, rows), pen.array(by).text))

    def stacked(self, by: str, of_matrix: bool, by_matrix: bool) -> Printed:
        """`∂vec(A X B)/∂vec(X)`."""

        def write(pen: Pen) -> str:
            of, under = self.of(pen), pen.array(by).text
            if of_matrix:
                of = of if of.startswith(("(", r"\left(")) else pen.bracketed(of)
                of = pen.stack + of
            return pen.slope(of, pen.stack + pen.bracketed(under) if by_matrix else under)

        return self.both(write)

    def change(self) -> Printed:
        def write(pen: Pen) -> str:
            named = not self.question.of.name.startswith(UNNAMED)
            return f"d{self.of(pen)}" if named else f"d {self.of(pen)}"

        return self.both(write)

    def vjp(self, by: str, places: tuple[Index, ...] = ()) -> Printed:
        """A vector times a Jacobian, or an entry of it."""
        rank = len(self.question.definition.indices)

        def write(pen: Pen) -> str:
            letters = [] if rank else [index.name for index in places]
            slope = pen.slope(self.of(pen), pen.scripted(by, letters).text)
            vector = pen.array(self.vector).text
            if rank == 0:
                return f"{vector} {slope}"
            text = f"{vector} {slope}"
            if rank > 1 or self.axes(by) > 1:
                text = pen.inner(vector, slope)
            elif self.style.column_vectors:
                text = f"{pen.transposed(Piece(pen.bracketed(slope))).text} {vector}"
            return self.entry(text, places, pen)

        return self.both(write)

    def entry(self, text: str, places: tuple[Index, ...], pen: Pen) -> str:
        if not places:
            return text
        return pen.read(pen.bracketed(text), [index.name for index in places]).text

    def jvp(self, by: str) -> Printed:
        rank, axes = len(self.question.definition.indices), self.axes(by)

        def write(pen: Pen) -> str:
            slope = pen.slope(self.of(pen), pen.array(by).text)
            vector = pen.array(self.vector)
            if axes and max(rank, axes) > 1:
                return pen.inner(slope, vector.text)
            turned = pen.transposed(Piece(pen.bracketed(slope))).text
            if self.style.column_vectors or not axes:
                return f"{slope if rank or not axes else turned} {vector.text}"
            return f"{vector.text} {turned}" if rank else f"{slope} {pen.transposed(vector).text}"

        return self.both(write)

    def axes(self, name: str) -> int:
        """How many axes an array has."""
        program = self.question.program
        arrays = (*program.inputs, *(d.array for d in program.definitions))
        return next((len(array.sizes) for array in arrays if array.name == name), 0)

    def hessian(self, by: str, rows=(), columns=()) -> Printed:
        def write(pen: Pen) -> str:
            under = [
                pen.scripted(by, [index.name for index in group]).text for group in (rows, columns)
            ]
            return pen.second_slope(self.of(pen), *under)

        return self.both(write)

    def hvp(self, by: str, places: tuple[Index, ...] = ()) -> Printed:
        """The Hessian times a vector, or an entry of it."""

        def write(pen: Pen) -> str:
            name = pen.array(by).text
            slope = pen.second_slope(self.of(pen), name, name)
            vector = pen.array(self.vector).text
            text = f"{slope} {vector}"
            if self.axes(by) > 1:
                text = pen.inner(slope, vector)
            elif self.axes(by) and not self.style.column_vectors:
                text = f"{vector} {slope}"
            return self.entry(text, places, pen)

        return self.both(write)
