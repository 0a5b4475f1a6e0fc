"""A scripted model that answers at once, and an app around it. No test here waits for a clock."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("textual")

from tests.tui.driver import Driver
from tui_lm import events
from tui_lm.architecture import Llama, Recurrent, Seq2Seq
from tui_lm.checkpoint import Card
from tui_lm.completion.suggestion import Shown, refused
from tui_lm.settings import Settings
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.translation import Translation
from tui_lm.tui.app import TuiLmApp
from tui_lm.tui.jobs.backend import Backend
from tui_lm.tui.keeping.session import Session

METRICS = {"validation_bits_per_char": 2.5, "validation_loss": None, "messages": 12_345}
WORDS = ("tomorrow", "today", "tonight", "then", "see", "send", "seven", "you", "year")


@dataclass(frozen=True)
class Word:
    text: str
    probability: float


@dataclass(frozen=True)
class Words:
    candidates: tuple[Word, ...]
    ghost: str
    refined: bool = True


@dataclass(frozen=True)
class Distribution:
    entropy: float
    candidates: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Piece:
    text: str


@dataclass
class Model:
    """Engine and completer in one. With a `gate`, each call waits until the test releases it."""

    name: str = "scripted"
    description: str = "LSTM 1 x 8, char, 1K parameters"
    kind: str = "chat"
    me: str | None = "Ann"
    authors: tuple[str, ...] = ("Maya", "Ann", "Ravi")
    answer: tuple[str, ...] = ("yes", ", at", " six")
    error: Exception | None = None
    gate: threading.Semaphore | None = None
    calls: int = 0
    private: bool = False
    saved: int = 0
    early: dict[str, Sequence[str]] = field(default_factory=dict)  # words that are suggested first, by the text
    found: threading.Event = field(default_factory=threading.Event)  # what replaces them
    steps: Counter[str] = field(default_factory=Counter)  # of the search for it, by the text
    next: dict[str, str] = field(default_factory=dict)  # who writes after whom
    replies: dict[str, str] = field(default_factory=dict)
    seeds: list[int | None] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    asked: list[tuple[str, str | None, tuple[tuple[str, str], ...]]] = field(default_factory=list)
    learned: list[tuple[str, str | None]] = field(default_factory=list)
    taken_back: list[str] = field(default_factory=list)
    suggested: dict[str, list[str]] = field(default_factory=dict)  # the latest words for each text

    def _pass(self) -> None:
        self.calls += 1
        if self.gate is not None:
            assert self.gate.acquire(timeout=30)
        if self.error is not None:
            raise self.error

    def _words(self, text: str, without: Collection[str], n: int) -> tuple[str, list[str]]:
        """What is typed of the word, and the words that it may become."""
        typed = re.findall(r"\S*$", text)[0]
        unwanted = {typed, *without, *self.taken_back}
        return typed, [word for word in WORDS if word.startswith(typed) and word not in unwanted][:n]

    def save(self) -> None:
        self.saved += 1

    def complete(self, context: WritingContext, *, n: int = 3, shown: Sequence[Shown] = ()) -> Words:
        text = context.text
        if not text:
            return Words(tuple(Word(word, 0.5) for word in self.replies), "")
        self._pass()
        self.completed.append(text)
        typed, words = self._words(text, refused(shown), n)
        self.suggested[text] = words
        ghost = words[0][len(typed) :] + " at six" if words and typed else ""
        offered = [Word(word, 0.5 / (index + 1)) for index, word in enumerate(words)]
        return Words((*offered[:n], Word(typed + "zz", 0.001)), ghost)

    def stages(
        self, context: WritingContext, *, n: int, shown: Sequence[Shown], expired: Callable[[], bool]
    ) -> Iterator[Words | None]:
        """All at once, or `early` words first, and the others when the test has `found` them."""
        whole = self.complete(context, n=n, shown=shown)
        if (early := self.early.get(context.text)) is not None:
            yield Words(tuple(Word(word, 0.2) for word in early), "", refined=False)
            while not self.found.wait(
                0.001
            ):  # a step that took no time would keep the pilot waiting for an idle process
                self.steps[context.text] += 1
                yield None
        yield whole

    def next_author(self, history: Sequence[tuple[str | None, str]], authors: Sequence[str]) -> dict[str, float]:
        """Maya answers the user, and then it is the user's turn."""
        latest, _ = history[-1] if history else ("", "")
        return {self.next.get(latest or "", "Maya" if latest == self.me else self.me or ""): 1.0}

    def allows(self, text: str) -> bool:
        return True

    def take_back(self, candidate: str) -> str:
        self._pass()
        self.taken_back.append(candidate)
        return candidate

    def learn(self, context: WritingContext) -> None:
        self.learned.append((context.text, context.author))

    def offered(self, context: WritingContext) -> tuple[tuple[str, int], ...]:
        typed = re.findall(r"\S*$", context.text)[0]
        return tuple((word, ord(word[len(typed)])) for word in self.suggested.get(context.text, ()))

    def label(self, token: int) -> str:
        return chr(token)

    def next_token(self, context: WritingContext, *, sampler: Any, also: Sequence[int] = ()) -> Distribution:
        heat = sampler.temperature
        likely = {"e": 1 - heat / 4, "␣": heat / 4}
        return Distribution(heat, tuple((likely | {chr(token): 0.0 for token in also if chr(token) != "e"}).items()))

    def stream(self, context: WritingContext, *, sampler: Any, seed: int | None = None, **_: Any) -> Any:
        if context.text in self.replies:
            yield Piece(self.replies[context.text])
            return "end"
        self.seeds.append(seed)
        self.asked.append((context.text, context.author, tuple(context.history)))
        for piece in self.answer:
            self._pass()
            yield Piece(piece)
        return "end"


