"""`tui-lm models`: list, show, rename, forget and remove."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run
from tui_lm import checkpoint
from tui_lm.completion import Completer
from tui_lm.tokenizers.stream import WritingContext


def test_list_marks_a_damaged_model(tui_lm: Run, saved: Path) -> None:
    (saved.parent / "broken").mkdir()
    (saved.parent / "broken" / "config.json").write_text("{", encoding="utf-8")
    rows = {row["name"]: row for row in json.loads(tui_lm("models", "list", "--json")[1])}
    assert rows["small"]["kind"] == "chat"
    assert "error" in rows["broken"]
    assert "small" in tui_lm("models")[1]


def test_models_alone_prints_json_too(tui_lm: Run, saved: Path) -> None:
    code, out, _ = tui_lm("models", "--json")
    assert code == 0
    assert [row["name"] for row in json.loads(out)] == ["small"]


def test_show_names_the_author_who_is_you(tui_lm: Run, saved: Path) -> None:
    assert json.loads(tui_lm("models", "show", "small", "--json")[1])["me"] == "Ann"
    assert "you are: Ann" in tui_lm("models", "show", "small")[1]


def test_forget_deletes_what_was_learned_while_typing(tui_lm: Run, saved: Path) -> None:
    completer = Completer.open(saved)
    completer.learn(WritingContext("see you at the lighthouse", "Ann"))
    completer.save()
    assert list(saved.glob("learned.*"))
    code, out, _ = tui_lm("models", "forget", "small")
    assert code == 0
    assert "deleted" in out
    assert not list(saved.glob("learned.*"))
    assert "nothing" in tui_lm("models", "forget", "small")[1]


def test_remove_needs_a_confirmation_or_yes(tui_lm: Run, saved: Path) -> None:
    code, _, err = tui_lm("models", "remove", "small")
    assert code == 2
    assert err.startswith("error: ")
    assert checkpoint.names() == ["small"]
    assert tui_lm("models", "remove", "small", "--yes")[0] == 0
    assert checkpoint.names() == []


def test_rename_refuses_a_taken_name(tui_lm: Run, saved: Path) -> None:
    assert tui_lm("models", "rename", "small", "small")[0] == 1
    assert tui_lm("models", "rename", "small", "other")[0] == 0
    assert checkpoint.names() == ["other"]


def test_forget_takes_one_word_back_and_says_what_may_still_hold_it(tui_lm: Run, saved: Path) -> None:
    completer = Completer.open(saved)
    completer.learn(WritingContext("see teh sea", "Ann"))
    completer.save()
    code, out, err = tui_lm("models", "forget", "small", "--word", "teh")
    assert code == 0 and "teh is not suggested any more, and out of the learned words" in out
    assert "weights" in err
    assert "may be suggested again" in tui_lm("models", "forget", "small", "--word", "teh", "--unblock")[1]
    assert "was not blocked" in tui_lm("models", "forget", "small", "--word", "teh", "--unblock")[1]
    assert tui_lm("models", "forget", "small", "--unblock")[0] == 2
    assert tui_lm("models", "forget", "small", "--word", " ")[0] == 2
