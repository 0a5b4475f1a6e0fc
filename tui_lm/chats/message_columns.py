"""Which columns of a table of messages hold the time, the sender, the text and the direction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui_lm.errors import TuiLmError

OWNER = "Me"

# In lower case with spaces in place of _ and -, most probable first.
_TIMES = (
    *("datetime", "timestamp", "sent at", "date sent", "created at", "date time", "date/time", "message date"),
    *("time sent", "when", "date", "time", "sent", "created", "ts", "datum", "fecha", "data", "дата", "日期", "时间"),
)
_DATES = ("date", "message date", "day", "datum", "fecha", "data", "дата", "日期")
_CLOCKS = ("time", "message time", "clock", "uhrzeit", "zeit", "hora", "heure", "ora", "tijd", "время", "时间")
_SENDERS = (
    *("sender", "sender name", "from name", "from", "author", "author name", "display name", "username", "user name"),
    *("user", "screen name", "speaker", "nick", "nickname", "contact", "contact name", "name", "who", "participant"),
    *("sent by", "absender", "von", "autor", "remitente", "de", "expéditeur", "mittente", "verzender"),
    *("отправитель", "имя", "发送者", "发送人", "送信者", "보낸사람", "사용자"),
)
_TEXTS = (
    *("text", "message", "body", "content", "msg", "message text", "message body", "message content", "utterance"),
    *("nachricht", "inhalt", "mensaje", "texto", "mensagem", "messaggio", "bericht", "сообщение", "текст", "内容"),
    *("消息", "メッセージ", "메시지"),
)
_CONTACTS = ("contact", "contact name", "name", "participant")  # who the other is, also where a message was sent
_DIRECTIONS = ("direction", "type", "message type", "folder", "in/out", "richtung")
_QUESTIONS = ("is from me", "from me", "is sender", "issender")  # answered by yes or no
_SENT = frozenset(
    (
        *("outgoing", "sent", "out", "outbound", "outbox", "from me", "gesendet", "ausgehend", "envoyé", "enviado"),
        *("enviada", "inviato", "verzonden", "wysłane", "отправлено", "исходящее", "gönderildi", "发送", "送信"),
    )
)
_YES = frozenset(("1", "true", "yes"))


@dataclass(frozen=True, slots=True)
class MessageColumns:
    """Positions counted from 0. Date and time of day may be apart, and a direction may say who sent a message."""

    time: int | None
    sender: int
    text: int
    clock: int | None = None
    direction: int | None = None
    is_contact: bool = False  # whether the sender's column holds the other side of the chat

    @classmethod
    def of(cls, header: Sequence[str]) -> MessageColumns | None:
        """The columns that a header names, or None if it names no sender or no text."""
        names = [_plain(cell) for cell in header]

        def column(known: Sequence[str]) -> int | None:
            return next((names.index(name) for name in known if name in names), None)

        sender, text, time = column(_SENDERS), column(_TEXTS), column(_TIMES)
        if sender is None or text is None or sender == text:
            return None
        date, clock, question = column(_DATES), column(_CLOCKS), column(_QUESTIONS)
        apart = date is not None and clock is not None and date != clock and time in (date, clock)
        direction = column(_DIRECTIONS) if question is None else question
        is_contact = names[sender] in _CONTACTS
        return cls(date if apart else time, sender, text, clock if apart else None, direction, is_contact)

    @classmethod
    def named(cls, columns: Sequence[str], header: Sequence[str]) -> MessageColumns:
        """The columns that the user named: [date, clock | time,] sender, text. Raises TuiLmError for others."""
        names = [cell.strip().casefold() for cell in header]
        found = []
        for column in columns:
            name = column.strip().casefold()
            if name.isdecimal() and 0 < int(name) <= len(names):
                found.append(int(name) - 1)
            elif name in names:
                found.append(names.index(name))
            else:
                raise TuiLmError(
                    f"the table has no column {column.strip()}",
                    f"name columns from 1 to {len(names)}, or by their names in the first row",
                    about="columns",
                )
        time = found[0] if len(found) > 2 else None
        clock = found[1] if len(found) > 3 else None
        return cls(time, found[-2], found[-1], clock)

    @property
    def width(self) -> int:
        """The number of cells that a row needs."""
        return 1 + max(self.sender, self.text, self.time or 0, self.clock or 0, self.direction or 0)

    def moment(self, row: Sequence[str]) -> str:
        """The text of the date and time of a row."""
        if self.time is None:
            return ""
        return row[self.time] if self.clock is None else f"{row[self.time].strip()} {row[self.clock].strip()}"

    def author(self, row: Sequence[str]) -> str:
        """The sender, or `OWNER` for a sent message whose sender is not named."""
        sender = row[self.sender].strip()
        if self.direction is not None and (self.is_contact or not sender):
            direction = _plain(row[self.direction])
            return OWNER if direction in _SENT or direction in _YES else sender
        return sender

    def names(self, row: Sequence[str]) -> bool:
        """Whether the cells for the sender or the text are names of such columns."""
        return _plain(row[self.sender]) in _SENDERS or _plain(row[self.text]) in _TEXTS


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())
