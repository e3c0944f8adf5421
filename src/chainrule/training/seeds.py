"""Random numbers that depend on a seed and on what they are for, and on nothing else."""

from __future__ import annotations

import numpy as np

from chainrule.errors import BadOption


def stream(seed: int, purpose: str) -> np.random.Generator:
    """An independent generator for one purpose, so that a new purpose changes no other numbers.

    >>> numbers = stream(0, "W_1").integers(100, size=3)
    >>> bool((numbers == stream(0, "W_1").integers(100, size=3)).all())
    True
    """
    if seed < 0:
        raise BadOption(f"the seed is {seed}", remedy="give a whole number of at least 0")
    key = tuple(purpose.encode())
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
