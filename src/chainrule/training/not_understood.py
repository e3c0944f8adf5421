"""Definitions on the way to the loss that are not read, so that a document does not train."""

from __future__ import annotations

from chainrule.errors import NotTrainable, SizeMismatch
from chainrule.language.budget import SECONDS, OutOfBudget, within
from chainrule.language.program import Program
from chainrule.notation.choices import Choices
from chainrule.notation.meaning import Meaning
from chainrule.notation.misread import Misread
from chainrule.notation.names import named
from chainrule.notation.reading import ChainItem, Reading
from chainrule.notation.value import Misfit


def check_understood(reading: Reading, program: Program) -> None:
    """Raises NotTrainable where the loss needs a name that the document defines, but not readably.

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
    opaque = reading.scope.opaque
    if opaque.isdisjoint(array.name for array in program.inputs):
        return
    for item in reading.chains:
        name = named(item.members[0], reading.scope.usage)
        if name is not None and name.text in opaque and len(item.members) > 1:
            first, last = item.members[0].start, item.members[-1].end
            raise NotTrainable(
                f"{name.text} is not understood",
                places=[reading.document.place(first, last, _reason(item))],
                remedy="state the shapes of what stands there, or write it with indices",
            )


def _reason(item: ChainItem) -> str:
    try:
        with within(SECONDS):
            Meaning(item.scope.copy(), Choices()).value(item.members[1])
    except (Misread, Misfit, SizeMismatch) as reason:
        return str(reason)
    except OutOfBudget:
        pass
    return ""
