"""Completion at a shell's prompt: which part of a line is prose, and the answers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tui_lm.completion import Candidate
from tui_lm.completion.prompt_line import answer, prose, requests, serve
from tui_lm.errors import TuiLmError
from tui_lm.tokenizers.stream import WritingContext


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ('git commit -m "see you tom', "see you tom"),
        ("git commit -m 'see you tom", "see you tom"),
        ('git commit -m"see', "see"),
        ('echo "a \\" b', 'a \\" b'),
        ("echo 'it is \\", "it is \\"),
        ("ls # see you", "see you"),
        ("# see", "see"),
        ("echo \"it's", "it's"),
        ('echo "one" "two', "two"),
        ('echo "first line\nsecond', "first line\nsecond"),
        ('echo "', ""),
        ("ls # done\necho 'see", "see"),
        ('echo "done"', None),
        ("ls -la", None),
        ("", None),
        ("echo a#b", None),
        ("I don't know wha", None),
        ("echo \\'see", None),
        ("ls # done\nls", None),
    ],
)
def test_open_quotes_and_comments_are_prose(command: str, text: str | None) -> None:
    found = prose(command)
    assert (None if found is None else found.text) == text


class Scripted:
    def __init__(self, ghost: str) -> None:
        self._ghost = ghost
        self.asked: list[str] = []

    def ghost(self, context: WritingContext) -> str:
        self.asked.append(context.text)
        if context.text == "fail":
            raise TuiLmError("secret", "secret")
        return self._ghost

    def candidates(self, context: WritingContext, *, n: int) -> tuple[Candidate, ...]:
        return (Candidate("tomorrow", 0.2),)


def ghost(kind: str, line: str, said: str) -> str:
    return answer(Scripted(said), kind, line, None)  # type: ignore[arg-type]


def test_the_kind_of_a_request_selects_the_prose() -> None:
    assert ghost("text", "ls tom", "orrow") == "orrow"
    assert ghost("command", "ls tom", "orrow") == ""
    assert ghost("command", 'ls "tom', "orrow") == "orrow"
    assert ghost("line", "we meet tom", "orrow") == "orrow"
    assert ghost("line", "we meet tom", "") == ""
    assert ghost("asked", "we meet tom", "") == "orrow"
    assert ghost("asked", 'ls "tom', "") == "orrow"


def test_ghost_text_neither_closes_a_quote_nor_expands_in_the_shell() -> None:
    assert ghost("command", 'echo "say', ' "hi"') == " "
    assert ghost("command", 'echo "run', " $(rm -rf x)") == " "
    assert ghost("command", 'echo "run', " `x`") == " "
    assert ghost("command", "echo 'run", " `x` it's") == " `x` it"
    assert ghost("text", "run", " `x` it's") == " `x` it's"


def test_ghost_text_holds_no_control_characters() -> None:
    assert ghost("text", "see", " you\x1b[2J") == " you"
    assert ghost("text", "see", " 👩‍👩‍👧 ok") == " 👩‍👩‍👧 ok"


def test_only_the_last_line_of_a_quote_is_completed() -> None:
    completer = Scripted("")
    answer(completer, "command", 'git commit -m "title\n\nbody', None)  # type: ignore[arg-type]
    assert completer.asked == ["body"]


def test_every_request_gets_one_answer_in_order() -> None:
    out: list[str] = []
    lines = ["1\ttext\tsee", "", "2", "3\tnonsense\tsee", "4\ttext\tfail", "5\tcommand\techo 'a\rb", "\t\t\t"]
    serve(Scripted(" you"), lines, out.append, None)  # type: ignore[arg-type]
    assert out == ["1\t you\n", "\t you\n", "2\t you\n", "3\t you\n", "4\t\n", "5\t you\n", "\t you\n"]


def test_requests_are_split_at_newlines_until_the_pipe_closes() -> None:
    here, there = os.pipe()
    os.write(there, "a\tबि".encode() + b"\xff")
    os.write(there, b"c\nd\nrest")
    os.close(there)
    assert list(requests(here, os.getpid())) == ["a\tबि\N{REPLACEMENT CHARACTER}c", "d"]
    os.close(here)


def test_serving_ends_when_the_shell_dies_even_if_the_pipe_is_open() -> None:
    shell = subprocess.Popen([sys.executable, "-c", ""])
    shell.wait()
    here, there = os.pipe()
    assert list(requests(here, shell.pid)) == []
    os.close(there)
    os.close(here)


def test_a_real_model_answers(saved: Path, home: Path) -> None:
    lines = "1\ttext\tsee y\n2\tasked\tsee y\n"
    command = [sys.executable, "-m", "tui_lm", "complete", "--stdio", "-m", "small", "--shell", str(os.getpid())]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first.startswith("1\t")
    assert second.startswith("2\t")
    assert not list(saved.glob("learned*"))
