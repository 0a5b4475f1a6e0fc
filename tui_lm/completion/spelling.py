"""What the tokens of a tokenizer are made of, seen from the end of a word: classes, and common beginnings."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from tui_lm.completion.words import Kind, run_kind
from tui_lm.redaction import begins_placeholder
from tui_lm.runtime import Logits
from tui_lm.sampling import Floats, softmax
from tui_lm.tokenizers.specials import END
from tui_lm.tokenizers.tokenizer import Tokenizer

ABSENT, PART = -1, 4  # beside the kinds: no text at all; bytes of a part of a character


class Spelling:
    """The vocabulary V of a tokenizer, sorted by how a token starts.

    `ends` [K, V]: whether a token ends a run of kind k (one that may come to an end there).
    `continues` [K, V]: whether a token carries a unit on whose last run is of kind k; k = SPACE is a unit not begun.
    `newlines`: the tokens that hold one.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        surfaces = tokenizer.surfaces
        self.surfaces = surfaces
        self.spaced_start = tokenizer.spaced_start
        specials = len(tokenizer.specials)
        starts = np.full(len(surfaces), ABSENT, dtype=np.int8)
        self.whole = np.full(len(surfaces), ABSENT, dtype=np.int8)
        for token in range(specials, len(surfaces)):
            try:
                text = surfaces[token].decode("utf-8", "surrogatepass")
            except UnicodeDecodeError:
                if surfaces[token][:1].isspace():
                    starts[token] = Kind.SPACE
                else:
                    starts[token] = self.whole[token] = PART
                continue
            starts[token] = _first_kind(text)
            kind = run_kind(text)
            self.whole[token] = ABSENT if kind is None else kind
        starts[END] = Kind.SPACE
        self._barred = np.where(starts == ABSENT, -np.inf, 0.0)
        self._refused = np.array([i for i, surface in enumerate(surfaces) if begins_placeholder(surface)], np.intp)
        self.newlines = np.array([i for i, surface in enumerate(surfaces) if b"\n" in surface], np.intp)
        space = starts == Kind.SPACE
        self.ends = np.stack([np.zeros_like(space), space, space | (starts == Kind.OTHER)])
        run = {kind: self.whole == kind for kind in (Kind.OTHER, Kind.WORD, Kind.EXTEND, PART)}
        any_run = run[Kind.OTHER] | run[Kind.WORD] | run[PART]
        self.continues = np.stack([any_run, any_run | run[Kind.EXTEND], run[Kind.WORD] | run[Kind.EXTEND] | run[PART]])
        self._sorted = sorted(range(specials, len(surfaces)), key=lambda token: surfaces[token])
        self._keys = [surfaces[token] for token in self._sorted]
        self._ids = {surface: token for surface, token in zip(self._keys, self._sorted, strict=True) if surface}
        self._longest = max(map(len, self._keys), default=0)

    def probabilities(self, logits: Logits) -> Floats:
        """P [..., V] of what may come next. Tokens that are no text and no end of a message share none of it.

        Placeholders of redaction are refused too, and what they would have had is missing: where a number should
        come nothing else gets likely.
        """
        every = softmax(logits + self._barred)
        every[..., self._refused] = 0.0
        return every

    def starting_with(self, beginning: bytes) -> list[int]:
        """Tokens whose surface begins with `beginning`, itself among them."""
        low = bisect_left(self._keys, beginning)
        return self._sorted[low : bisect_left(self._keys, beginning + b"\xff" * 4, low)]

    def beginnings_of(self, text: bytes) -> list[int]:
        """Tokens that are a beginning of `text`, but not all of it."""
        ids = (self._ids.get(text[:length]) for length in range(1, min(len(text), self._longest + 1)))
        return [token for token in ids if token is not None]


def _first_kind(text: str) -> int:
    kind = run_kind(text[:1])
    return ABSENT if kind is None else kind
