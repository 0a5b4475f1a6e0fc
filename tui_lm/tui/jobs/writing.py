"""The jobs of a language model, and the messages that they answer with."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from tui_lm.safe_text import visible_line
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.tui.jobs.backend import Backend
from tui_lm.tui.jobs.inference import InferenceJob

if TYPE_CHECKING:
    from tui_lm.completion import Stage
    from tui_lm.engine import NextToken
    from tui_lm.settings import Settings

SUGGESTED = 3  # suggested words, and suggested replies
BEGINNINGS = 6  # first words that are continued to a reply: not each becomes one
LONGEST_REPLY = 48  # characters of a suggested reply
AT_ONCE = 0.02  # seconds after which no step delays the first words; a better suggestion follows then


@dataclass
class Completed(Message):
    revision: int
    stage: Stage


@dataclass
class Replied(Message):
    """Whole messages to choose from, each with the probability of its first word."""

    revision: int
    replies: tuple[tuple[str, float], ...]


@dataclass
class TookBack(Message):
    """A word that is not suggested any more by the model called `model`."""

    revision: int
    word: str
    model: str

    @property
    def notice(self) -> str:
        import shlex  # not before the first frame

        shown, command = visible_line(self.word), shlex.join([self.model, "--word", self.word, "--unblock"])
        return (
            f"“{shown}” is not suggested any more, and out of the learned words. The network's weights may still hold "
            f"it. To allow it again: tui-lm models forget {visible_line(command)}"
        )


class Worked(Message):
    """A job goes on; nothing is to be shown yet."""


@dataclass
class Looked(Message):
    revision: int
    next_token: NextToken
    words: tuple[tuple[str, str], ...]  # the suggested ones, each with the label of the token that it would add


@dataclass
class Spoken(Message):
    """The next piece of an answer."""

    revision: int
    text: str


@dataclass(frozen=True)
class Complete(InferenceJob):
    """Suggest words and ghost text, at once and then better. `shown` are the words that have stood on the screen for
    the token being typed, each with its milliseconds."""

    lasting: ClassVar[bool] = True
    urgent: ClassVar[bool] = True
    context: WritingContext
    shown: tuple[tuple[str, float], ...] = ()

    def run(self, model: Backend) -> Iterator[Message | None]:
        from tui_lm.completion import Shown  # numpy: not before the first frame

        end = time.perf_counter() + AT_ONCE
        stages = model.completer.stages(
            self.context,
            n=SUGGESTED,
            shown=[Shown(text, milliseconds) for text, milliseconds in self.shown],
            expired=lambda: time.perf_counter() >= end,
        )
        for stage in stages:
            yield None if stage is None else Completed(self.revision, stage)


@dataclass(frozen=True)
class SuggestReplies(InferenceJob):
    """Suggest whole messages: each of the most probable first words, continued greedily.

    Only those are offered that end, do not repeat themselves, are short, and differ from the others.
    """

    lasting: ClassVar[bool] = True
    context: WritingContext

    def run(self, model: Backend) -> Iterator[Message]:
        from tui_lm.completion.smart_reply import are_alike  # numpy: not before the first frame

        context, replies = self.context, dict[str, float]()
        first = model.completer.complete(context.with_text(""), n=BEGINNINGS)
        for word in first.candidates:
            reply = yield from self._continued(model, word.text)
            if reply and model.completer.allows(reply) and not any(are_alike(reply, other) for other in replies):
                replies[reply] = word.probability
                yield Replied(self.revision, tuple(replies.items()))
            if len(replies) == SUGGESTED:
                break

    def _continued(self, model: Backend, word: str) -> Generator[Message, None, str]:
        """The message that begins with `word`, or "" if it is not to be offered. Others may work between two tokens."""
        from tui_lm.sampling import Sampler

        text = word
        pieces = model.engine.stream(
            self.context.with_text(word), sampler=Sampler(temperature=0.0), max_new_tokens=LONGEST_REPLY
        )
        while True:
            try:
                text += next(pieces).text
            except StopIteration as ended:
                return text.strip() if ended.value == "end" and not is_loop(text) else ""
            if len(text) > LONGEST_REPLY or "\n" in text:
                return ""
            yield Worked()


def is_loop(text: str) -> bool:
    """Whether some words are repeated more than three times in a row."""
    from tui_lm.translation.loops import REPEATS, longest_run

    numbers: dict[str, int] = {}
    return longest_run([numbers.setdefault(word, len(numbers)) for word in text.casefold().split()]) > REPEATS


@dataclass(frozen=True)
class Look(InferenceJob):
    """Compute the distribution of the next token."""

    context: WritingContext
    settings: Settings

    def run(self, model: Backend) -> Iterator[Message]:
        from tui_lm.sampling import Sampler  # numpy: not before the first frame

        offered = model.completer.offered(self.context)
        found = model.engine.next_token(
            self.context, sampler=Sampler.from_settings(self.settings), also=[token for _, token in offered]
        )
        yield Looked(self.revision, found, tuple((word, model.engine.label(token)) for word, token in offered))


@dataclass(frozen=True)
class Answer(InferenceJob):
    """Write an answer, a token at a time, until a newer job or `Inference.stop` ends it."""

    lasting: ClassVar[bool] = True
    context: WritingContext
    settings: Settings

    def run(self, model: Backend) -> Iterator[Message]:
        from tui_lm.sampling import Sampler  # numpy: not before the first frame

        settings = self.settings
        tokens = model.engine.stream(
            self.context,
            sampler=Sampler.from_settings(settings),
            seed=None if settings.seed < 0 else settings.seed,
        )
        for token in tokens:
            yield Spoken(self.revision, token.text)


@dataclass(frozen=True)
class Learn(InferenceJob):
    """Learn from a message that was sent."""

    must: ClassVar[bool] = True
    context: WritingContext

    def run(self, model: Backend) -> Iterator[Message]:
        model.completer.learn(self.context)
        yield from ()


@dataclass(frozen=True)
class TakeBack(InferenceJob):
    """Never suggest the word of a candidate again."""

    must: ClassVar[bool] = True
    candidate: str

    def run(self, model: Backend) -> Iterator[Message]:
        yield TookBack(self.revision, model.completer.take_back(self.candidate), model.engine.name)


@dataclass(frozen=True)
class KeepPrivate(InferenceJob):
    """Turn learning off or on."""

    must: ClassVar[bool] = True
    private: bool

    def run(self, model: Backend) -> Iterator[Message]:
        model.completer.private = self.private
        yield from ()


@dataclass
class Priced(Message):
    """The tokens of a text: (length in characters, surprisal in bits) each."""

    revision: int
    text: str
    tokens: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class PriceTokens(InferenceJob):
    """Compute the surprisal of each token of the text that is being typed."""

    context: WritingContext

    def run(self, model: Backend) -> Iterator[Message]:
        from tui_lm.tokenizers.tokenizer import text_of

        recording = model.recorder.record(self.context)
        surfaces, priced, rest = model.engine.tokenizer.surfaces, [], self.context.text
        for step in recording.steps:
            if step.surprisal is not None:
                surface = text_of(surfaces[step.token])
                length = len(surface) if rest.startswith(surface) else len(surface.lstrip())
                priced.append((length, step.surprisal))
                rest = rest[length:]
        yield Priced(self.revision, self.context.text, tuple(priced))
