"""Completes what someone types: word candidates and ghost text, as a pure function of the text and what was learned."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path

from tui_lm.completion import ghost as ghosts
from tui_lm.completion import ngram_files
from tui_lm.completion.mixture import Mixture
from tui_lm.completion.ngrams import Ngrams
from tui_lm.completion.prefix import frontiers
from tui_lm.completion.search import Found, Limits, search
from tui_lm.completion.spelling import Spelling
from tui_lm.completion.suggestion import Candidate, Suggestion
from tui_lm.completion.words import cursor
from tui_lm.engine import Engine, History

REFUSALS = 24  # characters back in the word being typed that refused suggestions are looked for
MOST_KNOWN = 2048  # texts of a message whose candidates are remembered
MAJORITY = 0.5
MOST_UNSAVED = 20  # messages that a crash may lose


class Completer:
    """Candidates and ghosts of one engine and, where it has them, n-grams. One thread at a time may use it.

    What is sent is learned in this object, not in `ngrams`; `private` learns nothing.
    """

    def __init__(
        self,
        engine: Engine,
        ngrams: Ngrams | None = None,
        *,
        private: bool = False,
        folder: Path | None = None,
        limits: Limits | None = None,
        sure: float = ghosts.SURE,
    ) -> None:
        self.engine = engine
        self.private = private
        self._first = ngrams
        self._ngrams = None if ngrams is None else ngrams.branch()
        self._mixture: Mixture | None = None
        self._folder = folder
        self._unsaved = 0
        self._limits = limits or Limits()
        self._sure = sure
        self._spelling = Spelling(engine.tokenizer)
        self._message: tuple[str | None, tuple[tuple[str | None, str], ...]] | None = None
        self._opening: list[int] = []
        self._known: dict[str, Found] = {}

    @classmethod
    def open(cls, folder: Path, engine: Engine | None = None, *, private: bool = False) -> Completer:
        """The completer of a model folder; what it learns is kept there, in a file of its own, unless `private`."""
        return cls(engine or Engine.open(folder), ngram_files.load(folder), private=private, folder=folder)

    def complete(self, text: str, *, n: int = 3, author: str | None = None, history: History = ()) -> Suggestion:
        """The n most probable ends of the token being typed, and the ghost after `text` of a message by `author`."""
        return Suggestion(
            self.candidates(text, n=n, author=author, history=history),
            self.ghost(text, n=n, author=author, history=history),
        )

    def candidates(
        self, text: str, *, n: int = 3, author: str | None = None, history: History = ()
    ) -> tuple[Candidate, ...]:
        """What is likeliest among all that was not offered, n at a time, at the shorter beginnings of the token."""
        self._begin(author, history)
        at = cursor(text)
        token = at.token
        refused: set[str] = set()
        for length in range(max(0, len(token) - REFUSALS), len(token)):
            ranked = self._ranked(at.before + token[:length], refused)
            refused.update(word.text for word in islice(ranked, n))
        return tuple(islice(self._ranked(text, refused), n))

    def ghost(self, text: str, *, n: int = 3, author: str | None = None, history: History = ()) -> str:
        """What surely follows `text`. It agrees with the candidates, but for one thing: someone who types along the
        ghost keeps it, so that a word that was refused is in it where it is likelier than all others together."""
        self._begin(author, history)
        found = self._found(text)
        token = cursor(text).token
        best = next(self._ranked(text, ()), None)
        if best is not None and best.probability < MAJORITY:
            best = next(iter(self.candidates(text, n=max(n, 1), author=author, history=history)), None)
        if found.complete and (best is None or best.probability < found.complete):
            rest, probability = "", 1.0
        elif best is None:
            return ""
        else:
            rest, probability = best.text[len(token) :], best.probability
        return ghosts.extend(self.engine, self._spelling, self._opening, text, rest, probability, self._sure)

    def learn(self, text: str, *, author: str | None = None, history: History = ()) -> None:
        """Count what was sent, so that it comes up the second time. Answers of a model are not to be learned."""
        if self._ngrams is None or self.private:
            return
        self._ngrams.learn(text, self.engine.me if author is None else author)
        self._message = None
        self._unsaved += 1
        if self._unsaved >= MOST_UNSAVED:
            self.save()

    def reset(self) -> None:
        """Forget what was learned in this process."""
        if self._first is not None:
            self._ngrams = self._first.branch()
            self._message = None
            self._unsaved += 1

    def save(self) -> None:
        """Keep what was learned in the model folder. Raises TuiLmError where that fails."""
        if self._folder is not None and self._ngrams is not None and self._unsaved:
            ngram_files.save_learned(self._ngrams, self._folder)
            self._unsaved = 0

    def _begin(self, author: str | None, history: History) -> None:
        author = self.engine.me if author is None else author
        message = (author, tuple(history))
        if message != self._message:
            self._message = message
            self._opening = self.engine.before(author, history)
            self._refresh()

    def _refresh(self) -> None:
        """Begin a message, or begin it again because something was learned."""
        self._known.clear()
        author = None if self._message is None else self._message[0]
        self._mixture = None if self._ngrams is None else Mixture(self._ngrams, author)

    def _found(self, text: str) -> Found:
        found = self._known.get(text)
        if found is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            found = self._known[text] = self._search(text)
        return found

    def _search(self, text: str) -> Found:
        at, found = cursor(text), Found()
        for frontier in frontiers(self.engine, self._spelling, self._opening, at, self._limits):
            search(self.engine.runtime, self._spelling, frontier, self._limits, found, at.token)
        return found if self._mixture is None else self._mixture.mix(at, found)

    def _ranked(self, text: str, refused: Collection[str]) -> Iterator[Candidate]:
        token = cursor(text).token
        units = self._found(text).units
        for rest in sorted(units, key=lambda unit: (-units[unit], unit)):
            if token + rest not in refused:
                yield Candidate(token + rest, units[rest])
