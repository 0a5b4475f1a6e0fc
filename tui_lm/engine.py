"""The engine: text in, tokens and traces out.

It keeps the states of the network in a tree of token histories, so that a keystroke costs one step of the network and
backspace costs none. It is not thread-safe.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tui_lm import checkpoint
from tui_lm.architecture import Gpt2, Llama, Seq2Seq
from tui_lm.checkpoint import Card, SavedModel
from tui_lm.redaction import begins_placeholder
from tui_lm.runtime import Logits, create_writer
from tui_lm.runtime.states import Reached, StateTree
from tui_lm.sampling import Sampler, entropy_bits, log_softmax
from tui_lm.threads import context_of
from tui_lm.tokenizers.specials import END
from tui_lm.tokenizers.stream import WritingContext, history_ids, opening
from tui_lm.tokenizers.streamed_text import StreamedText
from tui_lm.tokenizers.tokenizer import Tokenizer, text_of
from tui_lm.tokenizers.utf8 import Utf8, incomplete
from tui_lm.trace import Trace

__all__ = ["Completion", "Engine", "NextToken", "Reached", "Token"]

FinishReason = Literal["end", "stop", "length"]

WINDOW = 16  # messages of history: the network reads between one and two windows
RECENT = 64  # tokens that the repeat penalty looks at
VISIBLE = {" ": "␣", "\n": "⏎", "\t": "⇥"}


@dataclass(frozen=True, slots=True)
class Token:
    """One generated token. `text` is what it adds; a character in several byte tokens comes with the last of them.

    `alternatives` are (token, log probability in nats) under the model itself, before the sampling rules: this token,
    then the most probable ones, if they were asked for.
    """

    id: int
    text: str
    probability: float
    alternatives: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class NextToken:
    """The distribution of the next token: its entropy in bits, and (visible label, probability), best first."""

    entropy: float
    candidates: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Completion:
    """A generated text. `finish_reason`: "end" of the message, "stop" string, or "length"."""

    text: str
    tokens: int
    finish_reason: FinishReason


class Engine:
    """A language model ready to use. `authors` are those with their own token, most frequent first."""

    def __init__(self, model: SavedModel, folder: Path | None = None, device: str = "cpu") -> None:
        self.folder = folder  # for child processes that load the model again
        self.card: Card = model.card
        self.tokenizer = model.tokenizer
        self.specials = model.tokenizer.specials
        self.runtime = create_writer(model.card.architecture, model.weights, device, model.quantized)
        self._states = StateTree()
        self._utf8 = Utf8(self.tokenizer.surfaces)
        # Never generated: special tokens other than the end of a message, and placeholders of redaction.
        self._never = [
            token
            for token, surface in enumerate(self.tokenizer.surfaces)
            if (token < len(self.specials) and token != END) or begins_placeholder(surface)
        ]

    @classmethod
    def open(cls, folder: Path, device: str = "cpu") -> Engine:
        return cls(checkpoint.load(folder), folder, device)

    @property
    def name(self) -> str:
        return self.card.name

    @property
    def description(self) -> str:
        return self.card.description

    @property
    def kind(self) -> str:
        return self.card.kind

    @property
    def me(self) -> str | None:
        return self.card.me

    @property
    def authors(self) -> tuple[str, ...]:
        return self.specials.authors

    @property
    def answers(self) -> bool:
        """Whether the model was trained on replies; it then reads only the messages that a reply answers."""
        return isinstance(self.card.architecture, Seq2Seq)

    @property
    def context(self) -> int | None:
        """The context length in tokens, or None for a recurrent network."""
        shape = self.card.architecture
        return shape.context_length if isinstance(shape, Llama | Gpt2) else None

    def before(self, context: WritingContext) -> list[int]:
        """The tokens before the text of a message: the latest messages, then its opening."""
        author = context.author if self.kind == "chat" else None
        history = context.history[window_start(len(context.history)) :]
        if self.answers:
            history = context_of(history, author)
        return [*history_ids(self.tokenizer, history), *opening(self.tokenizer, author)]

    def reach(self, tokens: Sequence[int]) -> Reached:
        """The network after `tokens` (at least one), continued from the longest beginning that it has processed."""
        length, reached = self._states.longest(tokens)
        rest = tokens[length:]
        if rest or reached is None:
            logits, state = self.runtime.prefill(rest, None if reached is None else reached.state)
            reached = Reached(logits, state)
            self._states.put(tokens, reached)
        return reached

    def watch(self, tokens: Sequence[int], trace: Trace) -> Reached:
        """As `reach`, and append the activations at the last of `tokens` to `trace`."""
        state = self.reach(tokens[:-1]).state if len(tokens) > 1 else self.runtime.start()
        reached = Reached(*self.runtime.step(tokens[-1:], state, trace))
        self._states.put(tokens, reached)
        return reached

    def after(self, context: WritingContext) -> Reached:
        """The network after the text of a message so far."""
        return self.reach(self.tokens_of(context))

    def tokens_of(self, context: WritingContext) -> list[int]:
        """The tokens that the network reads for a message so far: those before it, and its text."""
        return [*self.before(context), *self.tokenizer.encode(context.text)]

    def allowed(self, logits: Logits, pending: bytes | None = None) -> Logits:
        """A copy of `logits` [V] without the tokens that are never generated.

        With `pending`, the bytes of an incomplete character before it, also without those that break UTF-8.
        """
        logits = logits.copy()
        logits[self._never] = -np.inf
        if pending:
            barred = np.ones(len(logits), dtype=bool)
            barred[self._utf8.continuing(pending)] = False
            logits[barred] = -np.inf
        elif pending is not None:
            logits[self._utf8.never_first] = -np.inf
        return logits

    def next_token(
        self, context: WritingContext, *, sampler: Sampler | None = None, n: int = 12, also: Sequence[int] = ()
    ) -> NextToken:
        """The n most probable next tokens, and the tokens `also`, however improbable."""
        reached = self.after(context)
        probabilities = (sampler or Sampler()).probabilities(self.allowed(reached.logits[0], b""))
        order = np.argsort(-probabilities, kind="stable")
        best = [int(token) for token in order[:n] if probabilities[token] > 0]
        best += [token for token in dict.fromkeys(also) if token not in best]
        return NextToken(
            entropy_bits(probabilities),
            tuple((self.label(token), float(probabilities[token])) for token in best),
        )

    def label(self, token: int) -> str:
        """A token as a word that can be shown: "␣see", "⏎", "end"."""
        return token_label(self.tokenizer, token)

    def stream(
        self,
        context: WritingContext,
        *,
        sampler: Sampler | None = None,
        max_new_tokens: int = 200,
        stop: Sequence[str] = (),
        seed: int | None = None,
        alternatives: int | None = None,
    ) -> Generator[Token, None, FinishReason]:
        """Continue the message token by token; the return value of the generator is the reason why it ended.

        Text that may be the beginning of a stop string is held back until that is decided. Each token has the given
        number of alternatives, or none at all.
        """
        sampler = sampler or Sampler()
        generator = np.random.default_rng(seed)
        tokens = self.tokens_of(context)
        reached = self.reach(tokens)
        spelling = StreamedText(stop, at_start=not context.text and self.tokenizer.spaced_start)
        pending = b""
        for _ in range(max_new_tokens):
            logits = self.allowed(reached.logits[0], pending)
            probabilities = sampler.probabilities(logits, tokens[-RECENT:])
            token = sampler.pick(probabilities, generator)
            probability = float(probabilities[token])
            if token == END:
                yield Token(token, spelling.rest(), probability)
                return "end"
            others = () if alternatives is None else _alternatives(logits, token, alternatives)
            yield Token(token, spelling.add(self.tokenizer.surfaces[token]), probability, others)
            if spelling.stopped:
                return "stop"
            tokens.append(token)
            pending = incomplete(pending + self.tokenizer.surfaces[token]) or b""
            reached = Reached(*self.runtime.step([token], reached.state))
        if rest := spelling.rest():
            yield Token(tokens[-1], rest, probability)
        return "length"

    def generate(
        self, context: WritingContext, *, on_text: Callable[[str], None] | None = None, **options: Any
    ) -> Completion:
        """The whole text of `stream`, with the same options; `on_text` is called with each piece as it is generated."""
        answer, count = "", 0
        tokens = self.stream(context, **options)
        while True:
            try:
                token = next(tokens)
            except StopIteration as end:
                return Completion(answer, count, end.value)
            count += token.id != END
            answer += token.text
            if on_text is not None and token.text:
                on_text(token.text)


def _alternatives(logits: Logits, token: int, n: int) -> tuple[tuple[int, float], ...]:
    """The chosen token and the n most probable ones, with their log probabilities."""
    scores = log_softmax(logits)
    best = [int(each) for each in np.argsort(-scores, kind="stable")[:n] if np.isfinite(scores[each])]
    return tuple((each, float(scores[each])) for each in (token, *best))


def window_start(messages: int) -> int:
    """The index of the first message that the network reads, of `messages` in the history.

    It moves by whole windows, so that the states of a conversation can be reused from one message to the next.
    """
    return max(0, (messages - WINDOW) // WINDOW * WINDOW)


def token_label(tokenizer: Tokenizer, token: int) -> str:
    """A token of any tokenizer as a word that can be shown: "␣see", "⏎", "end"."""
    if token == END:
        return "end"
    if token < len(tokenizer.specials):
        return tokenizer.specials.label(token)
    surface = tokenizer.surfaces[token]
    text = text_of(surface)
    if "\N{REPLACEMENT CHARACTER}" in text:
        return surface.hex(" ")
    return "".join(VISIBLE.get(c, c if c.isprintable() else f"U+{ord(c):04X}") for c in text)
