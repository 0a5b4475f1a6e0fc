"""Words and their vectors: neighbours by cosine, sums of words, and vectors of unknown words where n-grams allow it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import WordVectors
from tui_lm.checkpoint import SavedModel
from tui_lm.errors import TuiLmError
from tui_lm.safe_text import visible_line
from tui_lm.tokenizers.tokenizer import text_of
from tui_lm.vectors.subwords import composed, subwords

Floats = NDArray[np.float32]
TABLES = ("embedding.weight", "model.embed_tokens.weight", "transformer.wte.weight")  # of the families
SPELLINGS = 50_000  # the most frequent words among which a near spelling is looked for
OFFERED = 3  # near spellings
OF_CHARACTERS = 10  # the first tokens are characters in a model of characters only


@dataclass(frozen=True, slots=True)
class Neighbour:
    word: str
    cosine: float


class Words:
    """`names` in order of frequency and their `matrix` [V, D]. `compose` makes the vector of an unknown word, or None.

    The array may be a view of a file, so it is never written to.
    """

    def __init__(
        self, names: Sequence[str], matrix: Floats, compose: Callable[[str], Floats | None] = lambda word: None
    ) -> None:
        self.names, self.matrix, self._compose = names, matrix, compose

    @classmethod
    def of(cls, model: SavedModel) -> Words:
        """The vectors of a table of words, or the embeddings of the whole tokens of any other model."""
        shape, tokenizer = model.card.architecture, model.tokenizer
        table = next(model.weights[name] for name in TABLES if name in model.weights)
        if isinstance(shape, WordVectors):
            first = len(tokenizer.specials)
            names = [text_of(surface) for surface in tokenizer.surfaces[first:]]
            return cls(names, table[first:], _composer(model, shape))
        spelled: dict[str, int] = {}
        for token in range(len(tokenizer.specials), tokenizer.vocab_size):
            text = text_of(tokenizer.surfaces[token])
            if text.strip() and (text.startswith(" ") or text not in spelled):  # a word's first token has the space
                spelled[text.strip()] = token
        return cls(list(spelled), np.asarray(table)[list(spelled.values())])

    @cached_property
    def ids(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.names)}

    @cached_property
    def lengths(self) -> Floats:
        """The lengths [V] of the vectors; 1 for a vector of zeros."""
        found = np.linalg.norm(self.matrix, axis=1)
        found[found == 0] = 1
        lengths: Floats = found.astype(np.float32)
        return lengths

    def find(self, word: str) -> Floats | None:
        """The vector [D] of a word as it is written, else in lower case, else composed; None if there is none."""
        for spelling in (word, word.lower()):
            if spelling in self.ids:
                found: Floats = np.asarray(self.matrix[self.ids[spelling]])
                return found
        return self._compose(word)

    def vector(self, word: str) -> Floats:
        """As `find`. Raises TuiLmError with near spellings for a word without a vector."""
        found = self.find(word)
        if found is None:
            near = difflib.get_close_matches(word.lower(), self.names[:SPELLINGS], n=OFFERED)
            hint = f"did you mean {' or '.join(map(visible_line, near))}?" if near else "choose a more frequent word"
            if all(len(name) == 1 for name in self.names[:OF_CHARACTERS]):
                hint = "its tokens are characters; word vectors and models of words have words"
            raise TuiLmError(f"there is no vector for {visible_line(word)}", hint)
        return found

    def unit(self, word: str) -> Floats:
        """The vector of a word at length 1."""
        vector = self.vector(word)
        return vector / max(1e-12, float(np.linalg.norm(vector)))

    def cosines(self, vector: Floats) -> Floats:
        """The cosine [V] of every word to a vector."""
        scale = self.lengths * max(1e-12, float(np.linalg.norm(vector)))
        found: Floats = (self.matrix @ vector) / scale
        return found

    def nearest(self, vector: Floats, count: int, without: Collection[str] = ()) -> list[Neighbour]:
        """The words with the largest cosine, without those of `without`."""
        cosines = self.cosines(vector)
        left_out = {spelling for word in without for spelling in (word, word.lower())}
        most = min(len(cosines), count + len(left_out))
        if most == 0:
            return []
        best = np.argpartition(-cosines, most - 1)[:most]
        ordered = best[np.lexsort((best, -cosines[best]))]
        found = [Neighbour(self.names[i], float(cosines[i])) for i in ordered if self.names[i] not in left_out]
        return found[:count]


def _composer(model: SavedModel, shape: WordVectors) -> Callable[[str], Floats | None]:
    if not shape.buckets:
        return lambda word: None
    table, lowercase = model.weights["ngrams.weight"], getattr(model.tokenizer, "lowercase", False)

    def compose(word: str) -> Floats | None:
        spelling = word.lower() if lowercase else word
        grams = subwords([spelling], shape.shortest, shape.longest, shape.buckets)
        found: Floats = composed(table, grams)[0]
        return found if len(grams.rows) and found.any() else None

    return compose
