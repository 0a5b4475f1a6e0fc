"""A teacher at work: it reads the messages of a chat, or writes messages in the chat's manner.

Many passages advance side by side, a token a step; what the teacher expects at each token of a message is kept. Shapes:
B passages, V vocabulary of the teacher.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_lm.engine import Engine
from tui_lm.tokenizers.specials import END
from tui_lm.tokenizers.stream import message_ids, opening
from tui_lm.utterances import Utterance

Array = NDArray[np.floating]
SIDE_BY_SIDE = 32  # passages
CONTEXT = 48  # tokens before the first message of a passage, about
LENGTH = 240  # tokens of a passage with its context, about
LONGEST = 160  # tokens of a message; a longer one is not read, or not written


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """A message in the teacher's tokens, and its n + 1 expectations [V], of each token and of the end.

    `number` counts the chat's messages; a written one has None. Messages of one `passage` follow each other.
    """

    author: str | None
    tokens: Sequence[int]
    expected: Sequence[Array]
    number: int | None
    passage: int


Passage = Generator[int, Array, None]
"""Yields the next token of a passage, and is sent what the teacher expects after it."""


class Teacher:
    """Use one in each thread: `engine` is shared, `generator` is this thread's."""

    def __init__(self, engine: Engine, utterances: Sequence[Utterance], generator: np.random.Generator) -> None:
        self.engine, self.tokenizer, self.utterances = engine, engine.tokenizer, utterances
        self._chance = generator
        self._done: list[ReadMessage] = []
        self._barred = np.zeros(self.tokenizer.vocab_size, bool)
        self._barred[: len(self.tokenizer.specials)] = True
        self._barred[END] = False

    def read(self, numbers: range) -> Iterator[ReadMessage]:
        """The messages of `numbers`, each with what the teacher expects of its tokens."""
        spans, start, length = [], numbers.start, 0
        for number in numbers:
            length += len(self._message(number))
            if length > LENGTH - CONTEXT or number == numbers[-1]:
                spans.append((length, range(start, number + 1)))
                start, length = number + 1, 0
        spans.sort(key=lambda span: span[0])  # those that end together advance together
        starts = range(0, len(spans), SIDE_BY_SIDE)
        for i in self._chance.permutation(starts):  # so that a part of them, if time is short, is of the whole chat
            yield from self._advance([self._reading(span) for _, span in spans[i : i + SIDE_BY_SIDE]])

    def write(self, tokens: int) -> Iterator[ReadMessage]:
        """Messages, a few after each of many passages of the chat, by the authors who wrote there.

        There are at least `tokens` tokens in all, unless messages do not end.
        """
        for _ in range(1 + tokens // (SIDE_BY_SIDE * (LENGTH - CONTEXT))):
            starts = self._chance.integers(len(self.utterances), size=SIDE_BY_SIDE)
            yield from self._advance([self._writing(int(start)) for start in starts])

    def _reading(self, numbers: range) -> Passage:
        for token in self._context(numbers.start):
            yield token
        for number in numbers:
            author, message = self.utterances[number].author, self._message(number)
            head = len(opening(self.tokenizer, author))
            expected = yield from _given(message[:head])
            kept, tokens = [expected], message[head:-1]
            for token in tokens:
                kept.append((yield token))
            if len(tokens) < LONGEST:
                self._done.append(ReadMessage(author, tokens, kept, number, numbers.start))
            yield END

    def _writing(self, start: int) -> Passage:
        context = self._context(start)
        for token in context:
            yield token
        length = len(context)
        for utterance in self.utterances[start : start + LENGTH]:
            expected = yield from _given(opening(self.tokenizer, utterance.author))
            kept, tokens = [expected], list[int]()
            while (token := self._sampled(expected)) != END and len(tokens) < LONGEST:
                tokens.append(token)
                expected = yield token
                kept.append(expected)
            length += len(tokens) + 3
            if token != END:
                return
            self._done.append(ReadMessage(utterance.author, tokens, kept, None, start))
            if length > LENGTH:
                return
            yield END

    def _context(self, number: int) -> list[int]:
        """The messages before that of `number`."""
        tokens: list[int] = []
        while number > 0 and len(tokens) < CONTEXT:
            number -= 1
            tokens = [*self._message(number), *tokens]
        return tokens[-2 * CONTEXT :]

    def _message(self, number: int) -> list[int]:
        utterance = self.utterances[number]
        ids = message_ids(self.tokenizer, utterance.text, utterance.author)
        return ids if len(ids) <= LONGEST else [*ids[:LONGEST], END]

    def _advance(self, passages: list[Passage]) -> Iterator[ReadMessage]:
        """All passages to their ends, a token a step."""
        runtime = self.engine.runtime
        tokens = [next(passage, END) for passage in passages]
        state = runtime.select(runtime.start(), [0] * len(passages))
        while passages:
            logits, state = runtime.step(tokens, state)
            expected, going = self._probabilities(logits), []
            for row, passage in enumerate(passages):
                try:
                    tokens[row] = passage.send(expected[row])
                    going.append(row)
                except StopIteration:
                    pass
            done, self._done = self._done, []
            yield from done
            if len(going) < len(passages):
                passages, tokens = [passages[row] for row in going], [tokens[row] for row in going]
                state = runtime.select(state, going) if going else state

    def _sampled(self, expected: Array) -> int:
        sums = np.cumsum(expected, dtype=np.float64)
        return int(min(np.searchsorted(sums, self._chance.random() * sums[-1], side="right"), len(sums) - 1))

    def _probabilities(self, logits: Array) -> Array:
        """softmax [B, V] over the tokens of texts and the end."""
        logits = np.where(self._barred, -np.inf, logits)
        logits -= logits.max(axis=1, keepdims=True)
        np.exp(logits, out=logits)
        logits /= logits.sum(axis=1, keepdims=True)
        return logits


def _given(tokens: Sequence[int]) -> Generator[int, Array, Array]:
    """Feed `tokens`, at least one. Returns what is expected after them."""
    for token in tokens:
        expected = yield token
    return expected
