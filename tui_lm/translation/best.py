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
    of the best can be; what is over it is little more than k tokens. Stripes come of folding a row in the middle again
    and again, which vector units do at the speed of memory; a token that no stripe holds is compared all the same.
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
    place = maxima.shape[1] - k
    threshold = np.partition(maxima, place, axis=1)[:, place]
    row, token = np.divmod(np.flatnonzero(logits >= threshold[:, None]), vocabulary)
    order = np.lexsort((token, -logits[row, token], row))
    counts = np.bincount(row, minlength=rows)
    starts = np.cumsum(counts) - counts
    best: Indices = token[order[starts[:, None] + np.arange(k)]]
    return best


def log_sum_exp(logits: Logits) -> NDArray[np.floating]:
    """log of the sum of exp over the last axis: logits [R, V] less this [R, 1] are log-probabilities."""
    peak = logits.max(axis=-1, keepdims=True)
    shares = logits - peak
    total: NDArray[np.floating] = peak + np.log(np.exp(shares, out=shares).sum(axis=-1, keepdims=True))
    return total
