"""Sending, answering, temperature, authors, and what happens when the model fails."""

from __future__ import annotations

import threading
from dataclasses import replace

from tui_lm.errors import TuiLmError
from tui_lm.settings import Settings
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.tui.jobs import inference, writing
from tui_lm.tui.keeping.session import Session, Talk
from tui_lm.tui.widgets.inspector import Inspector
from tui_lm.tui.widgets.status import Status
from tui_lm.tui.widgets.transcript import Transcript


def status(app) -> str:
    return str(app.app.screen.query_one(Status).render())


async def test_enter_sends_and_the_model_answers(start, model):
    async with start() as app:
        await app.type("when?")
        await app.press("enter")
        await app.until(lambda: app.turns == [("Ann", "when?"), ("Maya", "yes, at six")])
        assert app.composer.text == ""
        assert model.learned == [("when?", "Ann")]
        await app.until(lambda: "ready" in status(app))
        await app.type("ok")
        await app.press("enter")
        await app.until(lambda: len(model.asked) == 2)
        assert model.asked == [
            ("", "Maya", (("Ann", "when?"),)),
            ("", "Maya", (("Ann", "when?"), ("Maya", "yes, at six"), ("Ann", "ok"))),
        ]


async def test_an_empty_message_is_not_sent(start, model):
    async with start() as app:
        await app.type("  ")
        await app.press("enter")
        assert app.turns == []
        assert model.asked == []


async def test_escape_stops_an_answer_and_keeps_its_text(start, model):
    model.gate = threading.Semaphore(0)
    async with start() as app:
        await app.type("x")
        await app.press("enter")
        model.gate.release(2)  # one is the completion's or a token's
        await app.until(lambda: app.turns[-1][1])
        await app.press("escape")
        await app.until(lambda: "ready" in status(app))
        kept = app.turns
        model.gate.release(9)
        await app.pilot.pause()
        assert app.turns == kept
        assert kept[1][1] in ("yes", "yes, at")


async def test_words_are_suggested_while_the_model_answers(start, model):
    async with start() as app:
        model.gate = threading.Semaphore(0)
        model.answer = tuple("abc")
        await app.press("x", "enter")
        await app.type("tom")
        for _ in range(9):
            model.gate.release()
            await app.pilot.pause()
        await app.until(lambda: app.ghost == "orrow at six")
        await app.until(lambda: app.turns[-1] == ("Maya", "abc"))


async def test_a_stale_suggestion_is_dropped(start, model):
    async with start() as app:
        model.gate = threading.Semaphore(0)
        await app.type("t")
        await app.until(lambda: model.calls == 1)
        await app.type("omx")
        model.gate.release(1)
        await app.until(lambda: model.completed == ["t"])
        assert app.ghost == ""
        model.gate.release(9)
        await app.until(lambda: model.completed == ["t", "tomx"])  # what was overtaken is never computed
        assert app.ghost == ""


async def test_messages_for_an_older_text_are_ignored(start):
    async with start() as app:
        screen, bars = app.app.screen, app.bars
        screen.query_one(Inspector).post_message(writing.Looked(-1, None, ()))
        screen.post_message(writing.Spoken(-1, "nonsense"))
        screen.post_message(inference.Done(writing.Answer(screen, -1, WritingContext(), Settings())))
        await app.pilot.pause()
        assert app.bars is bars
        assert app.turns == []


async def test_the_answering_and_the_writing_author_can_be_chosen(start, model):
    async with start(size=(80, 24)) as app:
        assert "anyone answers" in app.screen()
        await app.press("f3", "down", "down", "enter")
        await app.until(lambda: "Ravi answers" in app.screen())
        await app.press("f4", "down", "enter")
        await app.until(
            lambda: "anyone answers" in app.screen(),
        )
        await app.press("f3", "down", "enter")
        await app.until(lambda: "Maya answers" in app.screen())
        await app.press("x", "enter")
        await app.until(lambda: app.turns == [("Ravi", "x"), ("Maya", "yes, at six")])
        await app.press("f3", "end", "enter")
        await app.until(lambda: "nobody answers" in app.screen())
        await app.press("y", "enter")
        await app.until(lambda: app.turns[-1] == ("Ravi", "y"))
        assert len(model.asked) == 1


