"""The Write screen: suggestions at the end of any line, opening and saving without loss."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tui_lm.errors import TuiLmError
from tui_lm.tui.keeping.session import KeptPage, Session
from tui_lm.tui.keeping.text_file import open_text, save_text


async def open_page(app) -> None:
    await app.do("app.write")
    await app.until(lambda: app.app.current_mode == "write" and app.area.has_focus)


async def test_the_main_keys_are_in_the_footer_of_a_small_terminal(start) -> None:
    async with start(size=(80, 24)) as app:
        await open_page(app)
        await app.until(lambda: "^S Save  ^R Go on" in app.screen())


async def test_suggestions_come_at_the_end_of_any_line(start, model) -> None:
    async with start(size=(80, 24)) as app:
        await open_page(app)
        await app.type("see to")
        await app.until(lambda: app.ghost == "morrow at six")
        await app.press("enter")
        assert app.area.text == "see to\n", "Enter is a new line here"
        await app.type("x")
        await app.press("up", "end", "m")
        await app.until(lambda: app.ghost == "orrow at six")
        await app.press("tab")
        assert app.area.text == "see tomorrow at six\nx"
        await app.type(" to")
        await app.until(lambda: len(app.words) == 3)
        await app.press("down", "down", "enter")
        assert app.area.text == "see tomorrow at six today \nx"


async def test_a_chat_model_reads_lines_as_messages_and_a_prose_model_as_text(start, model) -> None:
    async with start() as app:
        await open_page(app)
        await app.type("one")
        await app.press("enter", "t")
        await app.until(lambda: model.completed[-1:] == ["t"])
        model.kind = "prose"
        await app.type("o")
        await app.until(lambda: model.completed[-1] == "one\nto")


async def test_the_context_of_a_long_text_starts_at_a_fixed_line(start, model) -> None:
    model.kind = "prose"
    async with start(session=Session(page=KeptPage(draft="\n".join(["line"] * 100), row=99, column=4))) as app:
        await open_page(app)
        lengths = set()
        for _ in range(3):
            await app.press("enter", "y")
            await app.until(lambda: model.completed and model.completed[-1].endswith("\ny"))
            lengths.add(model.completed[-1].partition("\n")[0])
            assert model.completed[-1].count("\n") < 40
        assert lengths == {"line"}


async def test_the_model_continues_at_the_cursor_until_it_is_stopped(start, model) -> None:
    async with start() as app:
        await open_page(app)
        await app.type("ab")
        await app.press("left")
        await app.do("write.go_on")
        await app.until(lambda: app.area.text == "ayes, at sixb")
        await app.until(lambda: not app.app.screen.answering)
        model.gate = threading.Semaphore(0)
        await app.do("write.go_on")
        model.gate.release(2)
        await app.until(lambda: app.area.text.count("yes") == 2)
        await app.do("write.stop")
        model.gate.release(99)
        await app.until(lambda: not app.app.screen.answering)
        assert app.area.text in ("ayes, at sixyesb", "ayes, at sixyes, atb")


async def test_a_file_is_opened_changed_and_saved(start, tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(b"Dear you,\r\n")
    path.chmod(0o640)
    async with start(size=(80, 24)) as app:
        await open_page(app)
        await app.do("write.open")
        await app.answer(str(path))
        await app.until(lambda: app.area.text == "Dear you,\n")
        await app.press("ctrl+end", "h", "i")
        await app.until(lambda: "changed" in app.screen())
        await app.do("write.save")
        await app.until(lambda: path.read_bytes() == b"Dear you,\r\nhi")
        assert path.stat().st_mode & 0o777 == 0o640
        assert "changed" not in app.screen()
        path.write_bytes(b"other")
        await app.type("!")
        await app.do("write.save")
        assert "Another program has changed this file" in app.screen()
        await app.answer("No, change nothing")
        assert path.read_bytes() == b"other"


async def test_saving_a_new_page_asks_before_replacing_a_file(start, tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("old")
    async with start() as app:
        await open_page(app)
        await app.type("new")
        await app.do("write.save")
        await app.answer(str(tmp_path / "old.txt"))
        await app.until(lambda: "A file of this name exists" in app.screen())
        await app.answer("No, change nothing")
        assert (tmp_path / "old.txt").read_text() == "old"
        await app.do("write.save_as")
        await app.answer(str(tmp_path / "new.txt"))
        await app.until(lambda: (tmp_path / "new.txt").exists())
        assert (tmp_path / "new.txt").read_text() == "new"


async def test_unsaved_text_is_discarded_only_after_a_confirmation(start) -> None:
    async with start() as app:
        await open_page(app)
        await app.type("draft")
        await app.do("write.new")
        await app.answer("No, change nothing")
        assert app.area.text == "draft"
        await app.do("write.new")
        await app.answer("Discard them")
        await app.until(lambda: app.area.text == "")


async def test_unsaved_text_is_restored_at_the_next_start(start, tmp_path: Path) -> None:
    from tui_lm.tui.keeping.session import load_session

    path = tmp_path / "a.txt"
    path.write_text("first")
    async with start(session=Session(page=KeptPage(path=str(path)))) as app:
        await open_page(app)
        await app.press("ctrl+end", "!")
        await app.do("app.quit")
    session, _ = load_session()
    assert session.screen == "write"
    async with start(session=session) as app:
        await app.until(lambda: app.app.current_mode == "write")
        assert app.area.text == "first!"
        assert app.app.screen.document.path == path
        assert path.read_text() == "first"


async def test_copy_copies_the_selection_or_the_whole_text(start) -> None:
    async with start() as app:
        await open_page(app)
        await app.type("one two")
        await app.do("write.copy")
        assert app.clipboard == "one two"
        await app.press("shift+left", "shift+left", "shift+left")
        await app.do("write.copy")
        assert app.clipboard == "two"


async def test_the_author_can_be_chosen(start, model) -> None:
    async with start() as app:
        await open_page(app)
        assert "as Ann" in app.screen()
        await app.do("write.me")
        await app.answer("Ravi")
        await app.until(lambda: "as Ravi" in app.screen())


async def test_a_file_with_escapes_is_opened_as_a_copy_that_shows_them(start, tmp_path: Path) -> None:
    path = tmp_path / "evil.txt"
    path.write_text("a\x1b[31mb")
    async with start() as app:
        await open_page(app)
        await app.do("write.open")
        await app.answer(str(path))
        await app.until(lambda: "␛" in app.screen())
        assert "\x1b" not in app.screen()
        assert app.app.screen.document is None, "a copy: saving it asks for a name"


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("binary", "missing", "."):
        with pytest.raises(TuiLmError):
            open_text(tmp_path / name)
    with pytest.raises(TuiLmError):
        save_text(tmp_path / "no" / "folder", "text")


async def test_find_starts_at_the_cursor_and_wraps_around(start) -> None:
    async with start(
        size=(80, 24), session=Session(screen="write", page=KeptPage(draft="a fig\nTwo Figs (2)\nno"))
    ) as app:
        await app.until(lambda: app.area.has_focus)
        for end in ((0, 5), (1, 7), (0, 5)):
            await app.do("write.find")
            await app.answer("fig")
            assert app.area.selected_text.lower() == "fig"
            assert app.area.selection.end == end
        await app.press("ctrl+f")
        await app.answer("s (2)")
        assert app.area.selected_text == "s (2)"
        await app.press("ctrl+f")
        await app.answer("plum")
        assert "Not found on this page" in app.notices[-1]
        assert app.area.selected_text == "s (2)", "the selection stays"
        await app.press("X")
        assert app.area.text == "a fig\nTwo FigX\nno"


async def test_find_is_refused_on_an_empty_page(start) -> None:
    async with start() as app:
        await open_page(app)
        await app.press("ctrl+f")
        assert "the page is empty" in app.notices[-1]
