"""Word alignment: which source word each word of the translation comes from, read off the attention weights.

Words are separated by spaces. In Chinese and Japanese, which have no spaces, each character is a word. Shapes: T target
tokens, S source tokens, m target words, n source words.
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
WIDEST = 16  # terminal cells per word in a picture


def words(text: str) -> list[Span]:
    """The spans of the words of a text, in characters."""
    return [match.span() for match in WORD.finditer(text)]


def word_weights(weights: Weights, target: Sequence[Span], source: Sequence[Span], text: str, origin: str) -> Weights:
    """Word-level weights [m, n] from token-level weights [T, S].

    `target` and `source` are the tokens' spans in the translation `text` and in the source `origin`. Weights are summed
    over the tokens of a source word and averaged over the tokens of a target word.
    """
    return _membership(target, words(text), mean=True) @ weights @ _membership(source, words(origin), mean=False).T


def _membership(tokens: Sequence[Span], spans: Sequence[Span], *, mean: bool) -> Weights:
    """The membership matrix [words, tokens]: 1 where a token is part of a word. With `mean`, each row sums to 1."""
    inside = np.array(
        [[start < end and token[0] < end and start < token[1] for token in tokens] for start, end in spans]
    )
    members = inside.reshape(len(spans), len(tokens)).astype(np.float64)
    if mean:
        members /= np.maximum(members.sum(axis=1, keepdims=True), 1)
    return members


def links(weights: Weights) -> list[tuple[int, int]]:
    """Pairs (source word, target word) from weights [m, n]: each target word with its source word of most weight."""
    if not weights.size:
        return []
    return sorted((int(row.argmax()), target) for target, row in enumerate(weights) if row.max() > 0)


def pharaoh(pairs: Sequence[tuple[int, int]]) -> str:
    """The Pharaoh format of word aligners: `0-0 1-2`, source before target, counted from 0."""
    return " ".join(f"{source}-{target}" for source, target in pairs)


def picture(weights: Weights, target: Sequence[str], source: Sequence[str]) -> str:
    """Weights [m, n] as a table for a terminal: one row per target word, one column per source word."""
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
