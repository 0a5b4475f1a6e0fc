"""Completes what someone types: word candidates and ghost text, as a pure function of the text and what was learned."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import islice
from pathlib import Path

from tui_lm.completion import ghost as ghosts
from tui_lm.completion import ngram_files
from tui_lm.completion.draft import Draft
from tui_lm.completion.ngrams import Ngrams
from tui_lm.completion.prefix import Network
from tui_lm.completion.search import Limits
from tui_lm.completion.smart_reply import smart_replies
from tui_lm.completion.suggestion import Candidate, Suggestion
from tui_lm.completion.words import cursor
from tui_lm.engine import Engine
from tui_lm.tokenizers.stream import WritingContext

REFUSALS = 24  # characters back in the word being typed that refused suggestions are looked for
MAJORITY = 0.5  # from which a word is likelier than all others together
MOST_UNSAVED = 20  # messages that a crash may lose


class Completer:
    """Candidates and ghosts of an engine, of n-grams, or of both. One thread at a time may use it.

    A network that has not learned anything yet is left out, so that a chat can be typed in as soon as it is counted.

    What is sent is learned in this object, not in `ngrams`, and redacted where what the model was trained on was;
    `private` learns nothing.
    """

    def __init__(
        self,
        engine: Engine | None,
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
        self._folder = folder
        self._unsaved: list[tuple[str, str | None]] = []  # messages with their authors
        self._reset = False  # and that is not saved yet
        self._stamp: ngram_files.Stamp = ()  # of what lies in the folder, as this process knows it
        self._limits = limits or Limits()
        self._sure = sure
        self._network = Network(engine) if engine is not None and engine.card.is_trained else None
        self._redact = engine is not None and bool(engine.card.reading.get("redact"))
        self._context: WritingContext | None = None  # of the draft, without its text
        self._draft: Draft | None = None

    @classmethod
    def open(cls, folder: Path, engine: Engine | None = None, *, private: bool = False) -> Completer:
        """The completer of a model folder; what it learns is kept there, in a file of its own, unless `private`."""
        stamp = ngram_files.stamp(folder)  # taken first: what is learned elsewhere while this loads is seen as newer
        completer = cls(engine or Engine.open(folder), ngram_files.load(folder), private=private, folder=folder)
        completer._stamp = stamp
        return completer

    @property
    def me(self) -> str | None:
        """Who types where no author is named."""
        return None if self.engine is None else self.engine.me

    @property
    def answers(self) -> bool:
        """Whether its network has learned replies, and so is at its best where nothing is typed."""
        return self.engine is not None and self.engine.answers

    def complete(self, context: WritingContext, *, n: int = 3) -> Suggestion:
        """The n most probable ends of the token being typed, and the ghost after it."""
        return Suggestion(self.candidates(context, n=n), self.ghost(context, n=n))

    def candidates(self, context: WritingContext, *, n: int = 3) -> tuple[Candidate, ...]:
        """What is likeliest among all that was not offered, n at a time, at the shorter beginnings of the token."""
        draft, at = self._draft_of(context), cursor(context.text)
        refused: set[str] = set()
        for length in range(max(0, len(at.token) - REFUSALS), len(at.token)):
            refused.update(word.text for word in _best(draft, at.before + at.token[:length], refused, n))
        return tuple(_best(draft, context.text, refused, n))

    def ghost(self, context: WritingContext, *, n: int = 3) -> str:
        """What surely follows the text. It agrees with the candidates, but for one thing: someone who types along the
        ghost keeps it, so that a word that was refused is in it where it is likelier than all others together."""
        draft, text = self._draft_of(context), context.text
        ends = draft.ends(text)
        best = next(iter(ends.candidates), None)
        if best is not None and best.probability < MAJORITY:
            best = next(iter(self.candidates(context, n=max(n, 1))), None)
        rest, probability = "", 1.0
        if best is not None and best.probability >= ends.complete:
            rest, probability = best.text[len(cursor(text).token) :], best.probability
        elif not ends.complete:
            return ""
        return ghosts.extend(draft.places, text, rest, probability, self._sure)

    def replies(self, context: WritingContext, *, n: int = 3) -> tuple[Candidate, ...]:
        """At most n whole messages that the author could send next, different from one another, best first.

        Without a network that has learned something there are none. This takes some tens of milliseconds.
        """
        draft = self._draft_of(context)
        return () if draft.places is None else smart_replies(draft.places, draft.ends("").candidates, n)

    def learn(self, context: WritingContext) -> None:
        """Count a message that was sent, so that its words come up later. Answers of a model are not to be learned."""
        context = self._by_someone(context)
        if self._network is not None:
            self._network.read_message(context)
        if self._ngrams is None or self.private:
            return
        text = _redacted(context.text) if self._redact else context.text
        self._ngrams.learn(text, context.author)
        self._draft = None
        self._unsaved.append((text, context.author))
        if self._folder is None:
            self._unsaved.clear()
        elif len(self._unsaved) >= MOST_UNSAVED:
            self.save()

    def reset(self) -> None:
        """Forget what was learned in this process."""
        if self._first is not None:
            self._ngrams = self._first.branch()
            self._draft = None
            self._unsaved.clear()
            self._reset = True

    def save(self) -> None:
        """Keep what was learned in the model folder. Raises TuiLmError where that fails.

        Where another process has learned there too since, or made it forget, this goes on from what that one left.
        """
        if self._folder is None or self._ngrams is None or not (self._unsaved or self._reset):
            return
        with ngram_files.writing(self._folder):
            if ngram_files.stamp(self._folder) != self._stamp:
                self._ngrams = ngram_files.load(self._folder)
                self._first, self._draft = self._ngrams.branch(), None
                for text, author in self._unsaved:
                    self._ngrams.learn(text, author)
            ngram_files.save_learned(self._ngrams, self._folder)
            self._stamp = ngram_files.stamp(self._folder)
        self._unsaved.clear()
        self._reset = False

    def _draft_of(self, context: WritingContext) -> Draft:
        """What is known of the message being typed, for as long as it is the same and nothing is learned."""
        context = replace(self._by_someone(context), text="", history=tuple(context.history))
        if self._draft is None or context != self._context:
            self._context = context
            self._draft = Draft(self._network, self._ngrams, self._limits, context)
        return self._draft

    def _by_someone(self, context: WritingContext) -> WritingContext:
        """The context with the model's own author where nobody is named."""
        return replace(context, author=self.me) if context.author is None else context


def _redacted(text: str) -> str:
    from tui_lm.redaction.redactor import Redactor  # for whom something is learned; it takes a while to load

    return Redactor().text(text)


def _best(draft: Draft, text: str, refused: Collection[str], n: int) -> list[Candidate]:
    """The n likeliest ends of the last token of `text` that were not refused."""
    return list(islice((word for word in draft.ends(text).candidates if word.text not in refused), n))
