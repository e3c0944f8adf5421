"""Files of data that are much larger than what a run may hold."""

from pathlib import Path

import numpy as np


def large_file(folder: Path, examples: int, width: int) -> int:
    """The bytes of X.npy (examples, width), float32, in the folder; y.npy there has 3 classes."""
    random = np.random.default_rng(0)
    features = np.lib.format.open_memmap(folder / "X.npy", "w+", np.float32, (examples, width))
    features[:] = random.standard_normal((examples, width), np.float32)
    np.save(folder / "y.npy", np.arange(examples) % 3)
    return features.nbytes
