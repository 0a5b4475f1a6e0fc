"""IRC logs of HexChat and XChat: only the start of a log has the year; rows have month, day and time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from tui_lm.chats.dates import to_clock
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.text_rows import first_lines
from tui_lm.chats.written_times import month_by_name

# "**** BEGIN LOGGING AT Sat Mar  1 10:00:00 2025", or a translation of it; the time is always in English
_SESSION = re.compile(r"\*{4} [^\n]{0,80}?[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) [\d:]{8} (\d{4})\s*$")
_ROW = re.compile(r"(\S{3,10}) +(\d{1,2}) (\d\d:\d\d(?::\d\d)?) (?:<[@+%&~]?([^>\s]+)>\s?(.*)|(.*))")
_ACTION = re.compile(r"\*\s+(\S+) (.*)")
# What follows a nick in notices of the program. Actions of people may begin alike: "gives Mo a cake".
_NOTICE = re.compile(
    r"(?:\(\S+@\S+\) )?has (?:joined|left)(?: [#&+!]\S*)?(?: \(.*\))?$|has quit(?: \(.*\))?$"
    r"|has kicked \S+ from [#&+!]|has changed the topic to: |has been (?:kicked|banned)|is now known as \S+$"
    r"|has (?:invited|requested to resume|offered) |(?:added to|deleted from) notify list|already in use"
    r"|sets? (?:modes? |(?:ban|exempt|invite|quiet) on |channel (?:keyword|limit) to )|set the (?:channel )?topic"
    r"|gives (?:channel (?:half-)?operator status|voice) to "
    r"|removes (?:(?:channel (?:half-)?operator status|voice) from |(?:ban|exempt|invite|quiet) on )"
    r"|removes (?:channel keyword|user limit)"
)
# What the program says of itself; elsewhere the first word is a nick.
_OWN_NOTICE = re.compile(
    r"(?:Now talking on|Topic for|You (?:are|have|were)|You're inviting|Cannot |Disconnected|Looking up|Connecting"
    r"|Connected|Connection failed|Welcome to|Received (?:a |')|Users on|Channel \S+ (?:created|modes|url)|Closing "
    r"|Unable to |Loaded log|DCC |Offering |Notify: |Ping reply |No ping reply|No such |MOTD |Unknown host"
    r"|Stopped previous|Found your IP|\[\S+\] )"
)


def recognises(head: str, name: str) -> bool:
    return any(_SESSION.match(line) for line in first_lines(head, 5))


def read(document: Document, notes: Notes) -> Iterator[Message]:
    year, last_month = None, 0
    for line in document.lines():
        if session := _SESSION.match(line):
            year, last_month = int(session[3]), month_by_name(session[1]) or last_month
            continue
        if (row := _ROW.match(line)) is None or (month := month_by_name(row[1])) is None:
            continue
        if year is not None and month < last_month:  # the log continues in the next year
            year += 1
        last_month = month
        day, clock = _day(year, month, row[2]), to_clock(row[3])
        if day is None or clock is None:
            notes.count(NO_TIME)
        else:
            yield _message(row, datetime.combine(day, clock))


def _day(year: int | None, month: int, day: str) -> date | None:
    try:
        return None if year is None else date(year, month, int(day))
    except (ValueError, OverflowError):
        return None


def _message(row: re.Match[str], sent_at: datetime) -> Message:
    if row[4]:
        return Message(row[4], row[5], sent_at)
    action = _ACTION.fullmatch(row[6])
    if action and not _NOTICE.match(action[2]) and not _OWN_NOTICE.match(f"{action[1]} {action[2]}"):
        return Message(action[1], action[2], sent_at)
    return Message(None, row[6], sent_at, Kind.SYSTEM)
