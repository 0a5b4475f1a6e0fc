"""The one shape into which every chat export is read."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a row of an export is. Only `TEXT` and `EDITED` hold words that somebody wrote."""

    TEXT = "text"
    EDITED = "edited"
    MEDIA = "media"
    FORWARDED = "forwarded"  # somebody else's words, which the author passed on
    DELETED = "deleted"
    SYSTEM = "system"
    POLL = "poll"
    LOCATION = "location"
    CALL = "call"
    CONTACT = "contact"


class Message(NamedTuple):
    """One row of a chat export. A tuple, since that is what Python makes a million of fastest.

    `text` is verbatim (no Unicode normalisation, newlines kept). `sent_at` is naive local time as written, aware UTC
    where the export is absolute, and None where the export holds no times at all. `author` is None for system rows.
    """

    author: str | None
    text: str
    sent_at: datetime | None
    kind: Kind = Kind.TEXT
