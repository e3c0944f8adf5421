"""Pictures in folders, one folder a class. Needs Pillow (`pip install chainrule[images]`)."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.errors import SizeMismatch, UnreadableData
from chainrule.program.optional import optional

SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"))
GREY = ("1", "L", "LA")


def is_of_pictures(folder: Path) -> bool:
    """Whether some folder inside has a picture."""
    return any(_pictures(inside) for inside in folder.iterdir() if inside.is_dir())


def read_pictures(folder: Path, memory: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Grey values (n, height, width) as uint8, and class names (n,); colours on a last axis.

    A class is called like its folder. Pictures of more bytes than `memory` are mapped from a
    temporary file. raises  UnreadableData, SizeMismatch
    """
    files = [
        (path, inside.name)
        for inside in sorted(folder.iterdir())
        if inside.is_dir()
        for path in _pictures(inside)
    ]
    names, shape = np.array([name for _, name in files]), _array(files[0][0]).shape
    coloured = any(_is_coloured(path) for path, _ in files)
    whole = _room((len(files), *shape[:2], *((3,) if coloured else ())), memory)
    for number, (path, _) in enumerate(files):
        array = _array(path)
        _check_size(files[0][0], shape, path, array)
        whole[number] = _coloured(array) if coloured else array
    return whole, names


def _room(shape: tuple[int, ...], memory: int | None) -> np.ndarray:
    """An array for pictures, in a temporary file where it needs much memory."""
    if memory is None or math.prod(shape) <= memory:
        return np.empty(shape, np.uint8)
    return np.memmap(tempfile.TemporaryFile(), np.uint8, "w+", shape=shape)


def _pictures(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES]


def _is_coloured(path: Path) -> bool:
    return _opened(path, lambda picture: picture.mode not in GREY)


def _array(path: Path) -> np.ndarray:
    def pixels(picture: Any) -> np.ndarray:
        return np.asarray(picture.convert("L" if picture.mode in GREY else "RGB"))

    return _opened(path, pixels)


def _opened(path: Path, read: Callable[[Any], Any]) -> Any:
    pillow = optional("PIL.Image", "images", "a folder of pictures")
    try:
        with pillow.open(path) as picture:
            return read(picture)
    except OSError as error:
        raise UnreadableData(
            f"{path} is no picture that can be read: {error}", remedy="remove it, or save it again"
        ) from None


def _coloured(array: np.ndarray) -> np.ndarray:
    return array if array.ndim == 3 else np.repeat(array[:, :, None], 3, axis=2)


def _check_size(first: Path, wanted: tuple[int, ...], path: Path, array: np.ndarray) -> None:
    if array.shape[:2] != wanted[:2]:
        one, other = (" × ".join(map(str, shape[:2])) for shape in (wanted, array.shape))
        raise SizeMismatch(
            f"{first} is {one} and {path} is {other}",
            remedy="bring all pictures to one size",
        )
