"""Which words of a text mattered for a label, by several methods, each beside the others.

- attention: the share of the word's states in the pooled vector of the network. It says what the network looked at.
- erasure: by how much the log-probability of the label falls without the word (Li, Monroe & Jurafsky 2016).
- gradient x input of the network's log-probability of the label: the effect of a small change. It needs torch.
- linear: what the word adds to the logit of the label in the linear model, less the mean over all labels.

Attention is not an explanation (Jain & Wallace 2019): where the methods disagree, erasure measures the effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_lm.classification.classifier import TextClassifier
from tui_lm.classification.tokens import normalised, text_ids
from tui_lm.tokenizers import Tokenizer

Array = NDArray[np.floating]
MOST_WORDS = 200  # of a text whose words are left out one by one


@dataclass(frozen=True, slots=True)
class WordImportance:
    """A word, its span in the text, and its importance by each method."""

    word: str
    span: tuple[int, int]
    attention: float
    erasure: float
    linear: float
    gradient: float | None = None  # gradient x input, computed on request in a process with torch


def important_words(classifier: TextClassifier, text: str, label: str | None = None) -> list[WordImportance]:
    """The words of `text` in their order, for `label` or for the most probable one. Raises ValueError for another."""
    words = classifier.linear.by_word(text)[:MOST_WORDS]
    if not words:
        return []
    spans = [(begin, end) for begin, end, _ in words]
    without = [text[:begin] + text[end:] for begin, end in spans]
    p = classifier.probabilities([text, *without])
    number = int(p[0].argmax()) if label is None else classifier.labels.index(label)
    logs = np.log(np.maximum(p[:, number], 1e-12))
    _, shares = classifier.network.read([text_ids(classifier.tokenizer, text)])
    attention = by_word(classifier.tokenizer, text, spans, shares[:, 0])
    return [
        WordImportance(
            text[begin:end],
            (begin, end),
            attention[at],
            float(logs[0] - logs[at + 1]),
            float(added[number] - added.mean()),
        )
        for at, (begin, end, added) in enumerate(words)
    ]


def by_word(
    tokenizer: Tokenizer, text: str, spans: Sequence[tuple[int, int]], values: Sequence[float] | Array
) -> list[float]:
    """The values of the tokens of `text_ids`, each added to the word in `spans` that it overlaps most."""
    found = [0.0] * len(spans)
    inner = values[1:-1]  # without `<s>` and `</s>`
    for (begin, end), value in zip(tokenizer.spans(normalised(tokenizer.name, text)), inner, strict=False):
        overlaps = [min(end, last) - max(begin, first) for first, last in spans]
        best = int(np.argmax(overlaps))
        if overlaps[best] > 0:
            found[best] += float(value)
    return found
