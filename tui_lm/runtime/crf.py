"""The linear-chain CRF in numpy: the best sequence of tags, and how probable each tag is. Shapes: T words, K tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_lm.runtime.cells import Array

NEVER = -1e4  # the score of a forbidden move: finite, so that no sum becomes NaN


@dataclass(frozen=True, slots=True)
class Chain:
    """Scores of the first tag [K], of the last tag [K], and of tag j after tag i [K, K]."""

    first: Array
    last: Array
    transitions: Array

    def allowing(self, tags: Sequence[str]) -> Chain:
        """The chain without moves that BIO forbids among these `tags`."""
        kinds = [tag[2:] if tag[:2] in ("B-", "I-") else None for tag in tags]
        inside = np.array([tag[:2] == "I-" for tag in tags])
        same = np.array([[kind is not None and kind == other for other in kinds] for kind in kinds])
        return Chain(
            np.where(inside, NEVER, self.first),
            self.last,
            np.where(inside[None] & ~same, NEVER, self.transitions),
        )

    def viterbi(self, scores: Array) -> tuple[list[int], float]:
        """The tags of the highest score for the words' scores [T, K], T at least 1, and that score (Viterbi 1967)."""
        best = self.first + scores[0]
        came_from = []
        for score in scores[1:]:
            moves = best[:, None] + self.transitions
            came_from.append(moves.argmax(axis=0))
            best = moves.max(axis=0) + score
        best = best + self.last
        tags = [int(best.argmax())]
        for before in reversed(came_from):
            tags.append(int(before[tags[-1]]))
        return tags[::-1], float(best.max())

    def marginals(self, scores: Array) -> NDArray[np.float64]:
        """The probability [T, K] of each tag at each word, over all sequences (the forward-backward algorithm)."""
        length = len(scores)
        forward = np.empty(scores.shape, np.float64)
        backward = np.empty(scores.shape, np.float64)
        forward[0], backward[-1] = self.first + scores[0], self.last
        for t in range(1, length):
            forward[t] = _log_sum_exp(forward[t - 1][:, None] + self.transitions, 0) + scores[t]
        for t in range(length - 2, -1, -1):
            backward[t] = _log_sum_exp(self.transitions + (scores[t + 1] + backward[t + 1]), 1)
        both = forward + backward
        both = np.exp(both - both.max(axis=1, keepdims=True))
        result: NDArray[np.float64] = both / both.sum(axis=1, keepdims=True)
        return result


def _log_sum_exp(values: Array, axis: int) -> Array:
    peak = values.max(axis=axis, keepdims=True)
    result: Array = np.log(np.exp(values - peak).sum(axis=axis)) + peak.squeeze(axis)
    return result
