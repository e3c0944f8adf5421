"""Reading a table from a Parquet file. Needs polars (`pip install chainrule[polars]`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.errors import NotFinite, OtherNetwork, UnreadableData
from chainrule.program.optional import optional
from chainrule.training.stored import Spool
from chainrule.training.tables import Table, target_position


def read_frame(path: Path, target: str | None = None, memory: int | None = None) -> Table:
    """The table in a Parquet file; `target` names its target column, as in `tables.read_table`.

    memory  features of more bytes are read block by block, and mapped from a temporary file
    raises  UnreadableData, NoTargetColumn, NotFinite, MissingPackage
    """
    whole = _scanned(path)
    names = tuple(whole.collect_schema().names())
    at = target_position(names, target, str(path))
    features = names[:at] + names[at + 1 :]
    if not features:
        raise UnreadableData(f"{path} has a single column", remedy="give one beside the target")
    wanted = _frame(path, whole.select(names[at]))[names[at]]
    _check_whole(path, names[at], wanted)
    values = wanted.to_numpy()
    if not wanted.dtype.is_numeric():
        values = np.array([str(value) for value in wanted])
    spool, rows = Spool(len(features), memory), len(values)
    if memory is not None:
        rows = max(1, memory // (4 * spool.numbers.itemsize * max(1, len(features))))
    for first in range(0, len(values), rows):
        block = _frame(path, whole.select(features).slice(first, rows))
        spool.add(_numbers(path, block, features, first))
    return Table(spool.matrix(), features, values)


def read_frame_columns(path: Path, names: Sequence[str]) -> np.ndarray:
    """The columns called `names` as numbers (n, d); OtherNetwork for a missing one."""
    frame = _frame(path, _scanned(path))
    if missing := [name for name in names if name not in frame.columns]:
        raise OtherNetwork(
            f"{path} has no column {missing[0]!r}; it has {', '.join(frame.columns[:20])}",
            remedy=f"give the columns that the model was trained on: {', '.join(names[:20])}",
        )
    return _numbers(path, frame, names)


def _scanned(path: Path) -> Any:
    """The table as polars reads it when it is asked for rows."""
    polars = optional("polars", "polars", "a Parquet file")
    try:
        found = polars.scan_parquet(path)
        found.collect_schema()
    except (polars.exceptions.PolarsError, OSError) as error:
        raise _no_parquet(path, error) from None
    return found


def _frame(path: Path, scanned: Any) -> Any:
    polars = optional("polars", "polars", "a Parquet file")
    try:
        frame = scanned.collect()
    except (polars.exceptions.PolarsError, OSError) as error:
        raise _no_parquet(path, error) from None
    if frame.height == 0 or frame.width < 1:
        raise UnreadableData(f"{path} has no rows", remedy="give one row an example")
    return frame


def _no_parquet(path: Path, error: Exception) -> UnreadableData:
    return UnreadableData(
        f"{path} is no Parquet file: {error}", remedy="write it again, or give a CSV file"
    )


def _numbers(path: Path, frame: Any, names: Sequence[str], first: int = 0) -> np.ndarray:
    """The columns of a table whose rows are counted from `first` on."""
    for name in names:
        column = frame[name]
        if not (column.dtype.is_numeric() or str(column.dtype) == "Boolean"):
            raise UnreadableData(
                f"column {name!r} of {path} is of type {column.dtype}",
                remedy="write the column in numbers or leave it out; only the target may be text",
            )
        _check_whole(path, name, column, first)
    return np.column_stack([frame[name].to_numpy().astype(float) for name in names])


def _check_whole(path: Path, name: str, column: Any, first: int = 0) -> None:
    empty = column.is_null().to_numpy()
    if empty.any():
        raise NotFinite(
            f"column {name!r} of {path} is empty in row {first + int(empty.argmax())} (from 0)",
            remedy="fill in the value or leave the row out",
        )
