"""The training text of word vectors: the ids of its known words, in the order of the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_lm.tokenizers.vocabulary import VocabularyTokenizer
from tui_lm.utterances import Utterance


@dataclass(frozen=True, slots=True)
class WordStream:
    """`words` [T] are numbered from 0, without the special tokens; `texts` [T] number the message of each word.

    `counts` [V] are the occurrences of each word.
    """

    words: NDArray[np.int64]
    texts: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, utterances: Sequence[Utterance], tokenizer: VocabularyTokenizer) -> WordStream:
        """Words that have no vector are left out, so that those on both sides of one become neighbours."""
        first = len(tokenizer.specials)
        encoded = [np.array(tokenizer.encode(utterance.text), np.int64) - first for utterance in utterances]
        words = np.concatenate([np.zeros(0, np.int64), *encoded])
        texts = np.repeat(np.arange(len(encoded)), [len(each) for each in encoded])
        return cls(words, texts, np.bincount(words, minlength=len(tokenizer.words)))

    def __len__(self) -> int:
        return len(self.words)

    def kept_share(self, subsampling: float) -> NDArray[np.float64]:
        """The probability [V] with which a word stays in the text.

        It is that of word2vec's program, sqrt(t / f) + t / f for a word with share f of the text; the paper leaves out
        the second term.
        """
        if subsampling <= 0 or not len(self):
            return np.ones(len(self.counts))
        ratio = subsampling * len(self) / np.maximum(self.counts, 1)
        kept: NDArray[np.float64] = np.minimum(1.0, np.sqrt(ratio) + ratio)
        return kept

    def noise(self, exponent: float) -> NDArray[np.float64]:
        """The cumulative distribution [V] from which negatives are drawn: frequency to a power."""
        weights = np.where(self.counts > 0, self.counts, 0).astype(np.float64)
        weights[weights > 0] **= exponent
        total: NDArray[np.float64] = weights.cumsum() / weights.sum()
        return total
