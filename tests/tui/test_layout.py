"""The layout in small and large terminals, with and without colour."""

from __future__ import annotations

import pytest
from textual.events import Key

from tui_lm.settings import Settings
from tui_lm.tui.widgets.composer import Composer


async def test_80_by_24_shows_everything_but_the_panel(start):
    async with start(size=(80, 24)) as app:
        await app.type("see to")
        await app.until(lambda: len(app.words) == 3)
        lines = app.screen().splitlines()
        assert len(lines) == 24
        assert all(len(line) == 80 for line in lines)
        text = "\n".join(lines)
        for part in (
            "see tomorrow at six",
            "1 tomorrow 50%",
            "2 today 25%",
            "ready",
            "scripted",
            "0.80",
            "Quit",
            "Help",
        ):
            assert part in text, part
        assert "Next token" not in text
        await app.press("f2")
        await app.until(lambda: "Next token" in app.screen())
        await app.press("f2")
        await app.until(lambda: "Next token" not in app.screen())


async def test_120_by_36_shows_the_panel(start):
    async with start(size=(120, 36)) as app:
        assert "Next token" in app.screen()
        assert "0.80 bits" in app.screen()
        assert "█" in app.screen()
        await app.press("f2")
        await app.until(lambda: "Next token" not in app.screen())


async def test_the_panel_is_folded_when_the_terminal_gets_narrow(start):
    async with start(size=(120, 36)) as app:
        await app.press("f2", "f2")
        await app.until(lambda: "Next token" in app.screen())
        await app.pilot.resize_terminal(80, 24)
        await app.until(lambda: "Next token" not in app.screen())


async def test_every_terminal_size_is_drawn(start):
    async with start() as app:
        await app.type("see to")
        await app.press("enter")
        await app.type("a long line that has to be wrapped more than once to")
        for size in ((40, 10), (200, 60), (99, 24), (20, 5), (3, 2), (120, 36)):
            await app.pilot.resize_terminal(*size)
            await app.pilot.pause()
            assert all(len(line) for line in app.screen().splitlines())


async def test_without_colour_the_ghost_differs_from_the_text(start, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with start() as app:
        await app.type("tom")
        await app.until(lambda: app.ghost)
        assert app.composer.get_component_rich_style("text-area--suggestion").italic


@pytest.mark.parametrize("theme", ["paper", "textual-light", "ansi-dark", "gruvbox"])
async def test_the_chat_renders_in_each_theme(start, theme):
    async with start(settings=Settings(theme=theme)) as app:
        assert app.app.theme == theme
        assert app.notices == []


async def test_an_unknown_theme_falls_back_with_a_notice(start):
    async with start(settings=Settings(theme="nosuch"), notices=["settings.toml: speed is not a setting"]) as app:
        assert app.app.theme == "ink"
        assert len(app.notices) == 2


async def test_keys_can_be_rebound(start):
    async with start(settings=Settings(keymap={"model.warmer": "ctrl+b"})) as app:
        await app.press("ctrl+b")
        assert app.app.preferences.settings.temperature == 0.9


async def test_help_lists_the_keys_as_they_are_bound(start):
    async with start(settings=Settings(keymap={"model.warmer": "ctrl+b"})) as app:
        await app.press("f1")
        await app.until(lambda: "Esc closes" in app.screen())
        app.app.screen.query_one("#box").scroll_to(y=18, animate=False)
        await app.until(lambda: "Ctrl+B" in app.screen())
        for part in ("Ctrl+B", "Raise the temperature", "model.warmer"):
            assert part in app.screen(), part
        await app.press("escape")
        await app.until(lambda: "Esc closes" not in app.screen())


async def test_a_burst_of_keys_opens_and_closes_only_one_screen(start):
    async with start() as app:
        for key in ("f3", "f3", "enter", "enter", "f1", "f1", "escape", "escape"):
            app.app.post_message(Key(key, None))
        await app.until(lambda: app.app.screen.query(Composer))
        assert len(app.app.screen_stack) == 1