async def test_a_model_of_prose_opens_the_write_screen(start, model):
    model.kind, model.me, model.authors = "prose", None, ()
    async with start() as app:
        await app.until(lambda: app.app.current_mode == "write")
        await app.app.run_action("show('chat')")
        assert app.app.current_mode == "write"
        await app.until(lambda: app.notices and "Write is for it" in app.notices[-1])


async def test_an_error_of_the_model_becomes_a_notice_and_the_text_stays(start, model):
    async with start() as app:
        model.error = RuntimeError("odd \x1b[2J shape")
        await app.type("tom")
        await app.until(lambda: app.notices)
        assert app.composer.text == "tom"
        assert app.notices == ["The model stumbled: RuntimeError: odd ␛[2J shape"], "one notice, not one a key"
        await app.press("enter")
        await app.until(lambda: "ready" in status(app))
        model.error = None
        await app.type("tom")
        await app.until(lambda: app.ghost == "orrow at six")


async def test_a_model_that_fails_to_load_is_reported(start):
    def load():
        raise TuiLmError("the model folder is cut short", "train it again")

    async with start(load=load, ready=False) as app:
        await app.type("tom")
        await app.until(lambda: app.notices)
        assert app.notices == ["the model folder is cut short: train it again"]
        await app.press("enter")
        assert app.composer.text == "tom"
        assert "no model" in status(app)


async def test_text_typed_while_the_model_loads_is_shown_and_kept(start, model):
    from tui_lm.tui.jobs.backend import Backend

    gate = threading.Event()

    def load():
        assert gate.wait(30)
        return Backend(model, model)

    async with start(load=load, ready=False) as app:
        await app.type("see to")
        assert "see to" in app.screen()
        assert "loading" in status(app)
        await app.press("enter")
        assert app.composer.text == "see to"
        gate.set()
        await app.until(lambda: app.ghost == "morrow at six")


async def test_the_saved_draft_is_shown_before_the_model_is_loaded(start):
    never = threading.Event()
    session = Session(talks={"scripted": Talk(draft="see you")})
    async with start(load=never.wait, ready=False, session=session) as app:
        await app.type(" soon")
        await app.until(lambda: app.composer.text == "see you soon")
        app.app.keeper.write()
        assert session.talks["scripted"].draft == "see you soon"
    never.set()


async def test_quitting_does_not_wait_for_a_model(start):
    never = threading.Event()
    async with start(load=never.wait, ready=False) as app:
        await app.press("ctrl+q")
    assert not never.is_set()
    never.set()


async def test_a_new_chat_clears_the_transcript(start, model):
    async with start() as app:
        await app.press("x", "enter")
        await app.until(lambda: len(app.turns) == 2 and "ready" in status(app))
        await app.press("ctrl+n")
        await app.until(lambda: app.turns == [])
        await app.press("y", "enter")
        await app.until(lambda: len(model.asked) == 2)
        assert model.asked[1][2] == (("Ann", "y"),)


async def test_escapes_and_markup_written_by_a_model_are_shown_as_text(start, model):
    model.answer = ("\x1b]0;owned\x07", "[bold red]x[/]", "\x9b31m")
    model.authors = ("Ma[b]ya\x1b", "Ann")
    async with start() as app:
        await app.press("x", "enter")
        await app.until(lambda: "ready" in status(app))
        await app.until(lambda: "[bold red]x[/]" in app.screen())
        screen = app.screen()
        assert "␛]0;owned␇" in screen
        assert "Ma[b]ya␛" in screen
        assert not set(screen) & {"\x1b", "\x07", "\x9b"}


