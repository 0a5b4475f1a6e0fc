"""Bad input gets two clear lines and the right exit code, and no traceback."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def assert_two_lines(err: str) -> None:
    lines = err.splitlines()
    assert len(lines) == 2, err
    assert lines[0].startswith("error: ")
    assert lines[1].startswith("hint: ")


def contents(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "source.txt"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("command", ["train", "read"])
def test_a_missing_file(command: str, tui_lm: Run, tmp_path: Path) -> None:
    code, _, err = tui_lm(command, tmp_path / "nothing.txt")
    assert code == 1
    assert_two_lines(err)


@pytest.mark.parametrize("command", ["train", "read"])
@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02\xff" * 500], ids=["empty", "binary"])
def test_a_file_that_holds_no_text(command: str, data: bytes, tui_lm: Run, tmp_path: Path) -> None:
    code, _, err = tui_lm(command, contents(tmp_path, data))
    assert code == 1
    assert_two_lines(err)


def test_a_chat_with_one_message(tui_lm: Run, tmp_path: Path) -> None:
    path = contents(tmp_path, b"01/02/2024, 10:00 - Ann: hello Bob, this is private\n")
    code, _, err = tui_lm("train", path, "--format", "whatsapp", "--date-order", "dmy")
    assert code == 1
    assert_two_lines(err)
    assert "private" not in err, "no chat text in errors"


def test_sentence_pairs_are_not_for_language_models(tui_lm: Run, tmp_path: Path) -> None:
    path = contents(tmp_path, b"".join(b"a sentence %d\tein Satz %d\n" % (i, i) for i in range(99)))
    code, _, err = tui_lm("train", path, "--arch", "lstm")
    assert code == 1
    assert_two_lines(err)


@pytest.mark.parametrize(
    "arguments",
    [
        ["complete", "a", "-m", "nobody"],
        ["generate", "a", "-m", "nobody"],
        ["evaluate", "nobody", "x"],
        ["models", "show", "nobody"],
        ["models", "remove", "nobody", "--yes"],
        ["generate", "a"],
    ],
    ids=" ".join,
)
def test_an_unknown_model(arguments: list[str], tui_lm: Run) -> None:
    code, _, err = tui_lm(*arguments)
    assert code == 1
    assert_two_lines(err)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_model_folder_cut_short(name: str, tui_lm: Run, saved: Path) -> None:
    data = (saved / name).read_bytes()
    (saved / name).write_bytes(data[: len(data) // 2])
    code, _, err = tui_lm("generate", "a", "-m", saved)
    assert code == 1
    assert_two_lines(err)


def test_a_full_disk_while_saving(tui_lm: Run, chat_file: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("safetensors.numpy.save_file", full)
    code, _, err = tui_lm("train", chat_file, "--steps", "3", "--size", "tiny", "--name", "m")
    assert code == 1
    assert "No space left on device" in err
    assert "Traceback" not in err
    assert not list((home / "models").iterdir())


def test_no_terminal_for_the_app(tui_lm: Run) -> None:
    code, out, err = tui_lm()
    assert code == 2
    assert out == ""
    assert_two_lines(err)


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["train"],
        ["train", "x", "--wings", "2"],
        ["train", "x", "--minutes", "0"],
        ["train", "x", "--minutes", "1", "--steps", "1"],
        ["generate", "--temperature", "-1"],
        ["generate", "--max-new-tokens", "many"],
    ],
    ids=" ".join,
)
def test_wrong_usage(arguments: list[str], tui_lm: Run, saved: Path) -> None:
    code, _, err = tui_lm(*arguments)
    assert code == 2
    assert_two_lines(err)


@pytest.mark.parametrize(
    ("option", "value"), [("--arch", "cnn"), ("--size", "gigantic"), ("--tokenizer", "bits"), ("--split", "1,2,3")]
)
def test_a_choice_that_is_none(option: str, value: str, tui_lm: Run, chat_file: Path) -> None:
    code, _, err = tui_lm("train", chat_file, option, value)
    assert code == 2
    assert_two_lines(err)


def test_a_name_that_is_taken(tui_lm: Run, saved: Path, chat_file: Path) -> None:
    code, _, err = tui_lm("train", chat_file, "--name", "small")
    assert code == 1
    assert_two_lines(err)


def test_an_author_who_is_not_there(tui_lm: Run, chat_file: Path) -> None:
    code, _, err = tui_lm("train", chat_file, "--me", "Zed")
    assert code == 1
    assert_two_lines(err)
