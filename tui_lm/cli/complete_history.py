"""Reads the history of a completion from a file: a chat export, or a few messages written by hand."""

from __future__ import annotations

from pathlib import Path

from tui_lm.errors import TuiLmError

LATEST = 64  # messages; the engine uses fewer
STDIN = Path("-")

Turns = list[tuple[str | None, str]]


def read_history(path: Path) -> Turns:
    """The latest messages of `path`, or of stdin if it is "-", oldest first.

    The file is a chat export, a JSON list of [author, text] as in `complete --stdio`, or has one message per line,
    "Bob: when?". Raises TuiLmError if it holds no message.
    """
    if path == STDIN:
        import sys

        turns = parse_history(sys.stdin.buffer.read().decode("utf-8", "replace"))
    else:
        from tui_lm.chats import detect, open_chat, require_text

        require_text(path)
        if detect(path) is not None:
            turns = [(message.author, message.text) for message in open_chat([path]).messages()]
        else:
            turns = parse_history(path.read_text("utf-8", "replace"))
    if not turns:
        raise TuiLmError(
            "the history holds no message", 'write one message per line, such as "Bob: when?"', exit_code=2
        )
    return turns[-LATEST:]


def parse_history(text: str) -> Turns:
    """Parse a JSON list or lines. A line without a name before a colon has no author."""
    if text.lstrip().startswith("["):
        import json

        try:
            rows = json.loads(text)
            if all(isinstance(author, str | None) and isinstance(said, str) for author, said in rows):
                return [(author, said) for author, said in rows]
        except (ValueError, TypeError, RecursionError):
            pass
        raise TuiLmError("the history is not a JSON list of messages", 'write it as [["Bob", "when?"]]', exit_code=2)
    turns: Turns = []
    for line in filter(str.strip, text.splitlines()):
        author, colon, said = line.partition(": ")
        turns.append((author.strip(), said.strip()) if colon and said.strip() else (None, line.strip()))
    return turns
