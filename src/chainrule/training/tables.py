"""Reading a table from a CSV file: numbers in every column but one, the target.

A table has a header line. The separator is the comma, semicolon or tab, whichever the header has
most of. Lines are counted as in the file, from 1; a row whose quoted cell spans several lines is
known by the first of them.
"""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chainrule.errors import (
    ChainruleError,
    FileMissing,
    NoTargetColumn,
    NotFinite,
    OtherNetwork,
    Place,
    UnreadableData,
)
from chainrule.training.stored import Spool, pieces

TARGET_NAMES = ("target", "targets", "label", "labels", "class", "y")


@dataclass(frozen=True, eq=False)
class Table:
    """Features (n, d) as float64, perhaps mapped from a file.

    The target (n,) is float64 or, where it has words, text.
    """

    features: np.ndarray
    feature_names: tuple[str, ...]
    target: np.ndarray


@dataclass(frozen=True)
class _Row:
    line: int
    cells: list[str]


@dataclass(frozen=True)
class _Source:
    """A file that is read line by line, and once more where an error shows a line of it."""

    path: Path
    separator: str

    def lines(self) -> Iterator[str]:
        return _lines(self.path)

    def rows(self) -> Iterator[_Row]:
        """The rows that are not blank, the header first."""
        reader = csv.reader(self.lines(), delimiter=self.separator)
        line = 1
        try:
            for cells in reader:
                if cells:
                    yield _Row(line, cells)
                line = reader.line_num + 1
        except csv.Error as error:
            raise UnreadableData(
                f"the table breaks off: {error}",
                places=[Place(str(self.path), line, 1)],
                remedy="close every quotation mark",
            ) from None

    def place(self, row: _Row, column: int, seen: str) -> Place:
        """A cell of a row, with its line where the cell stands in it as it was read."""
        line = next(itertools.islice(self.lines(), row.line - 1, None), "").rstrip("\n")
        if self.separator.join(row.cells) != line:
            return Place(str(self.path), row.line, 1, seen=seen)
        offset = sum(len(cell) + 1 for cell in row.cells[:column])
        length = len(row.cells[column]) if column < len(row.cells) else 1
        return Place(str(self.path), row.line, offset + 1, line, seen, length)


def read_table(path: Path, target: str | None = None, memory: int | None = None) -> Table:
    """The table in a CSV file; `target` names its target column.

    Without `target` it is the one column called as in TARGET_NAMES, in any case. Features of more
    bytes than `memory` go into a temporary file and are mapped from there. Errors: FileMissing,
    UnreadableData, NoTargetColumn, NotFinite, with file, line, column and value.
    """
    source = _source(path)
    rows = source.rows()
    names = _header(source, next(rows, None))
    at = target_position(names, target, str(path))
    features, cells = _read_rows(source, rows, names, at, memory)
    return Table(features, names[:at] + names[at + 1 :], _target(source, cells, names[at], at))


def read_columns(path: Path, names: Sequence[str]) -> np.ndarray:
    """The columns called `names` of a CSV file as numbers (n, d), in that order.

    Errors: FileMissing, UnreadableData, NotFinite, OtherNetwork where a column is not there.
    """
    source = _source(path)
    rows = source.rows()
    header = _header(source, next(rows, None))
    if missing := [name for name in names if name not in header]:
        raise OtherNetwork(
            f"{path} has no column {missing[0]!r}; it has {_listing(header)}",
            remedy=f"give the columns that the model was trained on: {_listing(names)}",
        )
    columns = [header.index(name) for name in names]
    found = []
    for row in rows:
        _check_width(source, row, header)
        faults = (_fault(source, row, header, column) for column in columns)
        if fault := next(filter(None, faults), None):
            raise fault
        found.append([_number(row.cells[column]) for column in columns])
    if not found:
        raise UnreadableData(f"{path} has a header only", remedy="give a line an example")
    return np.array(found)


def target_position(names: Sequence[str], wanted: str | None, origin: str) -> int:
    """Where the target stands among the names of columns, or of the arrays of an archive."""
    candidates = TARGET_NAMES if wanted is None else (wanted,)
    matches = [at for at, name in enumerate(names) if name in candidates]
    if not matches and wanted is None:
        matches = [at for at, name in enumerate(names) if name.lower() in candidates]
    if len(matches) == 1:
        return matches[0]
    found = "more than one" if matches else "no"
    raise NoTargetColumn(
        f"{origin} has {found} target called {', '.join(candidates)}; it has {_listing(names)}",
        remedy="name one of them as the target (--target NAME)",
    )


def _listing(names: Sequence[str], most: int = 20) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def _source(path: Path) -> _Source:
    first_line = next((line for line in _lines(path) if line != "\n"), "")
    return _Source(path, max(",;\t", key=first_line.count))


