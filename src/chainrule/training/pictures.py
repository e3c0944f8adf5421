"""Pictures in folders, one folder a class. Needs Pillow (`pip install chainrule[images]`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from chainrule.errors import SizeMismatch, UnreadableData
from chainrule.program.optional import optional

SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"))


def is_of_pictures(folder: Path) -> bool:
    """Whether some folder inside has a picture."""
    return any(_pictures(inside) for inside in folder.iterdir() if inside.is_dir())


def read_pictures(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Grey values (n, height, width) as uint8, and class names (n,); colours on a last axis.

    A class is called like its folder. raises  UnreadableData, SizeMismatch
    """
    files = [
        (path, inside.name)
        for inside in sorted(folder.iterdir())
        if inside.is_dir()
        for path in _pictures(inside)
    ]
    arrays = [_array(path) for path, _ in files]
    if any(array.ndim == 3 for array in arrays):
        arrays = [_coloured(array) for array in arrays]
    _check_sizes([path for path, _ in files], arrays)
    return np.stack(arrays), np.array([name for _, name in files])


def _pictures(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES]


def _array(path: Path) -> np.ndarray:
    pillow = optional("PIL.Image", "images", "a folder of pictures")
    try:
        with pillow.open(path) as picture:
            return np.asarray(picture.convert("L" if picture.mode in ("1", "L", "LA") else "RGB"))
    except OSError as error:
        raise UnreadableData(
            f"{path} is no picture that can be read: {error}", remedy="remove it, or save it again"
        ) from None


def _coloured(array: np.ndarray) -> np.ndarray:
    return array if array.ndim == 3 else np.repeat(array[:, :, None], 3, axis=2)


def _check_sizes(files: Sequence[Path], arrays: Sequence[np.ndarray]) -> None:
    for path, array in zip(files, arrays, strict=True):
        if array.shape != arrays[0].shape:
            first, other = (" × ".join(map(str, a.shape[:2])) for a in (arrays[0], array))
            raise SizeMismatch(
                f"{files[0]} is {first} and {path} is {other}",
                remedy="bring all pictures to one size",
            )
