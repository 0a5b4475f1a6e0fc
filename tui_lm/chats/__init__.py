"""Chat exports to messages: one file per format, and one line per format in the table of formats.py."""

from tui_lm.chats.chat import Chat
from tui_lm.chats.encoding import require_encoding
from tui_lm.chats.formats import FORMATS
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.opening import (
    detect,
    format_of,
    guessed_encoding,
    listed,
    open_chat,
    parse_aliases,
    readable_documents,
    require_text,
)
from tui_lm.chats.summary import Summary, summarise

__all__ = [
    "FORMATS",
    "Chat",
    "Kind",
    "Message",
    "Summary",
    "detect",
    "format_of",
    "guessed_encoding",
    "listed",
    "open_chat",
    "parse_aliases",
    "readable_documents",
    "require_encoding",
    "require_text",
    "summarise",
]
