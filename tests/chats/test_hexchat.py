"""Notices of HexChat are no actions of people, in the words of its own list of events."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_lm.chats import Kind, Message, open_chat

HEAD = "**** BEGIN LOGGING AT Tue Dec 31 23:50:00 2024\n\n"


def read(path: Path, *rows: str, head: str = HEAD) -> list[Message]:
    path.write_text(head + "".join(f"Dec 31 23:59:00 {row}\n" for row in rows), "utf-8")
    return list(open_chat([path]))


@pytest.mark.parametrize(
    "notice",
    [
        "rosa (~r@host.example) has joined",
        "rosa (~r@host.example) has left (bye)",
        "rosa has joined #garden",
        "rosa has quit (Ping timeout: 240 seconds)",
        "rosa has kicked mo from #garden (no)",
        "rosa has changed the topic to: tea",
        "rosa is now known as rose",
        "rosa sets mode +o mo #garden",
        "rosa sets ban on *!*@host",
        "rosa gives channel operator status to mo",
        "rosa removes voice from mo",
        "Now talking on #garden",
        "Topic for #garden is: tea",
        "Topic for #garden set by rosa!~r@host (Sat Mar  1 2025)",
        "Channel #garden created on Sat Mar  1 2025",
        "You are now known as rose",
        "Disconnected (Connection reset by peer).",
        "Looking up irc.example.org..",
        "[rosa] idle 00:01:02",
    ],
)
def test_notices_are_system_rows(notice: str, tmp_path: Path) -> None:
    assert [row.kind for row in read(tmp_path / "a.log", f"*\t{notice}")] == [Kind.SYSTEM]


@pytest.mark.parametrize(
    "action", ["waves", "gives mo a cake", "removes a hat", "has left the building", "thinks mo has left", "sets sail"]
)
def test_actions_are_words_of_their_author(action: str, tmp_path: Path) -> None:
    (row,) = read(tmp_path / "a.log", f"*\trosa {action}")
    assert (row.author, row.text, row.kind) == ("rosa", action, Kind.TEXT)


def test_a_translated_first_line_has_the_year(tmp_path: Path) -> None:
    (row,) = read(tmp_path / "a.log", "<rosa>\thi", head=HEAD.replace("BEGIN LOGGING AT", "BEGINN DER AUFZEICHNUNG AM"))
    assert row.sent_at is not None and row.sent_at.year == 2024


def test_the_year_changes_with_the_month(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(HEAD + "Dec 31 23:59:00 <rosa>\told\nJan 01 00:01:00 <rosa>\tnew\n", "utf-8")
    assert [row.sent_at and row.sent_at.year for row in open_chat([path])] == [2024, 2025]
