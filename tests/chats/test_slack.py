"""Slack: text that is only in blocks, and guests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tui_lm.chats import Kind, Message, open_chat


def read(path: Path, *records: dict[str, Any]) -> list[Message]:
    rows = [{"type": "message", "user": "U1", "text": "", "ts": "1740823200.000100"} | record for record in records]
    path.write_text(json.dumps(rows), "utf-8")
    return list(open_chat([path], format="slack"))


def test_text_that_is_only_in_blocks_is_read(tmp_path: Path) -> None:
    sections = [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "hi "},
                {"type": "user", "user_id": "U2"},
                {"type": "emoji", "name": "wave"},
                {"type": "link", "url": "https://example.org"},
            ],
        },
        {
            "type": "rich_text_list",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]},
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "two"}]},
            ],
        },
    ]
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "a &amp; b"}}
    rows = read(tmp_path / "a.json", {"blocks": [{"type": "rich_text", "elements": sections}]}, {"blocks": [section]})
    assert [row.text for row in rows] == ["hi @U2:wave:https://example.org\none\ntwo", "a & b"]


def test_guests_are_named_by_their_messages(tmp_path: Path) -> None:
    guest = {"text": "hello", "user_profile": {"display_name": "", "real_name": "Ola Nord"}}
    bot = {"text": "beep", "user": None, "bot_profile": {"name": "Robo"}, "bot_id": "B1"}
    assert [row.author for row in read(tmp_path / "a.json", guest, bot)] == ["Ola Nord", "Robo"]


def test_the_nesting_of_blocks_is_limited(tmp_path: Path) -> None:
    block: dict[str, Any] = {"type": "text", "text": "deep"}
    for _ in range(200):
        block = {"type": "rich_text", "elements": [block]}
    (row,) = read(tmp_path / "a.json", {"blocks": [block]})
    assert row.kind is Kind.MEDIA


def test_names_beside_a_channel_of_slackdump_are_used(tmp_path: Path) -> None:
    messages = [{"type": "message", "user": "U1", "text": "hi <@U2> in <#C2>", "ts": "1740823200.000100"}]
    (tmp_path / "C1.json").write_text(json.dumps({"channel_id": "C1", "name": "general", "messages": messages}))
    (tmp_path / "users.json").write_text(json.dumps([{"id": "U1", "name": "rosa"}, {"id": "U2", "name": "mo"}]))
    (tmp_path / "channels.json").write_text(json.dumps([{"id": "C2", "name": "garden"}]))
    (row,) = open_chat([tmp_path])
    assert (row.author, row.text) == ("rosa", "hi @mo in #garden")
