"""Reading a table from a Parquet file. Needs polars (`pip install chainrule[polars]`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.errors import NotFinite, OtherNetwork, UnreadableData
from chainrule.program.optional import optional
from chainrule.training.tables import Table, target_position


def read_frame(path: Path, target: str | None = None) -> Table:
    """The table in a Parquet file; `target` names its target column, as in `tables.read_table`.

    raises  UnreadableData, NoTargetColumn, NotFinite, MissingPackage
    """
    frame = _frame(path)
    names = tuple(frame.columns)
    at = target_position(names, target, str(path))
    features = names[:at] + names[at + 1 :]
    wanted = frame[names[at]]
    _check_whole(path, names[at], wanted)
    values = wanted.to_numpy()
    if not wanted.dtype.is_numeric():
        values = np.array([str(value) for value in wanted])
    return Table(_numbers(path, frame, features), features, values)


def read_frame_columns(path: Path, names: Sequence[str]) -> np.ndarray:
    """The columns called `names` as numbers (n, d); OtherNetwork for a missing one."""
    frame = _frame(path)
    if missing := [name for name in names if name not in frame.columns]:
        raise OtherNetwork(
            f"{path} has no column {missing[0]!r}; it has {', '.join(frame.columns[:20])}",
            remedy=f"give the columns that the model was trained on: {', '.join(names[:20])}",
        )
    return _numbers(path, frame, names)


def _frame(path: Path) -> Any:
    polars = optional("polars", "polars", "a Parquet file")
    try:
        frame = polars.read_parquet(path)
    except (polars.exceptions.PolarsError, OSError) as error:
        raise UnreadableData(
            f"{path} is no Parquet file: {error}", remedy="write it again, or give a CSV file"
        ) from None
    if frame.height == 0 or frame.width < 1:
        raise UnreadableData(f"{path} has no rows", remedy="give one row an example")
    return frame


def _numbers(path: Path, frame: Any, names: Sequence[str]) -> np.ndarray:
    for name in names:
        column = frame[name]
        if not (column.dtype.is_numeric() or str(column.dtype) == "Boolean"):
            raise UnreadableData(
                f"column {name!r} of {path} is of type {column.dtype}",
                remedy="write the column in numbers or leave it out; only the target may be text",
            )
        _check_whole(path, name, column)
    return np.column_stack([frame[name].to_numpy().astype(float) for name in names])


def _check_whole(path: Path, name: str, column: Any) -> None:
    empty = column.is_null().to_numpy()
    if empty.any():
        raise NotFinite(
            f"column {name!r} of {path} is empty in row {int(empty.argmax())} (from 0)",
            remedy="fill in the value or leave the row out",
        )
