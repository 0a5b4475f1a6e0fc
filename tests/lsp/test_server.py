"""The language server answers any editor: a plain JSON-RPC client over pipes."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls", reason="the extra lsp is not installed")

from tests.lsp.conftest import CONFIGURATION, URI, Client
from tui_lm.completion import ngram_files
from tui_lm.completion.training_counts import build
from tui_lm.utterances import Utterance

Connect = Callable[..., Client]
Logged = Callable[[str], list[list[Any]]]


def test_word_candidates_replace_the_token_and_are_asked_for_anew(connect: Connect) -> None:
    client = connect()
    capabilities = client.start()["capabilities"]
    assert capabilities["textDocumentSync"]["change"] == 2, "incremental"
    assert "completionProvider" in capabilities and "inlineCompletionProvider" in capabilities
    client.open("hello\nsee (tom")
    first, second, third = client.words(1, 8)
    assert first["textEdit"] == {
        "range": {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 8}},
        "newText": "(tomone",
    }
    assert second["filterText"] == "(tomtwo words", "it begins with what the range holds"
    assert first["sortText"] < second["sortText"] < third["sortText"]
    assert client.end() == 0


def test_an_emoji_before_the_cursor_moves_no_range(connect: Connect) -> None:
    client = connect()
    client.start()
    client.open("👍🏽 see tom")
    (first, *_) = client.words(0, len("👍🏽 see tom".encode("utf-16-le")) // 2)
    assert first["textEdit"]["newText"] == "tomone"
    assert first["textEdit"]["range"]["start"] == {"line": 0, "character": 9}
    assert client.ghost(0, 12).startswith(json.dumps("👍🏽 see tom").join(["[", ""]))


def test_an_editor_may_count_in_bytes(connect: Connect) -> None:
    client = connect()
    started = client.start({**CONFIGURATION, "general": {"positionEncodings": ["utf-8", "utf-16"]}})
    assert started["capabilities"]["positionEncoding"] == "utf-8"
    client.open("é👍 tom")
    (first, *_) = client.words(0, 10)
    assert first["textEdit"]["range"]["start"]["character"] == 7


def test_the_ghost_continues_the_line_after_the_lines_above(connect: Connect) -> None:
    client = connect(author="Ann")
    client.start()
    client.open("one\n\ntwo\nsee tom")
    text, author, history = json.loads(client.ghost(3, 7))
    assert (text, author, history) == ("see tom", "Ann", [[None, "one"], [None, "two"]])


def test_no_suggestion_inside_a_word_and_no_ghost_inside_a_line(connect: Connect) -> None:
    client = connect()
    client.start()
    client.open("see tom!")
    assert client.words(0, 5) == []
    assert client.ghost(0, 7) == ""
    assert client.words(0, 7)


def test_an_unsure_model_gives_its_best_word_only_if_the_key_asks_for_it(connect: Connect) -> None:
    client = connect()
    client.start()
    client.open("unsure")
    assert client.ghost(0, 6, kind=2) == ""
    assert client.ghost(0, 6, kind=1) == "one"


def test_code_gets_no_suggestions_unless_the_user_wants_them(connect: Connect) -> None:
    client = connect()
    client.start()
    client.open("see tom", "python")
    assert client.words(0, 7) == [] and client.ghost(0, 7) == ""
    client.configuration = {"languages": ["python"]}
    client.notify("workspace/didChangeConfiguration", settings=None)
    while not client.words(0, 7):
        pass
    assert client.ghost(0, 7)


def test_a_cancelled_request_is_answered_at_once_and_never_computed(
    connect: Connect, logged: Logged, tmp_path: Path
) -> None:
    client = connect()
    client.start()
    client.open("hold\nsecond\nthird")
    held = client.request("textDocument/completion", **client.at(0, 4))
    second = client.request("textDocument/completion", **client.at(1, 6))
    third = client.request("textDocument/completion", **client.at(2, 5))
    client.notify("$/cancelRequest", id=second)
    client.notify("$/cancelRequest", id=99)
    assert client.answer(second)["error"]["code"] == -32800
    (tmp_path / "release").touch()
    assert client.answer(held)["result"]["items"] and client.answer(third)["result"]["items"]
    assert [text for (text,) in logged("complete")] == ["hold", "third"]


def test_ten_thousand_edits_leave_the_text_of_the_editor(connect: Connect) -> None:
    client = connect()
    client.start()
    client.open("")
    chance, text = random.Random(0), ""
    for i in range(10_000):
        lines = text.split("\n")
        line = chance.randrange(len(lines))
        start = chance.randint(0, len(lines[line]))
        end = min(len(lines[line]), start + chance.choice([0, 0, 0, 1, 3]))
        new = chance.choice(["a", "😀", "word ", "\n", "नि", ""]) if len(text) < 2000 else ""
        at = [len(lines[line][:place].encode("utf-16-le")) // 2 for place in (start, end)]
        client.change(new, line, at[0], line, at[1])
        before = sum(len(each) + 1 for each in lines[:line])
        text = text[: before + start] + new + text[before + end :]
        if i % 1000 == 999:
            lines = text.split("\n")
            size = len(lines[-1].encode("utf-16-le")) // 2
            seen, _, history = json.loads(client.ghost(len(lines) - 1, size))
            assert seen == lines[-1]
            assert [said for _, said in history] == [each.strip() for each in lines[:-1] if each.strip()][-8:]


@pytest.mark.parametrize(
    "body",
    [
        b"nonsense",
        b"\xff\xfe",
        b"[]",
        b"5",
        b"{}",
        b'{"jsonrpc": "1.0", "id": 5, "method": "shutdown"}',
        b'{"jsonrpc": "2.0", "method": "no/such"}',
        b'{"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"secret": 1}}',
        b'{"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": {"uri": "file:///secret", '
        b'"version": 1}, "contentChanges": []}}',
        b'{"jsonrpc": "2.0", "id": 77, "result": null}',
        b"[" * 5000,
    ],
)
def test_a_bad_message_stops_nothing_and_is_quoted_nowhere(connect: Connect, body: bytes, tmp_path: Path) -> None:
    client = connect()
    client.start()
    client.open("see tom")
    client.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert client.words(0, 7)
    assert "secret" not in str(client.seen)
    assert (tmp_path / "stderr").read_bytes() == b""
    assert not [message for message in client.seen if message["method"] == "window/showMessage"]


def test_a_request_with_wrong_parameters_or_an_unknown_name_is_answered_with_an_error(connect: Connect) -> None:
    client = connect()
    client.start()
    assert client.answer(client.request("textDocument/completion", position="secret"))["error"]["code"] == -32602
    assert client.answer(client.request("textDocument/hover", **client.at(0, 0)))["error"]["code"] == -32601
    assert client.words(5, 5) == [], "a document that is not open"


def test_a_failure_of_the_model_is_answered_without_its_text(connect: Connect) -> None:
    client = connect()
    client.start()
    client.open("bug\nsee")
    error = client.answer(client.request("textDocument/completion", **client.at(0, 3)))["error"]
    assert error["message"] == "failed inside: ZeroDivisionError" and "secret" not in str(error)
    assert client.words(1, 3)


def test_the_configuration_of_the_editor_chooses_model_author_and_threshold(connect: Connect, logged: Logged) -> None:
    client = connect(model="chat", author="Ann", threshold=0.9)
    client.start(initializationOptions={"model": "other"})
    client.open("a")
    client.words(0, 1)
    client.configuration = {"model": "prose", "author": 5, "threshold": 2}
    client.notify("workspace/didChangeConfiguration", settings={})
    while len(client.seen) < 2:
        client.receive()
    assert client.end() == 0
    assert logged("open") == [["chat", "Ann", 0.9, False], ["prose", None, None, False]]
    assert sorted(re.findall(r"option (\w+)", str(client.seen))) == ["author", "threshold"]


@pytest.mark.parametrize("options", [{"model": "chat"}, {"tui-lm": {"model": "chat"}}], ids=str)
def test_an_editor_without_configuration_uses_the_options_of_the_start(
    connect: Connect, logged: Logged, options: dict[str, Any]
) -> None:
    client = connect()
    client.start({}, initializationOptions=options)
    client.open("a")
    client.words(0, 1)
    assert logged("open") == [["chat", None, None, False]]


def test_a_missing_model_is_told_once_and_suggests_nothing(connect: Connect) -> None:
    client = connect(model="missing")
    client.start()
    client.open("see tom")
    assert client.words(0, 7) == [] and client.ghost(0, 7) == ""
    (told,) = client.seen
    assert told["params"]["message"] == "tui-lm: there is no model missing; train one"


def test_only_what_was_written_is_learned_and_only_where_asked(connect: Connect, logged: Logged) -> None:
    client = connect(learn=True, author="Ann")
    client.start()
    client.open("written by others\n")
    client.words(0, 0)  # the configuration has been read
    saved = {"textDocument": {"uri": URI}}
    client.notify("textDocument/didSave", **saved)
    client.change("see you tomorrow\n\n", 1, 0, 1, 0)
    client.notify("textDocument/didSave", **saved)
    client.notify("textDocument/didSave", **saved)
    client.configuration = {"learn": False}
    client.notify("workspace/didChangeConfiguration", settings={})
    client.words(0, 0)
    client.change("never learned\n", 1, 0, 1, 0)
    while len(logged("open")) < 2:
        client.words(0, 0)
    client.notify("textDocument/didSave", **saved)
    assert client.end() == 0
    assert logged("learn") == [["see you tomorrow", "Ann"]]


def test_an_editor_filters_a_respelled_word_by_what_is_typed(connect: Connect) -> None:
    client = connect()
    client.start()
    client.open("cafe")
    (respelled,) = client.words(0, 4)
    assert respelled["textEdit"]["newText"] == "cafés" and respelled["filterText"] == "cafes"
    client.change("")
    client.open("cafe")
    assert client.ghost(0, 4, kind=1) == "", "a ghost cannot respell"


def test_a_real_model_suggests_and_learns_nothing(connect: Connect, saved: Path) -> None:
    ngram_files.save(build([Utterance("Ann", "see you at six")] * 9), saved)
    client = connect("-m", "tui_lm", "lsp", "-m", "small")
    client.start()
    client.open("see y")
    assert client.words(0, 5)[0]["filterText"].startswith("you")
    assert client.ghost(0, 5, kind=1).startswith("ou")
    client.notify("textDocument/didSave", textDocument={"uri": URI})
    assert client.end() == 0
    assert not list(saved.glob("learned*"))


def test_a_server_whose_editor_has_gone_ends(connect: Connect) -> None:
    client = connect()
    client.start()
    assert client._process.stdin is not None
    client._process.stdin.close()
    assert client._process.wait() == 0
