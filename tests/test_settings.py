"""Settings survive a round trip, and no broken file stops anything."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tui_lm.settings import Settings, load_settings, save_settings


def test_round_trip(tmp_path: Path) -> None:
    settings = Settings(theme="nord", temperature=0.5, keymap={"chat.send": "ctrl+s"}, last_models={"language": "é"})
    save_settings(settings, tmp_path / "settings.toml")
    assert load_settings(tmp_path / "settings.toml") == (settings, [])


def test_the_file_is_private(tmp_path: Path) -> None:
    save_settings(Settings(), tmp_path / "new" / "settings.toml")
    assert stat.S_IMODE((tmp_path / "new" / "settings.toml").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "settings.toml") == (Settings(), [])


@pytest.mark.parametrize(
    "line",
    [
        "theme = 3",
        "temperature = 'hot'",
        "temperature = -1",
        "temperature = true",
        "top_k = 1.5",
        "top_p = 0",
        "keymap = 'vim'",
        "keymap = {a = 3}",
        "colour = 'red'",
    ],
)
def test_a_broken_value_falls_back_with_a_notice(line: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(f"min_p = 0.1\n{line}\n", encoding="utf-8")
    settings, notices = load_settings(path)
    assert settings == Settings(min_p=0.1)
    assert len(notices) == 1


@pytest.mark.parametrize("data", [b"not = [toml", b"\xff\xfe\x00", b"a = " + b"[" * 100_000])
def test_a_file_that_is_no_toml_falls_back_with_a_notice(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(data)
    settings, notices = load_settings(path)
    assert settings == Settings()
    assert len(notices) == 1
