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


def shares(scores: np.ndarray, logits: bool) -> np.ndarray:
    """Scores (n, k) as probabilities that sum to 1; a single one (n,) is of the second class.

    logits  whether softmax makes probabilities of them (of log-probabilities, too, it makes those
            probabilities); else they are probabilities up to a factor, single ones between 0 and 1

    >>> shares(np.log([[0.25, 0.75]]), True), shares(np.array([0.25, 2]), False)
    (array([[0.25, 0.75]]), array([[0.75, 0.25],
           [0.  , 1.  ]]))
    """
    scores = scores.reshape(len(scores), -1)
    if scores.shape[1] == 1:
        scores = np.hstack((0 * scores, scores) if logits else (1 - scores, scores))
        scores = scores if logits else scores.clip(0, 1)
    if logits:
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return scores / scores.sum(axis=1, keepdims=True)


def accuracy(scores: np.ndarray, labels: np.ndarray) -> float:
    """The part of the examples whose likeliest class is their own; labels are class numbers.

    >>> accuracy(np.array([[0.9, 0.1], [0.6, 0.4]]), np.array([0, 1]))
    0.5
    """
    return float(np.mean(predicted_classes(scores) == labels))


def confusion(scores: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """How many examples of class i have class j as their likeliest, (classes, classes).

    >>> confusion(np.array([[0.9, 0.1], [0.6, 0.4]]), np.array([0, 1]), 2)
    array([[1, 0],
           [1, 0]])
    """
    counts = np.zeros((classes, classes), np.intp)
    np.add.at(counts, (labels, predicted_classes(scores)), 1)
    return counts


def calibration_error(scores: np.ndarray, labels: np.ndarray, bins: int = 10) -> float:
    """How far probabilities are from frequencies: the expected calibration error, from 0 to 1.

    In each of `bins` equal parts of [0, 1], the mean probability of the likeliest class is compared
    with the part of the examples that it was right for, and the distances are averaged over the
    examples (Guo, Pleiss, Sun and Weinberger, On Calibration of Modern Neural Networks, 2017).

    >>> calibration_error(np.array([[0.9, 0.1], [0.9, 0.1]]), np.array([0, 1]))
    0.4
    """
    single = scores.reshape(len(scores), -1)
    likeliest = single.max(axis=1) if single.shape[1] > 1 else np.maximum(single, 1 - single)[:, 0]
    right = predicted_classes(scores) == labels
    places = np.minimum((likeliest * bins).astype(int), bins - 1)
    apart = np.bincount(places, likeliest - right, bins)
    return float(np.abs(apart).sum() / len(scores))


def determination(predicted: np.ndarray, target: np.ndarray) -> float | None:
    """R²: the part of the squares about the mean that predictions explain; 0: no more than it does.

    The coefficient of determination; None where all targets are equal.

    >>> determination(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0]))
    0.5
    """
    values = target.reshape(len(target), -1).astype(float)
    missed = np.square(values - predicted.reshape(values.shape)).sum()
    about = np.square(values - values.mean(axis=0)).sum()
    return float(1 - missed / about) if about else None
