"""The best tokens of each row of logits, without sorting a vocabulary."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tui_lm.runtime import Logits

Indices = NDArray[np.intp]
STRIPES = 64  # at least; with more the threshold is tighter and costs more to compute


def best_tokens(logits: Logits, k: int) -> Indices:
    """The k best tokens [R, k] of logits [R, V], best first; among equals the lower id comes first.

    Each row is divided into disjoint stripes. The k-th greatest of the stripes' maxima is a threshold that the k best
    tokens reach and few others do, so only those are sorted. Stripes are made by folding a row in the middle again and
    again, which runs at the speed of memory; a token outside all stripes is compared with the threshold as well.
    """
    rows, vocabulary = logits.shape
    k = min(k, vocabulary)
    stripes = max(STRIPES, 8 * k)
    if vocabulary < 2 * stripes:
        return np.argsort(-logits, axis=1, kind="stable")[:, :k]
    maxima = logits
    while maxima.shape[1] >= 2 * stripes:
        half = maxima.shape[1] // 2
        maxima = np.maximum(maxima[:, :half], maxima[:, half : 2 * half])
    rank = maxima.shape[1] - k
    threshold = np.partition(maxima, rank, axis=1)[:, rank]
    row, token = np.divmod(np.flatnonzero(logits >= threshold[:, None]), vocabulary)
    order = np.lexsort((token, -logits[row, token], row))
    counts = np.bincount(row, minlength=rows)
    starts = np.cumsum(counts) - counts
    best: Indices = token[order[starts[:, None] + np.arange(k)]]
    return best


def log_sum_exp(logits: Logits) -> NDArray[np.floating]:
    """log sum exp over the last axis of logits [R, V]: [R, 1]. Logits minus this are log-probabilities."""
    peak = logits.max(axis=-1, keepdims=True)
    shares = logits - peak
    total: NDArray[np.floating] = peak + np.log(np.exp(shares, out=shares).sum(axis=-1, keepdims=True))
    return total
