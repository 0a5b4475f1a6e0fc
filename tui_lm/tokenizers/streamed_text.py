"""Tokens to text as they come, whole characters at a time, up to the first stop string."""

from __future__ import annotations

import codecs
from collections.abc import Sequence


class StreamedText:
    """Bytes of tokens to text, whole characters at a time, that ends before the first stop string."""

    def __init__(self, stop: Sequence[str], at_start: bool) -> None:
        self._stop = [string for string in stop if string]
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._at_start = at_start  # where the tokenizer's own first space is still to come
        self._held = ""
        self.stopped = False

    def add(self, surface: bytes) -> str:
        """The text that is certain now that a token of this surface has come."""
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
        """What was held back and turned out to be text."""
        return self._release(len(self._held)) + self._decoder.decode(b"", final=True)

    def _release(self, length: int) -> str:
        text, self._held = self._held[:length], self._held[length:]
        return text
