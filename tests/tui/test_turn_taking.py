"""Who answers, and the pause in which somebody is seen to type."""

from __future__ import annotations

from tui_lm.settings import Settings
from tui_lm.tui.jobs import turn_taking
from tui_lm.tui.keeping.dialogue import ANYONE, Dialogue
from tui_lm.tui.keeping.session import Session, Talk


async def send(app, text: str) -> None:
    await app.type(text)
    await app.press("enter")


async def test_the_model_says_who_answers_and_that_another_one_writes_too(start, model) -> None:
    model.next = {"Ann": "Ravi", "Ravi": "Maya"}
    async with start() as app:
        await send(app, "hi")
        await app.until(lambda: len(app.turns) == 3 and not app.app.screen.answering)
        assert [author for author, _ in app.turns] == ["Ann", "Ravi", "Maya"]


async def test_there_are_at_most_two_answers_to_a_message(start, model) -> None:
    model.next = {"Ann": "Ravi", "Ravi": "Maya", "Maya": "Ravi"}
    async with start() as app:
        await send(app, "hi")
        await app.until(lambda: len(app.turns) == 3 and not app.app.screen.answering)
        await app.pilot.pause()
        assert len(app.turns) == 3


async def test_a_person_who_was_chosen_answers_alone(start, model) -> None:
    model.next = {"Ann": "Maya", "Ravi": "Maya"}
    async with start() as app:
        await app.press("f3", "r", "a", "v", "enter")
        await send(app, "hi")
        await app.until(lambda: len(app.turns) == 2 and not app.app.screen.answering)
        await app.pilot.pause()
        assert [author for author, _ in app.turns] == ["Ann", "Ravi"]


async def test_somebody_is_seen_to_type_until_the_pause_is_over(start, monkeypatch) -> None:
    async with start() as app:
        monkeypatch.setattr(turn_taking, "PAUSE", (600.0, 600.0))
        await send(app, "hi")
        await app.until(lambda: "is typing" in app.screen())
        assert app.app.screen.answering
        app.app.screen._turns._over()
        await app.until(lambda: app.turns == [("Ann", "hi"), ("Maya", "yes, at six")])
        assert "is typing" not in app.screen()


async def test_escape_stops_somebody_who_has_not_written_yet(start, monkeypatch) -> None:
    async with start() as app:
        monkeypatch.setattr(turn_taking, "PAUSE", (600.0, 600.0))
        await send(app, "hi")
        await app.until(lambda: "is typing" in app.screen())
        await app.press("escape")
        await app.until(lambda: app.turns == [("Ann", "hi")] and not app.app.screen.answering)


async def test_escape_stops_those_who_would_answer_next(start, model, monkeypatch) -> None:
    model.next = {"Ann": "Ravi", "Ravi": "Maya"}
    async with start() as app:
        monkeypatch.setattr(turn_taking, "PAUSE", (600.0, 600.0))
        await send(app, "hi")
        await app.until(lambda: "is typing" in app.screen())
        app.app.screen._turns._over()
        await app.until(lambda: len(app.turns) == 3 and "is typing" in app.screen())
        await app.press("escape")
        await app.until(lambda: app.turns == [("Ann", "hi"), ("Ravi", "yes, at six")])
        assert not app.app.screen.answering


async def test_without_the_setting_nobody_is_seen_to_type(start, monkeypatch) -> None:
    async with start(settings=Settings(typing=False)) as app:
        monkeypatch.setattr(turn_taking, "PAUSE", (600.0, 600.0))
        await send(app, "hi")
        await app.until(lambda: app.turns == [("Ann", "hi"), ("Maya", "yes, at six")])


async def test_again_after_an_answer_lets_its_author_write_another(start, model) -> None:
    model.next = {"Ann": "Ravi"}
    async with start() as app:
        await send(app, "hi")
        await app.until(lambda: len(app.turns) == 2 and not app.app.screen.answering)
        await app.press("ctrl+r")
        await app.until(lambda: len(model.seeds) == 2 and not app.app.screen.answering)
        assert [author for author, _ in app.turns] == ["Ann", "Ravi"]


