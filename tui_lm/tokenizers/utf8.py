"""Which tokens keep generated text valid UTF-8, where characters are spelled in byte tokens."""

from __future__ import annotations

import codecs
from collections.abc import Sequence


class Utf8:
    """The tokens, by their `surfaces`, that can follow the bytes of an incomplete character."""

    def __init__(self, surfaces: Sequence[bytes]) -> None:
        self._surfaces = surfaces
        self._parts = [token for token, surface in enumerate(surfaces) if incomplete(surface) != b""]
        self._continuing: dict[bytes, list[int]] = {}
        self.never_first = [token for token in self._parts if incomplete(surfaces[token]) is None]
        """The tokens that cannot begin a character."""

    def continuing(self, pending: bytes) -> list[int]:
        """The tokens that can follow `pending`, the beginning of a character."""
        found = self._continuing.get(pending)
        if found is None:
            found = [token for token in self._parts if incomplete(pending + self._surfaces[token]) is not None]
            self._continuing[pending] = found
        return found


def incomplete(data: bytes) -> bytes | None:
    """The bytes of the incomplete character at the end of `data`; None if `data` is not valid UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(data)
    except UnicodeDecodeError:
        return None
    rest = decoder.getstate()[0]
    return None if rest.startswith(b"\xed") and rest[1:2] >= b"\xa0" else rest  # half of a surrogate, never completed
