"""A soak test: ten thousand keys and two hundred terminal sizes on every screen."""

from __future__ import annotations

import gc
import random
from pathlib import Path

import pytest
from textual.events import Key

KEYS = 10_000
WARM = 3_000  # keys until everything has been loaded once
SIZES = 200
MOST_GROWTH = 20.0  # MB
LETTERS = "etaoin shrdlu,.?"
NAMED = [
    *["backspace", "enter", "tab", "left", "right", "up", "down", "home", "end", "escape"] * 3,
    *["f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "pageup", "pagedown", "delete"],
    *["ctrl+right", "ctrl+left", "ctrl+z", "ctrl+y", "ctrl+w", "ctrl+a", "ctrl+e", "ctrl+j", "ctrl+k"],
    *["ctrl+t", "ctrl+r", "ctrl+n", "ctrl+g", "ctrl+p", "ctrl+c", "ctrl+v"],
]
SCREENS = ("chat", "write", "translate", "models", "settings", "chat", "train")


def megabytes() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
async def test_ten_thousand_keys_and_two_hundred_sizes_leave_no_error_and_little_memory(
    start, saved_models, monkeypatch
) -> None:
    dice = random.Random(0)
    async with start(size=(100, 30)) as app:
        monkeypatch.setattr(app.app.trainings.training, "start", lambda *_: None)
        monkeypatch.setattr("tui_lm.tui.screens.app_questions.forget_all", lambda services: None)
        monkeypatch.setattr(app.app, "deliver_screenshot", lambda: None)
        leaving = app.app.exit
        monkeypatch.setattr(app.app, "exit", lambda *_, **__: None)  # the palette can quit too
        warm = 0.0
        for count in range(KEYS):
            key = dice.choice(LETTERS) if dice.random() < 0.7 else dice.choice(NAMED)
            app.app.post_message(Key("space" if key == " " else key, key if len(key) == 1 else None))
            if count % (KEYS // SIZES) == 0:
                await app.pilot.resize_terminal(dice.randint(1, 200), dice.randint(1, 60))
            if count % 25 == 0:
                await app.pilot.pause()
            if count % 500 == 499:
                while len(app.app.screen_stack) > 1:
                    await app.press("escape")
                app.app.action_show(SCREENS[count // 500 % len(SCREENS)])
            if count == WARM:
                gc.collect()
                warm = megabytes()
        await app.pilot.pause()
        monkeypatch.setattr(app.app, "exit", leaving)
        gc.collect()
        assert app.app.is_running
        assert not app.app.notices.errors
        growth = megabytes() - warm
        print(f"memory grew by {growth:.1f} MB in {KEYS - WARM:,} keys")
        assert growth < MOST_GROWTH
