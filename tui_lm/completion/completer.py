"""The completer: candidates and ghost text, a pure function of the message being typed and of what was learned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from tui_lm.completion import block_list, ngram_files
from tui_lm.completion import ghost as ghosts
from tui_lm.completion.draft import Draft, Ends
from tui_lm.completion.lexicon import Lexicon
from tui_lm.completion.ngrams import Ngrams
from tui_lm.completion.prefix import Network
from tui_lm.completion.search import Expired, Limits, never
from tui_lm.completion.smart_reply import smart_replies
from tui_lm.completion.suggestion import Candidate, Shown, Stage, Suggestion, refused
from tui_lm.completion.words import cursor, without_marks
from tui_lm.engine import Engine
from tui_lm.tokenizers.stream import History, WritingContext

MOST_UNSAVED = 20  # messages that a crash may lose


class Completer:
    """Candidates, ghost text and replies of an engine, of n-grams, or of both. Not thread-safe.

    An untrained network is not used, so that the n-grams alone serve a chat whose training has just begun.

    Sent messages are learned in this object, not in `ngrams`, and redacted if the model's training text was.
    A `private` completer learns nothing.
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
        self._reset = False  # since the last save
        self._stamp: ngram_files.Stamp = ()  # of the folder's learned counts that this process started from
        self._limits = limits or Limits()
        self._sure = sure
        self._network = Network(engine) if engine is not None and engine.card.is_trained else None
        self._redact = engine is not None and bool(engine.card.reading.get("redact"))
        self._context: WritingContext | None = None  # of the draft, without its text
        self._draft: Draft | None = None
        self._offered: tuple[WritingContext | None, tuple[Candidate, ...]] = None, ()  # the latest stage

    @classmethod
    def open(
        cls, folder: Path, engine: Engine | None = None, *, private: bool = False, sure: float = ghosts.SURE
    ) -> Completer:
        """The completer of a model folder. What it learns is saved there, in its own file, unless `private`."""
        stamp = ngram_files.stamp(
            folder
        )  # taken before loading, so that what another process saves meanwhile counts as newer
        ngrams = ngram_files.load(folder)
        completer = cls(engine or Engine.open(folder), ngrams, private=private, folder=folder, sure=sure)
        completer._stamp = stamp
        return completer

    @property
    def me(self) -> str | None:
        """The author who types if none is named."""
        return None if self.engine is None else self.engine.me

    @property
    def answers(self) -> bool:
        """Whether the network was trained on replies, so that whole replies are its strength."""
        return self.engine is not None and self.engine.answers

    def complete(
        self, context: WritingContext, *, n: int = 3, shown: Sequence[Shown] = (), expired: Expired = never
    ) -> Suggestion:
        """The n best candidates for the token being typed, and the ghost text. `shown` are all candidates that have
        stood on the screen for this token; those that were read and not accepted are refused.

        Once the time is `expired` the answer is the best so far; asked again, the same search goes on.
        """
        candidates = self.candidates(context, n=n, shown=shown, expired=expired)
        return Suggestion(candidates, self.ghost(context, shown=shown, expired=expired))

    def candidates(
        self, context: WritingContext, *, n: int = 3, shown: Sequence[Shown] = (), expired: Expired = never
    ) -> tuple[Candidate, ...]:
        """The n best candidates that were not refused."""
        ends = self._draft_of(context).ends(self._written(context.text), expired)
        return tuple(islice(_kept(ends, shown), n))

    def is_refined(self, context: WritingContext) -> bool:
        """Whether the search for the candidates of this text has ended, so that asking again changes nothing."""
        return self._draft_of(context).is_finished(self._written(context.text))

    def ghost(self, context: WritingContext, *, shown: Sequence[Shown] = (), expired: Expired = never) -> str:
        """The text that almost surely follows, or "". A word in it begins with the first candidate."""
        draft, text = self._draft_of(context), self._written(context.text)
        latest = ""
        for ghost in self._ghosts(draft, draft.latest(text) or draft.ends(text, expired), text, shown):
            latest = ghost
            if expired():
                break
        return latest

    def stages(
        self, context: WritingContext, *, n: int = 3, shown: Sequence[Shown] = (), expired: Expired = never
    ) -> Iterator[Stage | None]:
        """The suggestion in at most three stages: the best until the time is `expired`, the words when the search for
        them has ended, and the whole ghost text. All that is ready in time is the first one.

        Yields None before each step of the network after the first stage, so that the caller may do something else, or
        stop. Ends early if something is learned or another message is completed meanwhile.
        """
        draft, text = self._draft_of(context), self._written(context.text)
        ends = draft.ends(text, expired)
        words = tuple(islice(_kept(ends, shown), n))
        self._offered = context, words
        if not ends.finished:
            yield Stage(words, "", refined=False)
            while draft is self._draft and not draft.advance(text):
                yield None
            if draft is not self._draft:
                return
            ends = draft.ends(text)
            words = tuple(islice(_kept(ends, shown), n))
            self._offered = context, words
        offered: str | None = None
        ghost = ""
        for ghost in self._ghosts(draft, ends, text, shown):
            if offered is not None:
                yield None
            elif expired():
                offered = ghost
                yield Stage(words, ghost, refined=True)
            if draft is not self._draft:
                return
        if ghost != offered:
            yield Stage(words, ghost, refined=True)

    def offered(self, context: WritingContext) -> tuple[tuple[str, int], ...]:
        """The words of the latest stage for just this text, each with the first token that it adds to the text.

        A word in another spelling adds none, and neither does one that changes the tokens of what is typed.
        """
        if self.engine is None or self._offered[0] != context:
            return ()
        text, token = context.text, cursor(context.text).token
        encode = self.engine.tokenizer.encode
        typed = encode(text)
        found = []
        for word in self._offered[1]:
            tokens = encode(text.removesuffix(token) + word.text)
            if len(tokens) > len(typed) and tokens[: len(typed)] == typed:
                found.append((word.text, tokens[len(typed)]))
        return tuple(found)

    def _ghosts(self, draft: Draft, ends: Ends, text: str, shown: Sequence[Shown]) -> Iterator[str]:
        """The ghost text after `text`, longer and longer, before each step of the network and at the end."""
        if not ends.finished:
            return  # what is not searched to its end is not sure
        best = next(_kept(ends, shown), None)
        token = cursor(text).token
        first = best.text.removeprefix(token) if best is not None and best.text.startswith(token) else ""
        rest, probability = "", 1.0
        if best is not None and best.probability >= ends.complete:
            if not first:
                return  # a word in another spelling replaces what is typed, which a ghost cannot
            rest, probability = first, best.probability
        elif not ends.complete:
            return
        for ghost in map(
            self._written, ghosts.extend(draft.states, draft.lexicon, text, rest, probability, self._sure)
        ):
            yield ghost if ghost[:1].isspace() or (first and ghost.startswith(first)) else ""

    def replies(self, context: WritingContext, *, n: int = 3) -> tuple[Candidate, ...]:
        """At most n whole messages that the author could send next, all different, best first.

        There are none without a trained network. Takes some tens of milliseconds.
        """
        draft = self._draft_of(context)
        if draft.states is None:
            return ()
        found = smart_replies(draft.states, draft.lexicon, draft.ends("").candidates, n)
        return tuple(replace(reply, text=self._written(reply.text)) for reply in found)

    def next_author(self, history: History, authors: Sequence[str]) -> dict[str, float]:
        """The probability of each of `authors` to write the message after `history`; equal ones without a network."""
        if self.engine is None:
            return dict.fromkeys(authors, 1 / max(1, len(authors)))
        from tui_lm.completion.next_author import next_author  # only a chat asks for it

        return next_author(self.engine, history, authors)

    def learn(self, context: WritingContext) -> None:
        """Count a message that was sent, so that its words come up later. Answers of a model are not to be learned."""
        context = self._by_someone(context)
        if self._network is not None:
            self._network.process(context)
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

    def allows(self, text: str) -> bool:
        """Whether `text` holds only words that may be suggested."""
        return self._lexicon().allows(text)

    def take_back(self, candidate: str) -> str:
        """Never suggest the word of a candidate again, and forget what was learned of it. Returns the word, without
        the marks around it. Raises TuiLmError if that cannot be saved."""
        word = without_marks(candidate)
        self.save()
        if self._folder is not None:
            ngram_files.block(self._folder, word)
            self._stamp = ngram_files.stamp(self._folder)
        for ngrams in filter(None, (self._ngrams, self._first)):
            ngrams.forget_word(word)
        self._draft = None
        return word

    def reset(self) -> None:
        """Forget what was learned in this process."""
        if self._first is not None:
            self._ngrams = self._first.branch()
            self._draft = None
            self._unsaved.clear()
            self._reset = True

    def save(self) -> None:
        """Save what was learned in the model folder. Raises TuiLmError on failure.

        If another process has saved or deleted learned counts since, this one's messages are added to its result.
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
        """The draft of this message, a new one if the message is another or something was learned."""
        context = replace(self._by_someone(context), text="", history=tuple(context.history))
        if self._draft is None or context != self._context:
            self._context = context
            self._draft = Draft(self._network, self._ngrams, self._limits, context, self._lexicon())
        return self._draft

    def _written(self, text: str) -> str:
        """`text` with the apostrophe that the chat mostly writes."""
        return text if self._ngrams is None else self._ngrams.apostrophe.written(text)

    def _lexicon(self) -> Lexicon:
        """The words that may be suggested. A pretrained network knows words that the chat does not hold."""
        pretrained = self._network is not None and self._network.engine.tokenizer.name == "bpe"
        blocked = None if self._folder is None else block_list.load(self._folder)
        if self._ngrams is None or pretrained:
            return Lexicon(None, blocked)
        return Lexicon(self._ngrams.vocabulary, blocked, self._ngrams.apostrophe)

    def _by_someone(self, context: WritingContext) -> WritingContext:
        """The context with the model's own author if none is named."""
        return replace(context, author=self.me) if context.author is None else context


def _redacted(text: str) -> str:
    from tui_lm.redaction.redactor import Redactor  # imported only when something is learned, as it loads slowly

    return Redactor().text(text)


def _kept(ends: Ends, shown: Sequence[Shown]) -> Iterator[Candidate]:
    """The candidates that were not refused, best first."""
    without = refused(shown)
    return (word for word in ends.candidates if word.text not in without)
