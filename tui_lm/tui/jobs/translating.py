"""What can be asked of a translator: one line after the other, each as it is ready."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from tui_lm.tui.jobs.backend import Purpose
from tui_lm.tui.jobs.inference import Job

if TYPE_CHECKING:
    from tui_lm.translation import Translation, Translator

UNSURE = 0.3  # probability of a token under which its word is marked
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Line:
    """A line as it is shown. `weights` [target words][source words] say where the network looked, where it looks."""

    source: str
    text: str
    source_words: Spans = ()
    words: Spans = ()
    weights: tuple[tuple[float, ...], ...] = ()
    unsure: frozenset[int] = frozenset()  # words of `text`

    def aligned(self, column: int) -> list[tuple[int, float]]:
        """Words of `text`, each with its weight on the source word at `column`."""
        for place, (start, end) in enumerate(self.source_words):
            if start <= column <= end:
                return [(word, row[place]) for word, row in enumerate(self.weights)]
        return []


@dataclass
class Translated(Message):
    revision: int
    line: Line


@dataclass(frozen=True)
class Translate(Job):
    purpose: ClassVar[Purpose] = "translation"
    lasting: ClassVar[bool] = True
    lines: Sequence[str]

    def run(self, model: Translator) -> Iterator[Message]:
        for line in self.lines:
            yield Translated(self.revision, shown(model.translate(line)))


def shown(answer: Translation) -> Line:
    """Words are counted in the line as the user wrote it, which the network may have read a little differently."""
    from tui_lm.translation.alignment import words

    places, origin = words(answer.text), words(answer.source)
    weights = answer.words()
    fits = weights is not None and weights.shape == (len(places), len(origin))
    unsure: set[int] = set()
    at = 0
    for token, probability in zip(answer.tokens, answer.probabilities, strict=False):
        if probability < UNSURE and token.strip():
            middle = at + len(token) - len(token.lstrip())
            unsure.update(place for place, (start, end) in enumerate(places) if start <= middle < end)
        at += len(token)
    return Line(
        answer.source,
        answer.text,
        tuple(origin),
        tuple(places),
        tuple(tuple(float(weight) for weight in row) for row in weights) if fits and weights is not None else (),
        frozenset(unsure),
    )
