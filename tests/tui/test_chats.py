"""Several chats with one model: begun, found by their text, named, kept, and written as Markdown."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from textual.widgets import OptionList

from tui_lm.settings import Settings
from tui_lm.tui.keeping.markdown import as_markdown
from tui_lm.tui.keeping.session import Chat, Session, Talk, load_session, save_session

HILL = Chat("", [("Ann", "meet on the hill", False), ("Maya", "at six", True)])
FILM = Chat("Friday", [("Ann", "what about a film", False), ("Ravi", "the one with the boat", True)])


def session() -> Session:
    return Session(talks={"scripted": Talk(others=[HILL, FILM])})


async def test_a_new_chat_begins_beside_the_old_one(start) -> None:
    async with start() as app:
        await app.type("hi")
        await app.press("enter")
        await app.until(lambda: len(app.turns) == 2 and not app.app.screen.answering)
        await app.do("chat.new")
        await app.until(lambda: app.turns == [])
        await app.do("chat.open")
        await app.answer("hi")
        await app.until(lambda: app.turns == [("Ann", "hi"), ("Maya", "yes, at six")])


async def test_a_chat_is_found_by_words_that_were_written_in_it(start) -> None:
    async with start(session=session()) as app:
        await app.do("chat.open")
        for key in "boat":
            await app.press(key)
        lines = app.app.screen.query_one(OptionList)
        await app.until(lambda: lines.option_count == 1)
        await app.press("enter")
        await app.until(lambda: app.turns[0] == ("Ann", "what about a film"))
        assert "─ Friday ─" in app.screen()


async def test_a_chat_is_renamed_and_kept_only_if_transcripts_are(start, home) -> None:
    async with start(session=session(), settings=Settings(keep_transcripts=True)) as app:
        await app.do("chat.open")
        await app.answer("meet on the hill")
        await app.until(lambda: app.turns)
        await app.do("chat.rename")
        await app.answer("Hill")
        await app.until(lambda: "─ Hill ─" in app.screen())
        app.app.keeper.write()
    kept, notices = load_session()
    assert notices == []
    talk = kept.talks["scripted"]
    assert (talk.title, talk.turns, talk.others) == ("Hill", HILL.turns, [FILM])
    save_session(kept, transcripts=False)
    talk = load_session()[0].talks["scripted"]
    assert (talk.title, talk.turns, talk.others) == ("", [], [])


async def test_a_chat_is_written_as_a_private_markdown_file(start, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with start(session=session()) as app:
        await app.do("chat.open")
        await app.answer("Friday")
        await app.until(lambda: app.turns)
        await app.do("chat.save")
        await app.answer("friday.md")
        await app.until(lambda: "The chat was written to friday.md" in str(app.notices))
    file = tmp_path / "friday.md"
    assert file.read_text() == "# Friday\n\n**Ann:** what about a film\n\n**Ravi:** the one with the boat\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("*really* <b>", r"\*really\* \<b\>"),
        ("# no heading", r"\# no heading"),
        ("1. first\n- and", "1\\. first  \n\\- and"),
        ("a\x1b[2J", "a␛\\[2J"),
    ],
)
def test_nothing_in_a_message_is_a_mark_of_markdown(text, written) -> None:
    assert as_markdown(Chat("t", [("Ann", text, False)])) == f"# t\n\n**Ann:** {written}\n"


async def test_why_a_chat_cannot_be_saved_or_opened(start) -> None:
    async with start() as app:
        await app.press("ctrl+s")
        await app.until(lambda: ": Not now: the transcript is empty." in app.notices)
        await app.press("ctrl+o")
        await app.until(lambda: ": Not now: there is no other chat." in app.notices)
