"""Multinomial logistic regression over the n-grams of a text, weighted by TF-IDF.

An n-gram that occurs n times in a text, and in d of N training texts, has the value (1 + log n) (1 + log((1 + N) /
(1 + d))). The values of n-grams of words have length 1 together, and so have those of characters.

Shapes: F n-grams, L labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm import tensor_file
from tui_lm.errors import DAMAGE, TuiLmError
from tui_lm.linear.hashing import Hashes
from tui_lm.linear.text_features import features_of, words_of

FILE = "linear.safetensors"
KINDS = ("words", "characters")
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The n-grams of one kind that a model knows: sorted hashes [F], and a factor for each [F]."""

    keys: Hashes
    idf: Array

    @classmethod
    def of(cls, texts: Sequence[Hashes], least: int) -> Vocabulary:
        """The n-grams that occur in at least `least` of the training texts."""
        distinct = [np.unique(text) for text in texts]
        keys, counts = np.unique(np.concatenate(distinct), return_counts=True)
        known = counts >= least
        idf = 1 + np.log((1 + len(texts)) / (1 + counts[known]))
        return cls(keys[known], idf.astype(np.float32))

    def values(self, text: Hashes) -> tuple[NDArray[np.intp], Array]:
        """The rows of the n-grams of a text that are known, and their values, which have length 1 together."""
        found, counts = np.unique(text, return_counts=True)
        rows = self.rows(found)
        known = rows >= 0
        rows = rows[known]
        values = (1 + np.log(counts[known])) * self.idf[rows]
        length = float(np.sqrt((values * values).sum()))
        return rows, (values / length if length else values).astype(np.float32)

    def rows(self, hashes: Hashes) -> NDArray[np.intp]:
        """The row of each hash, -1 for one that is not known."""
        if not len(self.keys):
            return np.full(len(hashes), -1)
        at = np.minimum(np.searchsorted(self.keys, hashes), len(self.keys) - 1)
        result: NDArray[np.intp] = np.where(self.keys[at] == hashes, at, -1)
        return result


@dataclass(frozen=True, slots=True)
class LinearTextModel:
    """`weights` [F, L]: the rows of the words' n-grams, then those of the characters'. `bias` [L]."""

    vocabularies: tuple[Vocabulary, Vocabulary]
    weights: Array
    bias: Array

    def values(self, text: str) -> tuple[NDArray[np.intp], Array]:
        """The rows of `weights` that a text has, and their values."""
        return values_of(self.vocabularies, text)

    def logits(self, text: str) -> Array:
        """The logits [L] of a text; the bias for a text without known n-grams."""
        rows, values = self.values(text)
        result: Array = values @ self.weights[rows] + self.bias
        return result

    def by_word(self, text: str) -> list[tuple[int, int, Array]]:
        """(begin, end, what the word adds to the logits [L]) of each word in `text`, as a single word."""
        words = self.vocabularies[0]
        rows, values = words.values(features_of(text)[0])
        known = dict(zip(rows.tolist(), values.tolist(), strict=True))
        added = []
        for begin, end, mark in words_of(text):
            row = int(words.rows(np.array([mark], np.uint64))[0])
            none = np.zeros_like(self.bias)
            added.append((begin, end, none if row < 0 else self.weights[row] * np.float32(known[row])))
        return added

    def save(self, folder: Path) -> None:
        """Raises OSError on a full disk."""
        from safetensors.numpy import save_file

        arrays: dict[str, NDArray[Any]] = {"weights": self.weights, "bias": self.bias}
        for kind, vocabulary in zip(KINDS, self.vocabularies, strict=True):
            arrays |= {f"{kind}.keys": vocabulary.keys, f"{kind}.idf": vocabulary.idf}
        save_file(arrays, folder / FILE)

    @classmethod
    def load(cls, folder: Path, labels: int) -> LinearTextModel:
        """Memory-mapped. Raises TuiLmError for a file that is missing, damaged or of another number of labels."""
        try:
            arrays = tensor_file.mapped(folder / FILE)
            words, characters = (Vocabulary(arrays[f"{kind}.keys"], arrays[f"{kind}.idf"]) for kind in KINDS)
            model = cls((words, characters), arrays["weights"], arrays["bias"])
            if model.weights.shape != (len(words.keys) + len(characters.keys), labels) or len(model.bias) != labels:
                raise ValueError
        except (OSError, *DAMAGE) as error:
            raise TuiLmError(f"{FILE} of the model is missing or damaged", "train the model again") from error
        return model


def values_of(vocabularies: tuple[Vocabulary, Vocabulary], text: str) -> tuple[NDArray[np.intp], Array]:
    """The rows and values of a text, n-grams of words first."""
    (word_rows, word_values), (character_rows, character_values) = (
        vocabulary.values(hashes) for vocabulary, hashes in zip(vocabularies, features_of(text), strict=True)
    )
    rows = np.concatenate([word_rows, character_rows + len(vocabularies[0].keys)])
    return rows, np.concatenate([word_values, character_values])
