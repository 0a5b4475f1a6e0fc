"""The thread that runs the model for the language server.

A completer serves one caller at a time, so one thread does all work with it, in the order of the requests. A request
that is cancelled while it waits is never computed. When a newer text is asked about, the search for the older one ends
after the step that is being computed, with the best so far.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Protocol, TypeVar

from tui_lm.completion import Suggestion
from tui_lm.completion.search import Expired
from tui_lm.errors import TuiLmError
from tui_lm.lsp.options import Options
from tui_lm.tokenizers.stream import WritingContext

Result = TypeVar("Result")


class Completer(Protocol):
    """What the server needs of `completion.Completer`."""

    def complete(self, context: WritingContext, *, n: int, expired: Expired) -> Suggestion: ...

    def learn(self, context: WritingContext) -> None: ...

    def save(self) -> None: ...


Open = Callable[[Options], Completer]
"""Opens the completer for the options. Raises TuiLmError if there is none."""


class Writer:
    """Completions by the model that the options name, computed in one thread."""

    def __init__(self, open_completer: Open) -> None:
        self._open = open_completer
        self._completer: Completer | None = None
        self._newest: WritingContext | None = None  # that is asked about
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="model")

    async def use(self, options: Options) -> None:
        """Open the completer for these options. Raises TuiLmError; there is none then, and nothing is suggested."""

        def load() -> None:
            self._save()
            self._completer = None
            self._completer = self._open(options)

        await self._run(load)

    async def complete(self, context: WritingContext, n: int) -> Suggestion:
        def compute() -> Suggestion:
            if self._completer is None:
                return Suggestion((), "")
            return self._completer.complete(context, n=n, expired=lambda: self._newest != context)

        self._newest = context
        return await self._run(compute)

    async def learn(self, texts: Iterable[str], author: str | None) -> None:
        """Learn what was written, and save what was learned. Raises TuiLmError if it cannot be saved."""

        def count() -> None:
            if self._completer is not None:
                for text in texts:
                    self._completer.learn(WritingContext(text, author))
                self._completer.save()

        await self._run(count)

    def close(self) -> None:
        """Wait for the work that has begun, and save what was learned."""
        self._thread.shutdown(cancel_futures=True)
        with suppress(TuiLmError):
            self._save()

    def _save(self) -> None:
        if self._completer is not None:
            self._completer.save()

    async def _run(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
