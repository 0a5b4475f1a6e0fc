"""Invalid JSON of exporters: a bad record loses at most itself."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from tui_lm.chats import Kind, Message, open_chat
from tui_lm.chats.json_repair import end_of, repaired

ROW = '{"id": 1, "type": "message", "date": "2021-05-06T07:08:09", "from": "Ann", "from_id": "user1", "text": %s}'
SENT = datetime(2021, 5, 6, 7, 8, 9)


def telegram(path: Path, *records: str, end: str = "]}") -> Path:
    path.write_text('{"name": "Ann", "type": "personal_chat", "messages": [' + ", ".join(records) + end, "utf-8")
    return path


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r'{"text": "a\x0Bb"}', {"text": "a\x0bb"}),
        (r'{"text": "C:\\x41 \"q\" \u00e9 \d"}', {"text": 'C:\\x41 "q" é \\d'}),
        ('{"a": hello there, "b": 1, "c": true}', {"a": "hello there", "b": 1, "c": True}),
        ('{"a": , "b": [1, 2,],}', {"a": None, "b": [1, 2]}),
        ('{"a": "x: y, {z}", "b": w}', {"a": "x: y, {z}", "b": "w"}),
        ('{"a" "b"}', None),
    ],
)
def test_invalid_json_is_repaired(written: str, meant: object) -> None:
    assert repaired(written) == meant


def test_the_end_of_a_record_is_not_inside_a_string() -> None:
    text = '{"a": "}\\"}", "b": [{}]}, {"c"'
    assert end_of(text, 0) == text.index(", {")
    assert end_of(text, text.index('{"c"')) is None
    assert end_of('{"a": "' + "x" * 100_000, 0) is None
    assert end_of('{"a": "' + "\\" * 100_001, 0) is None


def test_a_bad_record_costs_only_itself(tmp_path: Path) -> None:
    path = telegram(
        tmp_path / "result.json", ROW % r'"one\x0b"', '{"id" "broken"}', "nonsense", ROW % '"two"', ROW % "three"
    )
    chat = open_chat([path])
    rows = list(chat)
    assert rows == [Message("Ann", text, SENT) for text in ("one\x0b", "two", "three")]
    assert any("not JSON" in warning and warning.endswith(": 2") for warning in chat.warnings)


def test_a_truncated_file_is_read_up_to_its_end_with_a_warning(tmp_path: Path) -> None:
    path = telegram(tmp_path / "result.json", ROW % '"one"', ROW % '"secr', end="")
    chat = open_chat([path])
    assert [row.text for row in chat] == ["one"]
    assert any("cut short" in warning for warning in chat.warnings)


def test_line_ends_inside_strings_are_read(tmp_path: Path) -> None:
    (row,) = open_chat([telegram(tmp_path / "result.json", ROW % '"one\ntwo"')])
    assert row.text == "one\ntwo"


def test_a_forward_is_not_text_of_its_author(tmp_path: Path) -> None:
    forwarded = json.dumps(json.loads(ROW % '"news"') | {"forwarded_from": "Channel"})
    own = json.dumps(json.loads(ROW % '"mine"') | {"forwarded_from": "Ann"})
    rows = list(open_chat([telegram(tmp_path / "result.json", forwarded, own)]))
    assert [row.kind for row in rows] == [Kind.FORWARDED, Kind.TEXT]
