"""WhatsApp files in several header styles, with pasted chats: exactly the written messages are read back."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chats.test_whatsapp import HEADERS
from tests.conftest import fuzz
from tui_lm.chats import Kind, Message, open_chat
from tui_lm.chats.document import BLOCK
from tui_lm.chats.whatsapp import AS_TEXT

AUTHORS = ("Ann", "Bob", "Zoë")
STRANGERS = ("Uncle Joe", "Eve", "+44 7700 900999")
WORDS = ("see you", "at ten: ok", "no", "2 or 3", "hello\nagain", "- list\n1. one\n2.5 kg", "ok (yes)")


@st.composite
def mixed_chats(draw: st.DrawFn) -> tuple[str, list[Message], int]:
    """The text of a file, its messages, and the number of pasted lines."""
    styles = draw(st.lists(st.sampled_from(sorted(HEADERS)), min_size=2, max_size=3, unique=True))
    moment = datetime(2024, draw(st.integers(1, 12)), draw(st.integers(13, 27)), 21, 5)
    lines: list[str] = []
    rows: list[Message] = []
    pasted = 0
    for style in styles:
        for author in draw(st.lists(st.sampled_from(AUTHORS), min_size=1, max_size=6)):
            body = draw(st.sampled_from(WORDS))
            if draw(st.integers(0, 3)) == 0:
                for line in draw(pastes(moment)):
                    body += f"\n{line}"
                    pasted += 1
            lines.append(HEADERS[style](moment) + f"{author}: {body}")
            has_seconds = HEADERS[style](moment) != HEADERS[style](moment.replace(second=(moment.second + 7) % 60))
            rows.append(Message(author, body, moment if has_seconds else moment.replace(second=0)))
            moment += timedelta(minutes=draw(st.integers(1, 600)), seconds=draw(st.integers(0, 59)))
    return "\n".join(lines) + "\n", rows, pasted


@st.composite
def pastes(draw: st.DrawFn, moment: datetime) -> list[str]:
    header = HEADERS[draw(st.sampled_from(sorted(HEADERS)))]
    older = moment - timedelta(days=draw(st.integers(2, 1500)))
    count = draw(st.integers(1, 4))
    return [
        header(older + timedelta(minutes=number)) + f"{STRANGERS[number % 3]}: text {number}" for number in range(count)
    ]


@fuzz(300, timedelta(seconds=5))
@given(chat=mixed_chats())
def test_a_file_in_several_styles_is_read_whole(chat: tuple[str, list[Message], int], tmp_path: Path) -> None:
    text, rows, pasted = chat
    path = tmp_path / "chat.txt"
    path.write_text(text, "utf-8")
    opened = open_chat([path])
    assert [(row.author, row.text, row.sent_at) for row in opened] == [
        (row.author, row.text, row.sent_at) for row in rows
    ]
    assert [f"{AS_TEXT}: {pasted}"] * bool(pasted) == [told for told in opened.warnings if told.startswith(AS_TEXT)]


def rows_of(path: Path, text: str) -> list[Message]:
    path.write_text(text, "utf-8")
    return list(open_chat([path]))


def in_style(style: str, start: datetime, count: int, texts: str = "message") -> list[str]:
    return [
        HEADERS[style](start + timedelta(minutes=number)) + f"{AUTHORS[number % 3]}: {texts} {number}"
        for number in range(count)
    ]


def test_each_style_has_its_own_order_of_day_and_month(tmp_path: Path) -> None:
    lines = [*in_style("en-US 24h", datetime(2024, 3, 13, 10), 20), *in_style("de", datetime(2024, 4, 3, 10), 20)]
    rows = rows_of(tmp_path / "chat.txt", "\n".join(lines))
    assert [row.sent_at and row.sent_at.date().isoformat() for row in rows] == ["2024-03-13"] * 20 + ["2024-04-03"] * 20


def test_a_second_style_needs_no_more_memory(tmp_path: Path) -> None:
    count = 3 * BLOCK // 60
    texts = "a text that is long enough to fill a block"
    lines = [*in_style("de", datetime(2020, 1, 1), 10), *in_style("iOS en-GB", datetime(2020, 1, 2), count, texts)]
    assert len(rows_of(tmp_path / "chat.txt", "\n".join(lines))) == 10 + count


def test_an_agenda_is_not_a_chat(tmp_path: Path) -> None:
    agenda = "plan:\n01.04.2024, 10:00 - Dr. Smith: room 4\n02.04.2024, 11:00 - Lunch: canteen"
    text = f"28/03/2024, 22:00 - Ann: {agenda}\n28/03/2024, 22:05 - Bob: fine\n"
    assert [row.text for row in rows_of(tmp_path / "chat.txt", text)] == [agenda, "fine"]


def test_a_pasted_chat_in_the_style_of_the_file_stays_in_its_message(tmp_path: Path) -> None:
    pasted = "look\n28/03/2019, 22:00 - Eve: one\n28/03/2019, 22:01 - Joe: two"
    text = f"28/03/2024, 21:00 - Bob: hi\n28/03/2024, 22:00 - Ann: {pasted}\n28/03/2024, 22:05 - Bob: fine\n"
    assert [row.text for row in rows_of(tmp_path / "chat.txt", text)] == ["hi", pasted, "fine"]


def test_a_late_message_of_somebody_in_the_chat_is_a_message(tmp_path: Path) -> None:
    rows = (("21:00", "Bob"), ("22:00", "Ann"), ("20:10", "Bob"), ("22:10", "Bob"))
    text = "".join(f"28/03/2024, {time} - {author}: hi\n" for time, author in rows)
    assert len(rows_of(tmp_path / "chat.txt", text)) == 4


@pytest.mark.parametrize(
    "header",
    [
        "2025年3月1日 10:00 - ",
        "2025年3月1日 上午10:00 - ",
        "10:00, 01/03/2025 - ",
        "01.03.25 10.00.00: ",
        " [01/03/2025, 10:00:00] ",
        "\u200e [01/03/2025, 10:00:00] ",
        "[2025. 3. 1. 오전 10:00:00] ",
    ],
)
def test_headers_with_another_order_and_blanks_are_read(header: str, tmp_path: Path) -> None:
    rows = rows_of(tmp_path / "chat.txt", f"{header}Ann: one\n{header}Bob: two\n")
    assert rows == [
        Message("Ann", "one", datetime(2025, 3, 1, 10)),
        Message("Bob", "two", datetime(2025, 3, 1, 10)),
    ]


@pytest.mark.parametrize(
    ("bodies", "kinds"),
    [
        (["yes <Šis ziņojums ir rediģēts>", "no <Šis ziņojums ir rediģēts>"], [Kind.EDITED, Kind.EDITED]),
        (["<Multivide izlaista>", "<Multivide izlaista>"], [Kind.MEDIA, Kind.MEDIA]),
        (["IMG_1.jpg (fails pievienots)", "a b.pdf (fails pievienots)\nsee"], [Kind.MEDIA, Kind.MEDIA]),
        (["yes <Αυτό το μήνυμα τροποποιήθηκε>", "fine <Poruka je uređena>"], [Kind.EDITED, Kind.TEXT]),
        (["<Медіафайл пропущено>", "<3 you"], [Kind.MEDIA, Kind.TEXT]),
        (["at <DECIMAL>", "from <DECIMAL>"], [Kind.TEXT, Kind.TEXT]),  # the placeholder of a published chat
        (["<ikonia, it says no>", "<sarcasm off>"], [Kind.TEXT, Kind.TEXT]),
        (["so <my word> it is", "yes <my word>"], [Kind.TEXT, Kind.TEXT]),
        (["I <3 you <really>", "me <too>"], [Kind.TEXT, Kind.TEXT]),
        (["ok (yes)", "fine (yes)"], [Kind.TEXT, Kind.TEXT]),
        (["(haha that is it)", "no"], [Kind.TEXT, Kind.TEXT]),
    ],
)
def test_a_phrase_of_several_authors_is_a_placeholder(bodies: list[str], kinds: list[Kind], tmp_path: Path) -> None:
    text = "".join(
        f"28/03/2024, 22:00 - {author}: {body}\n" for author, body in zip(("Ann", "Bob"), bodies, strict=True)
    )
    rows = rows_of(tmp_path / "chat.txt", text)
    assert [row.kind for row in rows] == kinds
    if kinds == [Kind.EDITED, Kind.EDITED]:
        assert [row.text for row in rows] == ["yes", "no"]


@pytest.mark.parametrize(
    ("author", "body", "kind"),
    [
        ("Ann", "plan.pdf • \u200e3 pages \u200e<attached: 00000012-plan.pdf>", Kind.MEDIA),
        ("Ann", "a caption \u200e<fails: 00000012-plan b.docx>", Kind.MEDIA),
        ("Ann", "see this: \u200e<attached: 00000012-plan.pdf>", Kind.MEDIA),
        ("Trip", "Rome: \u200eAnn created this group", Kind.SYSTEM),
        ("Ann", "hey @\u2068Bo\u2069 look", Kind.TEXT),
    ],
)
def test_rows_of_an_iphone_are_read(author: str, body: str, kind: Kind, tmp_path: Path) -> None:
    text = f"[28/03/2024, 22:00:00] Ann: hi\n[28/03/2024, 22:00:00] {author}: {body}\n"
    _, row = rows_of(tmp_path / "chat.txt", text)
    assert row.kind is kind
    if kind is Kind.MEDIA:
        assert row.author == "Ann"
    if kind is Kind.TEXT:
        assert row.text == "hey @Bo look"
