"""Definitions on the way to the loss that are not read, or that nothing gives, so that a document
does not train."""

from __future__ import annotations

from chainrule.errors import NotTrainable
from chainrule.language.program import Program
from chainrule.mathematics.any_function import any_functions_in
from chainrule.notation.not_read import not_read
from chainrule.notation.reading import Reading
from chainrule.notation.unknown_functions import is_unknown_function


def check_understood(reading: Reading, program: Program) -> None:
    """Raises NotTrainable where the loss needs a name that the document defines, but not readably,
    or a function of which nothing is known.

    >>> import chainrule
    >>> from chainrule.notation.loss import find_loss
    >>> text = r"$x \\in \\mathbb{R}^4$ $b \\in \\mathbb{R}^3$ $$z = x + b$$ $$J = \\sum_k z_k^2$$"
    >>> reading = chainrule.read(text).reading
    >>> try:
    ...     check_understood(reading, find_loss(reading).program)
    ... except NotTrainable as error:
    ...     error.message, error.places[0].column
    ('z is not understood', 45)
    """
    check_defined(program)
    opaque = reading.scope.opaque
    if opaque.isdisjoint(array.name for array in program.inputs):
        return
    # The first of all is named, on which the others may rest.
    if (found := not_read(reading, opaque)) is not None:
        name, place = found
        raise NotTrainable(
            f"{name} is not understood",
            places=[place],
            remedy="state the shapes of what stands there, or write it with indices",
        )


def check_defined(program: Program) -> None:
    """Raises NotTrainable where a program takes a function of which nothing is known."""
    unknown = any_functions_in(*(definition.body for definition in program.definitions))
    unknown |= {d.name for d in program.definitions if is_unknown_function(d)}
    if unknown:
        name = min(unknown)
        raise NotTrainable(
            f"{name} is a function of which nothing is known",
            remedy=f"give {name} a formula in the document",
        )
