"""The texts that the model writes, a token at a time.

All work with the model is done in one thread, because an engine serves one caller at a time. The answers to several
requests take turns by token.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tui_lm.engine import Engine, FinishReason, Token
from tui_lm.serve.request import Generation
from tui_lm.tokenizers.specials import END
from tui_lm.tokenizers.tokenizer import text_of


@dataclass(frozen=True, slots=True)
class LogProbability:
    """A token's own text and bytes, and its log probability in nats."""

    text: str
    surface: bytes
    value: float


@dataclass(frozen=True, slots=True)
class Piece:
    """What one token adds to choice `index`. The last piece of a choice has a `finish` and no token.

    `chosen` is the token itself and `likeliest` the most probable ones, if log probabilities were asked for.
    """

    index: int
    text: str = ""
    counts: bool = True  # as a token of the completion
    chosen: LogProbability | None = None
    likeliest: tuple[LogProbability, ...] = ()
    finish: FinishReason | None = None


class Written:
    """The texts of one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="model")

    async def pieces(self, order: Generation) -> AsyncGenerator[Piece, None]:
        """The pieces of all texts, one text after the other. With a seed each text has its own: seed, seed + 1, ..."""
        loop = asyncio.get_running_loop()
        for index, context in enumerate(order.contexts):
            tokens = self._engine.stream(
                context,
                sampler=order.sampler,
                max_new_tokens=order.max_new_tokens,
                stop=order.stop,
                seed=None if order.seed is None else order.seed + index,
                alternatives=order.alternatives,
            )
            while isinstance(token := await loop.run_in_executor(self._thread, _next, tokens), Token):
                yield self._piece(index, token)
            yield Piece(index, counts=False, finish=token)

    def prompt_tokens(self, order: Generation) -> int:
        """The number of tokens that the model reads before it writes, over all texts."""
        return sum(len(self._engine.tokens_of(context)) for context in order.contexts)

    def _piece(self, index: int, token: Token) -> Piece:
        logs = [self._log_probability(*each) for each in token.alternatives]
        return Piece(index, token.text, token.id != END, logs[0] if logs else None, tuple(logs[1:]))

    def _log_probability(self, token: int, value: float) -> LogProbability:
        surface = b"" if token == END else self._engine.tokenizer.surfaces[token]
        return LogProbability(self._engine.label(token) if token == END else text_of(surface), surface, value)


def _next(tokens: Generator[Token, None, FinishReason]) -> Token | FinishReason:
    """The next token, or the reason why there is none."""
    try:
        return next(tokens)
    except StopIteration as end:
        reason: FinishReason = end.value
        return reason
