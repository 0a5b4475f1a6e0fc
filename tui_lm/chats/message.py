"""The form into which every chat export is read."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """The kind of a row. Only `TEXT` and `EDITED` are written words."""

    TEXT = "text"
    EDITED = "edited"
    MEDIA = "media"
    FORWARDED = "forwarded"  # the words of somebody else
    DELETED = "deleted"
    SYSTEM = "system"
    POLL = "poll"
    LOCATION = "location"
    CALL = "call"
    CONTACT = "contact"


class Message(NamedTuple):
    """One row of a chat export. A named tuple, which Python creates fastest.

    `text` is verbatim (no Unicode normalisation, newlines kept). `sent_at` is aware UTC if the export
    has absolute times, naive local time if not, and None if it has no times. `author` is None for system rows.
    """

    author: str | None
    text: str
    sent_at: datetime | None
    kind: Kind = Kind.TEXT
