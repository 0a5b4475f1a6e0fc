"""The best tokens of each row of logits, without sorting a vocabulary."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tui_lm.runtime import Logits

Indices = NDArray[np.intp]
STRIPES = 64  # at least; more make the threshold tighter and cost more to compare


def best_tokens(logits: Logits, k: int) -> Indices:
    """The k tokens of the greatest logits [R, V], best first and the lower id first among equals: [R, k].

    The k greatest of the maxima of disjoint stripes are k tokens, so the k-th of them is a threshold under which none
    of the best can be; what is over it is little more than k tokens.
    """
    rows, vocabulary = logits.shape
    k = min(k, vocabulary)
    stripes = max(STRIPES, 8 * k)
    if vocabulary < 2 * stripes:
        return np.argsort(-logits, axis=1, kind="stable")[:, :k]
    height = vocabulary // stripes
    maxima = logits[:, : height * stripes].reshape(rows, height, stripes).max(axis=1)
    threshold = np.partition(maxima, stripes - k, axis=1)[:, stripes - k]
    row, token = np.divmod(np.flatnonzero(logits >= threshold[:, None]), vocabulary)
    order = np.lexsort((token, -logits[row, token], row))
    counts = np.bincount(row, minlength=rows)
    starts = np.cumsum(counts) - counts
    best: Indices = token[order[starts[:, None] + np.arange(k)]]
    return best


def log_sum_exp(logits: Logits) -> NDArray[np.floating]:
    """log of the sum of exp over the last axis: logits [R, V] less this [R, 1] are log-probabilities."""
    peak = logits.max(axis=-1, keepdims=True)
    total: NDArray[np.floating] = peak + np.log(np.exp(logits - peak).sum(axis=-1, keepdims=True))
    return total
