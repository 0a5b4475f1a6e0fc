"""Slack, by slackdump: one file per channel, with threads inside their first message."""

from __future__ import annotations

from collections.abc import Iterator

from tui_lm.chats.dates import from_epoch
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.json_export import Record, in_time_order, records, string
from tui_lm.chats.message import Message
from tui_lm.chats.slack import author_of, channel_names, row_of, user_names

_REPLIES = "slackdump_thread_replies"


def recognises(head: str, name: str) -> bool:
    is_object = head.lstrip().startswith("{") and '"messages"' in head and '"ts"' in head
    return is_object and ('"channel_id"' in head or f'"{_REPLIES}"' in head)


def read(document: Document, notes: Notes) -> Iterator[Message]:
    """Reads the file into memory, because a reply may occur twice, in its thread and in the channel."""
    users = dict(user_names(document.beside("users.json")))
    channels = channel_names(document.beside("channels.json"))
    for record in _all(document, notes):
        if (user := string(record, "user")) and user not in users and (name := author_of(record, {})) != user:
            users[user] = name
    found: dict[tuple[str, str], Message] = {}
    notes.counted.clear()
    for record in _all(document, notes):
        if (sent_at := from_epoch(record.get("ts"))) is None:
            notes.count(NO_TIME)
        else:
            row = row_of(record, sent_at, users, channels)
            found.setdefault((string(record, "ts"), row.author or ""), row)
    yield from in_time_order(list(found.values()))


def _all(document: Document, notes: Notes) -> Iterator[Record]:
    for record in records(document, "messages", notes):
        yield record
        replies = record.get(_REPLIES)
        if isinstance(replies, list):
            yield from (reply for reply in replies if isinstance(reply, dict))