async def test_who_answers_is_restored(start) -> None:
    for kept, said in ((None, "anyone answers"), ("Ravi", "Ravi answers"), ("", "nobody answers")):
        async with start(session=Session(talks={"scripted": Talk(answerer=kept)})) as app:
            await app.until(lambda said=said: said in app.screen())
            app.app.keeper.write()
            assert app.app.keeper.session.talks["scripted"].answerer == kept


def test_anyone_answers_only_if_there_is_a_choice() -> None:
    assert Dialogue(("Ann", "Bob", "Cy"), "Ann").answerer is ANYONE
    assert Dialogue(("Ann", "Bob"), "Ann").answerer == "Bob"
    assert Dialogue().answerer is None


async def test_after_an_answer_the_footer_says_how_to_get_another_one(start) -> None:
    async with start(size=(80, 24)) as app:
        assert "^R Again" not in app.screen()
        await send(app, "hi")
        await app.until(lambda: len(app.turns) == 2 and not app.app.screen.answering)
        await app.until(lambda: "^R Again" in app.screen())


async def test_after_an_answer_the_footer_says_how_to_edit_the_last_message(start) -> None:
    async with start(size=(100, 24)) as app:
        assert "Up Edit" not in app.screen()
        await send(app, "hi")
        await app.until(lambda: len(app.turns) == 2 and not app.app.screen.answering)
        await app.until(lambda: "Up Edit" in app.screen() and "^R Again" in app.screen())
        await app.press("up")
        await app.until(lambda: app.composer.text == "hi")
        assert "Up Edit" not in app.screen(), "Up moves the cursor in a text"


async def test_the_model_may_say_that_nobody_answers(start, model) -> None:
    model.next = {"Ann": "Ann"}
    async with start() as app:
        await send(app, "hi")
        await app.until(lambda: "nobody answers; write on" in app.screen())
        assert app.turns == [("Ann", "hi")] and not app.app.screen.answering
        await send(app, "anyone?")
        await app.until(lambda: len(app.turns) == 2)
        model.next = {"Ann": "Ravi"}
        await app.press("ctrl+r")
        await app.until(lambda: app.turns[-1] == ("Ravi", "yes, at six") and not app.app.screen.answering)
        await app.until(lambda: "anyone answers" in app.screen())


async def test_ctrl_r_asks_only_those_who_are_not_the_user(start, model, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(model, "next_author", lambda history, authors: asked.append(authors) or {authors[0]: 1.0})
    async with start() as app:
        await send(app, "hi")
        await app.until(lambda: asked == [("Maya", "Ann", "Ravi")] or len(asked) > 1)
        await app.press("escape")
        app.app.screen.talk.turns[1:] = []
        asked.clear()
        await app.press("ctrl+r")
        await app.until(lambda: asked and asked[0] == ("Maya", "Ravi"))


async def test_a_first_chat_with_a_model_begins_with_a_sample_of_it(start, model, home) -> None:
    model.next = {"": "Ravi", "Ravi": "Maya", "Maya": "Ravi"}
    session = Session()
    async with start(sample=True, session=session) as app:
        await app.until(lambda: len(app.turns) == 3 and not app.app.screen.answering)
        assert [author for author, _ in app.turns] == ["Ravi", "Maya", "Ravi"]
        assert "a sample, written by the model" in app.screen()
        await send(app, "hi")
        await app.until(lambda: "a sample" not in app.screen())
        assert model.learned == [("hi", "Ann")], "nothing is learned from the sample"
        await app.until(lambda: len(app.turns) == 6 and not app.app.screen.answering)
        app.app.keeper.write()
    async with start(sample=True, session=session) as app:
        await app.pilot.pause()
        assert len(model.asked) == 5, "only once"


async def test_typing_into_the_sample_ends_it_when_the_message_is_sent(start, model, monkeypatch) -> None:
    model.next = {"": "Ravi"}
    monkeypatch.setattr(turn_taking, "PAUSE", (600.0, 600.0))
    async with start(sample=True) as app:
        await app.until(lambda: "is typing" in app.screen())
        await app.type("hi")
        await app.press("enter")
        await app.until(lambda: app.turns[0] == ("Ann", "hi"))


async def test_no_sample_is_written_in_private_mode(start, model) -> None:
    async with start(sample=True, private=True) as app:
        await app.pilot.pause()
        assert app.turns == [] and model.seeds == []
