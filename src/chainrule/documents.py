"""The public document: read once, then checked, derived, emitted, fitted."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from chainrule.checker.check import Report, check
from chainrule.checker.side_by_side import Each, in_turn
from chainrule.notation.document import Document as Text
from chainrule.notation.files import STANDARD_INPUT, content
from chainrule.notation.formats import SUFFIXES, read_text
from chainrule.notation.reading import Reading, read_reading

if TYPE_CHECKING:
    from chainrule.notation.answers import Request
    from chainrule.notation.derive import Derivation
    from chainrule.training.data import Dataset
    from chainrule.training.emit import Emitted
    from chainrule.training.session import Trained


class Document:
    """A document with mathematics. Make one with `chainrule.read`.

    >>> document = Document(read_text("$$y = \\\\sum_i x_i^2$$ $$J = y$$", "note"))
    >>> document.derive("J", ["x"]).text("x")
    '∂J/∂x = 2 x'
    """

    def __init__(self, text: Text):
        self.text = text

    def __repr__(self) -> str:
        return f"Document({self.text.name!r})"

    def __reduce__(self):
        # What was read is interned, so a copy is read anew from the same text.
        return _read_again, (self.text.text, self.text.name)

    def __deepcopy__(self, memo) -> Document:
        # A document never changes.
        return self

    @cached_property
    def reading(self) -> Reading:
        return read_reading(self.text)

    def check(self, dtype: str | None = None, each: Each = in_turn) -> Report:
        """Every relation judged; in a dtype, also whether it survives floating point as printed.

        dtype  float32, float64 or bfloat16
        each   `side_by_side` for all cores at hand, in a program without other threads
        """
        report = check(self.text, each)
        if dtype is None:
            return report
        from chainrule.checker.stability import known_dtype, with_stability

        found = with_stability(self.reading, list(report.findings), known_dtype(dtype))
        return replace(report, findings=tuple(found))

    def derive(
        self, of: str, by: str | Sequence[str] = "", request: Request | None = None
    ) -> Derivation:
        """The derivatives of anything defined here by one or several symbols, in closed form.

        of       a name, an element such as h_j, or an expression in the document's symbols
        request  for anything but a gradient or a Jacobian
        """
        from chainrule.notation.derive import derive

        return derive(self.reading, of, _several(by), request)

    def emit(
        self, of: str, by: str | Sequence[str], to: str = "numpy", memory: int | None = None
    ) -> Emitted:
        """Readable source that computes the loss of a batch and its gradients.

        to      numpy, jax or torch
        memory  bytes that a call may need, for numpy
        """
        from chainrule.training.emit import emit

        return emit(self.reading, of, _several(by), to, memory)

    def fit(
        self,
        data: str | Path | tuple | Dataset = "digits",
        *,
        target: str | None = None,
        weights: str | None = None,
        size: Mapping[str, int] | None = None,
        **options,
    ) -> Trained:
        """Train the network the document defines; options as in `training.session.train`."""
        from chainrule.training.session import train

        return train(
            self.reading, data, target=target, weights=weights, sizes=size or {}, **options
        )


def derive_expression(
    expression: str,
    by: str | Sequence[str] = "",
    given: str = "",
    request: Request | None = None,
) -> Derivation:
    """The derivatives of an expression that stands in no document.

    given    what a document would say before it: shapes, facts, definitions

    >>> derive_expression("softmax(x)_i", "x_j").text("x")
    '∂softmax(x)_i/∂x_j = softmax(x)_i (δ[i,j] − softmax(x)_j)'
    """
    from chainrule.notation.derive import derive
    from chainrule.notation.question import expression_reading, latex_of

    reading = expression_reading(expression, given)
    return derive(reading, latex_of(expression), _several(by), request)


def names_document(source: str) -> bool:
    """Whether a word on the command line is a document rather than an expression."""
    if source == STANDARD_INPUT or os.path.exists(source) or _is_text(source):
        return True
    return Path(source).suffix in SUFFIXES


def _read_again(text: str, name: str) -> Document:
    return Document(read_text(text, name))


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

    A path may name Markdown, plain text, a LaTeX source or a Jupyter notebook.

    raises  FileMissing, UnreadableDocument

    >>> read("$$y = 2 x$$").check().counts
    {}
    """
    if isinstance(source, str) and source != STANDARD_INPUT and _is_text(source):
        return Document(read_text(source, "text"))
    name = str(source)
    return Document(read_text(content(name), "standard input" if name == STANDARD_INPUT else name))


def _is_text(source: str) -> bool:
    """Whether a string is a document rather than the path of one."""
    if "\n" in source:
        return True
    marked = any(mark in source for mark in ("$", "\\(", "\\[", "\\begin{"))
    return marked and not os.path.exists(source)
