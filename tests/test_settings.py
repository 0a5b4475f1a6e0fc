"""Settings are saved and loaded, and a damaged file falls back to the defaults."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tui_lm.settings import Settings, load_settings, save_settings


def test_settings_are_loaded_as_they_were_saved(tmp_path: Path) -> None:
    settings = Settings(theme="nord", temperature=0.5, keymap={"chat.send": "ctrl+s"}, last_models={"language": "é"})
    save_settings(settings, tmp_path / "settings.toml")
    assert load_settings(tmp_path / "settings.toml") == (settings, [])


def test_only_the_owner_can_read_the_settings(tmp_path: Path) -> None:
    save_settings(Settings(), tmp_path / "new" / "settings.toml")
    assert stat.S_IMODE((tmp_path / "new" / "settings.toml").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_without_a_file_the_defaults_are_used(tmp_path: Path) -> None:
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
def test_an_invalid_value_is_replaced_by_its_default_with_a_notice(line: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(f"min_p = 0.1\n{line}\n", encoding="utf-8")
    settings, notices = load_settings(path)
    assert settings == Settings(min_p=0.1)
    assert len(notices) == 1


@pytest.mark.parametrize("data", [b"not = [toml", b"\xff\xfe\x00", b"a = " + b"[" * 100_000])
def test_a_file_that_is_not_toml_is_replaced_by_the_defaults_with_a_notice(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(data)
    settings, notices = load_settings(path)
    assert settings == Settings()
    assert len(notices) == 1
