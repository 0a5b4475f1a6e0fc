"""The thread that runs the model for the language server, with a completer that searches until it is stopped."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

pytest.importorskip("pygls")
from tui_lm.completion import Candidate, Suggestion
from tui_lm.completion.search import Expired
from tui_lm.lsp.options import Options
from tui_lm.lsp.writer import Writer
from tui_lm.tokenizers.stream import WritingContext


class Searcher:
    """Searches for the ends of "old" until the time is over, at most ten seconds."""

    def __init__(self) -> None:
        self.begun = threading.Event()

    def complete(self, context: WritingContext, *, n: int, expired: Expired) -> Suggestion:
        self.begun.set()
        end = time.monotonic() + 10
        while context.text == "old" and not expired() and time.monotonic() < end:
            time.sleep(0.001)
        return Suggestion((Candidate(context.text + str(expired()), 1.0),), "")

    def learn(self, context: WritingContext) -> None: ...

    def save(self) -> None: ...


def test_the_search_for_an_older_text_ends_when_a_newer_one_is_asked_about() -> None:
    searcher = Searcher()
    writer = Writer(lambda options: searcher)

    async def ask() -> list[Suggestion]:
        await writer.use(Options())
        old = asyncio.ensure_future(writer.complete(WritingContext("old"), 1))
        await asyncio.to_thread(searcher.begun.wait, 10)
        return await asyncio.gather(old, writer.complete(WritingContext("new"), 1))

    answers = asyncio.run(ask())
    writer.close()
    assert [answer.candidates[0].text for answer in answers] == ["oldTrue", "newFalse"]
