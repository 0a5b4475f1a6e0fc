"""An instant model that says what it is told to, and an app around it. No test here waits for a clock."""

from __future__ import annotations

import re
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

pytest.importorskip("textual")
from textual.events import Key
from textual.pilot import Pilot

from tui_lm.settings import Settings
from tui_lm.tui.app import TuiLmApp
from tui_lm.tui.backend import Backend
from tui_lm.tui.candidates import Candidates
from tui_lm.tui.composer import Composer
from tui_lm.tui.next_token import NextTokenBars
from tui_lm.tui.transcript import Turn

WORDS = ("tomorrow", "today", "tonight", "then", "see", "send", "seven", "you", "year")


@dataclass(frozen=True)
class Word:
    text: str
    probability: float


@dataclass(frozen=True)
class Words:
    candidates: tuple[Word, ...]
    ghost: str


@dataclass(frozen=True)
class Distribution:
    entropy: float
    candidates: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Piece:
    text: str


@dataclass
class Model:
    """Engine and completer in one. `gate`, where it is set, holds back each call until the test lets it go on."""

    name: str = "scripted"
    description: str = "LSTM 1 x 8, char, 1K parameters"
    kind: str = "chat"
    me: str | None = "Ann"
    authors: tuple[str, ...] = ("Maya", "Ann", "Ravi")
    answer: tuple[str, ...] = ("yes", ", at", " six")
    error: Exception | None = None
    gate: threading.Semaphore | None = None
    calls: int = 0
    completed: list[str] = field(default_factory=list)
    asked: list[tuple[str, str | None, tuple[tuple[str, str], ...]]] = field(default_factory=list)
    learned: list[tuple[str, str | None]] = field(default_factory=list)

    def _pass(self) -> None:
        self.calls += 1
        if self.gate is not None:
            assert self.gate.acquire(timeout=30)
        if self.error is not None:
            raise self.error

    def complete(self, text: str, *, n: int = 3, author: str | None = None, history: Any = ()) -> Words:
        self._pass()
        self.completed.append(text)
        typed = re.findall(r"\S*$", text)[0]
        words = [word for word in WORDS if word.startswith(typed) and word != typed][:n]
        ghost = words[0][len(typed) :] + " at six" if words and typed else ""
        offered = [Word(word, 0.5 / (place + 1)) for place, word in enumerate(words)]
        return Words((*offered[:n], Word(typed + "zz", 0.001)), ghost)

    def learn(self, text: str, *, author: str | None, history: Any) -> None:
        self.learned.append((text, author))

    def next_token(self, text: str, *, author: str | None, history: Any, sampler: Any, n: int = 12) -> Distribution:
        heat = sampler.temperature
        return Distribution(heat, (("e", 1 - heat / 4), ("␣", heat / 4)))

    def stream(self, text: str, *, author: str | None, history: Any, sampler: Any, **_: Any) -> Any:
        self.asked.append((text, author, tuple(history)))
        for piece in self.answer:
            self._pass()
            yield Piece(piece)


class Driver:
    """A running app, read as a person reads it."""

    def __init__(self, app: TuiLmApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """All at once, as when a terminal delivers a burst: a pause after each key would make the tests slow."""
        for key in text:
            self.app.post_message(Key("space" if key == " " else key, key))
        await self.until(lambda: self.app._message_queue.empty())

    async def until(self, seen: Callable[[], Any]) -> None:
        """Let the app work until `seen()` holds."""
        for _ in range(500):
            await self.pilot.pause()
            if seen():
                return
        raise AssertionError(f"never happened; on the screen:\n{self.screen()}")

    def screen(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    @property
    def composer(self) -> Composer:
        return self.app.screen.query_one(Composer)

    @property
    def ghost(self) -> str:
        return self.composer.suggestion

    @property
    def words(self) -> list[str]:
        return [candidate.text for candidate in self.app.screen.query_one(Candidates).candidates]

    @property
    def bars(self) -> Any:
        return self.app.screen.query_one(NextTokenBars).next_token

    @property
    def turns(self) -> list[tuple[str, str]]:
        return [(turn.author, turn.text) for turn in self.app.screen.query(Turn)]

    @property
    def notices(self) -> list[str]:
        return [f"{notice.title}: {notice.message}" for notice in self.app._notifications]


Start = Callable[..., Any]


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def start(model: Model) -> Start:
    """`async with start(size=(80, 24)) as app:` an app whose model is loaded, unless `ready` is False."""

    @asynccontextmanager
    async def run(
        size: tuple[int, int] = (120, 36),
        *,
        settings: Settings | None = None,
        load: Callable[[], Backend] | None = None,
        ready: bool = True,
        **options: Any,
    ) -> AsyncIterator[Driver]:
        backend = Backend(model, model)  # type: ignore[arg-type]
        app = TuiLmApp(load or (lambda: backend), model_name="scripted", settings=settings or Settings(), **options)
        async with app.run_test(size=size) as pilot:
            driver = Driver(app, pilot)
            if ready:
                await driver.until(lambda: driver.bars is not None)
            yield driver

    return run
