"""Where data come from: a name, a file of one of several kinds, a folder, or arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np

from chainrule.errors import BadOption, FileMissing, NoTargetColumn
from chainrule.training import idx, pictures
from chainrule.training.archives import read_archive, read_features
from chainrule.training.data import (
    Dataset,
    from_arrays,
    rows_of,
    weighted,
    with_classes,
    without_column,
)
from chainrule.training.frames import read_frame, read_frame_columns
from chainrule.training.tables import read_columns, read_table

DIGITS, FASHION = "digits", "fashion"
FASHION_FOLDERS = (Path("/usr/share/datasets/fashion-mnist"),)
FASHION_CLASSES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
PIXEL = np.float32(255)
ARRAYS = (".npz", ".npy")


def load(
    source: str | Path | tuple,
    target: str | None = None,
    memory: int | None = None,
    weights: str | None = None,
) -> Dataset:
    """The data of a name, a file, a folder, or of a pair of arrays (features, target).

    The names are `digits` (built in) and `fashion` (Fashion-MNIST, where it is installed). Files
    are CSV, NPZ, NPY, Parquet and IDX; folders hold IDX files, or a folder of pictures for each
    class. `target` names the column or array with the target, `weights` that with a weight for each
    example. Whole numbers and text are classes, named in order; other numbers are values to
    predict. Features that take more bytes than `memory` stay in their file if it is a plain NPY,
    NPZ or IDX file, and go into a temporary one if it is a table. Errors: FileMissing,
    UnreadableData, NoTargetColumn, NotFinite, SizeMismatch, MissingPackage.

    >>> data = load("digits")
    >>> data.features.shape, data.classes[:3], data.example_shape
    ((1797, 64), ('0', '1', '2'), (8, 8))
    """
    if isinstance(source, tuple):
        _refuse_weights("a pair of arrays", weights)
        return from_arrays(*source)
    path = Path(source)
    named = str(source) in (DIGITS, FASHION)
    if named or path.is_dir() or (path.is_file() and idx.is_idx(path)):
        _refuse_weights(str(source), weights)
    if named:
        _refuse_target(str(source), target)
        return _digits() if str(source) == DIGITS else _fashion(memory)
    if path.is_dir():
        return _folder(path, memory)
    return _file(path, target, memory, weights)


def _file(path: Path, target: str | None, memory: int | None, weights: str | None) -> Dataset:
    if not path.is_file():
        raise FileMissing(
            f"there is no file {path}",
            remedy="give a CSV, NPZ, NPY, Parquet or IDX file, a folder of pictures,"
            f" or {DIGITS!r} for the built-in data",
        )
    if idx.is_idx(path):
        return _images(*idx.read_pair(path, memory), path.stem)
    if path.suffix.lower() in ARRAYS:
        return _archive(path, target, memory, weights)
    read = read_frame if path.suffix.lower() == ".parquet" else read_table
    table = read(path, target, memory)
    found = from_arrays(
        table.features, table.target, name=path.stem, feature_names=table.feature_names
    )
    return found if weights is None else weighted(*without_column(found, weights))


def _archive(path: Path, target: str | None, memory: int | None, weights: str | None) -> Dataset:
    features, chosen, others = read_archive(path, target, memory, weights)
    found = from_arrays(features, chosen, name=path.stem)
    if weights is not None:
        found = weighted(found, others.pop(weights))
    return replace(found, unused=tuple(others))


def load_features(source: str | Path, names: Sequence[str]) -> np.ndarray:
    """The features (n, d) of data whose target is not needed; a table's columns by their names.

    raises  as `load`, and OtherNetwork where a table lacks one of the columns
    """
    path = Path(source)
    if str(source) in (DIGITS, FASHION) or not path.is_file():
        data = load(source)
        return data.features if data.test is None else data.test.features
    if idx.is_idx(path):
        return rows_of(idx.read_idx(path), path.stem)[0] / PIXEL
    if path.suffix.lower() in ARRAYS:
        return rows_of(read_features(path), path.stem)[0]
    read = read_frame_columns if path.suffix.lower() == ".parquet" else read_columns
    return read(path, names)


def _refuse_target(name: str, target: str | None) -> None:
    if target is not None:
        raise NoTargetColumn(
            f"the data called {name} have no column {target!r}: their one target is the class",
            remedy="leave the target out",
        )


def _refuse_weights(name: str, weights: str | None) -> None:
    if weights is not None:
        raise BadOption(
            f"{name} has no weights called {weights!r}",
            remedy="give a CSV, Parquet or NPZ file with a column or array of them",
        )


def _digits() -> Dataset:
    """The UCI digits, see NOTICE; the ink in each of 8 × 8 cells, from 0 to 1."""
    file = resources.files("chainrule.training").joinpath("data/digits.npz")
    with file.open("rb") as stored, np.load(stored) as arrays:
        found = from_arrays(arrays["images"] / 16, arrays["labels"], name=DIGITS)
    return replace(found, scaled=True)


def _fashion(memory: int | None = None) -> Dataset:
    """Fashion-MNIST (Xiao, Rasul, Vollgraf, arXiv 1708.07747), where Debian's package puts it."""
    for folder in FASHION_FOLDERS:
        if folder.is_dir():
            found = _folder(folder, memory)
            named = replace(found, name=FASHION, classes=FASHION_CLASSES)
            return replace(named, test=replace(found.test, classes=FASHION_CLASSES))
    raise FileMissing(
        f"Fashion-MNIST is not in {' or '.join(map(str, FASHION_FOLDERS))}",
        remedy="apt install dataset-fashion-mnist, or give a folder with its four files",
    )


def _folder(folder: Path, memory: int | None = None) -> Dataset:
    if pictures.is_of_pictures(folder):
        return _images(*pictures.read_pictures(folder, memory), folder.name)
    train, test = idx.read_folder(folder, memory)
    found = _images(*train, folder.name)
    if test is None:
        return found
    judged = with_classes(_images(*test, folder.name), found.classes)
    return replace(found, test=judged)


def _images(images: np.ndarray, labels: np.ndarray, name: str) -> Dataset:
    """Pixels from 0 to 1, which need no further scaling."""
    if isinstance(images, np.memmap):
        found = from_arrays(images, labels, name=name)
        scaled = found.features.mapped(lambda rows: rows / PIXEL)
        return replace(found, features=scaled, scaled=True)
    return replace(from_arrays(images / PIXEL, labels, name=name), scaled=True)
