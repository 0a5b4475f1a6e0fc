"""The job of a translator: line by line, each shown as soon as it is ready."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from tui_lm.tui.jobs.backend import Purpose
from tui_lm.tui.jobs.inference import InferenceJob

if TYPE_CHECKING:
    from tui_lm.translation import Translation, Translator

UNSURE = 0.3  # a word with a token below this probability is marked
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Line:
    """A translated line. `weights` [target words][source words] are the attention weights, empty without attention."""

    source: str
    text: str
    source_words: Spans = ()
    words: Spans = ()
    weights: tuple[tuple[float, ...], ...] = ()
    unsure: frozenset[int] = frozenset()  # indices of words of `text`

    def aligned(self, column: int) -> list[tuple[int, float]]:
        """(index of a word of `text`, its weight on the source word at `column`) for each word."""
        for position, (start, end) in enumerate(self.source_words):
            if start <= column <= end:
                return [(word, row[position]) for word, row in enumerate(self.weights)]
        return []


@dataclass
class Translated(Message):
    revision: int
    line: Line


@dataclass(frozen=True)
class Translate(InferenceJob):
    purpose: ClassVar[Purpose] = "translation"
    lasting: ClassVar[bool] = True
    lines: Sequence[str]

    def run(self, model: Translator) -> Iterator[Message]:
        for line in self.lines:
            yield Translated(self.revision, shown(model.translate(line)))


def shown(answer: Translation) -> Line:
    """The words of the line as the user wrote it; the network may have normalised it. No weights if they do not fit."""
    from tui_lm.translation.alignment import words

    targets, sources = words(answer.text), words(answer.source)
    weights = answer.words()
    fits = weights is not None and weights.shape == (len(targets), len(sources))
    unsure: set[int] = set()
    at = 0
    for token, probability in zip(answer.tokens, answer.probabilities, strict=False):
        if probability < UNSURE and token.strip():
            middle = at + len(token) - len(token.lstrip())
            unsure.update(word for word, (start, end) in enumerate(targets) if start <= middle < end)
        at += len(token)
    return Line(
        answer.source,
        answer.text,
        tuple(sources),
        tuple(targets),
        tuple(tuple(float(weight) for weight in row) for row in weights) if fits and weights is not None else (),
        frozenset(unsure),
    )
