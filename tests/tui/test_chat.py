"""Sending, answering, temperature, authors, and what happens when the model fails."""

from __future__ import annotations

import threading
from dataclasses import replace

from tui_lm.errors import TuiLmError
from tui_lm.tui import inference
from tui_lm.tui.next_token import bar
from tui_lm.tui.status import Status
from tui_lm.tui.temperature import Temperature


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


async def test_nothing_is_not_sent(start, model):
    async with start() as app:
        await app.type("  ")
        await app.press("enter")
        assert app.turns == []
        assert model.asked == []


async def test_escape_stops_an_answer_and_keeps_what_is_written(start, model):
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


async def test_stale_messages_change_nothing(start):
    async with start() as app:
        screen, bars = app.app.screen, app.bars
        screen.post_message(inference.Looked(-1, None))
        screen.post_message(inference.Spoken(-1, "nonsense"))
        screen.post_message(inference.Finished(-1))
        await app.pilot.pause()
        assert app.bars is bars
        assert app.turns == []


async def test_temperature_keys_change_the_bars_and_are_kept(start):
    async with start() as app:
        before = app.bars
        await app.press("f8")
        await app.until(lambda: app.bars != before)
        assert app.app.settings.temperature == 0.9
        await app.press(*["f7"] * 12)
        await app.until(lambda: app.bars.entropy == 0)
        assert app.app.settings.temperature == 0.0
        assert "greedy" in app.screen()


async def test_the_mouse_sets_the_temperature(start):
    async with start() as app:
        slider = app.app.screen.query_one(Temperature)
        await app.pilot.mouse_down(slider, offset=(12, 0))
        await app.pilot.mouse_up(slider, offset=(12, 0))
        assert slider.temperature == 0.1
        await app.pilot.click(slider, offset=(21, 0))
        assert slider.temperature == 1.9
        await app.press("f8", "f8")
        assert slider.temperature == 2.0, "and no more"


async def test_choosing_who_answers_and_who_writes(start, model):
    async with start(size=(80, 24)) as app:
        await app.press("f3", "down", "enter")
        await app.until(lambda: "Ravi answers" in app.screen())
        await app.press("f4", "down", "enter")
        await app.until(lambda: "Maya answers" in app.screen())
        await app.press("x", "enter")
        await app.until(lambda: app.turns == [("Ravi", "x"), ("Maya", "yes, at six")])
        await app.press("f3", "end", "enter")
        await app.until(lambda: "nobody answers" in app.screen())
        await app.press("y", "enter")
        await app.until(lambda: app.turns[-1] == ("Ravi", "y"))
        assert len(model.asked) == 1


async def test_a_prose_model_goes_on_where_one_stopped(start, model):
    model.kind, model.me, model.authors = "prose", None, ()
    async with start() as app:
        await app.type("once")
        await app.press("enter")
        await app.until(lambda: app.composer.text == "onceyes, at six")
        assert model.asked == [("once", None, ())]
        assert app.turns == []
        await app.press("f3")
        assert app.composer.has_focus


async def test_an_error_is_a_notice_and_the_text_stays(start, model):
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


async def test_a_model_that_does_not_load(start):
    def load():
        raise TuiLmError("the model folder is cut short", "train it again")

    async with start(load=load, ready=False) as app:
        await app.type("tom")
        await app.until(lambda: app.notices)
        assert app.notices == ["the model folder is cut short: train it again"]
        await app.press("enter")
        assert app.composer.text == "tom"
        assert "no model" in status(app)


async def test_keys_are_echoed_and_kept_while_the_model_loads(start, model):
    from tui_lm.tui.backend import Backend

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


async def test_quitting_does_not_wait_for_a_model(start):
    never = threading.Event()
    async with start(load=never.wait, ready=False) as app:
        await app.press("ctrl+q")
    assert not never.is_set()
    never.set()


async def test_a_new_chat_forgets_the_old_one(start, model):
    async with start() as app:
        await app.press("x", "enter")
        await app.until(lambda: len(app.turns) == 2 and "ready" in status(app))
        await app.press("ctrl+n")
        await app.until(lambda: app.turns == [])
        await app.press("y", "enter")
        await app.until(lambda: len(model.asked) == 2)
        assert model.asked[1][2] == (("Ann", "y"),)


async def test_escapes_and_markup_of_a_model_are_shown_not_obeyed(start, model):
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


async def test_settings_are_given_back(start):
    from tui_lm.settings import Settings

    async with start(settings=Settings(temperature=0.3)) as app:
        await app.press("f8")
        app.app.theme = "nord"
        await app.pilot.pause()
        assert app.app.settings == replace(Settings(), temperature=0.4, theme="nord")


def test_a_bar_has_its_length_and_something_always_shows():
    assert bar(1.0, 4) == "████"
    assert bar(0.5, 4) == "██  "
    assert bar(0.0, 4) == "    "
    assert bar(1e-9, 4) == "▏   "
