"""Reading arrays from an NPZ file: one with the features, one with the target."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

from chainrule.errors import FileMissing, UnreadableData
from chainrule.training.tables import target_position

FEATURE_NAMES = ("x", "features", "data", "images")


def read_archive(path: Path, target: str | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The features and the target as they are stored; `target` names the target's array.

    Without `target` it is the one array called as in `tables.TARGET_NAMES`. The features are called
    as in FEATURE_NAMES, or are the only other array. Errors: FileMissing, UnreadableData,
    NoTargetColumn.
    """
    arrays = _arrays(path)
    names = tuple(arrays)
    chosen = names[target_position(names, target, str(path))]
    others = [name for name in names if name != chosen]
    features = [name for name in others if name.lower() in FEATURE_NAMES] or others
    if len(features) != 1:
        raise UnreadableData(
            f"{path} has {', '.join(names)}: not clear which holds the features for {chosen}",
            remedy="store them as X, and the target as y",
        )
    return arrays[features[0]], arrays[chosen]


def read_features(path: Path) -> np.ndarray:
    """The array of features in an archive that may hold a target beside it."""
    arrays = _arrays(path)
    named = [name for name in arrays if name.lower() in FEATURE_NAMES] or list(arrays)
    if len(named) != 1:
        raise UnreadableData(
            f"{path} has {', '.join(arrays)}: not clear which holds the features",
            remedy="store them as X",
        )
    return arrays[named[0]]


def _arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
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
