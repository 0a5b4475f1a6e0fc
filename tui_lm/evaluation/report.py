"""The figures of `tui-lm evaluate` for a language model: bits per character, keystroke savings, latency."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tui_lm.completion import Completer
from tui_lm.corpus import Utterance
from tui_lm.engine import Engine
from tui_lm.evaluation.bits import price
from tui_lm.evaluation.keystrokes import Typist, limit
from tui_lm.tokenizers.stream import WritingContext

MOST_MESSAGES = 1000  # the last ones of the split are typed
SHOWN = (3, 1)  # suggestions; latency and next words are measured with the first

Progress = Callable[[str, int, int], None]
"""Called with the name of the task, the amount done, and the total."""


def _silent(task: str, done: int, total: int) -> None:
    pass


def evaluate(
    engine: Engine,
    completer: Completer,
    utterances: Sequence[Utterance],
    *,
    window: int | None = None,
    progress: Progress = _silent,
) -> dict[str, Any]:
    """The object that `evaluate --json` prints. Figures that do not exist for this text or tokenizer are None.

    `completer` learns the messages; it should not save what it learns.
    """
    total = sum(len(utterance.text) for utterance in utterances)
    read = 0

    def reading(characters: int) -> None:
        nonlocal read
        read += characters
        progress("reading", read, total)

    cost = price(engine, utterances, window=window, progress=reading)
    return {
        "bits_per_char": None if engine.tokenizer.name == "word" else cost.bits_per_char,
        "perplexity": cost.perplexity,
        "characters": cost.characters,
        **typing(completer, utterances, engine.kind, progress=progress),
    }


def typing(
    completer: Completer,
    utterances: Sequence[Utterance],
    kind: str = "chat",
    *,
    progress: Progress = _silent,
) -> dict[str, Any]:
    """Keystroke savings with three suggestions and with one, and the latency of suggestions.

    A chat is typed message by message, with the earlier ones as history; other text is typed line by line.
    """
    chat = kind == "chat"
    messages = [
        Utterance(utterance.author, line)
        for utterance in utterances
        for line in ([utterance.text] if chat else utterance.text.splitlines())
        if line
    ][-MOST_MESSAGES:]
    typists = [Typist(n) for n in SHOWN]
    seconds: list[float] = []
    history: list[tuple[str | None, str]] = []
    for done, message in enumerate(messages):
        sent = WritingContext(message.text, message.author, tuple(history))
        for typist in typists:
            times = seconds if typist.n == SHOWN[0] else []
            typist.type(message.text, _suggester(completer, typist.n, sent, times))
        completer.learn(sent)
        if chat:
            history.append((message.author, message.text))
        progress("typing", done + 1, len(messages))
    three, one = typists
    return {
        "keystroke_savings": {
            "3": _rounded(three.savings),
            "1": _rounded(one.savings),
            "limit": _rounded(limit([message.text for message in messages])),
            "ci95": None if (interval := three.interval()) is None else [_rounded(end) for end in interval],
            "next_word_top1": _rounded(100.0 * three.first / three.words if three.words else None),
            "next_word_top3": _rounded(100.0 * three.any / three.words if three.words else None),
        },
        "latency_ms": {
            "p50": _rounded(1000 * float(np.quantile(seconds, 0.5)) if seconds else None, 3),
            "p95": _rounded(1000 * float(np.quantile(seconds, 0.95)) if seconds else None, 3),
        },
    }


def _suggester(completer: Completer, n: int, sent: WritingContext, seconds: list[float]) -> Callable[[str], list[str]]:
    def suggest(text: str) -> list[str]:
        begun = time.perf_counter()
        candidates = completer.candidates(sent.with_text(text), n=n)
        seconds.append(time.perf_counter() - begun)
        return [candidate.text for candidate in candidates]

    return suggest


def _rounded(value: float | None, digits: int = 2) -> float | None:
    return None if value is None else round(value, digits)
