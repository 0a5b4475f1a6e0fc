"""Chat exports to messages. One file a format, one line a format in the table of formats.py."""

from tui_lm.chats.chat import Chat
from tui_lm.chats.formats import FORMATS
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.opening import detect, open_chat, parse_aliases, require_text
from tui_lm.chats.summary import Summary, summarise

__all__ = [
    "FORMATS",
    "Chat",
    "Kind",
    "Message",
    "Summary",
    "detect",
    "open_chat",
    "parse_aliases",
    "require_text",
    "summarise",
]
