"""Repairs records that are almost JSON, as some exporters write them."""

from __future__ import annotations

import re
from json import JSONDecodeError, JSONDecoder

# A string, an unterminated string, or a bracket. Possessive quantifiers prevent backtracking.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|"|[{}\[\]]', re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|.)", re.DOTALL)
# Between strings: an unquoted value, a missing value, a comma before the end.
_BARE = re.compile(r"(:\s*)([^\s\"{}\[\],:][^\"{}\[\],\n]*)")
_NOTHING = re.compile(r":(\s*)(?=[,}])")
_LAST_COMMA = re.compile(r",(\s*)(?=[}\]])")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORDS = ("true", "false", "null", "NaN", "Infinity", "-Infinity")

_DECODER = JSONDecoder(strict=False)  # accept line ends inside strings


def end_of(text: str, start: int) -> int | None:
    """The end of the object or list that starts at `start`, or None if the text ends before it."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        if token[0] == '"':
            return None
        depth += (token[0] in "{[") - (token[0] in "}]")
        if depth <= 0:
            return token.end()
    return None


def repaired(text: str) -> object | None:
    r"""The object that an invalid JSON text means, or None.

    Telegram writes control characters as \xNN; others omit the quotes of a value, or the value.
    """
    pieces: list[str] = []
    end = 0
    for string in _STRING.finditer(text):
        pieces += [_between(text[end : string.start()]), _ESCAPE.sub(_escape, string[0])]
        end = string.end()
    pieces.append(_between(text[end:]))
    try:
        meant: object = _DECODER.decode("".join(pieces))
    except (JSONDecodeError, RecursionError):
        return None
    return meant


def _escape(found: re.Match[str]) -> str:
    code = found[1]
    if code[0] == "x" and len(code) == 3:
        return f"\\u00{code[1:]}"
    return found[0] if code[0] in '"\\/bfnrtu' and code != "u" else f"\\\\{code}"


def _between(text: str) -> str:
    """The text between two strings, with the values that JSON requires."""
    text = _NOTHING.sub(r":\1null", _LAST_COMMA.sub(r"\1", text))
    return _BARE.sub(_quoted, text)


def _quoted(found: re.Match[str]) -> str:
    value = found[2].rstrip()
    if value in _WORDS or _NUMBER.fullmatch(value):
        return found[0]
    escaped = value.replace("\\", "\\\\")
    return f'{found[1]}"{escaped}"'
