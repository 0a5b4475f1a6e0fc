"""Counts the rows of a chat in one pass."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from tui_lm.chats.chat import Chat
from tui_lm.chats.message import Kind, Message

_SHOWN = 3  # number of first and last messages kept


@dataclass(frozen=True, slots=True)
class Summary:
    """`messages` counts rows by a person, of any kind; `dropped` counts those without words, by kind.

    `authors` is sorted by count; `first` and `last` are the times of the first and last row.
    """

    format: str
    date_order: str | None
    records: int
    messages: int
    system: int
    media: int
    dropped: dict[Kind, int]
    authors: dict[str, int]
    first: datetime | None
    last: datetime | None
    warnings: list[str]
    first_messages: list[Message]
    last_messages: list[Message]


def summarise(chat: Chat, hear: Callable[[str], object] = len) -> Summary:
    """Reads the whole chat once, in constant memory. Raises TuiLmError if a file is broken.

    `hear` is called with every written text.
    """
    kinds: Counter[Kind] = Counter()
    authors: Counter[str | None] = Counter()
    texts = 0
    first_messages: list[Message] = []
    last_messages: deque[Message] = deque(maxlen=_SHOWN)
    first: datetime | None = None
    last: datetime | None = None
    for row in chat:
        author, text, last, kind = row
        authors[author] += 1
        if kind is Kind.TEXT:  # counted separately, because a Kind is slow to hash
            texts += 1
            hear(text)
            last_messages.append(row)
            if texts <= _SHOWN:
                first_messages.append(row)
        else:
            kinds[kind] += 1
            if kind is Kind.EDITED:
                hear(text)
        first = first or last
    kinds[Kind.TEXT] = texts
    records = kinds.total()
    return Summary(
        format=chat.format,
        date_order=chat.date_order,
        records=records,
        messages=records - kinds[Kind.SYSTEM],
        system=kinds[Kind.SYSTEM],
        media=kinds[Kind.MEDIA],
        dropped=_without(kinds, (Kind.TEXT, Kind.EDITED)),
        authors={author: count for author, count in authors.most_common() if author is not None},
        first=first,
        last=last,
        warnings=list(chat.warnings),
        first_messages=first_messages,
        last_messages=list(last_messages),
    )


def _without(kinds: Counter[Kind], left_out: Iterable[Kind]) -> dict[Kind, int]:
    return {kind: count for kind, count in kinds.most_common() if kind not in left_out}
