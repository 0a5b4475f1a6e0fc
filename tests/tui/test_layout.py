"""What is visible, where: small and large terminals, without colour, in help, palette and welcome."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from textual.events import Key

from tui_lm import events
from tui_lm.settings import Settings
from tui_lm.tui import keys
from tui_lm.tui.app import TuiLmApp
from tui_lm.tui.composer import Composer
from tui_lm.tui.plain import visible
from tui_lm.tui.welcome import WelcomeScreen, describe


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


async def test_no_size_breaks_it(start):
    async with start() as app:
        await app.type("see to")
        await app.press("enter")
        await app.type("a long line that has to be wrapped more than once to")
        for size in ((40, 10), (200, 60), (99, 24), (20, 5), (3, 2), (120, 36)):
            await app.pilot.resize_terminal(*size)
            await app.pilot.pause()
            assert all(len(line) for line in app.screen().splitlines())


async def test_without_colour_the_ghost_is_still_told_apart(start, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with start() as app:
        await app.type("tom")
        await app.until(lambda: app.ghost)
        assert app.composer.get_component_rich_style("text-area--suggestion").italic


@pytest.mark.parametrize("theme", ["textual-light", "ansi-dark", "gruvbox"])
async def test_themes(start, theme):
    async with start(settings=Settings(theme=theme)) as app:
        assert app.app.theme == theme
        assert app.notices == []


async def test_a_bad_setting_falls_back_with_a_notice(start):
    async with start(settings=Settings(theme="nosuch"), notices=["settings.toml: speed is not a setting"]) as app:
        assert app.app.theme == "textual-dark"
        assert len(app.notices) == 2


async def test_keys_can_be_rebound(start):
    async with start(settings=Settings(keymap={"chat.warmer": "ctrl+t"})) as app:
        await app.press("ctrl+t")
        assert app.app.settings.temperature == 0.9


def test_every_key_has_an_id_of_its_own_group_and_a_tooltip():
    tables = [keys.APP, keys.WELCOME, keys.CHAT, keys.SLIDER, keys.CHOICE, keys.HELP, keys.COMPOSER]
    for binding in [binding for table in tables for binding in table]:
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", binding.id), binding
        assert binding.tooltip


async def test_help_lists_the_keys_as_they_are_bound(start):
    async with start(settings=Settings(keymap={"chat.warmer": "ctrl+t"})) as app:
        await app.press("f1")
        await app.until(lambda: "Esc closes" in app.screen())
        for part in ("Ctrl+Q", "Show every key", "Ctrl+T", "Tab "):
            assert part in app.screen(), part
        await app.press("escape")
        await app.until(lambda: "Esc closes" not in app.screen())


async def test_a_burst_of_keys_opens_and_closes_one_screen_only(start):
    async with start() as app:
        for key in ("f3", "f3", "enter", "enter", "f1", "f1", "escape", "escape"):
            app.app.post_message(Key(key, None))
        await app.until(lambda: app.app.screen.query(Composer))
        assert len(app.app.screen_stack) == 1


async def test_the_palette_holds_every_action(start):
    async with start() as app:
        titles = {command.title for command in app.app.get_system_commands(app.app.screen)}
        named = {binding.tooltip for binding in [*keys.APP, *keys.CHAT] if binding.id != "app.palette"}
        assert named | {"Choose a theme", "Save a picture of the screen"} == titles


async def test_welcome_without_a_model():
    async with TuiLmApp(None, model_name=None, settings=Settings()).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert isinstance(pilot.app.screen, WelcomeScreen)
        text = str(pilot.app.screen.query_one("#text").render())
        assert "tui-lm demo" in text
        assert "tui-lm train chat.txt" in text
        await pilot.press("escape")
        assert pilot.app.is_running


async def test_welcome_shows_the_training_and_then_the_chat(monkeypatch, model, tmp_path):
    from tui_lm.tui import welcome
    from tui_lm.tui.backend import Backend
    from tui_lm.tui.chat import ChatScreen

    lines = [
        events.to_json(events.Evaluated(5, 1.5, 2.25, True, 1.0)),
        "not an event",
        events.to_json(events.Sampled(5, "Maya", "hi\x1b[2J")),
    ]
    script = tmp_path / "child.py"
    script.write_text("\n".join(f"print({line!r}, flush=True)" for line in lines) + "\ninput()\n")
    monkeypatch.setattr(welcome, "DEMO", [sys.executable, str(script)])
    app = TuiLmApp(None, model_name=None, settings=Settings(), load_new=lambda: Backend(model, model))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        while isinstance(app.screen, WelcomeScreen):
            told = str(app.screen.query_one("#log").render())
            await pilot.pause()
            if app._notifications:
                break
        assert "2.25 bits a character" in told
        assert "Maya writes: hi␛[2J" in told
        assert [notice.title for notice in app._notifications] == ["The demo did not finish"], "its input was closed"
        script.write_text(f"print({events.to_json(events.CheckpointSaved(9, 'x'))!r})")
        await pilot.press("enter")
        while not isinstance(app.screen, ChatScreen):
            await pilot.pause()


def test_events_are_told_in_one_line():
    assert describe(events.CheckpointSaved(3, "x")) is None
    assert describe(events.Evaluated(3, 1.0, None, True, 1.0)) is None
    assert "on cpu" in (describe(events.RunStarted("n", "LSTM", "cpu", 1, 1, 1, None)) or "")


def test_control_characters_are_made_visible():
    assert visible("a\tb\nc") == "a\tb\nc"
    assert visible("\r\n\r") == "\n\n"
    assert visible("\x1b[0m\x7f\x85\u202e\ud800") == "␛[0m␡���"


def test_importing_the_app_imports_neither_torch_nor_numpy():
    program = "import sys, tui_lm.tui.app, tui_lm.tui.chat; print([m for m in ('torch', 'numpy') if m in sys.modules])"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "[]"
