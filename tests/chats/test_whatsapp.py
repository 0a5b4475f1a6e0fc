"""WhatsApp: every header form is read back, and texts that look like headers or notices stay texts."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui_lm.chats import Kind, Message, detect, open_chat
from tui_lm.chats.document import BLOCK
from tui_lm.chats.whatsapp_kinds import kind_of

Header = Callable[[datetime], str]
NARROW_AM, NARROW_PM = "\u202fAM", "\u202fPM"


def clock12(moment: datetime, am: str, pm: str, seconds: bool = False) -> str:
    hour, half = moment.hour % 12 or 12, pm if moment.hour >= 12 else am
    return f"{hour}:{moment:%M:%S}{half}" if seconds else f"{hour}:{moment:%M}{half}"


def in_digits_of(zero: str, text: str) -> str:
    return "".join(chr(ord(zero) + int(c)) if c.isascii() and c.isdigit() else c for c in text)


def persian(t: datetime) -> str:
    return in_digits_of("۰", f"{t:%Y/%m/%d}، {t:%H:%M} - ")


def arabic(t: datetime) -> str:
    text = f"\u200f{t.day}\u200f/{t.month}\u200f/{t.year}، {clock12(t, ' ص', ' م')} - "
    return in_digits_of("٠", text)


def chinese(t: datetime) -> str:
    hour, half = t.hour % 12 or 12, "下午" if t.hour >= 12 else "上午"
    return f"{t.year}/{t.month}/{t.day} {half}{hour}:{t:%M} - "


HEADERS: dict[str, Header] = {
    "en-US": lambda t: f"{t.month}/{t.day}/{t:%y}, {clock12(t, NARROW_AM, NARROW_PM)} - ",
    "en-US 24h": lambda t: f"{t.month}/{t.day}/{t:%y}, {t:%H:%M} - ",
    "en-IN": lambda t: f"{t:%d/%m/%Y}, {clock12(t, ' am', ' pm')} - ",
    "en-CA": lambda t: f"{t:%Y-%m-%d}, {clock12(t, ' a.m.', ' p.m.')} - ",
    "en-ZA": lambda t: f"{t:%Y/%m/%d}, {clock12(t, ' am', ' pm')} - ",
    "es": lambda t: f"{t.day}/{t.month}/{t.year}, {clock12(t, ' a. m.', ' p. m.')} - ",
    "de": lambda t: f"{t:%d.%m.%y}, {t:%H:%M} - ",
    "pt": lambda t: f"{t:%d/%m/%Y} {t:%H:%M} - ",
    "fr": lambda t: f"{t:%d.%m.%y} à {t:%H:%M} - ",
    "fi": lambda t: f"{t.day}.{t.month}.{t.year} klo {t.hour}.{t:%M} - ",
    "hr": lambda t: f"{t.day}. {t.month}. {t.year}. {t:%H:%M} - ",
    "bg": lambda t: f"{t:%d.%m.%y} г., {t:%H:%M} - ",
    "fa": persian,
    "ar": arabic,
    "zh": chinese,
    "en dash": lambda t: f"{t:%d/%m/%Y}, {t:%H:%M} – ",
    "iOS de": lambda t: f"[{t:%d.%m.%Y} {t:%H:%M:%S}] ",
    "iOS en-GB": lambda t: f"[{t:%d/%m/%Y}, {t:%H:%M:%S}] ",
    "iOS en-US": lambda t: f"\u200e[{t.month}/{t.day}/{t:%y}, {clock12(t, NARROW_AM, NARROW_PM, True)}] ",
    "iOS es": lambda t: f"[{t.day}/{t.month}/{t:%y} {clock12(t, ' a. m.', ' p. m.', True)}] ",
    "iOS sv": lambda t: f"[{t:%Y-%m-%d} {t:%H:%M:%S}] ",
    "iOS without seconds": lambda t: f"[{t:%m/%d/%y} {t:%H:%M}] ",
    "windows": lambda t: f"{t:%d.%m.%y} {t:%H.%M.%S}: ",
}
WRITTEN = st.characters(exclude_categories=("Cc", "Cs", "Cf"))
LINES = st.lists(st.text(WRITTEN, max_size=30), min_size=1, max_size=4)
BODIES = LINES.map("\n".join).filter(lambda body: kind_of(body)[0] is Kind.TEXT)
AUTHORS = st.text(st.characters(categories=("L", "N", "So")), min_size=1, max_size=20)
START = datetime(2021, 3, 28, 21, 29, 7)  # a day over 12, so that no form is ambiguous


@st.composite
def chats(draw: st.DrawFn) -> list[Message]:
    moment = START
    rows = []
    for _ in range(draw(st.integers(1, 8))):
        rows.append(Message(draw(AUTHORS), draw(BODIES), moment))
        moment += timedelta(seconds=draw(st.integers(0, 3_000_000)))
    return rows


def render(rows: list[Message], header: Header) -> str:
    return "".join(f"{header(row.sent_at)}{row.author}: {row.text}\n" for row in rows)


@pytest.mark.parametrize("form", HEADERS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=chats(),
    newline=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_written_rows_are_read_back(
    form: str, rows: list[Message], newline: str, encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "chat.txt"
    text = render(rows, HEADERS[form]).replace("\n", newline)
    path.write_bytes(text.encode(encoding))
    has_seconds = HEADERS[form](START) != HEADERS[form](START.replace(second=8))
    chat = open_chat([path])
    read = [row for row in chat if row.kind is Kind.TEXT]
    expected = rows if has_seconds else [row._replace(sent_at=row.sent_at.replace(second=0)) for row in rows]
    assert chat.warnings == []
    assert read == expected


def opened(tmp_path: Path, text: str) -> list[Message]:
    path = tmp_path / "chat.txt"
    path.write_text(text, "utf-8", newline="")
    return list(open_chat([path]))


def test_a_chat_of_one_message_is_read(tmp_path: Path) -> None:
    rows = opened(tmp_path, "31/12/2023, 23:59 - Ann: hi")
    assert rows == [Message("Ann", "hi", datetime(2023, 12, 31, 23, 59))]


def test_a_pasted_chat_of_another_phone_stays_inside_its_message(tmp_path: Path) -> None:
    pasted = "look:\n[28.03.24, 21:29:01] Zoë: eins\n3/28/24, 9:29 PM - Bob: two\n28.03.2024 10:00 - Eve: three"
    (row,) = opened(tmp_path, f"28/03/2024, 22:00 - Ann: {pasted}\n")
    assert row.text == pasted


def test_a_header_with_an_impossible_date_is_text(tmp_path: Path) -> None:
    text = "28/03/2024, 22:00 - Ann: one\n31/02/2024, 22:00 - Bob: two\n28/03/2024, 25:61 - Bob: three\n"
    (row,) = opened(tmp_path, text)
    assert row.text == "one\n31/02/2024, 22:00 - Bob: two\n28/03/2024, 25:61 - Bob: three"


def test_bodies_are_verbatim(tmp_path: Path) -> None:
    body = "x² ﬁ\u00a0 ½\u2028 \u200fשלום\u200e!  \ttab \n\n  - indented "
    (row,) = opened(tmp_path, f"28/03/2024, 22:00 - Ann: {body}\n")
    assert row.text == body


def test_a_notice_with_a_colon_is_a_notice(tmp_path: Path) -> None:
    (row, _) = opened(
        tmp_path, '28/03/24, 22:00 - Ann changed the subject to "Trip: Rome"\n28/03/24, 22:01 - Ann: hi\n'
    )
    assert (row.author, row.kind) == (None, Kind.SYSTEM)


def test_names_lose_their_invisible_marks(tmp_path: Path) -> None:
    (row,) = opened(tmp_path, "28/03/2024, 22:00 - \u202a+44\u00a07700\u00a0900123\u202c: hi\n")
    assert row.author == "+44 7700 900123"


def test_an_addressed_name_stays_in_the_text(tmp_path: Path) -> None:
    authors = ("Eve", "Dan", "Cy", "Flo", "Gus", "Hal", "Ida", "Jo")
    others = "".join(f"28/03/2024, 21:00 - {author}: hi\n" for author in authors)
    rows = opened(tmp_path, others + "28/03/2024, 22:00 - Ann: Bob: hi\n" * 3)
    assert {row.author for row in rows} == {*authors, "Ann"}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("\u200eобраз удалён", Kind.MEDIA),  # in no list: a mark, from somebody who also writes
        ("\u200eAnn changed the group name", Kind.SYSTEM),
        ("\u200e<Anhang: 00000042-PHOTO-2024-01-09-09-06-00.jpg>", Kind.MEDIA),
        ("\u200eVoice call, \u200e2 min", Kind.CALL),
        ("plain <b>html</b>", Kind.TEXT),
        ("see (file attached)", Kind.TEXT),
        ("IMG-20210428-WA0001.jpg (file attached)\na caption", Kind.MEDIA),
        ("Eva.vcf (file attached)", Kind.CONTACT),
        ("late \u200e<Bu mesaj düzenlendi>", Kind.EDITED),
        ("This message was deleted", Kind.DELETED),
        ("see: https://maps.google.com/?q=1,2 there", Kind.TEXT),
        ("<This message was edited>" * 5000, Kind.EDITED),
        ("location: https://maps.google.com/?q=52.5,13.4", Kind.LOCATION),
    ],
)
def test_rows_of_ios_have_the_right_kind(body: str, kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text(f"[28/03/2024, 22:00:00] Ann: hi\n[28/03/2024, 22:00:00] Ann: {body}\n", "utf-8")
    (_, row) = open_chat([path])
    assert row.kind is kind


def test_rows_across_blocks_are_whole(tmp_path: Path) -> None:
    """Blocks are cut at headers, at any split of the file's bytes."""
    long = "é" * (BLOCK // 3)
    rows = [Message("Ann", f"{long}{number}\n\n", START.replace(second=0)) for number in range(8)]
    path = tmp_path / "chat.txt"
    path.write_text(render(rows, HEADERS["de"]), "utf-8")
    assert list(open_chat([path])) == rows


def test_text_before_the_first_message_is_left_out_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text("the end of something\n" + "28/03/2024, 22:00 - Ann: hi\n" * 3)
    chat = open_chat([path])
    assert len(list(chat)) == 3
    assert chat.warnings == ["the text before the first message was left out"]


def test_other_text_files_of_a_zip_are_attachments(tmp_path: Path) -> None:
    path = tmp_path / "chat.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.txt", "28/03/2024, 22:00 - Eve: not of this chat\n")
        archive.writestr("WhatsApp Chat with Ann.txt", "28/03/2024, 22:00 - Ann: hi\n")
        archive.writestr("inner.zip", b"PK\x03\x04")
    assert [row.author for row in open_chat([path])] == ["Ann"]


@pytest.mark.parametrize(
    "text",
    [
        "The bus leaves at 10:00.\nOn 12/03/2024, 10:00 - Ann: was late.\n",
        "2024-01-01 10:00\tann\thello\n",
        "12.5 kg\n3. 4. 2020\n",
        "[link] text: more\n",
    ],
)
def test_a_text_that_is_not_an_export_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text(text)
    assert detect(path) is None
