"""The formats that documents come in. To add one is to add a line to the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chainrule.notation.document import Document, read_latex, read_markdown
from chainrule.notation.markup import is_latex
from chainrule.notation.notebook import is_notebook, read_notebook


@dataclass(frozen=True)
class Format:
    """One way to write a document down.

    suffixes    ends of file names that mean this format, the usual one first
    recognises  whether a text is in this format, for names that do not tell
    read        text and name to a document
    """

    name: str
    suffixes: tuple[str, ...]
    recognises: Callable[[str], bool]
    read: Callable[[str, str], Document]


#: Of those that recognise a text the first is taken; any text can be Markdown.
FORMATS = (
    Format("notebook", (".ipynb",), is_notebook, read_notebook),
    Format("LaTeX", (".tex", ".latex", ".ltx"), lambda text: is_latex(text, ""), read_latex),
    Format("Markdown", (".md", ".markdown", ".qmd", ".rmd"), lambda text: True, read_markdown),
)

#: Files that are taken from a folder. A .txt may hold any format: what is in it decides.
SUFFIXES = (*(suffix for format in FORMATS for suffix in format.suffixes), ".txt", ".text")


def format_of(text: str, name: str) -> Format:
    """The format of a text by the end of its name, else by what is in it.

    >>> format_of("Let $x$.", "notes.md").name, format_of('{"cells": []}', "standard input").name
    ('Markdown', 'notebook')
    """
    named = [format for format in FORMATS if name.lower().endswith(format.suffixes)]
    return (named or [format for format in FORMATS if format.recognises(text)])[0]


def read_text(text: str, name: str) -> Document:
    """A document of any format.

    raises  UnreadableDocument
    """
    return format_of(text, name).read(text, name)
