"""LINE: the weekday decides day against month, texts of several lines have quotes, and spaces may replace tabs."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from tui_lm.chats import Kind, open_chat
from tui_lm.chats.weekdays import weekday_in


def read(path: Path, text: str) -> list[tuple[datetime | None, str | None, str, Kind]]:
    path.write_text(text, "utf-8")
    chat = open_chat([path])
    assert chat.format == "line"
    return [(row.sent_at, row.author, row.text, row.kind) for row in chat]


@pytest.mark.parametrize(
    ("day", "meant"),
    [
        ("Sat, 03/01/2025", date(2025, 3, 1)),
        ("Mon, 03/02/2025", date(2025, 2, 3)),
        ("01.03.2025 Samstag", date(2025, 3, 1)),
        ("2025/03/01（土）", date(2025, 3, 1)),
        ("2025. 3. 1. (토)", date(2025, 3, 1)),
        ("2025.03.01 星期六", date(2025, 3, 1)),
    ],
)
def test_the_weekday_decides_which_number_is_the_day(day: str, meant: date, tmp_path: Path) -> None:
    ((sent_at, *_),) = read(tmp_path / "chat.txt", f"[LINE] Rosa\nSaved\n\n{day}\n10:00\tRosa\thi\n")
    assert sent_at == datetime(meant.year, meant.month, meant.day, 10)


def test_a_text_of_several_lines_keeps_its_blank_lines_and_dates(tmp_path: Path) -> None:
    text = '[LINE] Rosa\n\n2025/03/01（土）\n10:00\tRosa\t"one\n\ntwo\n2025/03/09\nend"\n10:01PM\tMe\t"said"\n'
    rows = read(tmp_path / "chat.txt", text)
    assert [row[2] for row in rows] == ["one\n\ntwo\n2025/03/09\nend", '"said"']
    assert rows[1][0] == datetime(2025, 3, 1, 22, 1)


def test_a_file_with_spaces_in_place_of_tabs_is_read(tmp_path: Path) -> None:
    text = "[LINE] Rosa Leeとのトーク履歴\n\n2025/03/01（土）\n10:00 Rosa Lee hi you\n10:01 mo ok\n"
    rows = read(tmp_path / "chat.txt", text)
    assert [(author, text) for _, author, text, _ in rows] == [("Rosa Lee", "hi you"), ("mo", "ok")]


def test_names_of_several_words_without_tabs_are_learned_from_the_rows(tmp_path: Path) -> None:
    said = ("yes", "no thanks", "see you")
    text = "[LINE] Rosa\n\n2025/03/01（土）\n" + "".join(f"10:0{n} Mo Khan {words}\n" for n, words in enumerate(said))
    rows = read(tmp_path / "chat.txt", text + "10:05 Rosa hello\n10:06 Rosa fine\n")
    assert [(author, text) for _, author, text, _ in rows] == [
        *(("Mo Khan", words) for words in said),
        ("Rosa", "hello"),
        ("Rosa", "fine"),
    ]


@pytest.mark.parametrize("text", ["[Sticker]", "[スタンプ]", "[照片]", "[사진]", "[สติกเกอร์]", "[File] plan.pdf"])
def test_placeholders_of_any_language_are_media(text: str, tmp_path: Path) -> None:
    (row,) = read(tmp_path / "chat.txt", f"[LINE] Rosa\n\n2025/03/01（土）\n10:00\tRosa\t{text}\n")
    assert row[3] is Kind.MEDIA


def test_the_weekday_of_a_text_is_found() -> None:
    assert [weekday_in(text) for text in ("Sat, ", "（週日）", "(금)", "mercredi", "two Mon Tue", "hello")] == [
        *(5, 6, 4, 2, None, None)
    ]