def _check_width(source: _Source, row: _Row, names: Sequence[str]) -> None:
    if len(row.cells) != len(names):
        raise UnreadableData(
            f"a row has {len(row.cells)} cells, the header has {len(names)}",
            places=[source.place(row, min(len(row.cells), len(names)), "first cell amiss")],
            remedy="give every row one cell for each column, and quote text with separators",
        )


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield from file
    except UnicodeDecodeError:
        raise UnreadableData(
            f"{path} is not text in UTF-8: byte {_strange_byte(path)} cannot be decoded",
            remedy="give a CSV file in UTF-8, or an NPZ file whose name ends in .npz",
        ) from None
    except OSError as error:
        raise FileMissing(
            f"{path} cannot be read: {error.strerror}", remedy="give the path of a readable file"
        ) from None


def _strange_byte(path: Path) -> int:
    """Where a file stops being UTF-8."""
    try:
        path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _header(source: _Source, row: _Row | None) -> tuple[str, ...]:
    if row is None:
        raise UnreadableData(
            f"{source.path} is empty", remedy="give a line of column names and one line an example"
        )
    if all(_parsed(cell) is not None for cell in row.cells):
        raise UnreadableData(
            "the first line has numbers where the names of the columns are expected",
            places=[source.place(row, 0, "a number, not a name")],
            remedy="put a line with the names of the columns above it",
        )
    if len(row.cells) < 2:
        raise UnreadableData(
            f"{source.path} has a single column",
            places=[source.place(row, 0, "the only column")],
            remedy="give a feature column beside the target; separate them by commas",
        )
    return tuple(cell.strip() for cell in row.cells)


def _read_rows(
    source: _Source, rows: Iterator[_Row], names: tuple[str, ...], at: int, memory: int | None
) -> tuple[np.ndarray, list[str]]:
    """The features as numbers, and the cells of the target column `at`."""
    spool, target, seen = Spool(len(names) - 1, memory), [], {}
    for row in rows:
        cells = row.cells
        _check_width(source, row, names)
        cell = cells[at].strip()
        # Equal cells are one object, since a class may have very many examples.
        target.append(seen.setdefault(cell, cell))
        try:
            spool.numbers.extend(map(_number, cells[:at]))
            spool.numbers.extend(map(_number, cells[at + 1 :]))
        except ValueError:
            columns = [column for column in range(len(cells)) if column != at]
            raise next(filter(None, (_fault(source, row, names, c) for c in columns))) from None
        spool.settle()
    if not target:
        raise UnreadableData(f"{source.path} has a header only", remedy="give a line an example")
    features = spool.matrix()
    for part in pieces(features):
        strange = np.argwhere(~np.isfinite(features[part]))
        if len(strange):
            row, column = map(int, strange[0])
            found = _row(source, part.start + row)
            raise _fault(source, found, names, column + (column >= at))
    return features, target


def _row(source: _Source, example: int) -> _Row:
    """The row of an example, found again by reading: only an error needs it."""
    return next(itertools.islice(source.rows(), example + 1, None))


def _fault(source: _Source, row: _Row, names: Sequence[str], column: int) -> ChainruleError | None:
    """What is wrong with a cell that must be a finite number, or None."""
    cell, value = row.cells[column].strip(), _parsed(row.cells[column])
    where = f"column {names[column]!r}, line {row.line} of {source.path}"
    if value is None and cell:
        return UnreadableData(
            f"{where}, holds {cell!r}, which is not a number",
            places=[source.place(row, column, "text in a number column")],
            remedy="write the column in numbers or leave it out; only the target may be text",
        )
    if value is None or not math.isfinite(value):
        return NotFinite(
            f"{where}, {f'holds {cell}' if cell else 'is empty'}",
            places=[source.place(row, column, "a finite number is needed")],
            remedy="fill in the value or leave the row out",
        )
    return None


def _target(source: _Source, cells: list[str], name: str, at: int) -> np.ndarray:
    """The target as numbers if all its cells are, as text if none but whole numbers are numbers."""
    values = {cell: _parsed(cell) for cell in dict.fromkeys(cells)}
    numbers = [value for value in values.values() if value is not None and math.isfinite(value)]
    real = not all(map(float.is_integer, numbers))
    for cell, value in values.items():
        is_text = bool(cell) and value is None
        if (is_text and not real) or (value is not None and math.isfinite(value)):
            continue
        row = _row(source, cells.index(cell))
        raise _fault(source, row, {at: name}, at)
    if any(value is None for value in values.values()):
        return np.array(cells)
    return np.fromiter((values[cell] for cell in cells), float, len(cells))


def _number(cell: str) -> float:
    # Python takes 1_000 for a thousand; in a table it is a name.
    if "_" in cell:
        raise ValueError
    return float(cell)


def _parsed(cell: str) -> float | None:
    try:
        return _number(cell)
    except ValueError:
        return None
