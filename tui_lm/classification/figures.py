"""The figures of a classification: accuracy, macro-F1, the confusion matrix, the calibration error.

Shapes: N texts, L labels. `right` [N] are the numbers of the right labels, -1 for a label that the model does not know.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BINS = 15  # of the calibration error
Numbers = NDArray[np.integer]


def accuracy(right: Numbers, given: Numbers) -> float:
    return float(np.mean(right == given))


def macro_f1(right: Numbers, given: Numbers, labels: int) -> float:
    """The mean over the labels of the harmonic mean of precision and recall; labels that never occur do not count."""
    found = [f1_of(right, given, label) for label in range(labels)]
    counted = [value for value in found if value is not None]
    return float(np.mean(counted)) if counted else 0.0


def f1_of(right: Numbers, given: Numbers, label: int) -> float | None:
    """The F1 of one label; None if it neither occurs nor is given."""
    occurs, is_given = right == label, given == label
    total = int(occurs.sum() + is_given.sum())
    return 2 * int((occurs & is_given).sum()) / total if total else None


def confusion(right: Numbers, given: Numbers, labels: int) -> list[list[int]]:
    """Rows are the right labels, columns those that were given; texts with an unknown label are left out."""
    table = np.zeros((labels, labels), dtype=int)
    known = right >= 0
    np.add.at(table, (right[known], given[known]), 1)
    rows: list[list[int]] = table.tolist()
    return rows


def calibration_error(right: Numbers, probabilities: NDArray[np.floating]) -> float:
    """The expected calibration error (Guo et al. 2017): |confidence - accuracy|, weighted over bins of confidence."""
    confidence, given = probabilities.max(axis=1), probabilities.argmax(axis=1)
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    total = 0.0
    for number in range(BINS):
        inside = bins == number
        if inside.any():
            total += abs(float(np.sum(confidence[inside])) - float(np.sum(right[inside] == given[inside])))
    return total / len(right)
