"""A scripted model that answers at once, and an app around it. No test here waits for a clock."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("textual")
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

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
from tui_lm.tui.widgets.candidates import Candidates
from tui_lm.tui.widgets.composer import Composer
from tui_lm.tui.widgets.frame_view import FrameView
from tui_lm.tui.widgets.next_token import NextTokenBars
from tui_lm.tui.widgets.suggesting import SuggestingArea
from tui_lm.tui.widgets.transcript import Transcript

METRICS = {"validation_bits_per_char": 2.5, "validation_loss": None, "messages": 12_345}
ROUNDS = 20  # of the event loop; a message takes one for each widget that it passes
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
    next: dict[str, str] = field(default_factory=dict)  # who writes after whom
    replies: dict[str, str] = field(default_factory=dict)
    seeds: list[int | None] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    asked: list[tuple[str, str | None, tuple[tuple[str, str], ...]]] = field(default_factory=list)
    learned: list[tuple[str, str | None]] = field(default_factory=list)

    def _pass(self) -> None:
        self.calls += 1
        if self.gate is not None:
            assert self.gate.acquire(timeout=30)
        if self.error is not None:
            raise self.error

    def save(self) -> None:
        self.saved += 1

    def complete(self, context: WritingContext, *, n: int = 3, shown: Sequence[Shown] = ()) -> Words:
        text = context.text
        if not text:
            return Words(tuple(Word(word, 0.5) for word in self.replies), "")
        self._pass()
        self.completed.append(text)
        typed = re.findall(r"\S*$", text)[0]
        words = [word for word in WORDS if word.startswith(typed) and word != typed and word not in refused(shown)][:n]
        ghost = words[0][len(typed) :] + " at six" if words and typed else ""
        offered = [Word(word, 0.5 / (index + 1)) for index, word in enumerate(words)]
        return Words((*offered[:n], Word(typed + "zz", 0.001)), ghost)

    def next_author(self, history: Sequence[tuple[str | None, str]], authors: Sequence[str]) -> dict[str, float]:
        """Maya answers the user, and then it is the user's turn."""
        latest, _ = history[-1] if history else ("", "")
        return {self.next.get(latest or "", "Maya" if latest == self.me else self.me or ""): 1.0}

    def allows(self, text: str) -> bool:
        return True

    def learn(self, context: WritingContext) -> None:
        self.learned.append((context.text, context.author))

    def next_token(self, context: WritingContext, *, sampler: Any, n: int = 12) -> Distribution:
        heat = sampler.temperature
        return Distribution(heat, (("e", 1 - heat / 4), ("␣", heat / 4)))

    def stream(self, context: WritingContext, *, sampler: Any, seed: int | None = None, **_: Any) -> Any:
        if context.text in self.replies:
            yield Piece(self.replies[context.text])
            return
        self.seeds.append(seed)
        self.asked.append((context.text, context.author, tuple(context.history)))
        for piece in self.answer:
            self._pass()
            yield Piece(piece)


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


class Driver:
    """A running app, driven by keys and read from its screen."""

    def __init__(self, app: TuiLmApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def settle(self) -> None:
        """Wait until all message queues are empty. Pilot takes a process that is not scheduled for an idle one."""
        quiet = 0
        while quiet < ROUNDS:
            await asyncio.sleep(0)
            pumps = (self.app, *self.app.screen.walk_children(with_self=True))
            quiet = quiet + 1 if all(pump._message_queue.empty() for pump in pumps) else 0

    async def type(self, text: str) -> None:
        """Send all keys in a burst, as a terminal can: a pause after each would make the tests slow."""
        for key in text:
            self.app.post_message(Key("space" if key == " " else key, key))
        await self.until(lambda: self.app._message_queue.empty())

    async def do(self, id: str) -> None:
        """Run the action with this id, as the palette does."""
        binding, node, _ = next(action for action in self.app.actions() if action[0].id == id)
        await self.app.run_action(binding.action, node)
        await self.pilot.pause()
        await self.settle()

    async def answer(self, text: str, *, refused: bool = False) -> None:
        """Answer the modal screen: choose the line `text` of a list, or type it into the field."""
        await self.until(lambda: len(self.app.screen_stack) > 1)
        asked = self.app.screen
        fields = self.app.screen.query(Input)
        if fields:
            fields.first().value = text
        else:
            lines = self.app.screen.query_one(OptionList)
            prompts = [str(lines.get_option_at_index(index).prompt) for index in range(lines.option_count)]
            lines.highlighted = prompts.index(text)
        await self.press("enter")
        await self.until(lambda: refused or self.app.screen is not asked)

    async def until(self, seen: Callable[[], Any]) -> None:
        """Let the app work until `seen()` is true."""
        for _ in range(500):
            await self.pilot.pause()
            if seen():
                return
        raise AssertionError(f"never happened; on the screen:\n{self.screen()}")

    async def eventually(self, seen: Callable[[], Any]) -> None:
        """Like `until`, for the work of another process, with a deadline for one that hangs."""
        for _ in range(6000):
            if seen():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"never happened; on the screen:\n{self.screen()}")

    def screen(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    @property
    def composer(self) -> Composer:
        return self.app.screen.query_one(Composer)

    @property
    def ghost(self) -> str:
        return self.area.suggestion

    @property
    def words(self) -> list[str]:
        return [candidate.text for candidate in self.app.screen.query_one(Candidates).candidates]

    @property
    def panel_shown(self) -> bool:
        return bool(getattr(self.app.screen, "panel_open", False))

    @property
    def panel_filled(self) -> bool:
        """Whether the current view has content."""
        views = self.app.screen.query(FrameView)
        return bool(views.first().steps) if views else self.bars is not None

    @property
    def bars(self) -> Any:
        found = self.app.screen.query(NextTokenBars)
        return found.first().next_token if found else None

    @property
    def area(self) -> SuggestingArea:
        return self.app.screen.query_one(SuggestingArea)

    @property
    def clipboard(self) -> str:
        return self.app.clipboard

    @property
    def turns(self) -> list[tuple[str, str]]:
        return [(turn.author, turn.text) for turn in self.app.screen.query_one(Transcript).turns]

    @property
    def notices(self) -> list[str]:
        return [f"{notice.title}: {notice.message}" for notice in self.app._notifications]


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
        errors: bool = False,
        **options: Any,
    ) -> AsyncIterator[Driver]:
        thinking = backend or Backend(model, model)  # type: ignore[arg-type]

        def open_model(purpose: str, folder: Path) -> Any:
            if purpose == "translation":
                return translator
            return load() if load else thinking

        folder = None if named is None else home / "models" / named
        app = TuiLmApp(folder, settings or Settings(), session, open_model=open_model, **options)
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
