"""The same chat is exported again and again: `train --from` adds what is new, and evaluates on what no model saw."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tui_lm import checkpoint, fingerprints
from tui_lm.corpus import read_corpus
from tui_lm.split import PARTS, Fractions

QUICK = ["--steps", "4", "--size", "tiny", "--me", "Bob"]
GO_ON = ["--steps", "4"]
LINE = re.compile(r"(\d+) messages are known from first .* (\d+) are new: (\d+) to train on, (\d+) .*, (\d+) for test")


@pytest.fixture
def newer(chat_file: Path, tmp_path: Path) -> Path:
    """The export of the next month: the first hundred messages are gone, two hundred new ones follow."""
    rows = re.split(r"\n(?=\d\d/03/2024)", chat_file.read_text("utf-8").rstrip("\n"))[100:]
    rows += [
        f"{20 + i // 40:02d}/03/2024, {8 + i // 10 % 10:02d}:{i % 60:02d} - Ann: new words {i}" for i in range(200)
    ]
    path = tmp_path / "newer" / "WhatsApp Chat with Bob.txt"
    path.parent.mkdir()
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


def texts(source: Path, model: str | None) -> dict[str, list[str]]:
    """The texts of each part of `source`, divided as for `model`."""
    seen = None if model is None else fingerprints.load(checkpoint.find(model))
    corpus = read_corpus([source], Fractions(), seen=seen)
    return {part: [f"{message.sent_at} {message.text}" for message in corpus.utterances[part]] for part in PARTS}


def test_every_old_message_stays_in_its_part_and_only_new_ones_are_added(
    tui_lm: Run, chat_file: Path, newer: Path
) -> None:
    tui_lm("train", chat_file, *QUICK, "--name", "first")
    code, _, err = tui_lm("train", newer, "--from", "first", *GO_ON, "--name", "second")
    assert code == 0, err
    found = LINE.search(err)
    assert found is not None and [int(count) for count in found.groups()] == [500, 200, 180, 10, 10], err
    old, new = texts(chat_file, None), texts(newer, "second")
    for part in PARTS:
        known = [text for text in old[part] if text in {text for part in PARTS for text in new[part]}]
        assert [text for text in new[part] if "new words" not in text] == known
    assert checkpoint.describe(checkpoint.find("second")).me == "Bob", "who the user is comes from the base"


def test_figures_are_of_messages_that_neither_model_saw(tui_lm: Run, chat_file: Path, newer: Path) -> None:
    tui_lm("train", chat_file, *QUICK, "--name", "first")
    _, _, err = tui_lm("train", newer, "--from", "first", *GO_ON, "--name", "second")
    metrics = checkpoint.describe(checkpoint.find("second")).metrics
    assert metrics["validation_bits_per_char_before"] > 0
    assert f"(before this training: {metrics['validation_bits_per_char_before']:.3f})" in err
    evaluate = ["--metrics", "bits", "--json"]
    code, out, err = tui_lm("evaluate", "first", newer, *evaluate)
    assert code == 0 and "440 messages of this file are known from training" in err
    unseen = sum(len(text.split(" ", 1)[1]) + 1 for text in texts(newer, "first")["test"])
    assert json.loads(out)["characters"] >= unseen
    _, out, _ = tui_lm("evaluate", "first", newer, *evaluate, "--split", "all")
    everything = json.loads(out)["characters"]
    _, out, _ = tui_lm("evaluate", "second", newer, *evaluate)
    assert json.loads(out)["characters"] < everything / 4, "its test part: old and new"


def test_a_third_export_knows_the_messages_of_both(tui_lm: Run, chat_file: Path, newer: Path) -> None:
    tui_lm("train", chat_file, *QUICK, "--name", "first")
    tui_lm("train", newer, "--from", "first", *GO_ON, "--name", "second")
    _, _, err = tui_lm("train", chat_file, "--from", "second", *GO_ON, "--name", "third")
    assert "600 messages are known from second and stay in their parts; 0 are new" in err
    assert texts(chat_file, "third") == texts(chat_file, None)


def test_another_chat_is_split_as_usual(tui_lm: Run, chat_file: Path, tmp_path: Path) -> None:
    tui_lm("train", chat_file, *QUICK, "--name", "first")
    other = tmp_path / "other.txt"
    other.write_text("".join(f"01/05/2024, 08:{i % 60:02d} - Ann: other {i}\n" for i in range(100)), "utf-8")
    code, _, err = tui_lm("train", other, "--from", "first", *GO_ON, "--name", "second")
    assert code == 0 and "known from" not in err
    assert "validation_bits_per_char_before" not in checkpoint.describe(checkpoint.find("second")).metrics


def test_a_base_without_fingerprints_is_a_warning(tui_lm: Run, chat_file: Path, newer: Path) -> None:
    tui_lm("train", chat_file, *QUICK, "--name", "first")
    (checkpoint.find("first") / fingerprints.FILE).unlink()
    code, _, err = tui_lm("train", newer, "--from", "first", *GO_ON, "--name", "second")
    assert code == 0 and "warning: first keeps no fingerprints" in err
