"""The whole path by commands: read, train, evaluate, generate, complete, and complete over a pipe."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tui_lm import paths


def tui_lm(home: Path, *arguments: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui_lm", *map(str, arguments)],
        env={**os.environ, "TUI_LM_HOME": str(home)},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the model "flat", trained for a few steps on the bundled chat."""
    home = tmp_path_factory.mktemp("trained")
    result = tui_lm(
        home, "train", paths.bundled("chat.txt"), "--name", "flat", "--size", "tiny", "--steps", 400, "--me", "Joel"
    )
    assert result.returncode == 0, result.stderr
    assert "bits/char" in result.stderr
    return home


def test_read_recognises_the_bundled_chat(tmp_path: Path) -> None:
    result = tui_lm(tmp_path, "read", paths.bundled("chat.txt"), "--json")
    seen = json.loads(result.stdout)
    assert seen["format"] == "whatsapp"
    assert seen["messages"] > 8000
    assert "Joel" in seen["authors"]


def test_evaluate_reports_bits_and_keystroke_savings(trained: Path, tmp_path: Path) -> None:
    """A tiny network after 400 steps is far better than chance and worse than a finished model."""
    few = tmp_path / "few.txt"
    few.write_text("".join(paths.bundled("chat.txt").read_text("utf-8").splitlines(keepends=True)[-60:]), "utf-8")
    result = tui_lm(trained, "evaluate", "flat", few, "--json")
    assert result.returncode == 0, result.stderr
    scores = json.loads(result.stdout)
    assert 1.0 < scores["bits_per_char"] < 4.0
    assert 0 <= scores["keystroke_savings"]["1"] <= scores["keystroke_savings"]["3"] <= 100
    assert scores["keystroke_savings"]["3"] <= scores["keystroke_savings"]["limit"]


def test_generate_repeats_itself_with_the_same_seed_and_stops(trained: Path) -> None:
    result = tui_lm(trained, "generate", "see you ", "--seed", 3, "--json", "--max-new-tokens", 40)
    answer = json.loads(result.stdout)
    assert answer["finish_reason"] in {"end", "length"}
    assert answer["tokens"] <= 40
    again = tui_lm(trained, "generate", "see you ", "--seed", 3, "--json", "--max-new-tokens", 40)
    assert result.stdout == again.stdout


def test_candidates_begin_with_the_word_being_typed(trained: Path) -> None:
    result = tui_lm(trained, "complete", "I think th", "--json")
    suggestion = json.loads(result.stdout)
    assert suggestion["candidates"]
    assert all(candidate["text"].startswith("th") for candidate in suggestion["candidates"])


def test_stdio_answers_each_line_with_one_line(trained: Path) -> None:
    requests = [
        {"id": 1, "text": "I think th", "author": "Bea", "history": [["Joel", "Anyone in?"]]},
        {"sent": "I think so", "author": "Bea"},
        {"reset": True},
        {"id": 2, "text": ""},
    ]
    lines = [*map(json.dumps, requests), "no json"]
    result = tui_lm(trained, "complete", "--stdio", "-m", "flat", stdin="\n".join(lines) + "\n")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer.get("id") for answer in answers] == [1, None, None, 2, None]
    assert answers[1] == answers[2] == {"ok": True}
    assert "error" in answers[4]
    assert result.returncode == 0


def test_models_are_listed_shown_and_renamed(trained: Path) -> None:
    assert [row["name"] for row in json.loads(tui_lm(trained, "models", "list", "--json").stdout)] == ["flat"]
    assert json.loads(tui_lm(trained, "models", "show", "flat", "--json").stdout)["me"] == "Joel"
    assert tui_lm(trained, "models", "rename", "flat", "other").returncode == 0
    assert tui_lm(trained, "models", "rename", "other", "flat").returncode == 0


def test_ctrl_c_keeps_the_best_model_so_far(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "tui_lm", "train", str(paths.bundled("chat.txt")), "--json"),
            *("--name", "flat", "--size", "tiny", "--steps", "100000"),
        ],
        env={**os.environ, "TUI_LM_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == "step_done":
            process.send_signal(signal.SIGINT)
            break
    rest, err = process.communicate(timeout=120)
    last = json.loads(rest.splitlines()[-1])
    assert (last["event"], last["reason"]) == ("run_finished", "interrupted"), err
    assert process.returncode == 130
    assert tui_lm(tmp_path, "generate", "-m", "flat", "--max-new-tokens", 3).returncode == 0


def test_a_plain_text_trains_and_is_continued(tmp_path: Path) -> None:
    book = tmp_path / "book.txt"
    book.write_text("The lamp went on burning, as lamps do. Nobody had come.\n" * 200, encoding="utf-8")
    home = tmp_path / "home"
    assert tui_lm(home, "train", book, "--steps", 150, "--size", "tiny").returncode == 0
    answer = json.loads(tui_lm(home, "generate", "The lamp", "--temperature", 0, "--json").stdout)
    assert answer["text"].startswith(" went on")
    assert answer["finish_reason"] == "length"
