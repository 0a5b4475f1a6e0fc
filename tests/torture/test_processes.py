"""Several processes share one model, and a clock that goes backwards changes nothing."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.torture.kills import CHAT
from tui_lm import checkpoint
from tui_lm.completion import ngram_files
from tui_lm.completion.training_counts import build
from tui_lm.utterances import Utterance

ROOT = Path(__file__).parent.parent.parent
TUI_LM = [sys.executable, "-m", "tui_lm"]
CLOCKS = ("time_ns", "now", "utcnow", "today", "localtime", "gmtime")
BACKWARDS = """
import itertools, time
backwards = itertools.count(2_000_000_000, -3600)
time.time = lambda: float(next(backwards))
time.time_ns = lambda: next(backwards) * 10**9
"""


ANSWERS_HOLD_IT = {"tui_lm/serve/shapes.py"}  # "created" of the OpenAI API, which nothing here reads


@pytest.mark.parametrize("folder", ["tui_lm", "trainers"])
def test_no_module_reads_the_wall_clock(folder: str) -> None:
    """Durations use the monotonic clock and names hold no date, so a wrong clock changes nothing."""
    asked = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and (node.attr in CLOCKS or ast.unparse(node) == "time.time")
    ]
    assert {place.partition(":")[0] for place in asked} <= ANSWERS_HOLD_IT


def train(name: str, home: Path, *more: str) -> list[str]:
    return [*TUI_LM, "train", str(home / "chat.txt"), "--name", name, "--size", "tiny", "--json", *more]


@pytest.mark.torture
def test_a_clock_that_goes_backwards_changes_no_model(home: Path, tmp_path: Path) -> None:
    """The clock goes back an hour at every reading: training gives the same weights, the model still learns."""
    home.mkdir()
    (home / "chat.txt").write_text(CHAT, "utf-8")
    (tmp_path / "clock").mkdir()
    (tmp_path / "clock/sitecustomize.py").write_text(BACKWARDS)
    wrong = {**os.environ, "PYTHONPATH": str(tmp_path / "clock")}
    subprocess.run(train("right", home, "--steps", "6"), check=True, capture_output=True)
    subprocess.run(train("wrong", home, "--steps", "6"), check=True, capture_output=True, env=wrong)
    right, other = ((home / "models" / name / checkpoint.WEIGHTS).read_bytes() for name in ("right", "wrong"))
    assert right == other
    requests = '{"sent": "the aubergine"}\n{"id": 1, "text": "the aub"}\n'
    done = subprocess.run(
        [*TUI_LM, "complete", "--stdio", "-m", "wrong"], input=requests, capture_output=True, text=True, env=wrong
    )
    assert done.returncode == 0, done.stderr
    learned, answer = map(json.loads, done.stdout.splitlines())
    assert learned == {"ok": True} and answer["candidates"]


@pytest.mark.torture
def test_a_model_in_training_can_be_used_but_not_renamed_or_removed(home: Path) -> None:
    """While one process trains a model, others can complete with it; none can train, rename or remove it."""
    home.mkdir()
    (home / "chat.txt").write_text(CHAT, "utf-8")
    with subprocess.Popen(train("m", home, "--minutes", "30"), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            while "checkpoint_saved" not in process.stdout.readline():
                assert process.poll() is None
            done = subprocess.run([*TUI_LM, "complete", "see y", "-m", "m", "--json"], capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            for arguments in (
                train("m", home, "--steps", "3", "--overwrite")[3:],
                ["models", "rename", "m", "n"],
                ["models", "remove", "m", "--yes"],
            ):
                done = subprocess.run([*TUI_LM, *arguments], capture_output=True, text=True)
                assert done.returncode == 1
                assert "another process" in done.stderr and len(done.stderr.splitlines()) == 2, done.stderr
        finally:
            process.kill()
    assert checkpoint.is_unfinished(checkpoint.find("m"))


@pytest.mark.torture
def test_words_learned_by_four_processes_at_once_are_all_kept(saved: Path) -> None:
    ngram_files.save(build([Utterance("Ann", "see you at six")] * 9), saved)
    processes = [
        subprocess.Popen([*TUI_LM, "complete", "--stdio", "-m", "small"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    words = [[f"{letter}{'efghijklmn'[i // 10]}{'opqrstuvwx'[i % 10]}berry" for i in range(45)] for letter in "abcd"]
    for process, own in zip(processes, words, strict=True):
        assert process.stdin is not None
        process.stdin.write("".join(json.dumps({"sent": f"the {word}"}) + "\n" for word in own).encode())
        process.stdin.flush()
    for process in processes:
        out, _ = process.communicate()
        assert process.returncode == 0 and out.count(b'"ok": true') == 45
    vocabulary = ngram_files.load(saved).vocabulary
    assert all(vocabulary.find(f" {word}") is not None for own in words for word in own)
