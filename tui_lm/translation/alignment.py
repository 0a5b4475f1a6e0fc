"""Which word of the source a word of the answer comes from, as the attention has it.

A word is what stands between spaces; of Chinese and Japanese, which write none, a character. Shapes: T target tokens,
S source tokens, m and n words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Span = tuple[int, int]
Weights = NDArray[np.floating[Any]]

UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # kana and Han
WORD = re.compile(rf"[{UNSPACED}]|[^\s{UNSPACED}]+")
SHADES = " ·░▒▓█"
WIDEST = 16  # columns of a word in a picture


def words(text: str) -> list[Span]:
    """Where the words of a text stand, in characters."""
    return [match.span() for match in WORD.finditer(text)]


def word_weights(weights: Weights, target: Sequence[Span], source: Sequence[Span], text: str, origin: str) -> Weights:
    """Weights [T, S] of tokens, which stand at these places of the answer `text` and of `origin`, as those of words.

    Of a word of several tokens: the sum over its part of the source, the mean over its part of the target. [m, n]
    """
    return _members(target, words(text), mean=True) @ weights @ _members(source, words(origin), mean=False).T


def _members(tokens: Sequence[Span], places: Sequence[Span], *, mean: bool) -> Weights:
    """Whether a token is in a word [words, tokens]; with `mean` a row sums to 1."""
    inside = np.array(
        [[start < end and token[0] < end and start < token[1] for token in tokens] for start, end in places]
    )
    members = inside.reshape(len(places), len(tokens)).astype(np.float64)
    if mean:
        members /= np.maximum(members.sum(axis=1, keepdims=True), 1)
    return members


def links(weights: Weights) -> list[tuple[int, int]]:
    """Pairs (source word, target word): each target word with the source word that it looked at most. Of [m, n]."""
    if not weights.size:
        return []
    return sorted((int(row.argmax()), place) for place, row in enumerate(weights) if row.max() > 0)


def pharaoh(pairs: Sequence[tuple[int, int]]) -> str:
    """The format of the aligners of statistical translation: `0-0 1-2`, source before target, counted from 0."""
    return " ".join(f"{source}-{target}" for source, target in pairs)


def picture(weights: Weights, target: Sequence[str], source: Sequence[str]) -> str:
    """Weights [m, n] as a table for a terminal: a row a word of the answer, a column a word of the source."""
    from rich.cells import cell_len, set_cell_size

    columns = [min(WIDEST, max(2, cell_len(word))) for word in source]
    first = min(WIDEST, max((cell_len(word) for word in target), default=0))
    lines = [
        " ".join([" " * first, *(set_cell_size(word, width) for word, width in zip(source, columns, strict=True))])
    ]
    for word, row in zip(target, weights, strict=True):
        shades = (SHADES[min(len(SHADES) - 1, int(weight * len(SHADES)))] for weight in row)
        cells = (shade * 2 + " " * (width - 2) for shade, width in zip(shades, columns, strict=True))
        lines.append(" ".join([set_cell_size(word, first), *cells]))
    return "\n".join(line.rstrip() for line in lines)
