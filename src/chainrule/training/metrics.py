"""How well a trained network does on examples that it has not seen."""

from __future__ import annotations

import numpy as np


def predicted_classes(scores: np.ndarray) -> np.ndarray:
    """The number of the likeliest class (n,), from scores (n, k) or probabilities of class 1 (n,).

    A column (n, 1) is read as (n,). Ties go to the first class, and 0.5 to class 1.
    """
    if scores.ndim == 2 and scores.shape[1] > 1:
        return scores.argmax(axis=1)
    return (scores.reshape(len(scores)) >= 0.5).astype(np.intp)


def accuracy(scores: np.ndarray, labels: np.ndarray) -> float:
    """The part of the examples whose likeliest class is their own; labels are class numbers.

    >>> accuracy(np.array([[0.9, 0.1], [0.6, 0.4]]), np.array([0, 1]))
    0.5
    """
    return float(np.mean(predicted_classes(scores) == labels))
