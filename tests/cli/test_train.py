"""`tui-lm train`: names, authors, resuming, explaining."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tui_lm import checkpoint
from tui_lm.cli.train import slug

QUICK = ["--steps", "4", "--size", "tiny"]


def test_a_model_is_named_after_its_file(tui_lm: Run, chat_file: Path) -> None:
    for name in ("bob", "bob-2"):
        code, _, err = tui_lm("train", chat_file, *QUICK)
        assert code == 0, err
        assert checkpoint.describe(checkpoint.find(name)).authors == ("Ann", "Bob")


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("WhatsApp Chat with Zoë.txt", "zoë"),
        ("WhatsApp Chat - Trip.zip", "trip"),
        ("_chat.txt", "chat"),
        ("result.json", "result"),
        ("...", "chat"),
    ],
)
def test_names_made_up_from_files(file: str, name: str) -> None:
    assert slug(Path(file)) == name
    assert checkpoint.is_name(slug(Path(file)))


def test_who_the_user_is_stays_with_the_model(tui_lm: Run, chat_file: Path) -> None:
    tui_lm("train", chat_file, *QUICK, "--me", "Bob", "--name", "m")
    assert checkpoint.describe(checkpoint.find("m")).me == "Bob"


def test_overwrite_replaces(tui_lm: Run, chat_file: Path) -> None:
    for family in ("lstm", "gru"):
        code, _, err = tui_lm("train", chat_file, *QUICK, "--name", "m", "--arch", family, "--overwrite")
        assert code == 0, err
        assert checkpoint.describe(checkpoint.find("m")).architecture.family == family


def test_explaining_trains_nothing(tui_lm: Run, chat_file: Path) -> None:
    code, out, _ = tui_lm("train", chat_file, "--explain", "--set", "hidden_size=48")
    assert code == 0
    assert "LSTM 1 x 48" in out
    assert checkpoint.names() == []


def test_resuming_a_finished_run_says_so(tui_lm: Run, chat_file: Path) -> None:
    tui_lm("train", chat_file, *QUICK, "--name", "m")
    code, _, err = tui_lm("train", chat_file, "--resume", "--name", "m")
    assert code == 0
    assert "nothing to resume" in err


def test_resuming_where_nothing_was_cut_off(tui_lm: Run, chat_file: Path) -> None:
    code, _, err = tui_lm("train", chat_file, "--resume")
    assert code == 1
    assert err.startswith("error: ")


def test_settings_by_hand_are_kept_with_the_model(tui_lm: Run, chat_file: Path) -> None:
    tui_lm("train", chat_file, *QUICK, "--name", "m", "--set", "optimizer=nadam")
    assert checkpoint.describe(checkpoint.find("m")).training["optimizer"] == "nadam"


@pytest.mark.parametrize("family", ["lstm", "llama"])
def test_the_shortest_chat_that_is_enough_trains(family: str, tui_lm: Run, tmp_path: Path) -> None:
    path = tmp_path / "short.txt"
    path.write_text("".join(f"{i + 10}/01/2024, 10:00 - Ann: {i}\n" for i in range(13)), encoding="utf-8")
    code, _, err = tui_lm("train", path, *QUICK, "--name", "m", "--arch", family)
    assert code == 0, err
