"""A linear-chain CRF over the features of words. Shapes: T words, F features, K tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tui_lm import tensor_file
from tui_lm.errors import DAMAGE, TuiLmError
from tui_lm.linear.hashing import Hashes
from tui_lm.linear.word_features import features_of

FILE = "linear.safetensors"
ARRAYS = ("keys", "weights", "first", "last", "transitions")
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LinearTagModel:
    """Sorted hashes of features [F], their weights [F, K]; scores of first, last, and tag i to j."""

    keys: Hashes
    weights: Array
    first: Array
    last: Array
    transitions: Array

    def scores(self, words: Sequence[str]) -> Array:
        """[T, K], T at least 1."""
        hashes, begins = features_of(words)
        rows = np.minimum(np.searchsorted(self.keys, hashes), len(self.keys) - 1)
        known = (self.keys[rows] == hashes)[:, None]
        result: Array = np.add.reduceat(np.where(known, self.weights[rows], 0), begins, axis=0)
        return result

    def save(self, folder: Path) -> None:
        """Raises OSError on a full disk."""
        from safetensors.numpy import save_file

        save_file({name: getattr(self, name) for name in ARRAYS}, folder / FILE)

    @classmethod
    def load(cls, folder: Path, tags: int) -> LinearTagModel:
        """Memory-mapped. Raises TuiLmError for a file that is missing, damaged or of another number of tags."""
        try:
            arrays = tensor_file.mapped(folder / FILE)
            model = cls(*(arrays[name] for name in ARRAYS))
            shapes = (model.weights.shape, model.first.shape, model.last.shape, model.transitions.shape)
            if shapes != ((len(model.keys), tags), (tags,), (tags,), (tags, tags)) or not len(model.keys):
                raise ValueError
        except (OSError, *DAMAGE) as error:
            raise TuiLmError(f"{FILE} of the model is missing or damaged", "train the model again") from error
        return model
