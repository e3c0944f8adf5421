"""Arrays that are not held in memory: their rows are read, or computed, when they are asked for.

Shuffled examples are read by their numbers, in the order in which they would be read from memory,
so that training gives the same numbers; what is read often stays in the system's file cache.
"""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import IO, Any

import numpy as np

PIECE = 1 << 17
"""How many numbers are worked on at once, for what would need much memory otherwise."""
MOST = 4096
"""Rows at once, however short they are."""


@dataclass(frozen=True, eq=False)
class ByRows:
    """An array (n, d) known by what gives some of its rows.

    read  numbers of rows (m,) → those rows (m, d), of any type

    >>> squares = ByRows(5, 1, np.dtype(float), lambda rows: rows[:, None] ** 2)
    >>> squares.shape, squares[1:3].tolist(), squares.only(np.array([4, 0]))[:].tolist()
    ((5, 1), [[1.0], [4.0]], [[16.0], [0.0]])
    """

    count: int
    width: int
    dtype: np.dtype
    read: Callable[[np.ndarray], np.ndarray]
    ndim: int = 2

    @property
    def shape(self) -> tuple[int, int]:
        return (self.count, self.width)

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, rows: Any) -> np.ndarray:
        """Rows by a number, a slice, numbers or a mask."""
        if isinstance(rows, (int, np.integer)):
            return self._read(np.array([rows]))[0]
        return self._read(self._numbers(rows))

    def _numbers(self, rows: slice | np.ndarray) -> np.ndarray:
        if isinstance(rows, slice):
            return np.arange(*rows.indices(self.count))
        return np.flatnonzero(rows) if rows.dtype == bool else rows

    def _read(self, rows: np.ndarray) -> np.ndarray:
        return self.read(rows).astype(self.dtype, copy=False)

    def take(self, rows: np.ndarray, axis: int, out: np.ndarray, mode: str = "raise") -> None:
        """As `ndarray.take` along axis 0."""
        np.copyto(out, self._read(rows))

    def only(self, rows: np.ndarray) -> ByRows:
        """The array of some of the rows, by numbers or a mask."""
        chosen = self._numbers(rows)
        return replace(self, count=len(chosen), read=lambda asked: self._read(chosen[asked]))

    def mapped(self, function: Callable[[np.ndarray], np.ndarray]) -> ByRows:
        """What a function makes of rows, of the type that they have here."""
        return replace(self, read=lambda rows: function(self._read(rows)))

    def astype(self, dtype: Any, copy: bool = True) -> ByRows:
        """The numbers in another type."""
        return replace(self, read=self._read, dtype=np.dtype(dtype))


Rows = np.ndarray | ByRows
"""An array (n, d)."""


def rows_of_file(stored: np.ndarray, dtype: Any) -> ByRows:
    """The rows of an array (n, …) that is mapped from a file, all further axes joined."""
    width = int(np.prod(stored.shape[1:]))
    return ByRows(len(stored), width, np.dtype(dtype), lambda rows: stored[rows].reshape(-1, width))


def taken(array: Rows, rows: np.ndarray) -> Rows:
    """Some rows, by numbers or a mask; what is stored stays stored."""
    return array.only(rows) if isinstance(array, ByRows) else array[rows]


def pieces(array: Rows) -> Iterator[slice]:
    """Slices of so many rows as are worked on at once."""
    rows = max(1, min(MOST, PIECE // max(1, array.shape[1])))
    return (slice(first, first + rows) for first in range(0, len(array), rows))


@dataclass
class Spool:
    """Rows of numbers one after the other, in a file as soon as they need more than so many bytes.

    memory  None: never in a file
    """

    width: int
    memory: int | None = None
    numbers: array = field(default_factory=lambda: array("d"))
    file: IO[bytes] | None = None
    count: int = 0

    def add(self, block: np.ndarray) -> None:
        """More rows, as float64."""
        self.numbers.frombytes(np.ascontiguousarray(block, float).tobytes())
        self.settle()

    def settle(self) -> None:
        """To be called now and then: puts what is too much into the file."""
        if self.memory is not None and len(self.numbers) * self.numbers.itemsize > self.memory:
            self.file = self.file or tempfile.TemporaryFile()
            self.file.write(self.numbers.tobytes())
            self.count += len(self.numbers)
            self.numbers = array("d")

    def matrix(self) -> np.ndarray:
        """All rows (n, width): an array, or a memory map of the file."""
        if self.file is None:
            return np.array(self.numbers).reshape(-1, self.width)
        self.file.write(self.numbers.tobytes())
        self.file.flush()
        rows = (self.count + len(self.numbers)) // self.width
        return np.memmap(self.file, float, "r", shape=(rows, self.width))
