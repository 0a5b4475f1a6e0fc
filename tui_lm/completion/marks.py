"""Punctuation that almost surely follows a word ("Ann" -> "Ann:") is offered together with it."""

from __future__ import annotations

from tui_lm.completion.ngrams import Ngrams
from tui_lm.completion.suggestion import Candidate
from tui_lm.redaction import holds_placeholder

SURE = 0.5  # minimum P(mark | word)
MOST = 6  # candidates that are extended


class Marks:
    """Finds the mark after a word in everyone's n-grams; caches it for one message."""

    def __init__(self, ngrams: Ngrams) -> None:
        self._ngrams = ngrams
        self._known: dict[str, tuple[str, float]] = {}

    def extend(self, before: str, candidates: list[Candidate]) -> list[Candidate]:
        """`candidates` for the token after `before`, the best ones extended by a mark where one is sure."""
        return [self._extended(before, word) for word in candidates[:MOST]] + candidates[MOST:]

    def _extended(self, before: str, word: Candidate) -> Candidate:
        text = before + word.text
        if text not in self._known:
            token, probability = self._ngrams.likeliest_glued(self._ngrams.context(text))
            mark = self._ngrams.vocabulary.text_of(token) if probability >= SURE else ""
            self._known[text] = "" if holds_placeholder(mark) else mark, probability
        mark, probability = self._known[text]
        return Candidate(word.text + mark, word.probability * probability) if mark else word
