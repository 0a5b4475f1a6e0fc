"""A message while it is typed: caches the completions of each of its beginnings, so that backspace costs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tui_lm.completion.lexicon import Lexicon
from tui_lm.completion.marks import Marks
from tui_lm.completion.mixture import Mixture
from tui_lm.completion.ngrams import Ngrams
from tui_lm.completion.prefix import MessageStates, Network, frontiers
from tui_lm.completion.respelling import begins_sentence, dressed, lowered
from tui_lm.completion.search import Expired, Found, Limits, at_once, never, search
from tui_lm.completion.suggestion import Candidate
from tui_lm.completion.words import Cursor, cursor
from tui_lm.redaction import holds_placeholder
from tui_lm.tokenizers.stream import WritingContext

MOST_TEXTS = 2048  # beginnings that are cached


@dataclass(frozen=True, slots=True)
class Ends:
    """The possible ends of a token: `candidates`, most probable first; `complete`: P(the token is whole already).

    `finished` is false if the network's search was stopped: then the n-grams have more weight than they should.
    """

    candidates: tuple[Candidate, ...]
    complete: float
    finished: bool = True


@dataclass(slots=True)
class _Search:
    """The network's search for the ends of a token, as far as it has come. `plain` is the word that it is given, if
    that is not the typed one."""

    at: Cursor
    plain: str | None
    found: Found
    steps: Iterator[None]
    finished: bool = False

    def go_on(self, expired: Expired) -> None:
        """At least one step, then more until the time is over."""
        for _ in self.steps:
            if expired():
                return
        self.finished = True


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
        self._searches: dict[str, _Search] = {}
        self._found: dict[str, Found] = {}  # by the network, for the texts whose search has ended
        self._ends: dict[str, Ends] = {}

    def ends(self, text: str, expired: Expired = never) -> Ends:
        """The possible ends of the last token of `text`, a beginning of the message.

        A search that was stopped goes on when its text is asked for again.
        """
        ends = self._ends.get(text)
        if ends is None or not ends.finished:
            if len(self._ends) >= MOST_TEXTS:
                self._searches.clear()
                self._found.clear()
                self._ends.clear()
            search = self._searches.get(text) or self._begin(cursor(text))
            search.go_on(expired)
            ends = self._ends[text] = self._ends_of(search, text)
            if ends.finished:
                self._found[text] = search.found
                self._searches.pop(text, None)
            else:
                self._searches[text] = search
        return ends

    def advance(self, text: str) -> bool:
        """Take one more step of the search for the ends of `text`, which `ends` began; whether it has ended."""
        search = self._searches.get(text)
        if search is not None:
            search.go_on(at_once)
        return search is None or search.finished

    def latest(self, text: str) -> Ends | None:
        """The ends of `text` as they were last found, or None."""
        return self._ends.get(text)

    def is_finished(self, text: str) -> bool:
        ends = self._ends.get(text)
        return ends is not None and ends.finished

    def _begin(self, at: Cursor) -> _Search:
        """If no word is spelled as typed, the network searches without the capitals, or not at all."""
        plain, found = None, Found()
        if self._mixture is not None and not self._mixture.knows(at):
            plain = lowered(at.word)
            if plain is None and self._mixture.has_variants(at):
                return _Search(at, None, found, iter(()))
        searched = at if plain is None else replace(at, word=plain)
        return _Search(at, plain, found, _steps(self.states, self._limits, searched, found))

    def _ends_of(self, search: _Search, text: str) -> Ends:
        at, network = search.at, search.found
        if not search.finished and search.plain is None:
            network = self._foreseen(at, text) or network
        found = self._mixed(search, network)
        words = {at.token + unit: chance for unit, chance in found.units.items()}
        words |= {at.lead + word: chance for word, chance in found.respelled.items()}
        candidates = [
            Candidate(word, chance)
            for word, chance in sorted(words.items(), key=lambda word: (-word[1], word[0]))
            if chance >= self._limits.floor
            and not holds_placeholder(word)
            and self.lexicon.offers(word, chance, at.word)
        ]
        if self._marks is not None:
            extended = self._marks.extend(at.before, candidates)
            candidates = [word for word in extended if not self.lexicon.blocks(word.text)]
        return Ends(tuple(candidates), found.complete, search.finished)

    def _foreseen(self, at: Cursor, text: str) -> Found | None:
        """What the network found for the longest earlier beginning of the token, kept where it goes on as typed."""
        for letters in range(1, len(at.word) + 1):
            known = self._found.get(text[:-letters])
            if known is None:
                continue
            typed = at.word[-letters:]
            units = {unit[letters:]: chance for unit, chance in known.units.items() if unit.startswith(typed)}
            complete = units.pop("", 0.0)
            total = sum(units.values()) + complete
            return Found({unit: chance / total for unit, chance in units.items()}, complete / total) if total else None
        return None

    def _mixed(self, search: _Search, network: Found) -> Found:
        """The units by all models, with `network` as what the network has found."""
        at, mixture, units = search.at, self._mixture, dict(network.units)
        if mixture is None:
            return Found(units, network.complete)
        if search.plain is not None:
            units = {dressed(search.plain + unit, at.word)[len(search.plain) :]: p for unit, p in units.items()}
        found = mixture.mix(at, Found(mixture.written(units), network.complete))
        if begins_sentence(at) and mixture.capitalises:
            found.units = _capitalised(found.units)
        return found


def _steps(states: MessageStates | None, limits: Limits, at: Cursor, found: Found) -> Iterator[None]:
    """A search that may be left unfinished: it holds no draft, which would keep itself and its states in memory."""
    if states is not None:
        for frontier in frontiers(states, at, limits):
            if frontier is None:
                yield
                continue
            yield from search(states.engine.runtime, states.spelling, frontier, limits, found, at.token)


def _capitalised(units: Mapping[str, float]) -> dict[str, float]:
    """`units` that begin a sentence, with a capital."""
    capitals: dict[str, float] = {}
    for unit, chance in units.items():
        unit = unit[:1].upper() + unit[1:] if len(unit[:1].upper()) == 1 else unit
        capitals[unit] = capitals.get(unit, 0.0) + chance
    return capitals
