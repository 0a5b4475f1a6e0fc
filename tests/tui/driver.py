"""The hands and eyes of the app's tests: keys in, screen text out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("textual")
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from tui_lm.tui.app import TuiLmApp
from tui_lm.tui.widgets.candidates import Candidates
from tui_lm.tui.widgets.composer import Composer
from tui_lm.tui.widgets.frame_view import FrameView
from tui_lm.tui.widgets.next_token import NextTokenBars
from tui_lm.tui.widgets.suggesting import SuggestingArea
from tui_lm.tui.widgets.transcript import Transcript

ROUNDS = 20  # of the event loop; a message takes one for each widget that it passes


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
