"""Of a mailbox, only what its owner wrote is read: no mails of others, quotes, forwarded mails or signatures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_lm.chats import Kind, Message, detect, open_chat
from tui_lm.chats.mail_text import without_quotes
from tui_lm.errors import TuiLmError


@pytest.mark.parametrize(
    "attribution",
    [
        "On Mon, Jun 3, 2024 at 9:00 AM Mo <mo@example.net> wrote:",
        "On Mon, Jun 3, 2024 at 9:00 AM Mo Long Name <\nmo@example.net> wrote:",
        "Am Mo., 3. Juni 2024 um 09:00 Uhr schrieb Mo <mo@example.net>:",
        "Le lun. 3 juin 2024 à 09:00, Mo <mo@example.net> a écrit :",
        "El lun, 3 jun 2024 a las 9:00, Mo (<mo@example.net>) escribió:",
        "Il giorno lun 3 giu 2024 alle ore 09:00 Mo <mo@example.net> ha scritto:",
        "Op ma 3 jun 2024 om 09:00 schreef Mo <mo@example.net>:",
        "пн, 3 июн. 2024 г. в 09:00, Mo <mo@example.net>:",
        "2024年6月3日(月) 9:00 Mo <mo@example.net>:",
        "Mo wrote:",
    ],
)
def test_a_quote_below_is_left_out_with_its_attribution(attribution: str) -> None:
    assert without_quotes(f"Yes: at five.\n\n{attribution}\n\n> tea?\n>> long ago\n") == "Yes: at five."
    assert without_quotes(f"{attribution}\n> tea?\n\nYes: at five.\n") == "Yes: at five."


@pytest.mark.parametrize(
    "end",
    [
        "-- \nRosa Meyer\n+49 30 5550100",
        "--\nRosa",
        "Sent from my iPhone",
        "Von meinem iPad gesendet",
        "Envoyé de mon iPhone",
        "Get Outlook for Android<https://example.org>",
        "-----Original Message-----\nFrom: Mo\n\ntea?",
        "-----Ursprüngliche Nachricht-----\nVon: Mo\n\ntea?",
        "---------- Forwarded message ---------\nFrom: Mo\n\ntea?",
        "________________________________\nVon: Mo\nGesendet: Montag\nAn: Rosa\n\ntea?",
        "From: Mo <mo@example.net>\nSent: Monday, June 3, 2024 9:00 AM\nTo: Rosa\nSubject: tea\n\ntea?",
        "Von: Mo\nGesendet: Montag, 3. Juni 2024 09:00\nAn: Rosa\nBetreff: Tee\n\ntea?",
        "*From:* Mo <mo@example.net>\n*Sent:* Monday\n*To:* Rosa\n\ntea?",
        "Begin forwarded message:\n\nFrom: Mo\n\ntea?",
        "On Monday at 9:00 Mo <mo@example.net> wrote:\n\nunquoted text of Mo",
    ],
)
def test_what_follows_the_words_is_left_out(end: str) -> None:
    assert without_quotes(f"Yes, at five.\nRosa\n\n{end}\n") == "Yes, at five.\nRosa"


@pytest.mark.parametrize(
    "text",
    [
        "I said:\n\n- bread\n- tea\n--- and so on",
        "Plan:\nMonday: bread\nTuesday: tea\nWednesday: both",
        "On Monday I wrote: nothing.\nAm Montag schrieb ich viel.",
        "She was sent from my side.\nBye",
        "--- part one ---\nbread\n--- part two ---\ntea",
        "a line -- with dashes\n\n____ blank ____",
    ],
)
def test_words_that_look_like_an_end_are_kept(text: str) -> None:
    assert without_quotes(text) == text


def test_the_frame_of_a_signed_text_is_left_out() -> None:
    signed = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nYes.\n-----BEGIN PGP SIGNATURE-----\n\niQ==\n"
    assert without_quotes(signed) == "Yes."


def mail(sender: str, to: str, text: str, *fields: str) -> str:
    lines = (f"From: {sender}", f"To: {to}", "Date: Mon, 3 Jun 2024 09:00:00 +0200", *fields)
    return "From - Mon Jun 03 09:00:00 2024\n" + "\n".join(lines) + f"\n\n{text}\n\n"


def read(path: Path, *mails: str) -> list[Message]:
    path.write_text("".join(mails), "utf-8")
    return list(open_chat([path]))


RECEIVED = "Received: from a.example by b.example; Mon, 3 Jun 2024 07:00:00 +0000"
TO_ROSA = mail("Mo <mo@example.net>", "rosa@example.org", "by Mo", RECEIVED)
BY_ROSA = mail("Rosa <rosa@example.org>", "mo@example.net", "by Rosa")


def test_mails_of_others_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "Inbox"
    path.write_text(TO_ROSA * 5 + BY_ROSA, "utf-8")
    chat = open_chat([path])
    assert [(row.author, row.text) for row in chat] == [("Rosa", "by Rosa")]
    assert chat.warnings == ["mails left out, because somebody else sent them: 5"]


def test_the_owner_may_have_several_addresses(tmp_path: Path) -> None:
    other = mail("Rosa M. <rosa@work.example>", "ida@example.com", "by Rosa at work")
    assert {row.text for row in read(tmp_path / "Sent", BY_ROSA * 3, other)} == {"by Rosa", "by Rosa at work"}


def test_the_owner_is_who_takes_part_in_all_mails(tmp_path: Path) -> None:
    """Archives without transport fields say of no mail whether it was sent."""
    bare = [mail(f"p{n}@example.net", "Rosa <rosa@example.org>", "by another") for n in range(6)]
    assert [row.text for row in read(tmp_path / "all.mbox", *bare, BY_ROSA)] == ["by Rosa"]


def test_a_mailbox_without_sent_mails_is_an_error(tmp_path: Path) -> None:
    delivered = mail("Mo <mo@example.net>", "list@example.org", "by Mo", RECEIVED, "Delivered-To: rosa@example.org")
    with pytest.raises(TuiLmError, match="somebody else"):
        read(tmp_path / "Inbox", delivered * 3)


def test_a_line_that_begins_with_from_does_not_end_a_mail(tmp_path: Path) -> None:
    text = "one\n\n>From here 2024 it is far\nFrom there 2024 too"
    (row,) = read(tmp_path / "Sent", mail("rosa@example.org", "mo@example.net", text))
    assert row.text == "one\n\nFrom here 2024 it is far\nFrom there 2024 too"


def test_prose_that_begins_with_from_is_no_mailbox(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("From May to June 2024\nChapter: one\n\nFrom here on it rained.\n", "utf-8")
    assert detect(path) is None


def test_an_automatic_answer_is_a_notice(tmp_path: Path) -> None:
    away = mail("Rosa <rosa@example.org>", "mo@example.net", "I am away", "Auto-Submitted: auto-replied")
    assert [row.kind for row in read(tmp_path / "Sent", away, BY_ROSA)] == [Kind.SYSTEM, Kind.TEXT]


def test_an_attached_mail_is_not_read(tmp_path: Path) -> None:
    parts = (
        "--b\nContent-Type: text/plain\n\nsee the mail\n--b\nContent-Type: message/rfc822\n\n"
        "From: mo@example.net\nContent-Type: text/plain\n\nby Mo\n--b--"
    )
    mixed = mail("rosa@example.org", "mo@example.net", parts, "Content-Type: multipart/mixed; boundary=b")
    assert [row.text for row in read(tmp_path / "Sent", mixed)] == ["see the mail"]
