"""Maps of words: vectors [N, D] in two dimensions, by principal components or along axes that pairs of words define."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_lm.errors import TuiLmError
from tui_lm.vectors.words import Words

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Map:
    """`points` [N, 2]; `axes` says what the two directions are, `share` how much of the variance they hold."""

    points: Points
    axes: tuple[str, str]
    share: float


def principal(vectors: NDArray[np.floating]) -> Map:
    """The first two principal components (Pearson 1901). The largest coordinate of each is positive."""
    centred = np.asarray(vectors, np.float64) - np.mean(vectors, axis=0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    points = np.zeros((len(centred), 2))
    found = min(2, len(values))
    points[:, :found] = left[:, :found] * values[:found]
    for axis in range(2):
        if len(points) and points[np.abs(points[:, axis]).argmax(), axis] < 0:
            points[:, axis] *= -1
    total = float((values**2).sum())
    share = float((values[:2] ** 2).sum()) / total if total else 0.0
    return Map(points, ("first principal component", "second principal component"), share)


def along(vectors: NDArray[np.floating], words: Words, pairs: tuple[tuple[str, str], tuple[str, str]]) -> Map:
    """Coordinates along the differences of two pairs of words: x grows from the first word of pair 1 to the second.

    Vectors are taken at length 1, so a coordinate is the cosine to the difference times its length. Raises TuiLmError
    for a word without a vector.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units = np.asarray(vectors, np.float64) / np.where(lengths == 0, 1, lengths)
    directions = []
    for first, second in pairs:
        difference = words.unit(second) - words.unit(first)
        length = float(np.linalg.norm(difference))
        if length < 1e-6:
            raise TuiLmError(f"{first} and {second} have the same vector", "choose another pair of words", 2)
        directions.append(difference / length)
    basis = np.stack(directions)
    points: Points = units @ basis.T
    centred = units - units.mean(axis=0)
    across = np.linalg.svd(basis, full_matrices=False)[2]
    total = float((centred**2).sum())
    share = float(((centred @ across.T) ** 2).sum()) / total if total else 0.0
    return Map(points, (f"{pairs[0][0]} → {pairs[0][1]}", f"{pairs[1][0]} → {pairs[1][1]}"), share)


def parse_pairs(text: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """The axes in "he:she,small:large". Raises TuiLmError for anything but two pairs."""
    pairs = [tuple(word.strip() for word in pair.split(":")) for pair in text.split(",")]
    if len(pairs) != 2 or any(len(pair) != 2 or not all(pair) for pair in pairs):
        raise TuiLmError("the axes are not two pairs of words", "write for example he:she,small:large", exit_code=2)
    (a, b), (c, d) = pairs
    return (a, b), (c, d)
