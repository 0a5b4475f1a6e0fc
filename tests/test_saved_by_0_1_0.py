"""What version 0.1.0 wrote, this version reads: model folders, an unfinished run, settings.

`tests/fixtures/0.1.0/README.md` says how the folders were made.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tui_lm import checkpoint
from tui_lm.settings import load_settings

SAVED = Path(__file__).parent / "fixtures" / "0.1.0"
CHAT, PAIRS = SAVED / "chat.txt", SAVED / "pairs.tsv"


@pytest.fixture(autouse=True)
def models(home: Path) -> Path:
    """The models of 0.1.0, in the home of this test."""
    shutil.copytree(SAVED / "models", home / "models")
    return home / "models"


def tui_lm(*arguments: object) -> str:
    """The stdout of a command that succeeds, in a process of its own, so that torch's warnings stay there."""
    command = [sys.executable, "-m", "tui_lm", *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, env=os.environ, timeout=120)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.parametrize("name", ["lstm", "gru", "seq2seq", "llama", "unfinished"])
def test_a_model_loads_and_is_shown(name: str, models: Path) -> None:
    saved = checkpoint.load(models / name)
    assert saved.weights.keys() == saved.card.architecture.weights().keys()
    shown = json.loads(tui_lm("models", "show", name, "--json"))
    assert shown["architecture"]["family"] == {"unfinished": "lstm"}.get(name, name)


@pytest.mark.parametrize(("name", "bits"), [("lstm", 3.5907), ("llama", 4.1724)])
def test_a_network_has_the_bits_per_character_that_0_1_0_measured(name: str, bits: float) -> None:
    """The LLaMA had 4.1625 while its window slid token by token; now it is read in windows that overlap by half."""
    report = json.loads(tui_lm("evaluate", name, CHAT, "--json"))
    assert report["bits_per_char"] == pytest.approx(bits, abs=0.001)
    assert report["keystroke_savings"]["3"] > 0


def test_a_word_model_is_evaluated_by_its_perplexity() -> None:
    report = json.loads(tui_lm("evaluate", "gru", CHAT, "--json"))
    assert report["bits_per_char"] is None
    assert report["perplexity"] > 1


def test_candidates_come_from_the_counted_words() -> None:
    found = json.loads(tui_lm("complete", "the ", "-m", "lstm", "--json"))
    assert len(found["candidates"]) == 3


def test_a_translator_translates_and_is_evaluated() -> None:
    assert json.loads(tui_lm("translate", "I am here", "-m", "seq2seq", "--json"))["tokens"]
    assert json.loads(tui_lm("evaluate", "seq2seq", PAIRS, "--json"))["sentences"] == 6


def test_an_unfinished_run_is_resumed_to_its_end(models: Path) -> None:
    lines = tui_lm("train", CHAT, "--resume", "--json").splitlines()
    first_step = next(json.loads(line)["step"] for line in lines if json.loads(line)["event"] == "step_done")
    assert first_step == 202
    assert json.loads(lines[-1])["reason"] == "finished"
    assert json.loads(lines[-1])["steps"] == 400
    assert not checkpoint.is_unfinished(models / "unfinished")


def test_settings_are_kept() -> None:
    settings, notices = load_settings(SAVED / "settings.toml")
    assert notices == []
    assert (settings.theme, settings.ghost, settings.temperature) == ("nord", False, 0.5)
    assert settings.keymap == {"chat.send": "ctrl+s"}
    assert settings.last_models == {"language": "unfinished", "translation": "seq2seq"}
