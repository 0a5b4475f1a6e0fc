"""A sequence-to-sequence network that has learned replies, read as any other language model of a chat.

The tokens are those of the chat as one stream, `<s> [author] text </s>` a message. At each `<s>` the encoder reads the
messages before it, as many of the last as it has learned from, and the decoder begins to write what answers them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui_lm.architecture import Seq2Seq
from tui_lm.runtime.runtime import Logits
from tui_lm.runtime.seq2seq import Decoding, Seq2SeqRuntime
from tui_lm.tokenizers.specials import BEGIN, END
from tui_lm.tokenizers.stream import latest_messages
from tui_lm.trace import Edit, Trace

CONTEXT = 128  # tokens that the encoder reads at most


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where B hypotheses are: what each has read, the last `CONTEXT` tokens of it, and where the decoder is."""

    read: tuple[tuple[int, ...], ...]
    decoding: Decoding


class ReplyRuntime:
    def __init__(self, network: Seq2SeqRuntime) -> None:
        self.architecture: Seq2Seq = network.architecture
        self.embedding: Logits = network.embedding
        self._network = network

    def start(self) -> Conversation:
        return Conversation(((),), self._network.start())

    def prefill(self, tokens: Sequence[int], state: Conversation | None = None) -> tuple[Logits, Conversation]:
        """Only the last message of `tokens` is written by the decoder; what is before it is a source, read once."""
        state = state or self.start()
        read, decoding, rest = (*state.read[0], *tokens), state.decoding, tokens
        if BEGIN in tokens:
            begun = len(tokens) - 1 - [*reversed(tokens)].index(BEGIN)
            rest = tokens[begun:]
            decoding = self._encoded([read[: len(read) - len(rest)]])
        logits, decoding = self._network.prefill(rest, decoding)
        return logits, Conversation((read[-CONTEXT:],), decoding)

    def step(
        self, tokens: Sequence[int], state: Conversation, trace: Trace | None = None, edit: Edit | None = None
    ) -> tuple[Logits, Conversation]:
        """Hypotheses begin a message together, or none of them does."""
        decoding = state.decoding
        if BEGIN in tokens:
            if any(token != BEGIN for token in tokens):
                raise ValueError("some hypotheses begin a message and others do not")
            decoding = self._encoded(state.read)
        logits, decoding = self._network.step(tokens, decoding, trace, edit)
        read = tuple((*before, token)[-CONTEXT:] for before, token in zip(state.read, tokens, strict=True))
        return logits, Conversation(read, decoding)

    def select(self, state: Conversation, rows: Sequence[int]) -> Conversation:
        return Conversation(tuple(state.read[row] for row in rows), self._network.select(state.decoding, rows))

    def logits(self, hidden: Logits) -> Logits:
        return self._network.logits(hidden)

    def votes(self, hidden: Logits, token: int) -> tuple[Logits, float]:
        return self._network.votes(hidden, token)

    def _encoded(self, read: Sequence[Sequence[int]]) -> Decoding:
        """The decoder's start after each stream; where nothing was said, after the end of a message alone."""
        return self._network.encode([latest_messages(tokens, CONTEXT) or [END] for tokens in read])