class Description:
    description = "seq2seq 1 x 8"


@dataclass
class Reverser:
    """A translator that reverses the words, in capitals, and aligns them accordingly."""

    card: type = Description
    asked: list[str] = field(default_factory=list)
    error: Exception | None = None

    def translate(self, line: str) -> Translation:
        self.asked.append(line)
        if self.error is not None:
            raise self.error
        words = line.split()
        target = [word.upper() for word in reversed(words)]
        tokens = tuple((" " if index else "") + word for index, word in enumerate(target))
        sources = tuple((" " if index else "") + word for index, word in enumerate(words))
        probabilities = tuple(0.1 if word == "?" else 0.9 for word in target)
        return Translation(line, " ".join(target), tokens, probabilities, (np.eye(len(words))[::-1],), sources)


Start = Callable[..., Any]


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def translator() -> Reverser:
    return Reverser()


@pytest.fixture
def saved_models(home: Path) -> Path:
    """Model folders that hold only cards and events: two chat models, a mini-LLaMA and a translator."""
    chat = Recurrent("lstm", 40, 8, 8)
    cards = {
        "scripted": Card("scripted", "chat", chat, "char", me="Ann", authors=("Maya", "Ann", "Ravi")),
        "second": Card("second", "chat", chat, "char", metrics=METRICS),
        "llama": Card("llama", "prose", Llama(40, 8, 16, 1, 2, 1, 32), "char"),
        "hindi": Card("hindi", "pairs", Seq2Seq(40, 40, 8, 8), "subword"),
    }
    for name, card in cards.items():
        folder = home / "models" / name
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(json.dumps(card.to_json()))
        (folder / "events.jsonl").write_text(
            "".join(
                events.to_json(events.Evaluated(step, 2.0, 3.0 - step / 10, True, 1.0)) + "\n" for step in (1, 2, 3)
            )
        )
    return home / "models"


@pytest.fixture
def start(model: Model, translator: Reverser, home: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """`async with start(size=(80, 24)) as app:` runs an app with a loaded model, or a loading one if not `ready`."""

    monkeypatch.setattr("tui_lm.tui.jobs.turn_taking.PAUSE", (0.0, 0.0))

    @asynccontextmanager
    async def run(
        size: tuple[int, int] = (120, 36),
        *,
        settings: Settings | None = None,
        session: Session | None = None,
        load: Callable[[], Any] | None = None,
        backend: Backend | None = None,
        ready: bool = True,
        named: str | None = "scripted",
        sample: bool = False,
        errors: bool = False,
        **options: Any,
    ) -> AsyncIterator[Driver]:
        thinking = backend or Backend(model, model)  # type: ignore[arg-type]

        def open_model(purpose: str, folder: Path) -> Any:
            if purpose == "translation":
                return translator
            return load() if load else thinking

        folder = None if named is None else home / "models" / named
        app = TuiLmApp(
            folder, replace(settings or Settings(), sample=sample), session, open_model=open_model, **options
        )
        app.NOTIFICATION_TIMEOUT = 600.0  # on a busy machine a notice would be gone before a test reads it
        async with app.run_test(size=size) as pilot:
            driver = Driver(app, pilot)
            if ready and folder is not None:
                await driver.until(lambda: app.models.state == "ready")
                await driver.until(lambda: not driver.panel_shown or driver.panel_filled)
            yield driver
            if not errors:
                assert not [notice for notice in driver.notices if "Something went wrong" in notice]

    return run
