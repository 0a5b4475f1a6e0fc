"""Which words of a text mattered for a label, by several methods, each beside the others.

- attention: the share of the word's states in the pooled vector of the network. It says what the network looked at.
- erasure: by how much the log-probability of the label falls without the word (Li, Monroe & Jurafsky 2016).
- linear: what the word adds to the logit of the label in the linear model, less the mean over all labels.

Attention is not an explanation (Jain & Wallace 2019): where the methods disagree, erasure measures the effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tui_lm.classification.classifier import TextClassifier
from tui_lm.classification.tokens import normalised, text_ids

MOST_WORDS = 200  # of a text whose words are left out one by one


@dataclass(frozen=True, slots=True)
class WordImportance:
    """A word, its span in the text, and its importance by each method."""

    word: str
    span: tuple[int, int]
    attention: float
    erasure: float
    linear: float


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
    attention = _attention(classifier, text, spans)
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


def _attention(classifier: TextClassifier, text: str, spans: Sequence[tuple[int, int]]) -> list[float]:
    """The shares of the tokens that overlap each span, summed."""
    tokenizer = classifier.tokenizer
    _, shares = classifier.network.read([text_ids(tokenizer, text)])
    tokens = tokenizer.spans(normalised(tokenizer.name, text))
    of_tokens = shares[1:-1, 0]  # without `<s>` and `</s>`
    found = [0.0] * len(spans)
    for (begin, end), share in zip(tokens, of_tokens, strict=False):
        overlaps = [max(0, min(end, last) - max(begin, first)) for first, last in spans]
        best = int(np.argmax(overlaps))
        if overlaps[best]:
            found[best] += float(share)
    return found
