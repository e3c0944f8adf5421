"""The public document: read once, then checked, derived, emitted, fitted."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from chainrule.checker.check import Report, check
from chainrule.errors import FileMissing, UnreadableDocument
from chainrule.notation.derive import Derivation, derive
from chainrule.notation.document import Document as Text
from chainrule.notation.document import read_document
from chainrule.notation.reading import Reading, read_reading
from chainrule.training.data import Dataset
from chainrule.training.session import Trained, emit, train


class Document:
    """A document with mathematics. Make one with `chainrule.read`.

    >>> document = Document(read_document("$$y = \\\\sum_i x_i^2$$ $$J = y$$", "note"))
    >>> document.derive("J", ["x"]).text("x")
    '∂J/∂x = 2 x'
    """

    def __init__(self, text: Text):
        self.text = text

    @cached_property
    def reading(self) -> Reading:
        return read_reading(self.text)

    def check(self) -> Report:
        """Every relation judged."""
        return check(self.text)

    def derive(self, of: str, by: str | Sequence[str]) -> Derivation:
        """The gradients of a scalar by one or several symbols, in closed form."""
        return derive(self.reading, of, _several(by))

    def emit(self, of: str, by: str | Sequence[str], to: str = "numpy") -> str:
        """Readable source that computes the loss of a batch and its gradients."""
        return emit(self.reading, of, _several(by), to)

    def fit(
        self,
        data: str | Path | tuple | Dataset = "digits",
        *,
        target: str | None = None,
        size: Mapping[str, int] | None = None,
        **options,
    ) -> Trained:
        """Train the network the document defines; options as in `training.session.train`."""
        return train(self.reading, data, target=target, sizes=size or {}, **options)


def _several(names: str | Sequence[str]) -> list[str]:
    """`"W_1,b_1"` or a sequence; a comma inside braces belongs to the name."""
    if not isinstance(names, str):
        return list(names)
    found, depth, start = [], 0, 0
    for position, sign in enumerate(names):
        depth += (sign in "{(") - (sign in "})")
        if sign == "," and depth == 0:
            found.append(names[start:position])
            start = position + 1
    return [name.strip() for name in (*found, names[start:]) if name.strip()]


def read(source: str | Path) -> Document:
    """A document from a path, from text with mathematics in it, or from `-`, standard input.

    raises  FileMissing, UnreadableDocument

    >>> read("$$y = 2 x$$").check().counts
    {}
    """
    text, name = _content(source)
    return Document(read_document(text, name))


def _content(source: str | Path) -> tuple[str, str]:
    if source == "-":
        return sys.stdin.read(), "standard input"
    if isinstance(source, str) and ("\n" in source or "$" in source or "\\(" in source):
        return source, "text"
    path = Path(source)
    if not path.is_file():
        raise FileMissing(f"there is no file {path}", remedy="check the spelling and the folder")
    try:
        return path.read_text(encoding="utf-8"), str(path)
    except (UnicodeDecodeError, OSError) as reason:
        raise UnreadableDocument(
            f"{path} is not readable text: {reason}", remedy="save it as UTF-8 text"
        ) from reason
