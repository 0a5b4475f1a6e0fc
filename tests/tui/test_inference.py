"""The thread that touches models, alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

pytest.importorskip("textual")
from textual.message import Message

from tui_lm.tui.jobs import inference
from tui_lm.tui.jobs.inference import Done, Inference, InferenceJob


class Inbox:
    def __init__(self) -> None:
        self.came: list[Message] = []
        self.new = threading.Semaphore(0)

    def post_message(self, message: Message) -> bool:
        self.came.append(message)
        self.new.release()
        return True

    def wait(self, count: int = 1) -> None:
        for _ in range(count):
            assert self.new.acquire(timeout=30)


@dataclass
class Said(Message):
    text: str


@dataclass(frozen=True)
class Lasting(InferenceJob):
    """Yields what the model says, a piece at a time, when it is let."""

    lasting: ClassVar[bool] = True

    def run(self, model: Any) -> Iterator[Message | None]:
        for word in model:
            yield None if word is None else Said(word)


@dataclass(frozen=True)
class Urgent(Lasting):
    urgent: ClassVar[bool] = True


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def texts(inbox: Inbox) -> list[str]:
    return [message.text for message in inbox.came if isinstance(message, Said)]


def test_a_piece_without_news_is_not_told(inbox: Inbox) -> None:
    worker = Inference(lambda purpose, folder: ("a", None, "b"), inbox)
    worker.load("language", Path())
    inbox.wait()
    worker.put(Lasting(inbox, 1))
    inbox.wait(3)
    assert texts(inbox) == ["a", "b"]
    assert isinstance(inbox.came[-1], Done)
    worker.close()


def test_the_first_piece_of_an_urgent_job_comes_before_those_of_other_jobs(inbox: Inbox) -> None:
    let, begun = threading.Semaphore(0), threading.Event()

    def slow() -> Iterator[str]:
        begun.set()
        assert let.acquire(timeout=30)
        yield "slow"
        yield "slower"

    models = iter([slow(), ("at once", "then")])

    class Either(Lasting):
        def run(self, model: Any) -> Iterator[Message | None]:
            yield from (Said(word) for word in next(models))

    class First(Urgent):
        run = Either.run

    worker = Inference(lambda purpose, folder: None, inbox)
    worker.load("language", Path())
    inbox.wait()
    worker.put(Either(inbox, 1))
    assert begun.wait(30)
    worker.put(First(inbox, 2))
    let.release()
    inbox.wait(6)
    assert texts(inbox) == ["slow", "at once", "slower", "then"]
    worker.close()


def test_closing_waits_for_the_piece_that_is_computed_but_not_long(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    let, begun = threading.Event(), threading.Event()

    def stuck() -> Iterator[str]:
        begun.set()
        assert let.wait(30)
        yield "late"

    worker = Inference(lambda purpose, folder: stuck(), inbox)
    worker.load("language", Path())
    inbox.wait()
    worker.put(Lasting(inbox, 1))
    assert begun.wait(30)
    monkeypatch.setattr(inference, "ENDING", 0.0)
    worker.close()
    assert worker.is_alive
    let.set()
    monkeypatch.setattr(inference, "ENDING", 30.0)
    worker.close()
    assert not worker.is_alive
    assert texts(inbox) == []
