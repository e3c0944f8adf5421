"""Reading arrays from an NPZ file, or from NPY files in a folder: features, and a target.

Arrays that are not compressed can be mapped: then they are read as they are needed.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from chainrule.errors import FileMissing, UnreadableData
from chainrule.training.tables import target_position

FEATURE_NAMES = ("x", "features", "data", "images")


def read_archive(
    path: Path,
    target: str | None = None,
    memory: int | None = None,
    weights: str | None = None,
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """The features and the target as they are stored, and what else the archive has.

    `target` names the target's array, `weights` one that holds weights of the examples.

    Without `target` it is the one array called as in `tables.TARGET_NAMES`. The features are called
    as in FEATURE_NAMES, or are the only other array. An NPY file has the features, and the target
    is in one beside it. Arrays of more bytes than `memory` are mapped, compressed ones from a
    temporary file. Errors: FileMissing, UnreadableData, NoTargetColumn.
    """
    if path.suffix.lower() == ".npy":
        beside = {found.stem: found for found in sorted(path.parent.glob("*.npy"))}
        others = tuple(name for name in beside if name not in (path.stem, weights))
        chosen = others[target_position(others, target, f"the folder of {path}")]
        rest = {name: _array(beside[name]) for name in beside if name == weights}
        _check_weights(path, rest, weights)
        return _array(path, memory), _array(beside[chosen], memory), rest
    arrays = _arrays(path, memory)
    names = tuple(arrays)
    chosen = names[target_position(names, target, str(path))]
    _check_weights(path, arrays, weights)
    others = [name for name in names if name not in (chosen, weights)]
    features = [name for name in others if name.lower() in FEATURE_NAMES] or others
    if len(features) != 1:
        raise UnreadableData(
            f"{path} has {', '.join(names)}: not clear which holds the features for {chosen}",
            remedy="store them as X, and the target as y",
        )
    rest = {name: arrays[name] for name in names if name not in (chosen, *features)}
    return arrays[features[0]], arrays[chosen], rest


def _check_weights(path: Path, arrays: dict[str, np.ndarray], weights: str | None) -> None:
    if weights is not None and weights not in arrays:
        raise UnreadableData(
            f"{path} has no array {weights!r} for the weights",
            remedy=f"name one of {', '.join(arrays)}" if arrays else "store one beside it",
        )


def read_features(path: Path) -> np.ndarray:
    """The array of features in a file that may hold a target beside it."""
    if path.suffix.lower() == ".npy":
        return _array(path)
    arrays = _arrays(path)
    named = [name for name in arrays if name.lower() in FEATURE_NAMES] or list(arrays)
    if len(named) != 1:
        raise UnreadableData(
            f"{path} has {', '.join(arrays)}: not clear which holds the features",
            remedy="store them as X",
        )
    return arrays[named[0]]


def _array(path: Path, memory: int | None = None) -> np.ndarray:
    """The array in an NPY file."""
    large = memory is not None and path.stat().st_size > memory
    try:
        return np.load(path, mmap_mode="r" if large else None, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise UnreadableData(
            f"{path} is no plain array: {error}",
            remedy="write it by numpy.save(path, X), with numbers or text only",
        ) from None


def _mapped(path: Path, memory: int | None) -> Iterable[tuple[str, np.ndarray]]:
    """The arrays of an archive that are large, by their names; compressed ones are unpacked."""
    with zipfile.ZipFile(path) as archive, path.open("rb") as whole:
        for member in archive.infolist():
            if memory is None or member.file_size <= memory:
                continue
            file = whole
            if member.compress_type == zipfile.ZIP_STORED:
                file.seek(member.header_offset + 26)
                file.seek(sum(struct.unpack("<HH", file.read(4))), 1)
            else:
                file = tempfile.TemporaryFile()
                with archive.open(member) as packed:
                    shutil.copyfileobj(packed, file)
                file.seek(0)
            version = np.lib.format.read_magic(file)
            header = np.lib.format.read_array_header_1_0
            if version != (1, 0):
                header = np.lib.format.read_array_header_2_0
            shape, turned, dtype = header(file)
            order = "F" if turned else "C"
            array = np.memmap(file, dtype, "r", file.tell(), shape, order)
            yield member.filename.removesuffix(".npy"), array


def _arrays(path: Path, memory: int | None = None) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            names, mapped = archive.files, dict(_mapped(path, memory))
            return {name: mapped[name] if name in mapped else archive[name] for name in names}
    except OSError as error:
        raise FileMissing(
            f"{path} cannot be read: {error.strerror or error}",
            remedy="give the path of a readable file",
        ) from None
    # A damaged or disguised file fails in NumPy, zipfile or zlib, wherever the damage lies; a
    # file with one bare array has no `files`, nor is it a context.
    except (ValueError, EOFError, AttributeError, TypeError, zipfile.BadZipFile, zlib.error) as e:
        raise UnreadableData(
            f"{path} is no archive of plain arrays: {e}",
            remedy="write it by numpy.savez(path, X=features, y=target), with numbers or text only",
        ) from None
