"""Properties of a tokenizer's tokens that completion needs: whether they end a word, and their common prefixes."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from tui_lm.completion.words import RunKind, run_kind
from tui_lm.redaction import begins_placeholder
from tui_lm.runtime import Logits
from tui_lm.sampling import Floats, softmax
from tui_lm.tokenizers.specials import END
from tui_lm.tokenizers.tokenizer import Tokenizer

ABSENT, PART = -1, 4  # besides the kinds: no text; bytes of a part of a character


class Spelling:
    """The vocabulary V of a tokenizer by the kinds of its tokens.

    `ends` [K, V]: whether a token ends a run of kind k.
    `continues` [K, V]: whether a token continues a unit whose last run is of kind k; k = SPACE: no run yet.
    `newlines`: the tokens that contain a newline.
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
                    starts[token] = RunKind.SPACE
                else:
                    starts[token] = self.whole[token] = PART
                continue
            starts[token] = _first_kind(text)
            kind = run_kind(text)
            self.whole[token] = ABSENT if kind is None else kind
        starts[END] = RunKind.SPACE
        self._barred = np.where(starts == ABSENT, -np.inf, 0.0)
        self._refused = np.array([i for i, surface in enumerate(surfaces) if begins_placeholder(surface)], np.intp)
        self.newlines = np.array([i for i, surface in enumerate(surfaces) if b"\n" in surface], np.intp)
        space = starts == RunKind.SPACE
        self.ends = np.stack([np.zeros_like(space), space, space | (starts == RunKind.OTHER)])
        run = {kind: self.whole == kind for kind in (RunKind.OTHER, RunKind.WORD, RunKind.EXTEND, PART)}
        any_run = run[RunKind.OTHER] | run[RunKind.WORD] | run[PART]
        self.continues = np.stack(
            [any_run, any_run | run[RunKind.EXTEND], run[RunKind.WORD] | run[RunKind.EXTEND] | run[PART]]
        )
        self._sorted = sorted(range(specials, len(surfaces)), key=lambda token: surfaces[token])
        self._keys = [surfaces[token] for token in self._sorted]
        self._ids = {surface: token for surface, token in zip(self._keys, self._sorted, strict=True) if surface}
        self._longest = max(map(len, self._keys), default=0)

    def probabilities(self, logits: Logits) -> Floats:
        """P [..., V] of the next token. Special tokens other than the end of a message have probability 0.

        Placeholders of redaction have probability 0 too, but the rest is not renormalised: where a number is due,
        other words do not become likely.
        """
        every = softmax(logits + self._barred)
        every[..., self._refused] = 0.0
        return every

    def starting_with(self, beginning: bytes) -> list[int]:
        """The tokens whose surface begins with `beginning`, or equals it."""
        low = bisect_left(self._keys, beginning)
        return self._sorted[low : bisect_left(self._keys, beginning + b"\xff" * 4, low)]

    def beginnings_of(self, text: bytes) -> list[int]:
        """The tokens whose surface is a proper prefix of `text`."""
        ids = (self._ids.get(text[:length]) for length in range(1, min(len(text), self._longest + 1)))
        return [token for token in ids if token is not None]


def _first_kind(text: str) -> int:
    kind = run_kind(text[:1])
    return ABSENT if kind is None else kind
