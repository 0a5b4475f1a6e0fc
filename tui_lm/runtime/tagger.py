"""The tagger in numpy. Shapes: T words, N sentences, U distinct words, K tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Tagger
from tui_lm.architecture.tagger import character_row
from tui_lm.runtime.cells import Array
from tui_lm.runtime.crf import Chain
from tui_lm.runtime.reader import Reader, padded


class TaggerRuntime:
    """`weights` are named and laid out as `Tagger.weights` says; their dtype is that of the arithmetic."""

    def __init__(self, architecture: Tagger, weights: Mapping[str, NDArray[Any]]) -> None:
        self.architecture = architecture
        self.embedding = weights["embedding.weight"]
        self.chain = Chain(weights["crf.first"], weights["crf.last"], weights["crf.transitions"])
        spec = architecture.spec
        self._characters = weights["characters.weight"]
        self._spelling = Reader.of(spec, weights, "spelling", 1, ("", "_reverse"))
        self._reader = Reader.of(spec, weights, "rnn", 1, architecture.directions)
        self._head = np.ascontiguousarray(weights["head.weight"].T)
        self._head_bias = weights["head.bias"]

    def scores(self, words: Sequence[Sequence[str]], ids: Sequence[Sequence[int]]) -> list[Array]:
        """The scores [T, K] of each sentence, for its words and their ids. A sentence has at least one word."""
        distinct = {word: number for number, word in enumerate(dict.fromkeys(word for row in words for word in row))}
        characters, word_lengths = padded([[character_row(c) for c in word] for word in distinct])
        spelled = self._spelling.read(self._characters[characters], word_lengths)[1]
        table, lengths = padded(ids)
        which, _ = padded([[distinct[word] for word in row] for row in words])
        x = np.concatenate([self.embedding[table], spelled[which]], axis=2)
        states = self._reader.read(x, lengths)[0]
        scores = states @ self._head + self._head_bias
        return [scores[:length, column] for column, length in enumerate(lengths)]
