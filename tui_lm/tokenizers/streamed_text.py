"""Decodes tokens as they are generated, up to the first stop string."""

from __future__ import annotations

import codecs
from collections.abc import Sequence


class StreamedText:
    """An incremental decoder: yields whole characters, and ends before the first stop string."""

    def __init__(self, stop: Sequence[str], at_start: bool) -> None:
        self._stop = [string for string in stop if string]
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._at_start = at_start  # the tokenizer's own leading space has not been seen yet
        self._held = ""
        self.stopped = False

    def add(self, surface: bytes) -> str:
        """Add a token with this surface; return the text that is certain now."""
        text = self._decoder.decode(surface)
        if self._at_start and text:
            text, self._at_start = text.removeprefix(" "), False
        self._held += text
        found = [i for string in self._stop if (i := self._held.find(string)) >= 0]
        if found:
            self.stopped = True
            return self._release(min(found))
        doubtful = (
            length
            for string in self._stop
            for length in range(min(len(string) - 1, len(self._held)), 0, -1)
            if self._held.endswith(string[:length])
        )
        return self._release(len(self._held) - max(doubtful, default=0))

    def rest(self) -> str:
        """The text held back so far, at the end of the generation. An incomplete character is dropped."""
        return self._release(len(self._held))

    def _release(self, length: int) -> str:
        text, self._held = self._held[:length], self._held[length:]
        return text
