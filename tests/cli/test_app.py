"""`tui-lm` alone opens the app on the model that is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tui_lm.cli.app import open_app
from tui_lm.settings import load_settings


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path | None, str | None]]:
    """The models and screens that the app was opened with; no app runs, and any stream is taken for a terminal."""
    found: list[tuple[Path | None, str | None]] = []

    def run_app(folder: Path | None, settings: Any, *, screen: str | None, **_: Any) -> int:
        found.append((folder, screen))
        return 0

    monkeypatch.setattr("tui_lm.tui.app.run_app", run_app)
    for stream in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True)
    return found


def test_a_translator_opens_the_translate_screen(opened, saved_translator: Path) -> None:
    open_app(saved_translator.name)
    assert opened == [(None, "translate")]
    assert load_settings()[0].last_models["translation"] == saved_translator.name


def test_a_translator_leaves_the_last_language_model_in_use(opened, saved: Path, saved_translator: Path) -> None:
    open_app(saved_translator.name)
    assert opened == [(saved, "translate")]


def test_a_language_model_opens_the_last_screen(opened, saved: Path, saved_translator: Path) -> None:
    open_app(saved.name)
    assert opened == [(saved, None)]
