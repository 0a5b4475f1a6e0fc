"""Bytes to text: by a byte order mark, the zeros of UTF-16, else UTF-8, and Windows-1252 where that fails."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Byte by byte, so that one broken character does not cost the whole file its encoding.
_FALLBACK = "tui_lm.windows_1252"


def _read_as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(_FALLBACK, _read_as_windows_1252)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The start of a file as text. `is_text` is False for a binary file, whose `text` means nothing."""

    text: str
    encoding: str
    is_text: bool


def _encoding_of(head: bytes) -> tuple[str, int]:
    """The encoding of a file that starts so, and the length of its byte order mark."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding, len(mark)
    sample = head[:4096]
    if len(sample) >= 4:
        odd, even = sample[1::2].count(0), sample[::2].count(0)
        if odd > len(sample) // 5 and not even:
            return "utf-16-le", 0
        if even > len(sample) // 5 and not odd:
            return "utf-16-be", 0
    return "utf-8", 0


def decoder_for(head: bytes) -> Callable[[bytes, bool], str]:
    """A function of (bytes, whether they are the last) that decodes a file piece by piece and never fails."""
    encoding, mark = _encoding_of(head)
    errors = _FALLBACK if encoding == "utf-8" else "replace"
    decoder = codecs.getincrementaldecoder(encoding)(errors)

    def decode(data: bytes, final: bool) -> str:
        nonlocal mark
        if mark:
            data, mark = data[mark:], 0
        return decoder.decode(data, final)

    return decode


def decode_head(head: bytes, complete: bool) -> Decoded:
    """The first bytes of a file as text; `complete` says that they are all of it."""
    encoding, mark = _encoding_of(head)
    text = decoder_for(head)(head, complete)
    if encoding == "utf-8" and not mark:
        try:
            codecs.getincrementaldecoder("utf-8")("strict").decode(head, complete)
        except UnicodeDecodeError:
            encoding = "windows-1252"
    # Chats may hold stray control characters; a NUL, or many of them, is no text.
    controls = sum(map(text.count, map(chr, (*range(1, 9), *range(14, 27), *range(28, 32)))))
    return Decoded(text.replace("\r\n", "\n"), encoding, "\0" not in text and controls * 50 <= len(text))
