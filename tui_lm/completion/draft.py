"""A message while it is typed: caches the completions of each of its beginnings, so that backspace costs nothing."""

from __future__ import annotations

from dataclasses import dataclass

from tui_lm.completion.lexicon import Lexicon
from tui_lm.completion.marks import Marks
from tui_lm.completion.mixture import Mixture
from tui_lm.completion.ngrams import Ngrams
from tui_lm.completion.prefix import MessageStates, Network, frontiers
from tui_lm.completion.search import Found, Limits, search
from tui_lm.completion.suggestion import Candidate
from tui_lm.completion.words import cursor
from tui_lm.redaction import holds_placeholder
from tui_lm.tokenizers.stream import WritingContext

MOST_TEXTS = 2048  # beginnings that are cached


@dataclass(frozen=True, slots=True)
class Ends:
    """The possible ends of a token: `candidates`, most probable first; `complete`: P(the token is whole already)."""

    candidates: tuple[Candidate, ...]
    complete: float


class Draft:
    """The completions of one message, valid until something is learned. The text of `context` is not used."""

    def __init__(
        self,
        network: Network | None,
        ngrams: Ngrams | None,
        limits: Limits,
        context: WritingContext,
        lexicon: Lexicon,
    ) -> None:
        self.states = None if network is None else MessageStates(network, context)
        self.lexicon = lexicon
        self._limits = limits
        self._mixture = None if ngrams is None else Mixture(ngrams, context)
        self._marks = None if ngrams is None else Marks(ngrams)
        self._ends: dict[str, Ends] = {}

    def ends(self, text: str) -> Ends:
        """The possible ends of the last token of `text`, a beginning of the message."""
        ends = self._ends.get(text)
        if ends is None:
            if len(self._ends) >= MOST_TEXTS:
                self._ends.clear()
            ends = self._ends[text] = self._search(text)
        return ends

    def _search(self, text: str) -> Ends:
        at, found = cursor(text), Found()
        if self.states is not None:
            for frontier in frontiers(self.states, at, self._limits):
                search(self.states.engine.runtime, self.states.spelling, frontier, self._limits, found, at.token)
        if self._mixture is not None:
            found = self._mixture.mix(at, found)
        ranked = sorted(found.units.items(), key=lambda unit: (-unit[1], unit[0]))
        candidates = [
            Candidate(at.token + unit, chance)
            for unit, chance in ranked
            if chance >= self._limits.floor and not holds_placeholder(unit) and self.lexicon.allows(at.token + unit)
        ]
        if self._marks is not None:
            candidates = self._marks.extend(at.before, candidates)
        return Ends(tuple(candidates), found.complete)
