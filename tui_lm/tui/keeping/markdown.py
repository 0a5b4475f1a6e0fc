"""A chat as Markdown: a heading, then a paragraph for each message."""

from __future__ import annotations

import re

from tui_lm.safe_text import visible, visible_line
from tui_lm.tui.keeping.session import Chat

_MARKS = re.compile(r"([\\`*_\[\]<>#~|])")
_LISTS = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s)", re.MULTILINE)


def as_markdown(chat: Chat) -> str:
    """Text of the chat is shown as it was written: nothing in it is a mark of Markdown."""
    messages = (f"**{_plain(visible_line(author))}:** {_message(text)}" for author, text, _ in chat.turns)
    return "\n\n".join([f"# {_plain(visible_line(chat.name))}", *messages]) + "\n"


def _message(text: str) -> str:
    """A line break in a message is one in the paragraph."""
    return _plain(visible(text)).replace("\n", "  \n")


def _plain(text: str) -> str:
    return _LISTS.sub(lambda match: f"{match[1]}{match[2][:-1]}\\{match[2][-1]}", _MARKS.sub(r"\\\1", text))