async def test_settings_are_saved_as_they_change(start):
    saved = []
    async with start(settings=Settings(temperature=0.3), save_settings=saved.append) as app:
        await app.press("f8")
        app.app.theme = "nord"
        await app.pilot.pause()
        assert app.app.preferences.settings == replace(Settings(), temperature=0.4, theme="nord", sample=False)
    assert saved[-1] == app.app.preferences.settings


async def test_the_actions_of_the_palette_do_what_their_keys_do(start, model):
    async with start() as app:
        await app.do("chat.answerer")
        await app.answer("Ravi")
        await app.do("chat.me")
        await app.answer("Maya")
        await app.type("hi")
        await app.do("chat.copy")
        assert app.clipboard == "hi"
        await app.press("enter")
        await app.until(lambda: app.turns == [("Maya", "hi"), ("Ravi", "yes, at six")] and "ready" in status(app))
        model.answer = ("no",)
        await app.do("chat.again")
        await app.until(lambda: app.turns == [("Maya", "hi"), ("Ravi", "no")] and "ready" in status(app))
        await app.do("chat.edit")
        await app.until(lambda: app.composer.text == "hi")
        model.gate = threading.Semaphore(0)
        await app.press("enter")
        await app.until(lambda: app.app.screen.answering)
        await app.do("chat.stop")
        assert not app.app.screen.answering
        model.gate.release(99)
        await app.do("chat.new")
        assert app.turns == []


async def test_page_keys_scroll_the_transcript(start, model):
    model.answer = ("line\n" * 60,)
    async with start(size=(80, 24)) as app:
        transcript = app.app.screen.query_one(Transcript)
        await app.press("x", "enter")
        await app.until(lambda: transcript.max_scroll_y and transcript.scroll_offset.y == transcript.max_scroll_y)
        await app.do("chat.page_up")
        await app.until(lambda: transcript.scroll_offset.y < transcript.max_scroll_y)
        await app.do("chat.page_down")
        await app.until(lambda: transcript.scroll_offset.y == transcript.max_scroll_y)


async def test_an_edited_message_replaces_the_last_exchange_only_when_it_is_sent(start, model):
    async with start() as app:
        await app.type("hello")
        await app.press("enter")
        await app.until(lambda: len(app.turns) == 2 and not app.app.screen.answering)
        before = app.turns
        await app.press("up")
        await app.until(lambda: app.composer.text == "hello")
        assert app.turns == before
        await app.until(lambda: "Esc cancels" in app.screen())
        await app.type(" you")
        await app.press("escape", "escape")
        await app.until(lambda: app.composer.text == "")
        assert app.turns == before and "Esc cancels" not in app.screen()
        await app.press("up")
        await app.until(lambda: app.composer.text == "hello")
        await app.type("!")
        await app.press("enter")
        await app.until(lambda: len(app.turns) == 2 and not app.app.screen.answering)
        assert app.turns[0] == ("Ann", "hello!")
        assert model.asked[-1][2] == (("Ann", "hello!"),), "the message before it is not in the history"


async def test_a_draft_is_kept_while_a_message_is_edited(start):
    async with start() as app:
        await app.type("hello")
        await app.press("enter")
        await app.until(lambda: len(app.turns) == 2 and not app.app.screen.answering)
        await app.type("a draft")
        await app.do("chat.edit")
        await app.until(lambda: app.composer.text == "hello")
        await app.do("chat.stop")
        await app.until(lambda: app.composer.text == "a draft")


async def test_the_chat_before_a_new_one_can_be_opened_until_all_is_forgotten(start):
    async with start() as app:
        await app.type("hello")
        await app.press("enter")
        await app.until(lambda: len(app.turns) == 2 and not app.app.screen.answering)
        before = app.turns
        await app.press("ctrl+n")
        await app.until(lambda: app.turns == [])
        assert "Ctrl+O" in app.notices[-1]
        await app.press("ctrl+o", "enter")
        await app.until(lambda: app.turns == before)
        await app.press("ctrl+n")
        await app.do("app.forget")
        await app.answer("Forget")
        await app.until(lambda: app.app.models.state == "ready")
        assert app.app.screen.why_not("open_chat", "") == "there is no other chat"
