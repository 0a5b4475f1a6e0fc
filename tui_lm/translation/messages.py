"""Translates a chat: the texts of its messages are translated, all else stays as it is."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from tui_lm.chats import Kind, Message
from tui_lm.translation.beam import BeamOptions
from tui_lm.translation.translator import WINDOW, Translator

WORDS = (Kind.TEXT, Kind.EDITED)


def translate_messages(
    translator: Translator, rows: Iterable[Message], options: BeamOptions, *, window: int = WINDOW, threads: int = 1
) -> Iterator[tuple[Message, Message]]:
    """Pairs of a chat row and its translation, in order. A message keeps its line breaks."""
    waiting: deque[tuple[Message, int]] = deque()

    def lines() -> Iterator[str]:
        for row in rows:
            parts = row.text.split("\n") if row.kind in WORDS else []
            waiting.append((row, len(parts)))
            yield from parts

    done: list[str] = []

    def whole() -> Iterator[tuple[Message, Message]]:
        while waiting and waiting[0][1] <= len(done):
            row, count = waiting.popleft()
            yield row, row._replace(text="\n".join(done[:count])) if count else row
            del done[:count]

    for answer in translator.translate_many(lines(), options, window=window, threads=threads):
        done.append(answer.text)
        yield from whole()
    yield from whole()
