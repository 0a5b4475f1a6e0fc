"""A message while it is typed: caches the completions of each of its beginnings, so that backspace costs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tui_lm.completion.lexicon import Lexicon
from tui_lm.completion.marks import Marks
from tui_lm.completion.mixture import Mixture
from tui_lm.completion.ngrams import Ngrams
from tui_lm.completion.prefix import MessageStates, Network, frontiers
from tui_lm.completion.respelling import begins_sentence, dressed, lowered
from tui_lm.completion.search import Found, Limits, search
from tui_lm.completion.suggestion import Candidate
from tui_lm.completion.words import Cursor, cursor
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
        at = cursor(text)
        found = self._network_search(at) if self._mixture is None else self._mixed(at, self._mixture)
        words = {at.token + unit: chance for unit, chance in found.units.items()}
        words |= {at.lead + word: chance for word, chance in found.respelled.items()}
        candidates = [
            Candidate(word, chance)
            for word, chance in sorted(words.items(), key=lambda word: (-word[1], word[0]))
            if chance >= self._limits.floor and not holds_placeholder(word) and self.lexicon.allows(word)
        ]
        if self._marks is not None:
            extended = self._marks.extend(at.before, candidates)
            candidates = [word for word in extended if self.lexicon.allows(word.text)]
        return Ends(tuple(candidates), found.complete)

    def _mixed(self, at: Cursor, mixture: Mixture) -> Found:
        """The units by all models. If no word is spelled as typed, the network searches without the capitals."""
        plain = None if mixture.knows(at) else lowered(at.word)
        if plain is not None:
            network = self._network_search(replace(at, word=plain))
            network.units = {dressed(plain + unit, at.word)[len(plain) :]: p for unit, p in network.units.items()}
        elif not mixture.knows(at) and mixture.has_variants(at):
            network = Found()
        else:
            network = self._network_search(at)
        network.units = mixture.written(network.units)
        found = mixture.mix(at, network)
        if begins_sentence(at) and mixture.capitalises:
            found.units = _capitalised(found.units)
        return found

    def _network_search(self, at: Cursor) -> Found:
        found = Found()
        if self.states is not None:
            for frontier in frontiers(self.states, at, self._limits):
                search(self.states.engine.runtime, self.states.spelling, frontier, self._limits, found, at.token)
        return found


def _capitalised(units: Mapping[str, float]) -> dict[str, float]:
    """`units` that begin a sentence, with a capital."""
    capitals: dict[str, float] = {}
    for unit, chance in units.items():
        unit = unit[:1].upper() + unit[1:] if len(unit[:1].upper()) == 1 else unit
        capitals[unit] = capitals.get(unit, 0.0) + chance
    return capitals
