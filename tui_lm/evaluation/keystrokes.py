"""Keystroke savings of simulated typists who accept every correct suggestion that they see (Trnka & McCoy 2008).

The reading typist reads the n suggestions before every key. The glancing typist types in bursts, and reads them before
a word and after every third key within it: a key takes 120 ms, a look 250 to 400 ms. Both accept the longest correct
suggestion that they read, and so refuse the others for this token. Accepting costs one key and inserts a space after
the word; that space is free if the message has one there, and a mark may replace it. Sending is not counted; case
matters. A suggestion is correct if the message continues with it and a word ends there.
KSR = 1 - keys with suggestions / keys without.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from tui_lm.completion.words import WORD, WORD_RUN, ends_word

Suggest = Callable[[str, Sequence[str]], Sequence[str]]
"""Returns the suggestions for the token being typed, best first, given the message so far and the words refused."""

READING, GLANCING = 1, 3  # keys from one look at the suggestions to the next


@dataclass(slots=True)
class Typist:
    """Types messages with `n` suggestions, reading them at every `every`-th key of a word, and counts the keys."""

    n: int
    every: int = READING
    spent: list[int] = field(default_factory=list)  # keys per message
    lengths: list[int] = field(default_factory=list)  # characters per message
    words: int = 0  # words predicted before their first letter
    first: int = 0  # of these, words that the first suggestion had right
    any: int = 0  # of these, words that any suggestion had right

    def type(self, text: str, suggest: Suggest) -> None:
        """Type one message, calling `suggest` before every key except white space."""
        keys = position = token = typed = 0
        refused: list[str] = []
        while position < len(text):
            if text[position].isspace():
                keys += 1
                position += 1
                token, typed, refused = position, 0, []
                continue
            offered = [word.rstrip(" ") for word in suggest(text[:position], refused)[: self.n]]
            best = 0
            if typed % self.every == 0:
                right = [end for word in offered if (end := _reach(text, token, position, word))]
                best = max(right, default=0)
                if token == position and WORD.match(text[position]):
                    self.words += 1
                    self.any += bool(right)
                    self.first += bool(right) and _reach(text, token, position, offered[0]) > 0
                refused = [*refused, *(word for word in offered if word not in refused)]
            free_space = text[best : best + 1] == " "
            keys += 1
            if best and best - position + free_space > 1:
                position = best + free_space
                typed, refused = 0, []
                if free_space or text[best : best + 1].isspace():
                    token = position
            else:
                position += 1
                typed += 1
        self.spent.append(keys)
        self.lengths.append(len(text))

    @property
    def savings(self) -> float | None:
        """KSR in per cent."""
        total = sum(self.lengths)
        return 100.0 * (total - sum(self.spent)) / total if total else None

    def interval(self, samples: int = 1000, seed: int = 0) -> tuple[float, float] | None:
        """95 % bootstrap interval of the savings over messages (Efron 1979)."""
        if not sum(self.lengths):
            return None
        spent, lengths = np.array(self.spent), np.array(self.lengths)
        chosen = np.random.default_rng(seed).integers(len(spent), size=(samples, len(spent)))
        total = lengths[chosen].sum(axis=1)
        savings = 100.0 * (total - spent[chosen].sum(axis=1)) / np.maximum(total, 1)
        low, high = np.quantile(savings, (0.025, 0.975))
        return float(low), float(high)


def _reach(text: str, token: int, position: int, word: str) -> int:
    """The end in `text` of the suggestion `word` for the token that begins at `token` if it is correct, else 0."""
    end = token + len(word)
    return end if end > position and text.startswith(word, token) and ends_word(text, end) else 0


def limit(texts: Sequence[str]) -> float | None:
    """The savings in per cent of an oracle that always suggests the next word: one key per word, spaces free."""
    total = sum(map(len, texts))
    keys = sum(map(_oracle_keys, texts))
    return 100.0 * (total - keys) / total if total else None


def _oracle_keys(text: str) -> int:
    keys = position = 0
    while position < len(text):
        keys += 1
        word = WORD_RUN.match(text, position)
        position = word.end() if word else position + 1
        if word and text[position : position + 1] == " ":
            position += 1
    return keys
