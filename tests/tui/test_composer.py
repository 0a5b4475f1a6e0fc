"""Ghost text and words: when they are shown, and how they are accepted."""

from __future__ import annotations

import re
import threading

import pytest
from textual import events
from textual.widgets import Static

from tests.tui import conftest
from tui_lm.settings import Settings
from tui_lm.tui.jobs.writing import is_loop


async def test_tab_accepts_the_ghost(start):
    async with start() as app:
        await app.type("see you tom")
        await app.until(lambda: app.ghost == "orrow at six")
        await app.press("tab")
        assert app.composer.text == "see you tomorrow at six"
        assert app.composer.has_focus


async def test_right_and_end_accept_the_ghost_or_a_word_of_it(start, model):
    async with start() as app:
        for key, taken in (("right", "today at six"), ("end", "today at six"), ("ctrl+right", "today")):
            app.composer.clear()
            await app.type("tod")
            await app.until(lambda: app.ghost == "ay at six")
            gate = model.gate = threading.Semaphore(0)
            await app.press(key)
            assert app.composer.text == taken, key
            left, model.gate = app.ghost, None
            gate.release(9)
        assert left == " at six", "what was not taken stays until the model has something better"


async def test_typing_the_ghosts_letters_keeps_it(start, model):
    async with start() as app:
        await app.type("tom")
        await app.until(lambda: app.ghost == "orrow at six")
        model.gate = threading.Semaphore(0)
        await app.press("o")
        assert app.ghost == "rrow at six", "before the model has said anything new"
        model.gate.release(9)


async def test_backspace_leaves_no_stale_ghost(start, model):
    async with start() as app:
        await app.type("tom")
        await app.until(lambda: app.ghost)
        model.gate = threading.Semaphore(0)
        await app.press("backspace")
        assert app.ghost == ""
        model.gate.release(9)
        await app.until(lambda: app.words == ["tomorrow", "today", "tonight"])


async def test_undo_leaves_no_stale_ghost(start, model):
    async with start() as app:
        await app.type("tom")
        await app.until(lambda: app.ghost)
        model.gate = threading.Semaphore(0)
        await app.press("ctrl+z")
        assert app.ghost == ""
        model.gate.release(9)


async def test_the_ghost_is_shown_only_at_the_end_of_the_text(start):
    async with start() as app:
        await app.type("tom")
        await app.until(lambda: app.ghost)
        await app.press("left")
        await app.until(lambda: app.words == [])
        assert app.ghost == ""
        await app.press("right")
        assert app.composer.text == "tom"
        assert app.ghost == "", "only an edit brings it back"


async def test_shift_right_never_accepts_the_ghost(start):
    async with start() as app:
        await app.type("tom")
        await app.until(lambda: app.ghost)
        await app.press("shift+right")
        assert app.composer.text == "tom"


async def test_escape_dismisses_suggestions_and_never_quits(start):
    async with start() as app:
        await app.type("tom")
        await app.until(lambda: app.ghost and app.words)
        await app.press("escape")
        await app.until(lambda: app.words == [])
        assert app.ghost == ""
        await app.press("escape", "escape")
        assert app.app.is_running
        assert app.composer.text == "tom"


async def test_words_follow_each_key_and_start_with_the_typed_letters(start):
    async with start() as app:
        for key, words in (("t", ["tomorrow", "today", "tonight"]), ("h", ["then"]), ("x", [])):
            await app.press(key)
            await app.until(lambda words=words: app.words == words)
        for word in app.words:
            assert word.startswith(app.composer.text)


async def test_down_and_enter_accept_a_word(start):
    async with start() as app:
        await app.type("see to")
        await app.until(lambda: len(app.words) == 3)
        await app.press("down", "down", "down", "down", "up")
        assert app.ghost == "day", "the chosen word shows as ghost text"
        await app.press("enter")
        assert app.composer.text == "see today "
        assert app.turns == [], "Enter took the word and sent nothing"


async def test_up_from_the_first_word_clears_the_choice(start):
    async with start() as app:
        await app.type("to")
        await app.until(lambda: len(app.words) == 3)
        await app.press("down", "up", "enter")
        await app.until(lambda: app.turns)
        assert app.turns[0] == ("Ann", "to")


async def test_tab_accepts_the_first_word_if_there_is_no_ghost(start):
    async with start(settings=Settings(ghost=False)) as app:
        await app.type("see to")
        await app.until(lambda: len(app.words) == 3)
        assert app.ghost == ""
        await app.press("tab")
        assert app.composer.text == "see tomorrow "
        assert app.composer.has_focus


async def test_a_full_stop_after_an_accepted_word_replaces_its_space(start):
    async with start() as app:
        await app.type("to")
        await app.until(lambda: len(app.words) == 3)
        await app.press("down", "tab", "full_stop")
        assert app.composer.text == "tomorrow."


async def test_a_click_accepts_a_word(start):
    async with start() as app:
        await app.type("to")
        await app.until(lambda: len(app.words) == 3)
        await app.pilot.click("Candidates", offset=(32, 0))
        assert app.composer.text == "today "
        assert app.composer.has_focus


async def test_a_long_ghost_ends_with_a_whole_word_that_fits(start):
    async with start(size=(40, 12)) as app:
        await app.type("it is so far away but to")
        await app.until(lambda: len(app.words) == 3)
        assert app.ghost == "morrow at"


