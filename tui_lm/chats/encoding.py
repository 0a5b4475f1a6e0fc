"""Detects encodings: by a byte order mark, the zeros of UTF-16, as valid UTF-8, or by the statistics of the bytes."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass

from tui_lm.errors import TuiLmError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # starts like UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
WINDOWS_1252 = "windows-1252"
# Encodings that a detector can distinguish: of scripts without ASCII letters. Latin encodings look alike.
_TOLD = {
    "cp1251": "windows-1251",
    "koi8_r": "koi8-r",
    "koi8_u": "koi8-u",
    "cp1253": "windows-1253",
    "cp1255": "windows-1255",
    "cp1256": "windows-1256",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "big5": "big5",
    "big5hkscs": "big5hkscs",
    "cp932": "cp932",
    "shift_jis": "cp932",
    "shift_jis_2004": "cp932",
    "euc_jp": "euc_jp",
    "cp949": "cp949",
    "euc_kr": "cp949",
    "tis_620": "cp874",
    "cp874": "cp874",
}
_SAMPLE = 16_384  # bytes that the detector reads; more take seconds
_MOSTLY = 0.2  # share of bytes above ASCII in a text of such a script
_FEW_BROKEN = 0.02  # share of the bytes above ASCII; fewer are damage in a UTF-8 file
# Byte by byte, so that one broken character does not change the encoding of the whole file.
_FALLBACK = "tui_lm.windows_1252"


def _read_as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(_FALLBACK, _read_as_windows_1252)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The start of a file as text. `is_text` is False for a binary file, whose `text` is meaningless.

    `guessed` is True if the encoding is not a Unicode one and the user did not name it.
    """

    text: str
    encoding: str
    is_text: bool
    guessed: bool = False


def require_encoding(name: str) -> str:
    """Python's name of the encoding. Raises a TuiLmError of usage for an unknown encoding."""
    try:
        "".encode(name)
        return codecs.lookup(name).name
    except (LookupError, ValueError) as error:
        raise TuiLmError(
            f"no encoding is called {name}", "for example windows-1251, gbk or shift_jis", 2, about="encoding"
        ) from error


def encoding_of(head: bytes) -> tuple[str, int]:
    """The encoding of a file with this start, and the length of its byte order mark."""
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
    broken = _broken(head)
    if not broken:
        return "utf-8", 0
    above = sum(byte > 127 for byte in head)
    if broken <= _FEW_BROKEN * above:
        return "utf-8", 0
    return _by_look(head, above), 0


def _broken(head: bytes) -> int:
    """The number of bytes that are not UTF-8, without a character that the end cuts in two."""
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head, False)
    except UnicodeDecodeError:
        return head.decode("utf-8", "replace").count("\ufffd") - head.count("\ufffd".encode())
    return 0


def _by_look(head: bytes, above: int) -> str:
    text_bytes = len(head) - sum(map(head.count, (b" ", b"\n", b"\r", b"\t")))
    if above < _MOSTLY * text_bytes or b"\0" in head:
        return WINDOWS_1252
    from charset_normalizer import from_bytes

    found = from_bytes(head[:_SAMPLE]).best()
    return WINDOWS_1252 if found is None else _TOLD.get(found.encoding, WINDOWS_1252)


def decoder_for(head: bytes, named: str | None = None) -> Callable[[bytes, bool], str]:
    """A function of (bytes, whether they are the last) that decodes a file piece by piece and never fails.

    `named` is the encoding that the user named.
    """
    encoding, mark = (named, 0) if named else encoding_of(head)
    errors = _FALLBACK if encoding == "utf-8" else "replace"
    decoder = codecs.getincrementaldecoder(encoding)(errors)

    def decode(data: bytes, final: bool) -> str:
        nonlocal mark
        if mark:
            data, mark = data[mark:], 0
        return decoder.decode(data, final)

    return decode


def decode_head(head: bytes, complete: bool, named: str | None = None) -> Decoded:
    """The first bytes of a file as text; `complete` if they are the whole file."""
    encoding = named or encoding_of(head)[0]
    text = decoder_for(head, named)(head, complete)
    guessed = named is None and not encoding.startswith("utf")
    if named is None and encoding == "utf-8" and _broken(head):
        encoding, guessed = WINDOWS_1252, True
    # Chats may have stray control characters; a NUL, or many of them, mean a binary file.
    controls = sum(map(text.count, map(chr, (*range(1, 9), *range(14, 27), *range(28, 32)))))
    is_text = "\0" not in text and controls * 50 <= len(text)
    return Decoded(with_newlines(text, has_lone_returns(text)), encoding, is_text, guessed)


def has_lone_returns(head: str) -> bool:
    """Whether lines end with a carriage return alone, as on the first Macs."""
    return "\r" in head and "\n" not in head.rstrip("\r\n")


def with_newlines(text: str, lone_returns: bool) -> str:
    text = text.replace("\r\n", "\n") if "\r" in text else text
    return text.replace("\r", "\n") if lone_returns else text
