"""`tui-lm complete` with a history: its formats, and the replies."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tui_lm import checkpoint
from tui_lm.checkpoint import SavedModel
from tui_lm.cli.complete_history import parse_history, read_history
from tui_lm.completion import Completer
from tui_lm.errors import TuiLmError
from tui_lm.safe_text import visible_line
from tui_lm.tokenizers.specials import END
from tui_lm.tokenizers.stream import WritingContext

Run = Callable[..., tuple[int, str, str]]
SAID = [("Bob", "when: now?"), ("Ann", "at six"), (None, "ok")]


@pytest.fixture
def answers(make_reply_model: Callable[..., SavedModel], home: Path) -> Path:
    """The folder of a saved model of replies called "answers"."""
    model = make_reply_model()
    model.weights["head.bias"][model.tokenizer.encode("okyes")] = 4.0  # it does not know much, but a few letters
    model.weights["head.bias"][END] = 4.0  # and where to stop
    folder = home / "models" / "answers"
    checkpoint.save(folder, model)
    return folder


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(SAID),
        "Bob: when: now?\n\n  Ann: at six \nok\n",
        "\r\n".join(["Bob: when: now?", "Ann:  at six", "ok"]),
    ],
)
def test_a_history_is_parsed_from_lines_or_json(text: str) -> None:
    assert parse_history(text) == SAID


def test_a_history_file_may_be_a_chat_export(chat_file: Path) -> None:
    turns = read_history(chat_file)
    assert len(turns) == 64
    assert {author for author, _ in turns} == {"Ann", "Bob"}
    last = chat_file.read_text("utf-8").split(" - ")[-1].strip()
    assert ": ".join(map(str, turns[-1])) == last


@pytest.mark.parametrize("text", ["[3]", "[[", '[["Bob"]]', '[["Bob", 3]]', "[" * 9000])
def test_malformed_json_history_is_an_error(text: str) -> None:
    with pytest.raises(TuiLmError, match="not a JSON list"):
        parse_history(text)


def test_complete_offers_replies_to_the_last_message(answers: Path, tui_lm: Run, tmp_path: Path) -> None:
    history = tmp_path / "history"
    history.write_text("Bob: what's for dinner?\n", encoding="utf-8")
    expected = Completer.open(answers).replies(WritingContext(author="Bob", history=[("Bob", "what's for dinner?")]))
    assert expected
    code, out, err = tui_lm("complete", "-m", answers, "--history", history, "--as", "Bob", "--json")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    assert [reply["text"] for reply in answer["replies"]] == [reply.text for reply in expected]
    assert answer["candidates"], "and the words, as ever"
    code, out, _ = tui_lm("complete", "-m", answers, "--history", history, "--as", "Bob")
    assert out.splitlines() == [visible_line(reply.text) for reply in expected]
    assert "replies" not in json.loads(tui_lm("complete", "s", "-m", answers, "--history", history, "--json")[1])
    assert "replies" not in json.loads(tui_lm("complete", "-m", answers, "--json")[1])


def test_a_history_may_come_from_stdin(answers: Path, tui_lm: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("Bob: ça va?\n".encode())))
    code, out, _ = tui_lm("complete", "-m", answers, "--history", "-", "--json")
    assert code == 0 and "replies" in json.loads(out)


@pytest.mark.parametrize("arguments", [["--history", "nowhere"], ["--stdio", "--history", "nowhere"]])
def test_conflicting_options_are_usage_errors(arguments: list[str], answers: Path, tui_lm: Run) -> None:
    code, out, err = tui_lm("complete", "-m", answers, *arguments)
    assert code in (1, 2) and out == ""
    assert [line.split(":")[0] for line in err.splitlines()] == ["error", "hint"]


def test_an_empty_history_is_an_error(answers: Path, tui_lm: Run, tmp_path: Path) -> None:
    (tmp_path / "blank").write_text(" \n\n", encoding="utf-8")
    code, _, err = tui_lm("complete", "-m", answers, "--history", tmp_path / "blank")
    assert code in (1, 2) and err.startswith("error: ")