async def test_pasted_escapes_are_shown_as_text(start):
    async with start() as app:
        app.composer.insert("a\x1b[31mb\x07")
        assert app.composer.text == "a␛[31mb␇"


async def test_tab_moves_the_focus_only_from_an_empty_text(start):
    async with start() as app:
        await app.type("xyz")
        await app.press("tab")
        assert app.composer.has_focus
        app.composer.clear()
        await app.press("tab")
        assert not app.composer.has_focus
        await app.press("q")
        assert app.composer.has_focus, "a letter typed anywhere belongs to the composer"
        assert app.composer.text == "q"


async def test_ctrl_j_starts_a_new_line(start):
    async with start() as app:
        await app.type("a")
        await app.press("ctrl+j", "b")
        assert app.composer.text == "a\nb"


async def test_keys_in_a_burst_act_in_their_order(start):
    """Over a slow line a terminal delivers several keys at once."""
    async with start() as app:
        keys = [*"abc", "backspace", "d", "left", "x", "end", "enter", "n", "ctrl+j", "m"]
        for key in keys:
            character = key if len(key) == 1 else None
            app.app.post_message(events.Key(key, character))
        await app.until(lambda: app.turns)
        assert app.turns[0] == ("Ann", "abxd")
        await app.until(lambda: app.composer.text == "n\nm")


async def test_undo_and_redo_of_many_lines(start):
    async with start(size=(80, 24)) as app:
        app.app.post_message(events.Paste("one"))
        await app.until(lambda: app.composer.text == "one")
        app.composer.history.checkpoint()
        app.app.post_message(events.Paste("\n".join("abcdefghijkl")))
        await app.until(lambda: app.composer.text != "one")
        await app.pilot.pause()
        for key, text in (("ctrl+z", "one"), ("ctrl+y", "one" + "\n".join("abcdefghijkl")), ("ctrl+z", "one")):
            await app.press(key)
            assert app.composer.text == text
            assert app.composer.cursor_at_end_of_text
        await app.press("ctrl+z", "ctrl+z")
        assert app.composer.text == ""


async def test_del_takes_the_chosen_word_back(start, model):
    async with start() as app:
        await app.type("to")
        await app.until(lambda: app.words == ["tomorrow", "today", "tonight"])
        await app.press("down", "down", "delete")
        await app.until(lambda: app.words == ["tomorrow", "tonight"])
        assert model.taken_back == ["today"]
        assert app.composer.text == "to", "the text stays"
        assert app.ghost == "morrow at six"
        (notice,) = app.notices
        assert "“today” is not suggested any more" in notice
        assert "weights may still hold it" in notice
        assert "tui-lm models forget scripted --word today --unblock" in notice


async def test_without_a_chosen_word_del_deletes_as_in_any_text(start, model):
    async with start() as app:
        await app.type("tom")
        await app.until(lambda: app.words)
        await app.press("left", "delete")
        assert app.composer.text == "to"
        await app.press("down", "up", "left", "delete")
        assert app.composer.text == "t"
        assert model.taken_back == []


async def test_a_reply_can_be_taken_back(start, model):
    model.replies = {"yes": " please", "no": " thanks"}
    async with start(settings=Settings(replies=True)) as app:
        await app.until(lambda: app.words == ["yes please", "no thanks"])
        await app.press("down", "delete")
        await app.until(lambda: model.taken_back == ["yes please"])
        assert app.composer.text == ""


async def test_the_footer_and_the_help_name_the_key_that_takes_a_word_back(start):
    async with start(size=(160, 40)) as app:
        await app.type("to")
        await app.until(lambda: app.words)
        assert "Take back" not in app.screen()
        await app.press("down")
        assert "Del Take back" in app.screen()
        await app.press("up")
        assert "Take back" not in app.screen()
        await app.press("f1")
        help = str(app.app.screen.query_one("#box Static", Static).render())
        assert re.search(r"Del +Never suggest the chosen word again", help)


async def test_only_replies_that_end_do_not_loop_and_differ_are_offered(start, model, monkeypatch):
    model.replies = {"yes": " please", "ha": " ha ha ha ha ha", "yep": " please", "no": " thanks", "so": " " + "x" * 60}

    def stream(context, **options):
        yield conftest.Piece(model.replies[context.text])
        return "length" if context.text == "no" else "end"

    monkeypatch.setattr(model, "stream", stream)
    async with start() as app:
        await app.until(lambda: app.words == ["yes please"])
        await app.pilot.pause()
        assert app.words == ["yes please"]


@pytest.mark.parametrize(("width", "shown"), [(120, 3), (60, 2), (48, 2), (30, 1)])
async def test_replies_are_shown_whole_or_not_at_all(start, model, width, shown):
    texts = ["that sounds good to me", "see you there at six", "no"]
    model.replies = {text.split()[0]: text[len(text.split()[0]) :] for text in texts}
    async with start(size=(width, 24)) as app:
        await app.until(lambda: len(app.words) == shown)
        line = next(line for line in app.screen().splitlines() if " 1 " in line and "%" in line)
        assert "…" not in line
        assert all(word in line for word in app.words)
        assert set(app.words) <= set(texts)
        await app.press("down", "enter")
        await app.until(lambda: app.composer.text == app.composer.text and app.composer.text.strip() in texts)


def test_words_that_are_repeated_more_than_three_times_are_a_loop() -> None:
    assert is_loop("no no no no") and is_loop("I do and I do and I do and I do and")
    assert not is_loop("no no no") and not is_loop("see you there")
