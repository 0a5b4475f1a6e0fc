"""`tui-lm translate`: one line out per line in, and nothing else on stdout."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tui_lm.chats import open_chat

COMMAND = [sys.executable, "-m", "tui_lm", "translate"]
LINES = ["see you", "", "what's for dinner?", "  ", "a" * 30, "see you"]


@contextmanager
def process(*arguments: object, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Runs the command with pipes for its streams, and closes them."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    environment = {**os.environ, "TUI_LM_HOME": str(home)}
    with subprocess.Popen([*COMMAND, *map(str, arguments)], env=environment, **pipes) as running:  # type: ignore[call-overload]
        yield running


def piped(data: bytes, *arguments: object, home: Path) -> bytes:
    with process(*arguments, home=home) as running:
        out, err = running.communicate(data)
    assert (running.returncode, err) == (0, b"")
    return out


def test_a_text_gives_one_line(tui_lm: Run, saved_translator: Path) -> None:
    code, out, err = tui_lm("translate", "see you", "-m", "french")
    assert (code, err) == (0, "")
    assert out.count("\n") == 1 and out.strip()
    assert tui_lm("translate", "see", "you")[1] == out, "words that stand alone are one line, and -m is remembered"


def test_json_holds_the_alignment(tui_lm: Run, saved_translator: Path) -> None:
    found = json.loads(tui_lm("translate", "see you", "--json")[1])
    assert found["source"] == "see you"
    assert "".join(found["tokens"]) == found["text"]
    assert len(found["tokens"]) == len(found["probabilities"]) == len(found["alignment"])
    for row in found["alignment"]:
        assert len(row) == len(found["source_tokens"])
        assert sum(row) == pytest.approx(1.0, abs=1e-3)


def test_nbest_translations_have_scores(tui_lm: Run, saved_translator: Path) -> None:
    found = json.loads(tui_lm("translate", "see you", "--json", "--nbest", 3)[1])["nbest"]
    assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)
    lines = tui_lm("translate", "see you", "--nbest", 3)[1].splitlines()
    assert lines == [one["text"] for one in found] and len(set(lines)) == 3
    assert tui_lm("translate", " ", "--nbest", 3)[1] == "\n\n\n"


@pytest.mark.parametrize("written", [["--alignment"], ["--alignment", "matrix"], ["--alignment=matrix"]])
def test_alignment_prints_a_matrix(tui_lm: Run, saved_translator: Path, written: list[str]) -> None:
    for arguments in ([*written, "see you"], ["see you", *written]):
        code, out, _ = tui_lm("translate", *arguments)
        assert code == 0
        text, blank, head, *rows = out.splitlines()
        assert blank == "" and head.split() == ["see", "you"]
        assert len([row for row in rows if row]) == len(text.split())


def test_alignment_pharaoh_prints_links_after_the_line(tui_lm: Run, saved_translator: Path) -> None:
    out = tui_lm("translate", "--alignment", "pharaoh", "see you")[1]
    text, _, links = out.rstrip("\n").partition(" ||| ")
    pairs = [tuple(map(int, link.split("-"))) for link in links.split()]
    assert {target for _, target in pairs} <= set(range(len(text.split())))
    assert {source for source, _ in pairs} <= {0, 1} and pairs
    assert json.loads(tui_lm("translate", "--json", "--alignment", "pharaoh", "see you")[1])["alignment"] == links


def test_a_line_is_translated_before_the_next_is_read(saved_translator: Path, home: Path) -> None:
    with process(home=home) as running:
        assert running.stdin and running.stdout and running.stderr
        answers = []
        for line in ("see you\n", "\n", "tomorrow\n"):
            running.stdin.write(line.encode())
            running.stdin.flush()
            answers.append(running.stdout.readline())  # stdin is still open: this waits for the answer alone
        running.stdin.close()
        assert running.stdout.read() == running.stderr.read() == b""
    assert answers[1] == b"\n" and answers[0].strip() and answers[2].strip()


def test_argument_file_and_stdin_give_the_same_translation(
    tui_lm: Run, saved_translator: Path, home: Path, tmp_path: Path
) -> None:
    source, target = tmp_path / "in.txt", tmp_path / "out.txt"
    source.write_bytes("\r\n".join(LINES).encode())
    assert tui_lm("translate", "-i", source, "-o", target) == (0, "", "")
    of_file = target.read_text("utf-8")
    assert of_file == tui_lm("translate", "-i", source)[1]
    assert of_file.encode() == piped(source.read_bytes(), home=home)
    assert of_file == "".join(tui_lm("translate", line)[1] for line in LINES)


def hostile(count: int) -> list[bytes]:
    """Lines as nobody types them: blank, very long, with controls, right to left, cut in the middle of a character."""
    chance = random.Random(7)
    alphabets = [
        "see you at six, ",
        "नमस्ते दोस्त। ",
        "مرحبا بك \u200f\u202e",
        "👨\u200d👩\u200d👧 ☃ ",
        "\0\x1b[31m\x07\x0b\x85\u2028\ufeff",
    ]
    lines = [
        b"",
        b" ",
        b"\xff\xfe\x80",
        b"\xed\xa0\x80 lone",
        "x".encode("utf-16-le"),
        b"word " * 500,
        b"y" * 2000,
        b"\r",
    ]
    while len(lines) < count:
        text = "".join(chance.choice(chance.choice(alphabets)) for _ in range(chance.randrange(30)))
        data = text.encode()
        lines.append(data[: chance.randrange(len(data) + 1)].replace(b"\n", b""))
    return lines[:count]


@pytest.mark.parametrize("count", [150, pytest.param(10_000, marks=pytest.mark.slow)])
def test_output_has_as_many_lines_as_input(saved_translator: Path, home: Path, tmp_path: Path, count: int) -> None:
    lines = hostile(count)
    data = b"".join(line + b"\n" for line in lines)
    out = piped(data, "--beam", 2, "--max-length", 8, home=home)
    answers = out.split(b"\n")
    assert answers.pop() == b"" and len(answers) == count
    for line, answer in zip(lines, answers, strict=True):
        assert not set(answer) & {*range(32), 127}
        assert bool(answer) <= bool(line.strip())
    source = tmp_path / "in.txt"
    source.write_bytes(data)
    assert piped(b"", "-i", source, "--beam", 2, "--max-length", 8, home=home) == out


def test_an_output_file_is_replaced_only_when_complete(tui_lm: Run, saved_translator: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    target.write_text("kept\n", encoding="utf-8")
    code, out, err = tui_lm("translate", "-i", tmp_path / "missing.txt", "-o", target)
    assert (code, out) == (1, "") and len(err.splitlines()) == 2
    assert target.read_text("utf-8") == "kept\n"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".out")] == []
    assert tui_lm("translate", "see", "-o", tmp_path / "no" / "place")[0] == 1


def test_a_closed_output_pipe_is_no_error(saved_translator: Path, home: Path) -> None:
    with process("--max-length", 5, home=home) as running:
        assert running.stdin and running.stdout and running.stderr
        running.stdin.write(b"see you\n")
        running.stdin.flush()
        running.stdout.readline()
        running.stdout.close()
        running.stdin.write(b"see you\n" * 3)
        running.stdin.close()
        assert running.stderr.read() == b""


def test_an_interrupt_exits_with_130_without_a_traceback(saved_translator: Path, home: Path) -> None:
    with process("--max-length", 5, home=home) as running:
        assert running.stdin and running.stdout and running.stderr
        running.stdin.write(b"see you\n")
        running.stdin.flush()
        running.stdout.readline()
        running.send_signal(signal.SIGINT)
        assert running.wait() == 130
        assert running.stderr.read() == b""


def test_a_chat_keeps_its_names_and_times(tui_lm: Run, saved_translator: Path, chat_file: Path, tmp_path: Path) -> None:
    small, target = tmp_path / "chat.txt", tmp_path / "translated.txt"
    small.write_text("".join(chat_file.read_text("utf-8").splitlines(keepends=True)[:40]), encoding="utf-8")
    code, out, err = tui_lm("translate", "-i", small, "-o", target, "--max-length", 8)
    assert (code, out) == (0, "") and "chat" in err
    before, after = list(open_chat([small])), list(open_chat([target]))
    assert [(row.author, row.sent_at) for row in after] == [(row.author, row.sent_at) for row in before]
    assert [row.text.count("\n") for row in after] == [row.text.count("\n") for row in before]
    rows = [json.loads(line) for line in tui_lm("translate", "-i", small, "--json", "--max-length", 8)[1].splitlines()]
    assert [row["source"] for row in rows] == [row.text for row in before]
    assert [row["text"] for row in rows] == [row.text for row in after]
    assert set(rows[0]) == {"sent_at", "author", "kind", "source", "text"}
    plain = tui_lm("translate", "-i", small, "--no-chat", "--max-length", 8)[1]
    assert plain.count("\n") == small.read_text("utf-8").count("\n")


def test_translate_with_a_chat_model_lists_the_translators(tui_lm: Run, saved: Path, saved_translator: Path) -> None:
    code, out, err = tui_lm("translate", "see you", "-m", "small")
    assert (code, out) == (1, "")
    assert "french" in err and len(err.splitlines()) == 2
    code, _, err = tui_lm("complete", "see you", "-m", "french")
    assert code == 1 and "small" in err


def test_translate_without_a_translator_says_how_to_train_one(tui_lm: Run, saved: Path) -> None:
    code, _, err = tui_lm("translate", "see you")
    assert code == 1 and "pairs" in err


@pytest.mark.parametrize(
    "arguments",
    [["x", "--beam", "0"], ["x", "--max-length", "0"], ["x", "-i", "in.txt"], ["x", "--chat"], ["x", "--alignment=no"]],
)
def test_conflicting_translate_options_are_usage_errors(
    tui_lm: Run, saved_translator: Path, arguments: list[str]
) -> None:
    code, out, err = tui_lm("translate", *arguments)
    assert (code, out) == (2, "") and len(err.splitlines()) == 2
