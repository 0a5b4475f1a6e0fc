"""The figures of `tui-lm evaluate` for a language model: bits per character, keystroke savings, ghosts, latency."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tui_lm.completion import Completer, Shown
from tui_lm.completion.search import never
from tui_lm.completion.suggestion import READ
from tui_lm.corpus import Utterance
from tui_lm.engine import Engine
from tui_lm.evaluation.bits import Price, price
from tui_lm.evaluation.ghost_text import GhostTypist
from tui_lm.evaluation.keystrokes import GLANCING, Typist, limit
from tui_lm.tokenizers.stream import WritingContext

METRICS = ("bits", "keystrokes", "glance", "latency")
MOST_MESSAGES = 1000  # by default the last ones of the split are typed
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
    metrics: Collection[str] = METRICS,
    most: int = MOST_MESSAGES,
    budget: float | None = None,
    progress: Progress = _silent,
) -> dict[str, Any]:
    """The object that `evaluate --json` prints. Figures that were not asked for, or do not exist, are None.

    `completer` learns the messages; it should not save what it learns.
    """
    total = sum(len(utterance.text) for utterance in utterances)
    read = 0

    def reading(characters: int) -> None:
        nonlocal read
        read += characters
        progress("reading", read, total)

    bits = "bits" in metrics
    cost = price(engine, utterances, window=window, progress=reading) if bits else Price()
    return {
        "bits_per_char": None if engine.tokenizer.name == "word" else cost.bits_per_char,
        "perplexity": cost.perplexity,
        "characters": cost.characters if bits else total,
        **typing(completer, utterances, engine.kind, metrics=metrics, most=most, budget=budget, progress=progress),
    }


def typing(
    completer: Completer,
    utterances: Sequence[Utterance],
    kind: str = "chat",
    *,
    metrics: Collection[str] = METRICS,
    most: int = MOST_MESSAGES,
    budget: float | None = None,
    progress: Progress = _silent,
) -> dict[str, Any]:
    """Keystroke savings of the reading and the glancing typist, figures of ghost text, and latency.

    A chat is typed message by message, with the earlier ones as history; other text is typed line by line. `budget` are
    the seconds of processor time that each key's candidates may take, so that other programs do not change the result;
    without it every search ends.
    """
    chat = kind == "chat"
    messages = [
        Utterance(utterance.author, line)
        for utterance in utterances
        for line in ([utterance.text] if chat else utterance.text.splitlines())
        if line
    ]
    messages = messages[max(0, len(messages) - most) :]
    desk = _Desk(completer, metrics, budget)
    history: list[tuple[str | None, str]] = []
    for done, message in enumerate(messages):
        sent = WritingContext(message.text, message.author, tuple(history))
        desk.type(sent)
        completer.learn(sent)
        if chat:
            history.append((message.author, message.text))
        progress("typing", done + 1, len(messages))
    return desk.report([message.text for message in messages])


@dataclass(slots=True)
class _Desk:
    """The typists that the metrics need, side by side at one completer."""

    completer: Completer
    metrics: Collection[str]
    budget: float | None = None
    reading: list[Typist] = field(default_factory=lambda: [Typist(n) for n in SHOWN])
    glancing: list[Typist] = field(default_factory=lambda: [Typist(n, GLANCING) for n in SHOWN])
    ghosts: GhostTypist = field(default_factory=GhostTypist)
    seconds: list[float] = field(default_factory=list)  # per call for the first reading typist
    searches: int = 0
    finished: int = 0  # searches that ended within the budget

    def type(self, sent: WritingContext) -> None:
        if "keystrokes" in self.metrics or "latency" in self.metrics:
            for typist in self.reading:
                times = self.seconds if typist.n == SHOWN[0] else []
                typist.type(sent.text, self._suggester(typist.n, sent, times))
        if "glance" in self.metrics:
            for typist in self.glancing:
                typist.type(sent.text, self._suggester(typist.n, sent, []))
            self.ghosts.type(sent.text, lambda text: self.completer.ghost(sent.with_text(text)))

    def _suggester(
        self, n: int, sent: WritingContext, seconds: list[float]
    ) -> Callable[[str, Sequence[str]], list[str]]:
        def suggest(text: str, refused: Sequence[str]) -> list[str]:
            begun, processor = time.perf_counter(), time.process_time()
            shown = [Shown(word, READ) for word in refused]
            budget, context = self.budget, sent.with_text(text)
            expired = never if budget is None else lambda: time.process_time() - processor >= budget
            candidates = self.completer.candidates(context, n=n, shown=shown, expired=expired)
            seconds.append(time.perf_counter() - begun)
            self.searches += 1
            self.finished += self.completer.is_refined(context)
            return [candidate.text for candidate in candidates]

        return suggest

    def report(self, texts: Sequence[str]) -> dict[str, Any]:
        keystrokes = "keystrokes" in self.metrics
        three, one = self.reading if keystrokes else (Typist(n) for n in SHOWN)
        seconds = self.seconds if "latency" in self.metrics else []
        return {
            "keystroke_savings": {
                "3": _rounded(three.savings),
                "1": _rounded(one.savings),
                "limit": _rounded(limit(texts)) if keystrokes else None,
                "ci95": _interval(three),
                "next_word_top1": _rounded(100.0 * three.first / three.words if three.words else None),
                "next_word_top3": _rounded(100.0 * three.any / three.words if three.words else None),
            },
            "glancing": {
                "3": _rounded(self.glancing[0].savings),
                "1": _rounded(self.glancing[1].savings),
                "ci95": _interval(self.glancing[0]),
            },
            "ghost": {
                "acceptance": _rounded(self.ghosts.acceptance),
                "wrong_shows": _rounded(self.ghosts.wrong_shows),
            },
            "searches_finished": _rounded(100.0 * self.finished / self.searches if self.searches else None),
            "latency_ms": {
                "p50": _rounded(1000 * float(np.quantile(seconds, 0.5)) if seconds else None, 3),
                "p95": _rounded(1000 * float(np.quantile(seconds, 0.95)) if seconds else None, 3),
            },
        }


def _interval(typist: Typist) -> list[float | None] | None:
    interval = typist.interval()
    return None if interval is None else [_rounded(end) for end in interval]


def _rounded(value: float | None, digits: int = 2) -> float | None:
    return None if value is None else round(value, digits)
