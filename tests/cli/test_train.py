"""`tui-lm train`: names, authors, resuming, --explain, settings, redaction."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from trainers.order import slug
from trainers.tasks import TASKS, families
from tui_lm import checkpoint

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
def test_names_are_derived_from_file_names(file: str, name: str) -> None:
    assert slug(Path(file)) == name
    assert checkpoint.is_name(slug(Path(file)))


def test_the_author_given_with_me_is_saved_with_the_model(tui_lm: Run, chat_file: Path) -> None:
    tui_lm("train", chat_file, *QUICK, "--me", "Bob", "--name", "m")
    assert checkpoint.describe(checkpoint.find("m")).me == "Bob"


def test_overwrite_replaces_a_model(tui_lm: Run, chat_file: Path) -> None:
    for family in ("lstm", "gru"):
        code, _, err = tui_lm("train", chat_file, *QUICK, "--name", "m", "--arch", family, "--overwrite")
        assert code == 0, err
        assert checkpoint.describe(checkpoint.find("m")).architecture.family == family


def test_explain_trains_nothing(tui_lm: Run, chat_file: Path) -> None:
    code, out, _ = tui_lm("train", chat_file, "--explain", "--set", "hidden_size=48")
    assert code == 0
    assert "LSTM 1 x 48" in out
    assert checkpoint.names() == []


def test_explain_gives_a_reason_for_each_choice(tui_lm: Run, chat_file: Path) -> None:
    _, plan, _ = tui_lm("train", chat_file, "--explain", "--steps", "400")
    assert "128 units" in plan
    assert "small from 40,000 tokens" in plan
    assert "400 steps are" in plan
    assert "by hand" not in plan
    _, chosen, _ = tui_lm("train", chat_file, "--explain", "--arch", "llama", "--set", "grad_clip=0.5")
    assert "Muon" in chosen
    assert "by hand: grad_clip" in chosen


def test_resuming_a_finished_run_says_that_there_is_nothing_to_do(tui_lm: Run, chat_file: Path) -> None:
    tui_lm("train", chat_file, *QUICK, "--name", "m")
    code, _, err = tui_lm("train", chat_file, "--resume", "--name", "m")
    assert code == 0
    assert "nothing to resume" in err


def test_resuming_without_an_interrupted_run_is_an_error(tui_lm: Run, chat_file: Path) -> None:
    code, _, err = tui_lm("train", chat_file, "--resume")
    assert code == 1
    assert err.startswith("error: ")


def test_settings_from_the_command_line_are_saved_with_the_model(tui_lm: Run, chat_file: Path) -> None:
    tui_lm("train", chat_file, *QUICK, "--name", "m", "--set", "optimizer=nadam")
    assert checkpoint.describe(checkpoint.find("m")).training["optimizer"] == "nadam"


@pytest.mark.parametrize("family", ["lstm", "llama"])
def test_the_shortest_allowed_chat_trains(family: str, tui_lm: Run, tmp_path: Path) -> None:
    path = tmp_path / "short.txt"
    path.write_text("".join(f"{i + 10}/01/2024, 10:00 - Ann: {i}\n" for i in range(13)), encoding="utf-8")
    code, _, err = tui_lm("train", path, *QUICK, "--name", "m", "--arch", family)
    assert code == 0, err


def private_chat(tmp_path: Path) -> Path:
    path = tmp_path / "private.txt"
    lines = [
        f"{i % 28 + 1:02d}/{i // 28 + 1:02d}/2024, 10:00 - {('Zoë', 'Bob')[i % 2]}: Zoë call 07700 900{i:03d} please\n"
        for i in range(200)
    ]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def strings_of(folder: Path) -> str:
    """The contents of all files in a model folder."""
    return "".join(path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file())


def test_phone_numbers_are_not_learned_by_default(tui_lm: Run, tmp_path: Path) -> None:
    code, _, err = tui_lm("train", private_chat(tmp_path), *QUICK, "--name", "m")
    assert code == 0, err
    assert "phone" in err and "200" in err
    assert "900042" not in strings_of(checkpoint.find("m"))
    assert checkpoint.describe(checkpoint.find("m")).reading["redact"] >= 1
    code, _, err = tui_lm("train", private_chat(tmp_path), *QUICK, "--name", "raw", "--no-redact")
    assert "900042" in strings_of(checkpoint.find("raw"))
    assert "redact" not in checkpoint.describe(checkpoint.find("raw")).reading


def test_names_of_authors_can_be_redacted(tui_lm: Run, tmp_path: Path) -> None:
    options = ["--alias-authors", "--redact-names", "--me", "Bob", "--name", "m"]
    code, _, err = tui_lm("train", private_chat(tmp_path), *QUICK, *options)
    assert code == 0, err
    card = checkpoint.describe(checkpoint.find("m"))
    assert card.authors == ("Person A", "Person B")
    assert card.me == "Person B"
    everything = strings_of(checkpoint.find("m"))
    assert "Bob" not in everything and "Zo\\u00eb" not in everything and "Zoë" not in everything


def test_a_model_with_aliases_is_evaluated_with_the_same_aliases(tui_lm: Run, tmp_path: Path) -> None:
    path = private_chat(tmp_path)
    tui_lm("train", path, *QUICK, "--alias-authors", "--name", "m")
    code, out, err = tui_lm("evaluate", "m", path, "--json")
    assert code == 0, err
    assert '"characters": 280' in out, "the text is as it was written: ten messages of 28 characters"


def test_sentence_pairs_are_not_redacted(tui_lm: Run, tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"call {i} 07700 900{i:03d}\tappelle {i} 07700 900{i:03d}\n" for i in range(200)))
    code, _, err = tui_lm("train", path, "--explain", "--redact")
    assert code == 2
    code, _, err = tui_lm("train", path, "--explain")
    assert code == 0 and "placeholders" not in err


def test_help_is_in_groups_and_names_every_task_and_network(tui_lm: Run) -> None:
    code, out, _ = tui_lm("train", "--help")
    assert code == 0
    for group in ("Data", "Model", "Budget", "Privacy", "Advanced"):
        assert f"─ {group} ─" in out
    words = re.sub(r"[│╭╰─\s]+", " ", out)
    assert f"auto, {', '.join([*TASKS][:-1])} or {[*TASKS][-1]}." in words
    assert all(family in words for family in families())
