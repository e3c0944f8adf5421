"""Every mistake a user can make: one class each, one template for all of them.

The class name in kebab-case is the name of the finding (`SizeMismatch` prints `size-mismatch`), and
its docstring is what `chainrule explain` prints. An error names the mistake, the place, the values
seen, and what to try:

    size-mismatch: index j has two sizes
      notes.md:14:12   y = W x + b
                           ^ 784, from W: 10 × 784
      try: drop the bias entry of x
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """One spot in a document: 1-based line and column, the source line, and what was seen there."""

    document: str
    line: int
    column: int
    source: str = ""
    seen: str = ""
    length: int = 1

    def render(self) -> str:
        head = f"  {self.document}:{self.line}:{self.column}   "
        if not self.source:
            return f"{head}{self.seen}".rstrip()
        window, column = _window(self.source, self.column - 1)
        carets = "^" * max(1, min(self.length, len(window) - column))
        return f"{head}{window}\n{' ' * (len(head) + column)}{carets} {self.seen}".rstrip()


def _window(source: str, column: int, width: int = 100) -> tuple[str, int]:
    """A part of a long source line around a 0-based column, and the column inside that part."""
    if len(source) <= width:
        return source, column
    start = max(0, min(column - width // 2, len(source) - width))
    return source[start : start + width], column - start


class ChainruleError(Exception):
    """A mistake in what chainrule was given, with the place, the values and a remedy."""

    def __init__(
        self, message: str, *, places: tuple[Place, ...] | list[Place] = (), remedy: str = ""
    ):
        super().__init__(message)
        self.message = message
        self.places = tuple(places)
        self.remedy = remedy

    @property
    def name(self) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "-", type(self).__name__).lower()

    def render(self) -> str:
        lines = [f"{self.name}: {self.message}", *(place.render() for place in self.places)]
        if self.remedy:
            lines.append(f"  try: {self.remedy}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.render()


def unexpected(mistake: Exception) -> str:
    """What is said where something failed for no reason of the document.

    With CHAINRULE_STRICT=1 in the environment, as in the tests, the mistake is raised.

    >>> before = os.environ.pop("CHAINRULE_STRICT", None)
    >>> unexpected(TypeError("no size"))
    'a mistake of chainrule itself, please report it: TypeError: no size'
    >>> os.environ.update({} if before is None else {"CHAINRULE_STRICT": before})
    """
    if os.environ.get("CHAINRULE_STRICT") == "1":
        raise mistake
    return f"a mistake of chainrule itself, please report it: {type(mistake).__name__}: {mistake}"


class FileMissing(ChainruleError):
    """The path does not name a readable file."""


class UnreadableDocument(ChainruleError):
    """The file is not text that can be decoded."""


class UnknownSymbol(ChainruleError):
    """A symbol was asked for that the document does not define or use."""


class UnknownName(ChainruleError):
    """A name was asked for that is no function, rule, verdict or error of chainrule."""


class SizeMismatch(ChainruleError):
    """One index, or two things that must fit together, have two different sizes."""


class UnreadFormula(ChainruleError):
    """A formula that is needed could not be understood; the caret marks the part."""


class NoLoss(ChainruleError):
    """Training was asked for, but the document defines no scalar loss."""


class NotTrainable(ChainruleError):
    """The document defines a loss, but features, target or parameters cannot be told apart."""


class NotDifferentiable(ChainruleError):
    """A derivative was asked for where no rule exists."""


class UnknownSize(ChainruleError):
    """A size that is needed is neither given nor implied by the data."""


class UnreadableData(ChainruleError):
    """A data file has something in it that is not a number, or not the shape that is needed."""


class NoTargetColumn(ChainruleError):
    """The data have no column of the name given for the target."""


class UnknownClass(ChainruleError):
    """The data hold a class that the model has not seen."""


class NotFinite(ChainruleError):
    """A value that must be a finite number is NaN or infinite."""


class OtherNetwork(ChainruleError):
    """A weight file belongs to another network: names or shapes differ."""


class BadOption(ChainruleError):
    """An option has a value that makes no sense here."""


class MissingPackage(ChainruleError):
    """An optional package is needed that is not installed."""


class ProgramMistake(ChainruleError):
    """Chainrule itself failed, for no reason of the document: please report it."""
