"""Formats and layouts without a file in fixtures/, tested with short exports."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from tui_lm.chats import Kind, Message, open_chat
from tui_lm.chats.dates import DateOrderEvidence, from_epoch, named_date, to_clock, to_date
from tui_lm.chats.messenger import repaired


def read(path: Path, text: str, format: str) -> list[Message]:
    path.write_text(text, "utf-8")
    chat = open_chat([path])
    assert chat.format == format
    return list(chat)


def telegram_row(**fields: Any) -> dict[str, Any]:
    usual = {"type": "message", "date": "2021-05-06T07:08:09", "from": "Ann", "from_id": "user1", "text": ""}
    return {**usual, **fields}


TELEGRAM = [
    telegram_row(text="hi", date_unixtime="1620284889"),
    telegram_row(text=["see ", {"type": "link", "text": "example.org"}, "!"], edited="2021-05-06T08:00:00"),
    telegram_row(photo="photos/1.jpg"),
    telegram_row(**{"from": None}, text="gone"),
    telegram_row(poll={"question": "?"}),
    telegram_row(text="half \ud83d"),
    {"type": "service", "date": "2021-05-06T07:08:09", "actor": "Ann", "action": "pin_message", "text": ""},
]


def expect_telegram(rows: list[Message]) -> None:
    assert [(row.author, row.text, row.kind) for row in rows] == [
        ("Ann", "hi", Kind.TEXT),
        ("Ann", "see example.org!", Kind.EDITED),
        ("Ann", "", Kind.MEDIA),
        ("user1", "gone", Kind.TEXT),
        ("Ann", "", Kind.POLL),
        ("Ann", "half \ufffd", Kind.TEXT),
        (None, "pin_message", Kind.SYSTEM),
    ]
    assert rows[0].sent_at == datetime(2021, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert rows[1].sent_at == datetime(2021, 5, 6, 7, 8, 9)


def test_a_single_telegram_chat_is_read(tmp_path: Path) -> None:
    chat = {"name": "Ann", "type": "personal_chat", "id": 1, "messages": TELEGRAM}
    expect_telegram(read(tmp_path / "result.json", json.dumps(chat), "telegram"))


def test_a_telegram_export_of_all_data_is_read(tmp_path: Path) -> None:
    contacts = [{"first_name": f"contact {number}"} for number in range(20_000)]  # more than the head of a file
    whole = {
        "personal_information": {"user_id": 1},
        "contacts": {"list": contacts},
        "chats": {"about": "", "list": [{"name": "Ann", "messages": TELEGRAM[:3]}, {"messages": []}]},
        "left_chats": {"list": [{"messages": TELEGRAM[3:]}]},
    }
    expect_telegram(read(tmp_path / "result.json", json.dumps(whole, indent=1), "telegram"))


def test_a_key_inside_a_text_starts_no_list(tmp_path: Path) -> None:
    text = '"messages": [{"type": "message"}]'
    chat = {"messages": [telegram_row(text=text)]}
    (row,) = read(tmp_path / "result.json", json.dumps(chat), "telegram")
    assert row.text == text


def test_wechat_is_read(tmp_path: Path) -> None:
    def row(type: str, content: str, is_send: int | None = 0) -> dict[str, Any]:
        return {
            "createTime": 1_700_000_000,
            "type": type,
            "content": content,
            "isSend": is_send,
            "senderDisplayName": "小明",
        }

    rows = [row("文本消息", "你好"), row("图片消息", "[图片]"), row("系统消息", "入群", None)]
    export = {"weflow": {"version": "1"}, "session": {"wxid": "x"}, "messages": rows}
    read_rows = read(tmp_path / "chat.json", json.dumps(export, ensure_ascii=False), "wechat")
    assert [(row.author, row.kind) for row in read_rows] == [
        ("小明", Kind.TEXT),
        ("小明", Kind.MEDIA),
        (None, Kind.SYSTEM),
    ]
    assert read_rows[0].sent_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date_text", "sent_at"),
    [
        ("2024-06-13T09:00:00.0000000+02:00", datetime(2024, 6, 13, 7, tzinfo=UTC)),
        ("13/06/2024 09:00", datetime(2024, 6, 13, 9)),
        ("6/13/2024 9:00 PM", datetime(2024, 6, 13, 21)),
    ],
)
def test_discord_csv_is_read(date_text: str, sent_at: datetime, tmp_path: Path) -> None:
    text = f'AuthorID,Author,Date,Content,Attachments,Reactions\n"1","ann","{date_text}","a ""b""\nc, d","",""\n'
    rows = read(tmp_path / "chat.csv", text, "discord-csv")
    assert rows == [Message("ann", 'a "b"\nc, d', sent_at)]


def test_messenger_is_repaired_string_by_string() -> None:
    assert repaired("Zo\u00c3\u00ab") == "Zoë"
    assert repaired("Zoë 😀") == "Zoë 😀"
    assert repaired("naïve") == "naïve"


def test_irc_without_a_day_is_left_out_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "chat.log"
    path.write_text("10:00 <ann> before\n--- Day changed Sat Aug 14 2021\n10:01 <ann> after\n")
    chat = open_chat([path], format="irc-irssi")
    assert [row.text for row in chat] == ["after"]
    assert chat.warnings


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("9:29\u202fPM", time(21, 29)),
        ("12:05 a. m.", time(0, 5)),
        ("12:05 p.m.", time(12, 5)),
        ("下午9:29", time(21, 29)),
        ("오전 12:01", time(0, 1)),
        ("۲۱:۲۹", time(21, 29)),
        ("21.29.01", time(21, 29, 1)),
        ("24:10", time(0, 10)),
        ("25:10", None),
    ],
)
def test_times_of_day_are_parsed(text: str, clock: time | None) -> None:
    assert to_clock(text) == clock


def test_dates_are_parsed() -> None:
    assert to_date(("3", "4", "21"), "dmy") == date(2021, 4, 3)
    assert to_date(("3", "4", "21"), "mdy") == date(2021, 3, 4)
    assert to_date(("2024", "12", "10"), "dmy") == date(2024, 12, 10)
    assert to_date(("06", "2018", "13"), "mdy") == date(2018, 6, 13)
    assert to_date(("28", "3", "2566"), "dmy") == date(2023, 3, 28)
    assert to_date(("31", "2", "24"), "dmy") is None
    for absurd in ("9" * 13, "9" * 5000):
        for field in range(3):
            fields = tuple(absurd if field == i else "3" for i in range(3))
            assert to_date(fields, "dmy") is None
        assert to_clock(f"{absurd}:00") is None
        assert named_date("May", "3", absurd) is None


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        ("1/2/24 13/2/24", "dmy"),
        ("1/2/24 2/13/24", "mdy"),
        ("5/3/26 6/3/26 12/3/26 1/4/26", "dmy"),
        ("3/5/26 3/6/26 3/12/26 4/1/26", "mdy"),
        ("2024/12/10 2024/12/11", "ymd"),
        ("1/2/24", None),
        ("1/20/24 1/21/24 1/22/24 25/1/24 1/23/24", "mdy"),  # one that was pasted
    ],
)
def test_the_order_of_day_and_month_is_found(dates: str, order: str | None) -> None:
    evidence = DateOrderEvidence()
    for written in dates.split():
        first, second, third = written.split("/")
        evidence.add((first, second, third))
    assert evidence.verdict() == order


def test_the_user_decides_the_order(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text("05/03/2026, 10:00 - Ali: a\n")
    guessed, told = open_chat([path]), open_chat([path], date_order="mdy")
    assert (guessed.date_order, len(guessed.warnings)) == ("dmy", 1)
    assert (told.date_order, told.warnings) == ("mdy", [])
    assert next(iter(told)).sent_at == datetime(2026, 5, 3, 10)


def test_timestamps_are_parsed() -> None:
    assert from_epoch("1704103260.000200") == datetime(2024, 1, 1, 10, 1, 0, 200, tzinfo=UTC)
    assert from_epoch(1_678_010_460_123, 1000) == datetime(2023, 3, 5, 10, 1, 0, 123_000, tzinfo=UTC)
    assert from_epoch("9" * 5000) is None
    assert from_epoch(None) is None
