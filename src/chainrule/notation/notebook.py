"""Jupyter notebooks: the Markdown cells as one document, each cell read by itself.

A macro of one cell is known in the others, as it is where notebooks are shown. Code cells, their
outputs and raw cells are left out; they count all the same, so that `cell 3` is the third from
the top.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from chainrule.errors import Place, UnreadableDocument
from chainrule.notation.document import Cell, Document, Formula, Part, read_markdown

_LOOKS_SO = re.compile(r'\s*\{\s*"(?:cells|metadata|nbformat|nbformat_minor|worksheets)"\s*:')
_BETWEEN = "\n\n"


def is_notebook(text: str) -> bool:
    """Whether a text without a telling name is a notebook."""
    return _LOOKS_SO.match(text) is not None


def read_notebook(text: str, name: str) -> Document:
    """The Markdown cells of a notebook as one document.

    raises  UnreadableDocument

    >>> cell = {"cell_type": "markdown", "metadata": {}, "source": ["Let\\n", "$x = 1$"]}
    >>> document = read_notebook(json.dumps({"cells": [cell]}), "notes.ipynb")
    >>> document.formulas[0].latex, document.line(document.formulas[0].start)
    ('x = 1', 2)
    """
    texts: list[str] = []
    parts: list[Part] = []
    cells: list[Cell] = []
    macros = {}
    start = 0
    for number, source in _markdown(_loaded(text, name), name):
        read = read_markdown(source, name)
        parts += [_moved(part, start) for part in read.parts]
        macros |= read.macros
        cells.append(Cell(number, start, start + len(source)))
        texts.append(source)
        start += len(source) + len(_BETWEEN)
    return Document(name, _BETWEEN.join(texts), tuple(parts), macros, cells=tuple(cells))


def _moved(part: Part, by: int) -> Part:
    changed = {"start": part.start + by, "end": part.end + by}
    if isinstance(part, Formula):
        changed["outer"] = part.outer[0] + by, part.outer[1] + by
    return replace(part, **changed)


def _loaded(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as reason:
        source = text.splitlines()[reason.lineno - 1 : reason.lineno] or [""]
        place = Place(name, reason.lineno, reason.colno, source[0], reason.msg)
        raise UnreadableDocument(
            f"{name} is no notebook: it is not JSON", places=[place], remedy=_SAVE_AGAIN
        ) from reason
    except RecursionError as reason:
        raise UnreadableDocument(
            f"{name} is no notebook: its JSON is nested too deeply", remedy=_SAVE_AGAIN
        ) from reason


_SAVE_AGAIN = "open it in Jupyter and save it again"


def _markdown(notebook: Any, name: str) -> Iterator[tuple[int, str]]:
    """Number and text of each Markdown cell."""
    found = _cells(notebook)
    if found is None:
        raise UnreadableDocument(
            f"{name} is no notebook: it has no list of cells", remedy=_SAVE_AGAIN
        )
    if not any(isinstance(cell, dict) and cell.get("cell_type") == "markdown" for cell in found):
        raise UnreadableDocument(
            f"{name} has no Markdown cell, and mathematics is read from those",
            remedy="put the equations into Markdown cells",
        )
    for number, cell in enumerate(found, 1):
        if not isinstance(cell, dict):
            raise UnreadableDocument(f"{name}: cell {number} is no cell", remedy=_SAVE_AGAIN)
        if cell.get("cell_type") == "markdown":
            source = cell.get("source", "")
            lines = source if isinstance(source, list) else [source]
            if not all(isinstance(line, str) for line in lines):
                raise UnreadableDocument(
                    f"{name}: the source of cell {number} is not text", remedy=_SAVE_AGAIN
                )
            yield number, re.sub(r"\r\n?", "\n", "".join(lines))


def _cells(notebook: Any) -> list | None:
    """The list of cells; notebooks of format 3 and before keep it in worksheets."""
    if not isinstance(notebook, dict):
        return None
    if isinstance(notebook.get("worksheets"), list):
        sheets = [sheet.get("cells") for sheet in notebook["worksheets"] if isinstance(sheet, dict)]
        lists = [cells for cells in sheets if isinstance(cells, list)]
        return [cell for cells in lists for cell in cells]
    cells = notebook.get("cells")
    return cells if isinstance(cells, list) else None
