"""A sequence-to-sequence network that has learned replies, behind the interface of a language model.

The tokens are those of the chat as one stream, `<s> [author] text </s>` a message. At each `<s>` the encoder reads the
latest messages before it, and the decoder begins the reply.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui_lm.architecture import Seq2Seq
from tui_lm.runtime.runtime import Logits
from tui_lm.runtime.seq2seq import Seq2SeqRuntime, Seq2SeqState
from tui_lm.tokenizers.specials import BEGIN, END
from tui_lm.tokenizers.stream import latest_messages
from tui_lm.trace import Edit, Trace

CONTEXT = 128  # most tokens that the encoder reads


@dataclass(frozen=True, slots=True)
class ReplyState:
    """The state of B hypotheses: the last `CONTEXT` tokens of each, and the decoder's state."""

    tokens: tuple[tuple[int, ...], ...]
    decoder: Seq2SeqState


class ReplyRuntime:
    def __init__(self, network: Seq2SeqRuntime) -> None:
        self.architecture: Seq2Seq = network.architecture
        self.embedding: Logits = network.embedding
        self._network = network

    def start(self) -> ReplyState:
        return ReplyState(((),), self._network.start())

    def prefill(self, tokens: Sequence[int], state: ReplyState | None = None) -> tuple[Logits, ReplyState]:
        """The last message of `tokens` goes through the decoder; the messages before it are encoded once."""
        state = state or self.start()
        stream, decoder, rest = (*state.tokens[0], *tokens), state.decoder, tokens
        if BEGIN in tokens:
            begun = len(tokens) - 1 - [*reversed(tokens)].index(BEGIN)
            rest = tokens[begun:]
            decoder = self._encoded([stream[: len(stream) - len(rest)]])
        logits, decoder = self._network.prefill(rest, decoder)
        return logits, ReplyState((stream[-CONTEXT:],), decoder)

    def step(
        self, tokens: Sequence[int], state: ReplyState, trace: Trace | None = None, edit: Edit | None = None
    ) -> tuple[Logits, ReplyState]:
        """All hypotheses begin a message in this step, or none does; otherwise ValueError is raised."""
        decoder = state.decoder
        if BEGIN in tokens:
            if any(token != BEGIN for token in tokens):
                raise ValueError("some hypotheses begin a message and others do not")
            decoder = self._encoded(state.tokens)
        logits, decoder = self._network.step(tokens, decoder, trace, edit)
        streams = tuple((*before, token)[-CONTEXT:] for before, token in zip(state.tokens, tokens, strict=True))
        return logits, ReplyState(streams, decoder)

    def select(self, state: ReplyState, rows: Sequence[int]) -> ReplyState:
        return ReplyState(tuple(state.tokens[row] for row in rows), self._network.select(state.decoder, rows))

    def logits(self, hidden: Logits) -> Logits:
        return self._network.logits(hidden)

    def logit_attribution(self, hidden: Logits, token: int) -> tuple[Logits, float]:
        return self._network.logit_attribution(hidden, token)

    def _encoded(self, streams: Sequence[Sequence[int]]) -> Seq2SeqState:
        """The decoder's first state after each stream; an empty stream counts as the end of a message."""
        return self._network.encode([latest_messages(tokens, CONTEXT) or [END] for tokens in streams])
