"""Additions of exporters are not message text: Discord, iMessage, Signal, Messenger."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tui_lm.chats import Kind, Message, open_chat


def opened(path: Path, text: str) -> list[Message]:
    path.write_text(text, "utf-8")
    return list(open_chat([path]))


RULE = "=" * 62
HEAD = f"{RULE}\nGuild: G\nChannel: c\n{RULE}\n\n"
NOTICES = [
    "Added Mo to the group.",
    "Removed a recipient.",
    "Left the group.",
    "Started a call that lasted 1,203 minutes.",
    "Changed the channel name: garden",
    "Changed the channel icon.",
    "Pinned a message.",
    "Started a thread.",
    "Joined the server.",
]


@pytest.mark.parametrize("notice", NOTICES)
def test_notices_of_discord_are_system_rows(notice: str, tmp_path: Path) -> None:
    quoted = f'it said "{notice}"'
    text = f"{HEAD}[14/02/2025 18:45] mo\n{notice}\n\n\n[14/02/2025 18:46] mo\n{quoted}\n"
    rows = opened(tmp_path / "a.txt", text)
    assert [(row.author, row.text, row.kind) for row in rows] == [
        (None, notice, Kind.SYSTEM),
        ("mo", quoted, Kind.TEXT),
    ]
    table = (
        f'AuthorID,Author,Date,Content,Attachments,Reactions\n"1","mo","2025-02-14T18:45:00+00:00","{notice}","",""\n'
    )
    (row,) = opened(tmp_path / "a.csv", table)
    assert row.kind is Kind.SYSTEM


def test_a_header_of_discord_needs_a_blank_line_and_a_time(tmp_path: Path) -> None:
    body = "look\n[14/02/2025 10:00] Eve\nand\n\n[not a time] Eve\nend"
    text = f"{HEAD}[14/02/2025 18:45] mo\n{body}\n\n\n{RULE}\nExported 1 message(s)\n{RULE}\n"
    (row,) = opened(tmp_path / "a.txt", text)
    assert row.text == body


def imessage(*lines: str) -> str:
    return "May 17, 2022  5:29:42 PM\nMe\nfirst\n\nMay 17, 2022  5:31:00 PM\nRosa\n" + "\n".join(lines) + "\n\n"


@pytest.mark.parametrize(
    ("lines", "text", "kind"),
    [
        (["hello", "Sent with Echo"], "hello", Kind.TEXT),
        (["hello", "Tapbacks:", "    Loved by Me", "❤️ by Mo", "second part"], "hello\nsecond part", Kind.TEXT),
        (["Attachment missing!"], "", Kind.MEDIA),
        (["IMG_0042.HEIC"], "", Kind.MEDIA),
        (["attachments/12/a b.png", "a caption"], "a caption", Kind.TEXT),
        (["Sticker from Rosa: a.heic (App: Memoji)"], "", Kind.MEDIA),
        (["They unsent this message part 5 seconds after sending!"], "", Kind.DELETED),
        (["Started sharing location!"], "", Kind.LOCATION),
        (["Game Pigeon message:", "Your turn"], "", Kind.MEDIA),
        (["SharePlay Message", "Ended"], "", Kind.MEDIA),
        (["https://example.org", "A title", "A summary"], "https://example.org", Kind.TEXT),
        (["May 17, 2022  5:31:00 PM one", "Edited 2 minutes, 1 second later: two", "more"], "two\nmore", Kind.EDITED),
        (["stand by me", "see photo.png please"], "stand by me\nsee photo.png please", Kind.TEXT),
    ],
)
def test_rows_of_imessage_have_the_right_kind(lines: list[str], text: str, kind: Kind, tmp_path: Path) -> None:
    _, row = opened(tmp_path / "a.txt", imessage(*lines))
    assert (row.author, row.text, row.kind) == ("Rosa", text, kind)


@pytest.mark.parametrize(
    ("body", "text", "kind"),
    [
        ("good (- x -) day  ", "good (- x -) day", Kind.TEXT),
        ("words  \n(- Me: ❤️, Jo: 👍 -)", "words", Kind.TEXT),
        ("  \n(- Me: ❤️ -)![a](./media/a.jpg)  ", "", Kind.MEDIA),
        ("(video not exported)  ", "", Kind.MEDIA),
        ("  [😺](../exported_stickers/ab12/3.webp)  ", "", Kind.MEDIA),
        ("  \n(( 😺 ))", "", Kind.MEDIA),
        ("a (( b )) c  ", "a (( b )) c", Kind.TEXT),
        ("see [this](https://example.org)  ", "see [this](https://example.org)", Kind.TEXT),
        ("\n\n> quoted\n\nanswer  ", "answer", Kind.TEXT),
    ],
)
def test_additions_of_signal_export_are_not_text(body: str, text: str, kind: Kind, tmp_path: Path) -> None:
    (row,) = opened(tmp_path / "chat.md", f"[2026-05-01 09:00:00] Nadia: {body}\n")
    assert (row.text, row.kind) == (text, kind)


def test_signal_names_with_a_colon_are_whole(tmp_path: Path) -> None:
    rows = "".join(f"[2026-05-01 09:0{minute}:00] Work: Jim: text {minute}  \n" for minute in range(3))
    assert {(row.author, row.text[:5]) for row in opened(tmp_path / "chat.md", rows)} == {("Work: Jim", "text ")}


def messenger(*rows: tuple[str, str, str | None]) -> str:
    records = [
        {"sender_name": author, "timestamp_ms": 1_740_000_000_000 + index, "content": text}
        | ({media: [{"uri": "x"}]} if media else {})
        for index, (author, text, media) in enumerate(rows)
    ]
    return json.dumps({"participants": [{"name": "Me"}, {"name": "Rosa"}], "messages": records})


@pytest.mark.parametrize(
    ("own", "other", "reaction"),
    [
        ("Du hast ein Foto gesendet.", "Rosa hat ein Foto gesendet.", "Hat mit ❤ auf deine Nachricht reagiert "),
        ("Vous avez envoyé une photo.", "Rosa a envoyé une photo.", "A réagi avec 😂 à votre message "),
        ("Has enviado una foto.", "Rosa ha enviado una foto.", "Reaccionó con 👍 a tu mensaje "),
        ("Wysłano zdjęcie.", "Rosa wysłała zdjęcie.", "Zareagował(a) 👍 na twoją wiadomość "),
        (
            "Ti sendis bildon.",
            "Rosa sendis bildon.",
            "Reagis per 👍 al via mesaĝo ",
        ),  # in no list: learned from the file
    ],
)
def test_placeholders_of_messenger_are_media_in_any_language(
    own: str, other: str, reaction: str, tmp_path: Path
) -> None:
    rows = [
        ("Me", own, "photos"),
        ("Rosa", other, "share"),
        ("Rosa", "a caption", "photos"),
        ("Rosa", reaction, None),
        ("Me", "haha 😂", None),
    ]
    found = opened(tmp_path / "message_1.json", messenger(*rows))
    assert [row.kind for row in found] == [Kind.MEDIA, Kind.MEDIA, Kind.TEXT, Kind.SYSTEM, Kind.TEXT]
