"""Merges several exports into one chat in time order, without duplicates."""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from tui_lm.chats.message import Message

_WINDOW = 2 * 24 * 3600.0  # seconds by which a row may be out of order


def moment(message: Message) -> float | None:
    """Seconds since the epoch, or None without a time. Local times count as UTC on every machine."""
    return None if message.sent_at is None else timestamp(message.sent_at)


def timestamp(sent_at: datetime) -> float:
    """Seconds since the epoch; a naive time counts as UTC."""
    return (sent_at if sent_at.tzinfo else sent_at.replace(tzinfo=UTC)).timestamp()


def merged(streams: Sequence[Callable[[], Iterator[Message]]]) -> Iterator[Message]:
    """The rows of all streams in time order. A row of two streams is yielded once, unless it has no time."""
    if len(streams) == 1:
        return streams[0]()
    return _without_doubles(heapq.merge(*(_timed(index, rows()) for index, rows in enumerate(streams))))


_Timed = tuple[float, int, int, Message]  # latest time, number of the stream, number of the row, row


def _timed(stream: int, rows: Iterator[Message]) -> Iterator[_Timed]:
    """Adds the latest time so far, because `heapq.merge` needs sorted input and exports have late rows."""
    latest = float("-inf")
    for number, row in enumerate(rows):
        if (sent_at := moment(row)) is not None:
            latest = max(latest, sent_at)
        yield latest, stream, number, row


def _without_doubles(rows: Iterator[_Timed]) -> Iterator[Message]:
    given: Counter[int] = Counter()  # how often a row was yielded
    seen: Counter[tuple[int, int]] = Counter()  # how often a stream had it
    recent: deque[tuple[float, int, int]] = deque()
    for time, stream, _, row in rows:
        if row.sent_at is None:
            yield row
            continue
        key = hash((row.author, row.text, row.sent_at, row.kind))
        seen[stream, key] += 1
        recent.append((time, stream, key))
        if seen[stream, key] > given[key]:
            given[key] += 1
            yield row
        while recent[0][0] < time - _WINDOW:
            _, old_stream, old_key = recent.popleft()
            given.pop(old_key, None)
            seen.pop((old_stream, old_key), None)
