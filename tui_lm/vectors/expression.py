"""Sums of words: "king - man + woman" as the words that are added and those that are taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from tui_lm.errors import TuiLmError
from tui_lm.vectors.words import Floats, Neighbour, Words

SIGNS = {"+": 1.0, "-": -1.0, "\N{MINUS SIGN}": -1.0, "\N{EN DASH}": -1.0}


@dataclass(frozen=True, slots=True)
class Expression:
    """`terms` are words with the sign 1 or -1, in the order in which they were written."""

    terms: tuple[tuple[float, str], ...]

    @classmethod
    def parse(cls, texts: Sequence[str]) -> Self:
        """Words and signs, each an argument of its own or all in one text. A word without a sign is added.

        Raises TuiLmError for two signs in a row, a sign at the end, or no word.
        """
        terms: list[tuple[float, str]] = []
        sign: float | None = None
        for part in (part for text in texts for part in text.split()):
            if part in SIGNS:
                if sign is not None:
                    raise _malformed()
                sign = SIGNS[part]
            else:
                terms.append((1.0 if sign is None else sign, part))
                sign = None
        if sign is not None or not terms:
            raise _malformed()
        return cls(tuple(terms))

    @property
    def words(self) -> list[str]:
        return [word for _, word in self.terms]

    def __str__(self) -> str:
        written = " ".join(f"{'+' if sign > 0 else '-'} {word}" for sign, word in self.terms)
        return written.removeprefix("+ ")

    def vector(self, words: Words) -> Floats:
        """The sum of the words' vectors, each at length 1 (3CosAdd, Levy & Goldberg 2014). Raises TuiLmError."""
        total: Floats = np.sum([np.float32(sign) * words.unit(word) for sign, word in self.terms], axis=0)
        return total

    def neighbours(self, words: Words, count: int, *, own: bool = False) -> list[Neighbour]:
        """The words nearest to the sum. The words of the expression itself are left out unless `own`.

        They are nearly always the nearest ones, which is why they are left out by everybody who shows analogies.
        """
        return words.nearest(self.vector(words), count, without=() if own else self.words)


def _malformed() -> TuiLmError:
    return TuiLmError("this is no sum of words", "write one word, or for example: king - man + woman", exit_code=2)
