"""A map of words: the vectors of a word, of a sum or of any words, with their neighbours, in two dimensions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui_lm.inspection.frame import Frame, Points
from tui_lm.safe_text import visible_line
from tui_lm.vectors import projection
from tui_lm.vectors.words import Words

Pairs = tuple[tuple[str, str], tuple[str, str]]


def word_map(words: Words, named: Sequence[str], others: Sequence[str] = (), pairs: Pairs | None = None) -> Frame:
    """The words `named`, which are marked, among `others`. The axes are principal components, or `pairs` of words.

    Raises TuiLmError for a word without a vector.
    """
    labels = list(dict.fromkeys([*named, *others]))
    units = np.stack([words.unit(label) for label in labels])
    drawn = projection.principal(units) if pairs is None else projection.along(units, words, pairs)
    axes = "their two principal components" if pairs is None else f"{drawn.axes[0]} and {drawn.axes[1]}"
    return Frame(
        "map",
        "Map of words",
        f"{len(labels)} words along {axes}, which hold {drawn.share:.0%} of the differences between them.",
        (
            Points(
                "",
                tuple(map(visible_line, labels)),
                drawn.points,
                drawn.axes[0],
                drawn.axes[1],
                marked=tuple(range(len(dict.fromkeys(named)))),
            ),
        ),
        "Two dimensions of many: words that are near on the map need not be near in the table; `similar` measures it.",
    )
