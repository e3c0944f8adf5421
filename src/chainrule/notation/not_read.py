"""Where a document gives a name a formula that is not understood, and why."""

from __future__ import annotations

from collections.abc import Container

from chainrule.errors import Place, SizeMismatch
from chainrule.language.budget import SECONDS, OutOfBudget, within
from chainrule.notation.choices import Choices
from chainrule.notation.meaning import Meaning
from chainrule.notation.misread import Misread
from chainrule.notation.names import named
from chainrule.notation.reading import ChainItem, Reading
from chainrule.notation.value import Misfit

# Signs after which a shape or a bound stands, and no formula.
_STATES = {"in", ":", "to", "<", "<=", ">", ">=", "!="}


def not_read(reading: Reading, names: Container[str]) -> tuple[str, Place] | None:
    """The first of some names that stands in front of a formula which gives it no meaning, and
    where that is; the formula is shown with what is not understood of it."""
    for item in reading.chains:
        name = named(item.members[0], reading.scope.usage)
        gives = bool(item.relations) and item.relations[0].kind not in _STATES
        if name is not None and name.text in names and gives:
            first, last = item.members[0].start, item.members[-1].end
            return name.text, reading.document.place(first, last, _reason(item))
    return None


def _reason(item: ChainItem) -> str:
    try:
        with within(SECONDS):
            Meaning(item.scope.copy(), Choices()).value(item.members[1])
    except (Misread, Misfit, SizeMismatch) as reason:
        return str(reason)
    except OutOfBudget:
        pass
    return ""
