"""Completion over a pipe: one answer per line, in order, for any input."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest

from tui_lm.checkpoint import SavedModel
from tui_lm.completion import Candidate, Completer, Suggestion
from tui_lm.completion.search import Limits
from tui_lm.completion.stdio import Server
from tui_lm.engine import Engine
from tui_lm.tokenizers.stream import WritingContext

BAD = [
    b"",
    b"nonsense",
    b"[1, 2]",
    b"\xff\xfe",
    b'{"id": NaN, "text": "a"}',
    b"[" * 5000,
    b'{"id": 9}',
    b'{"id": 9, "text": 5}',
    b'{"id": 9, "text": "secret", "n": true}',
    b'{"id": 9, "text": "secret", "n": 1000}',
    b'{"id": [9], "text": "secret"}',
    b'{"id": 9, "text": "secret", "author": 3}',
    b'{"id": 9, "text": "secret", "history": "secret"}',
    b'{"id": 9, "text": "secret", "history": [["Bob"]]}',
    b'{"id": 9, "text": "", "replies": -1}',
    b'{"id": 9, "text": "", "replies": "secret"}',
    b'{"id": 9, "text": "", "shown": "secret"}',
    b'{"id": 9, "text": "", "budget_ms": "secret"}',
    b'{"id": 9, "text": "", "budget_ms": -1}',
    b'{"id": 9, "text": "", "shown": [["secret"]]}',
    b'{"id": 9, "text": "", "shown": [["secret", true]]}',
    b'{"id": 9, "text": "", "shown": [["secret", -1]]}',
    b'{"id": 9, "sent": null}',
    b'{"id": 9, "reset": "yes"}',
]


def answers(server: Server, *lines: bytes | dict) -> list[dict]:
    out: list[str] = []
    server.serve((line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines), out.append)
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in out)
    return [json.loads(line) for line in out]


@pytest.fixture
def server(make_model: Callable[..., SavedModel]) -> Server:
    return Server(Completer(Engine(make_model()), limits=Limits(floor=0.0)))


def test_an_answer_holds_candidates_ghost_and_milliseconds(server: Server) -> None:
    (answer,) = answers(server, {"id": 7, "text": "see you tom", "n": 2, "author": "Ann", "history": [["Bob", "?"]]})
    assert set(answer) == {"id", "candidates", "ghost", "ms"}
    assert answer["id"] == 7
    assert len(answer["candidates"]) <= 2
    assert all(set(candidate) == {"text", "probability"} for candidate in answer["candidates"])


@pytest.mark.parametrize("line", BAD)
def test_a_bad_line_is_answered_without_quoting_its_text(server: Server, line: bytes) -> None:
    bad, good = answers(server, line, {"id": "next", "text": "a"})
    assert set(bad) == {"id", "error"}
    assert "secret" not in bad["error"]
    assert good["id"] == "next" and "candidates" in good


def test_sent_messages_become_the_history(server: Server) -> None:
    words, _, ok, later, replaced = answers(
        server,
        {"id": 1, "text": "s"},
        {"id": 2, "text": "s", "history": [["Bob", "hey"], [None, "see you"]]},
        {"sent": "see you tomorrow", "author": "Bob"},
        {"id": 3, "text": "s"},
        {"id": 4, "text": "s", "history": []},
    )
    assert ok == {"ok": True}
    assert later["candidates"] != words["candidates"]
    assert replaced["candidates"] == words["candidates"]
    assert answers(server, {"reset": True}, {"id": 5, "text": "s"})[1]["candidates"] == words["candidates"]


def test_replies_come_on_request_if_nothing_is_typed(server: Server) -> None:
    said = [["Bob", "when?"]]
    plain, asked, typed, remembered = answers(
        server,
        {"id": 1, "text": "", "history": said},
        {"id": 2, "text": "", "history": said, "replies": 2},
        {"id": 3, "text": "s", "history": said, "replies": 2},
        {"id": 4, "text": "", "replies": 1},
    )
    assert "replies" not in plain and "replies" not in typed
    assert set(asked) == {"id", "candidates", "ghost", "replies", "ms"}
    assert asked["candidates"] == plain["candidates"], "these are words"
    assert all(set(reply) == {"text", "probability"} for reply in asked["replies"])
    assert len(asked["replies"]) <= 2 and len(remembered["replies"]) <= 1


def test_a_reply_model_gives_replies_by_default(make_reply_model: Callable[..., SavedModel]) -> None:
    server = Server(Completer(Engine(make_reply_model())))
    begun, answered, refused = answers(
        server,
        {"id": 1, "text": ""},
        {"id": 2, "text": "", "n": 2, "history": [["Bob", "when?"]]},
        {"id": 3, "text": "", "history": [["Bob", "when?"]], "replies": 0},
    )
    assert len(answered["replies"]) <= 2
    assert "replies" not in begun and "replies" not in refused


def test_only_candidates_that_were_shown_long_enough_are_left_out(server: Server) -> None:
    (plain,) = answers(server, {"id": 1, "text": "see ", "shown": None})
    first = plain["candidates"][0]["text"]
    glimpsed, read, forgotten = answers(
        server,
        {"id": 2, "text": "see ", "shown": [[first, 80]]},
        {"id": 3, "text": "see ", "shown": [[first, 640]]},
        {"id": 4, "text": "see "},
    )
    assert glimpsed["candidates"] == forgotten["candidates"] == plain["candidates"]
    assert first not in [word["text"] for word in read["candidates"]]


class Instant:
    """A completer that costs nothing, so that ten thousand requests do not either."""

    me = None

    def complete(self, context: WritingContext, **_: object) -> Suggestion:
        if context.text == "bug":
            raise ZeroDivisionError("secret")
        return Suggestion((Candidate(context.text + "x", 1.0),), "x")

    def learn(self, context: WritingContext) -> None:
        pass


def test_ten_thousand_requests_some_of_them_bad_are_answered_in_order() -> None:
    chance = random.Random(0)
    lines = [chance.choice(BAD) if chance.random() < 0.1 else {"id": i, "text": f"t{i}"} for i in range(10_000)]
    found = answers(Server(Instant()), *lines)  # type: ignore[arg-type]
    assert len(found) == len(lines)
    for i, (line, answer) in enumerate(zip(lines, found, strict=True)):
        assert ("error" in answer) == isinstance(line, bytes)
        if "error" not in answer:
            assert answer["id"] == i and answer["candidates"][0]["text"] == f"t{i}x"


def test_an_internal_failure_is_answered_and_the_server_goes_on() -> None:
    bad, good = answers(Server(Instant()), {"id": 1, "text": "bug"}, {"id": 2, "text": "a"})  # type: ignore[arg-type]
    assert bad == {"id": 1, "error": "failed inside: ZeroDivisionError"}
    assert good["ghost"] == "x"
