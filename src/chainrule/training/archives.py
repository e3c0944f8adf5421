"""Reading arrays from an NPZ file: one with the features, one with the target."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from chainrule.errors import FileMissing, UnreadableData
from chainrule.training.tables import TARGET_NAMES, target_position

FEATURE_NAMES = ("x", "features", "data", "images")


def read_archive(path: Path, target: str | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The features and the target as they are stored; `target` names the target's array.

    Without `target` it is the one array called target, targets, label, labels, class or y. The
    features are called X, features, data or images, or are the only other array. Errors:
    FileMissing, UnreadableData, NoTargetColumn.
    """
    arrays = _arrays(path)
    names = tuple(arrays)
    singular = [_singular(name) for name in names] if target is None else names
    target_name = names[target_position(singular, target, str(path))]
    others = [name for name in names if name != target_name]
    features = [name for name in others if name.lower() in FEATURE_NAMES] or others
    if len(features) != 1:
        raise UnreadableData(
            f"{path} has {', '.join(names)}: which one holds the features is not clear",
            remedy=f"call it X, and the target {TARGET_NAMES[0]}",
        )
    return arrays[features[0]], arrays[target_name]
