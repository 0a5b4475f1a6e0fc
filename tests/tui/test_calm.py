"""An error anywhere in the app, also in a widget of Textual's own, is a notice of two lines, and the app goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual import work
from textual.containers import Vertical
from textual.events import Click, Compose
from textual.message import Message
from textual.widgets import Static

from tests.tui.conftest import Start
from tests.tui.driver import Driver
from tui_lm.tui.widgets.candidates import Candidates
from tui_lm.tui.widgets.masthead import Masthead
from tui_lm.tui.widgets.status import Status

NOTICE = ": Something went wrong (LookupError).\nWhat you typed is still here."


def broken(*_: object) -> None:
    raise LookupError("text of a chat")


async def broken_later(*_: object) -> None:
    raise LookupError("text of a chat")


class Broken(Static):
    """Each of its parts fails when it is asked to."""

    class Asked(Message):
        pass

    def on_broken_asked(self) -> None:
        broken()

    @work
    async def work_in_turn(self) -> None:
        broken()

    @work(thread=True)
    def work_in_thread(self) -> None:
        broken()


class BrokenCompose(Vertical):
    async def _on_compose(self, event: Compose) -> None:
        broken()


def in_a_handler(widget: Broken) -> None:
    widget.post_message(widget.Asked())


def in_a_worker(widget: Broken) -> None:
    widget.work_in_turn()


def in_a_thread(widget: Broken) -> None:
    widget.work_in_thread()


def in_a_timer(widget: Broken) -> None:
    widget.set_timer(0.001, broken)


def in_a_late_call(widget: Broken) -> None:
    widget.call_after_refresh(broken)
    widget.call_later(broken)
    widget.call_next(broken)


async def has_gone_on(app: Driver, home: Path) -> None:
    """Whether the error was told in two lines without any text, and typing still works."""
    await app.until(lambda: app.notices)
    await app.type("tom")
    await app.until(lambda: app.composer.text == "tom" and app.ghost)
    assert app.notices == [NOTICE]
    assert app.app.is_running
    assert app.app.return_code in (None, 0)
    report = (home / "crash.txt").read_text()
    assert "LookupError" in report
    assert "text of a chat" not in report


@pytest.mark.parametrize("fail", [in_a_handler, in_a_worker, in_a_thread, in_a_timer, in_a_late_call])
async def test_an_error_in_a_widget_of_textual_is_a_notice(
    start: Start, home: Path, fail: Callable[[Broken], None]
) -> None:
    async with start(errors=True) as app:
        widget = Broken("a line")
        await app.app.screen.query_one("#column").mount(widget)
        fail(widget)
        await has_gone_on(app, home)
        widget.update("another line")
        await app.until(lambda: "another line" in app.screen())
        await widget.remove()


async def test_an_error_in_a_container_of_textual_is_a_notice(
    start: Start, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(errors=True) as app:
        column = app.app.screen.query_one("#column", Vertical)
        monkeypatch.setattr(column, "_on_click", broken_later, raising=False)
        monkeypatch.setattr(Vertical, "on_click", broken, raising=False)
        column.post_message(Click(column, 1, 1, 0, 0, 1, False, False, False))
        await has_gone_on(app, home)


async def test_a_widget_that_cannot_be_composed_is_left_out(start: Start, home: Path) -> None:
    async with start(errors=True) as app:
        await app.app.screen.query_one("#column").mount(BrokenCompose())
        await has_gone_on(app, home)


@pytest.mark.parametrize("kind", [Masthead, Status, Candidates])
async def test_a_widget_that_cannot_be_drawn_is_blank_and_told_once(
    start: Start, home: Path, monkeypatch: pytest.MonkeyPatch, kind: type
) -> None:
    monkeypatch.setattr(kind, "render", broken)
    async with start(errors=True) as app:
        await has_gone_on(app, home)
        for _ in range(30):
            app.app.screen.query_one(kind).refresh(layout=True)
            await app.pilot.pause()
        assert app.app.is_running
        assert app.notices == [NOTICE]


async def test_lines_that_cannot_be_drawn_are_blank(start: Start, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with start(errors=True) as app:
        monkeypatch.setattr(type(app.composer), "render_line", broken)
        app.composer.refresh()
        await has_gone_on(app, home)
        monkeypatch.undo()
        await app.type("orrow")
        await app.until(lambda: "tomorrow" in app.screen())
