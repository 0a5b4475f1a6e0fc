"""Every export in fixtures/ is read as its expected.json says, row by row."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tui_lm.chats import FORMATS, Kind, Message, detect, open_chat, readable_documents, summarise
from tui_lm.errors import TuiLmError

FIXTURES = Path(__file__).parent / "fixtures"
EXPECTED: dict[str, dict[str, Any]] = {
    f"{folder}{name}": fixture
    for folder in ("", "field/", "variants/")
    for name, fixture in json.loads((FIXTURES / folder / "expected.json").read_text("utf-8")).items()
}
CHATS = [name for name, fixture in EXPECTED.items() if fixture["expected"]]
WORDLESS = (Kind.MEDIA, Kind.DELETED)


def shown(row: Message) -> list[str | None]:
    """A row in the form of expected.json."""
    text = row.text.replace("\u200e", "")
    sent_at = None if row.sent_at is None else row.sent_at.replace(tzinfo=None).isoformat()
    return [sent_at, row.author, text, str(row.kind)]


@pytest.mark.parametrize("name", CHATS)
def test_counts_match_the_expected_ones(name: str) -> None:
    fixture = EXPECTED[name]
    rows = list(open_chat([FIXTURES / name]))
    kinds = Counter(row.kind for row in rows)
    actual = {
        "records": len(rows),
        "messages": len(rows) - kinds[Kind.SYSTEM],
        "system": kinds[Kind.SYSTEM],
        "media": kinds[Kind.MEDIA],
        "deleted": kinds[Kind.DELETED],
        "edited": kinds[Kind.EDITED],
        "authors": dict(Counter(row.author for row in rows if row.author is not None)),
        "first": shown(rows[0])[0],
        "last": shown(rows[-1])[0],
    }
    for field, value in actual.items():
        right = [fixture["expected"][field], *fixture.get("accept", {}).get(field, [])]
        assert value in right, field


@pytest.mark.parametrize("name", CHATS)
def test_every_export_holds_a_mark_of_its_format(name: str) -> None:
    for document in readable_documents(FIXTURES / name):
        head = document.head().text
        by_reader = {known for known, format in FORMATS.items() if format.reader.recognises(head, document.name)}
        assert by_reader == {known for known, format in FORMATS.items() if format.recognises(head, document.name)}


@pytest.mark.parametrize("name", [name for name in CHATS if "rows" in EXPECTED[name]])
def test_rows_match_the_expected_ones(name: str) -> None:
    expected = [[*row[:3], "text" if row[3] == "empty" else row[3]] for row in EXPECTED[name]["rows"]]
    rows = list(open_chat([FIXTURES / name]))
    if len(rows) != len(expected):
        rows = [row for row in rows if row.kind is not Kind.SYSTEM]
    actual = [shown(row) for row in rows]
    for row, wanted in zip(actual, expected, strict=True):
        if wanted[3] in WORDLESS and not wanted[2]:
            row[2] = ""
    assert actual == expected


@pytest.mark.parametrize("name", CHATS)
def test_the_format_is_recognised(name: str) -> None:
    assert detect(FIXTURES / name) == EXPECTED[name]["format"]
    assert open_chat([FIXTURES / name]).format == EXPECTED[name]["format"]


@pytest.mark.parametrize("name", CHATS)
def test_a_chat_can_be_read_again(name: str) -> None:
    chat = open_chat([FIXTURES / name])
    assert list(chat) == list(chat)


@pytest.mark.parametrize("name", CHATS)
def test_a_forced_format_gives_the_same_rows(name: str) -> None:
    path = FIXTURES / name
    assert list(open_chat([path], format=EXPECTED[name]["format"])) == list(open_chat([path]))


@pytest.mark.parametrize("name", CHATS)
def test_the_counts_of_a_summary_add_up(name: str) -> None:
    summary = summarise(open_chat([FIXTURES / name]))
    assert summary.records == summary.messages + summary.system
    assert sum(summary.authors.values()) == summary.messages
    assert list(summary.authors.values()) == sorted(summary.authors.values(), reverse=True)


@pytest.mark.parametrize("name", [name for name in EXPECTED if name not in CHATS])
def test_a_file_that_is_not_a_chat_is_refused(name: str) -> None:
    assert detect(FIXTURES / name) is None
    with pytest.raises(TuiLmError):
        open_chat([FIXTURES / name])
