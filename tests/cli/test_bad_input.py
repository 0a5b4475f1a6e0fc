"""Bad input ends with an error line, a hint line and the right exit code, and without a traceback."""

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
def test_a_missing_file_is_an_error(command: str, tui_lm: Run, tmp_path: Path) -> None:
    code, _, err = tui_lm(command, tmp_path / "nothing.txt")
    assert code == 1
    assert_two_lines(err)


@pytest.mark.parametrize("command", ["train", "read"])
@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02\xff" * 500], ids=["empty", "binary"])
def test_an_empty_or_binary_file_is_an_error(command: str, data: bytes, tui_lm: Run, tmp_path: Path) -> None:
    code, _, err = tui_lm(command, contents(tmp_path, data))
    assert code == 1
    assert_two_lines(err)


def test_a_chat_with_one_message_is_too_short_and_is_not_quoted(tui_lm: Run, tmp_path: Path) -> None:
    path = contents(tmp_path, b"01/02/2024, 10:00 - Ann: hello Bob, this is private\n")
    code, _, err = tui_lm("train", path, "--format", "whatsapp", "--date-order", "dmy")
    assert code == 1
    assert_two_lines(err)
    assert "private" not in err, "errors must not quote the chat"


def test_sentence_pairs_cannot_train_a_language_model(tui_lm: Run, tmp_path: Path) -> None:
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
def test_an_unknown_model_is_an_error(arguments: list[str], tui_lm: Run) -> None:
    code, _, err = tui_lm(*arguments)
    assert code == 1
    assert_two_lines(err)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_truncated_model_file_is_an_error(name: str, tui_lm: Run, saved: Path) -> None:
    data = (saved / name).read_bytes()
    (saved / name).write_bytes(data[: len(data) // 2])
    code, _, err = tui_lm("generate", "a", "-m", saved)
    assert code == 1
    assert_two_lines(err)


def test_a_full_disk_while_saving_leaves_no_half_written_model(
    tui_lm: Run, chat_file: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("safetensors.numpy.save_file", full)
    code, _, err = tui_lm("train", chat_file, "--steps", "3", "--size", "tiny", "--name", "m")
    assert code == 1
    assert "No space left on device" in err
    assert "Traceback" not in err
    assert not list((home / "models").iterdir())


def test_the_app_without_a_terminal_is_a_usage_error(tui_lm: Run) -> None:
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
def test_wrong_usage_exits_with_2(arguments: list[str], tui_lm: Run, saved: Path) -> None:
    code, _, err = tui_lm(*arguments)
    assert code == 2
    assert_two_lines(err)


@pytest.mark.parametrize(
    ("option", "value"), [("--arch", "cnn"), ("--size", "gigantic"), ("--tokenizer", "bits"), ("--split", "1,2,3")]
)
def test_an_unknown_value_of_an_option_exits_with_2(option: str, value: str, tui_lm: Run, chat_file: Path) -> None:
    code, _, err = tui_lm("train", chat_file, option, value)
    assert code == 2
    assert_two_lines(err)


def test_training_under_a_taken_name_is_refused(tui_lm: Run, saved: Path, chat_file: Path) -> None:
    code, _, err = tui_lm("train", chat_file, "--name", "small")
    assert code == 1
    assert_two_lines(err)


def test_an_author_who_is_not_in_the_chat_is_an_error(tui_lm: Run, chat_file: Path) -> None:
    code, _, err = tui_lm("train", chat_file, "--me", "Zed")
    assert code == 1
    assert_two_lines(err)
