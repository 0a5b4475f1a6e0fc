"""Bits per character of a frozen network on unseen text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np

from tui_lm.corpus import Utterance
from tui_lm.engine import Engine
from tui_lm.runtime import Logits, State
from tui_lm.sampling import log_softmax
from tui_lm.tokenizers.specials import END
from tui_lm.tokenizers.stream import opening

CHUNK = 512  # rows of logits in memory


@dataclass(frozen=True, slots=True)
class Price:
    """The cost in `nats` of `tokens` that spell `characters`. In a chat both include the `ends` of messages."""

    nats: float = 0.0
    tokens: int = 0
    characters: int = 0
    ends: int = 0

    @property
    def bits_per_char(self) -> float | None:
        units = self.characters + self.ends
        return self.nats / log(2) / units if units else None

    @property
    def perplexity(self) -> float | None:
        return exp(self.nats / self.tokens) if self.tokens else None


def price(
    engine: Engine,
    utterances: Sequence[Utterance],
    *,
    window: int | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Price:
    """The cost of the texts of `utterances`, read in order as one stream.

    The state is carried over, or reset every `window` tokens. A transformer reads windows of its context that overlap
    by half: one that loses its first token, on which much of its attention rests, fails (Xiao et al. 2024). In a chat
    the end of each message counts; authors and `<s>` do not. `progress` is called with the length of each utterance.
    """
    ends = engine.kind == "chat"
    reader = _Reader(engine, window)
    nats, scored = 0.0, 0
    for utterance in utterances:
        before = opening(engine.tokenizer, utterance.author if ends else None)
        text = [*engine.tokenizer.encode(utterance.text), *([END] if ends else [])]
        pending = [reader.read(token) for token in [*before, *text]]
        nats += _nats(pending[len(before) - 1 : -1], text)
        scored += len(text)
        progress(len(utterance.text))
    characters = sum(len(utterance.text) for utterance in utterances)
    return Price(nats, scored, characters, len(utterances) if ends else 0)


class _Reader:
    """A network that reads a stream token by token, within its limits."""

    def __init__(self, engine: Engine, window: int | None) -> None:
        self._runtime, self._window, self._context = engine.runtime, window, engine.context
        self._state: State | None = None
        self._read: list[int] = []  # the tokens of the state

    def read(self, token: int) -> Logits:
        """The logits [V] after `token`."""
        if self._window is not None and len(self._read) == self._window:
            self._state, self._read = None, []
        elif self._context is not None and len(self._read) == self._context and self._context > 1:
            self._read = self._read[-(self._context // 2) :]
            _, self._state = self._runtime.prefill(self._read)
        logits, self._state = self._runtime.prefill([token], self._state)
        self._read.append(token)
        row: Logits = logits[0]
        return row


def _nats(logits: Sequence[Logits], targets: Sequence[int]) -> float:
    """The cost of `targets` given the `logits` before each of them, in chunks that keep memory small."""
    total = 0.0
    for i in range(0, len(targets), CHUNK):
        chosen = targets[i : i + CHUNK]
        total -= float(log_softmax(np.stack(logits[i : i + CHUNK]))[np.arange(len(chosen)), chosen].sum())
    return total
