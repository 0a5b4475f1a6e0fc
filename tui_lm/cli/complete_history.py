"""The messages before the one that is completed, from a file: a chat export, or a few written by hand."""

from __future__ import annotations

from pathlib import Path

from tui_lm.errors import TuiLmError

LATEST = 64  # messages; the engine reads fewer
STDIN = Path("-")

Turns = list[tuple[str | None, str]]


def read_history(path: Path) -> Turns:
    """The latest messages of `path`, oldest first; of stdin where it is "-".

    It holds a chat export, the JSON list of [author, text] that `complete --stdio` takes, or a message a line,
    "Bob: when?". Raises TuiLmError where there is none.
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
        raise TuiLmError("the history holds no message", 'write one a line, such as "Bob: when?"', exit_code=2)
    return turns[-LATEST:]


def parse_history(text: str) -> Turns:
    """Of a JSON list, or of lines. A line without a name before a colon is by nobody."""
    if text.lstrip().startswith("["):
        import json

        try:
            rows = json.loads(text)
            if all(isinstance(author, str | None) and isinstance(said, str) for author, said in rows):
                return [(author, said) for author, said in rows]
        except (ValueError, TypeError, RecursionError):
            pass
        raise TuiLmError("the history is no JSON list of messages", 'such as [["Bob", "when?"]]', exit_code=2)
    turns: Turns = []
    for line in filter(str.strip, text.splitlines()):
        author, colon, said = line.partition(": ")
        turns.append((author.strip(), said.strip()) if colon and said.strip() else (None, line.strip()))
    return turns
