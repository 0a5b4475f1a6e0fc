"""The table of chat formats. A new format is a file in this folder and a line here."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, cast

from tui_lm.chats.dates import GUESSED, DateOrder, DateOrderEvidence, Fields
from tui_lm.chats.document import Document
from tui_lm.chats.message import Message

NO_TIME = "rows left out, because their time cannot be read"


@dataclass(slots=True)
class Notes:
    """Notes on the reading of a document.

    `date_order` is the order chosen by the user or found by looking ahead, or None if the format leaves no choice.
    `columns` are those of a table that the user named: time, sender, text, or sender and text.
    `warnings` concern the whole document; `counted` counts events during reading.
    """

    date_order: DateOrder | None = None
    forced: bool = False  # whether the user chose the order
    columns: tuple[str, ...] = ()
    warnings: list[str] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)

    def decide(self, dates: Iterable[Fields], otherwise: Callable[[], DateOrder | None] = lambda: None) -> DateOrder:
        """The order of the date's fields: chosen by the user, else shown by the dates, else a guess with a warning."""
        if self.date_order is None:
            evidence = DateOrderEvidence()
            for fields in dates:
                evidence.add(fields)
                if evidence.conclusive:
                    break
            self.date_order = evidence.verdict() or otherwise()
        if self.date_order is None:
            self.date_order = "dmy"
            self.warn(GUESSED)
        return self.date_order

    def warn(self, warning: str) -> None:
        if warning not in self.warnings:
            self.warnings.append(warning)

    def count(self, what: str, times: int = 1) -> None:
        """Counts a row that is left out or changed. The user gets the total as a warning: "RECORDS, BECAUSE ...: 3"."""
        self.counted[what] += times


class Reader(Protocol):
    """The two functions of a format's module."""

    def recognises(self, head: str, name: str) -> bool:
        """Whether a document with this name and this first text is an export of the format."""

    def read(self, document: Document, notes: Notes) -> Iterator[Message]:
        """Every row of the document as a message."""


@dataclass(frozen=True, slots=True)
class Format:
    """`marks`: the start of every export holds one of them; without one the reader is not even imported.

    `in_parts`: the files of a folder may be successive parts of one conversation.
    `decodes`: the reader decodes the bytes itself, since a file of this format has several encodings.
    """

    name: str
    title: str
    module: str
    marks: tuple[str, ...] = ()
    in_parts: bool = False
    decodes: bool = False

    @property
    def reader(self) -> Reader:
        return cast(Reader, importlib.import_module(f"tui_lm.chats.{self.module}"))

    def recognises(self, head: str, name: str) -> bool:
        """Whether a document with this name and this first text is an export of the format."""
        marked = not self.marks or any(mark in head for mark in self.marks)
        return marked and self.reader.recognises(head, name)


# Tried in this order: formats with an unmistakable mark come first.
_TABLE = (
    Format("telegram", "Telegram", "telegram", marks=('"type"', '"personal_information"')),
    Format("telegram-html", "Telegram, as HTML", "telegram_html", in_parts=True, marks=('class="message ',)),
    Format("instagram", "Instagram", "instagram", in_parts=True, marks=('"sender_name"',)),
    Format("messenger", "Messenger", "messenger", in_parts=True, marks=('"sender_name"',)),
    Format("meta-html", "Messenger or Instagram, as HTML", "meta_html", in_parts=True, marks=("_a6-o", "_2lem")),
    Format("messenger-e2ee", "Messenger, end-to-end encrypted", "messenger_e2ee", marks=('"threadName"',)),
    Format("discord-json", "Discord", "discord", marks=('"guild"',)),
    Format("discord-csv", "Discord", "discord_csv", marks=("AuthorID",)),
    Format("discord-txt", "Discord", "discord_text", marks=("Guild: ",)),
    Format("discord-html", "Discord, as HTML", "discord_html", marks=("chatlog__",)),
    Format("signal-jsonl", "Signal (signal-export)", "signal_lines", marks=('"sender"',)),
    Format("signal-md", "Signal (signal-export)", "signal_markdown", marks=("] ",)),
    Format("signal-sigtop", "Signal (sigtop)", "sigtop", marks=("Sent: ",)),
    Format("imessage", "iMessage (imessage-exporter)", "imessage", marks=("AM", "PM")),
    Format("sms", "SMS Backup & Restore", "sms_backup", marks=("<smses ", "<calls ")),
    Format("skype", "Skype", "skype", marks=('"MessageList"',)),
    Format("irc-hexchat", "IRC (HexChat)", "hexchat", in_parts=True, marks=("**** ",)),
    Format("zoom", "Zoom", "zoom", marks=("From", "\t")),
    Format("irc-irssi", "IRC (irssi)", "irssi", in_parts=True, marks=("--- ",)),
    Format("irc-weechat", "IRC (WeeChat)", "weechat", in_parts=True, marks=("\t",)),
    Format("irc-znc", "IRC (ZNC)", "znc", in_parts=True, marks=("[",)),
    Format("line", "LINE", "line", marks=("[LINE]", "\t")),
    Format("kakaotalk", "KakaoTalk", "kakaotalk", marks=(" : ", "] [")),
    Format("kakaotalk-csv", "KakaoTalk for Mac", "kakaotalk_csv", marks=("User,", 'User"')),
    Format("viber", "Viber", "viber", marks=("[ ",)),
    Format("slackdump", "Slack (slackdump)", "slackdump", marks=('"ts"',)),
    Format("slack", "Slack", "slack", in_parts=True, marks=('"message"',)),
    Format("googlechat", "Google Chat", "googlechat", marks=('"creator"',)),
    Format("googlevoice", "Google Voice", "googlevoice", in_parts=True, marks=('class="hChatLog', 'class="haudio"')),
    Format("hangouts", "Google Hangouts", "hangouts", marks=('"participant_data"',)),
    Format("snapchat", "Snapchat", "snapchat", marks=('"Media Type"',)),
    Format("x-messages", "X (Twitter)", "x_messages", marks=("window.YTD.",)),
    Format("qq-txt", "QQ", "qq", marks=("消息",)),
    Format("qq-json", "QQ (QQChatExporter)", "qq_json", marks=('"QQChatExporter',)),
    Format("matrix", "Matrix (Element)", "matrix", marks=('"room_name"', '"origin_server_ts"')),
    Format("wechat", "WeChat (WeFlow)", "wechat", marks=('"weflow"',)),
    Format("matrix-text", "Matrix (Element), as text", "element_text", marks=(" - ",)),
    Format("whatsapp", "WhatsApp", "whatsapp"),
    Format("mbox", "E-mail that one has sent", "mbox", decodes=True),
    Format("signal-sigtop-short", "Signal (sigtop), as short text", "sigtop_short"),
    Format("table", "A table with senders and texts", "chat_table"),
    Format("lines", "Name: text", "named_lines"),
)
FORMATS: dict[str, Format] = {format.name: format for format in _TABLE}
