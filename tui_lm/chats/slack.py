"""Slack workspace exports: a folder or zip with one folder per channel and one file per day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache

from tui_lm.chats.dates import from_epoch
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.json_export import Record, flag, records, string
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.slack_text import plain, text_of_blocks

_TIMESTAMP = re.compile(r'"ts"\s*:\s*"\d+\.\d+"')
_BY_PEOPLE = ("", "me_message", "bot_message", "thread_broadcast", "file_share", "file_comment", "tombstone")


def recognises(head: str, name: str) -> bool:
    is_list = head.lstrip().startswith("[")
    return is_list and '"type"' in head and '"message"' in head and _TIMESTAMP.search(head) is not None


def read(document: Document, notes: Notes) -> Iterator[Message]:
    users = user_names(document.beside("users.json"))
    channels = channel_names(document.beside("channels.json"))
    for record in records(document, None, notes):
        if (sent_at := from_epoch(record.get("ts"))) is None:
            notes.count(NO_TIME)
        else:
            yield row_of(record, sent_at, users, channels)


@lru_cache(maxsize=4)  # a workspace has thousands of day files and one list of users
def user_names(document: Document | None) -> dict[str, str]:
    listed = [] if document is None else records(document, None)
    return {string(user, "id"): _user_name(user) for user in listed}


@lru_cache(maxsize=4)
def channel_names(document: Document | None) -> dict[str, str]:
    listed = [] if document is None else records(document, None)
    return {string(channel, "id"): string(channel, "name") for channel in listed}


def _user_name(user: Record) -> str:
    shown = string(user, "profile", "display_name")
    return shown or string(user, "name") or string(user, "real_name") or string(user, "id")


def row_of(record: Record, sent_at: datetime, users: Mapping[str, str], channels: Mapping[str, str]) -> Message:
    subtype = string(record, "subtype")
    text = plain(string(record, "text"), users, channels) or text_of_blocks(record.get("blocks"), users, channels)
    if subtype not in _BY_PEOPLE:
        return Message(None, text, sent_at, Kind.SYSTEM)
    author = author_of(record, users)
    if subtype == "tombstone":
        return Message(author, "", sent_at, Kind.DELETED)
    if not text:
        return Message(author, "", sent_at, Kind.MEDIA)
    return Message(author, text, sent_at, Kind.EDITED if flag(record, "edited") else Kind.TEXT)


def author_of(record: Record, users: Mapping[str, str]) -> str:
    """The author of a message. Guests of another workspace are not in the list of users; the message names them."""
    user = string(record, "user")
    if named := users.get(user):
        return named
    guest = ""
    if profile := record.get("user_profile"):
        guest = string(profile, "display_name") or string(profile, "real_name")
    named = guest or string(record, "username") or string(record, "bot_profile", "name")
    return named or user or string(record, "bot_id") or "unknown"
