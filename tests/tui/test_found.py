"""Lists filter by typing, sort numbers as numbers and show their main key."""

from __future__ import annotations

from textual.widgets import OptionList

from tui_lm.tui.app import TRAINING_GOES_ON
from tui_lm.tui.keeping.dialogue import ANYONE
from tui_lm.tui.widgets.found import found


def prompts(app) -> list[str]:
    lines = app.app.screen.query_one(OptionList)
    return [str(lines.get_option_at_index(index).prompt) for index in range(lines.option_count)]


def test_a_line_that_is_what_was_typed_comes_first() -> None:
    assert found("ann", ["Joanna", "Anna", "Ann"]) == [2, 1, 0]
    assert found("an br", ["Ann Brown", "Ann Green", "Bruno and Ann"]) == [0, 2]
    assert found("", ["b", "a"]) == [0, 1]


async def test_typing_filters_the_choice_of_who_answers(start, model) -> None:
    async with start() as app:
        await app.press("f3")
        await app.until(lambda: len(prompts(app)) == 4)
        await app.press("r", "a")
        await app.until(lambda: prompts(app) == ["Ravi"])
        await app.press("backspace", "backspace")
        await app.until(lambda: len(prompts(app)) == 4)
        await app.press("r", "a", "v", "enter")
        await app.until(lambda: app.app.screen.is_current and app.app.screen.NAME == "chat")
        assert app.app.screen.talk.answerer == "Ravi"


async def test_nothing_is_chosen_if_no_line_holds_what_was_typed(start) -> None:
    async with start() as app:
        await app.press("f3", "q", "q", "enter")
        await app.until(lambda: "qq: nothing" in app.screen())
        await app.press("escape")
        assert app.app.screen.talk.answerer is ANYONE


async def test_a_key_chooses_another_model(start, saved_models) -> None:
    async with start() as app:
        await app.press("ctrl+l")
        await app.answer("second")
        await app.until(lambda: app.app.models.name == "second")


async def test_models_are_filtered_by_name_or_network_and_used_with_enter(start, saved_models) -> None:
    async with start() as app:
        await app.do("app.models")
        await app.do("models.filter")
        for key in "lstm chat":
            await app.press("space" if key == " " else key)
        await app.until(lambda: app.app.screen._names == ["scripted", "second"])
        await app.press("down", "enter")
        await app.until(lambda: app.app.current_mode == "chat" and app.app.models.name == "second")
        await app.do("app.models")
        await app.press("escape")
        await app.until(lambda: len(app.app.screen._names) == 4)


async def test_the_models_screen_shows_that_enter_uses_a_model(start, saved_models) -> None:
    async with start(size=(80, 24)) as app:
        await app.do("app.models")
        await app.press("down")
        await app.until(lambda: "Enter Use" in app.screen())


async def test_numbers_in_names_of_models_are_sorted_as_numbers(start, saved_models) -> None:
    for name in ("chat-10", "chat-9"):
        (saved_models / name).mkdir()
        (saved_models / name / "config.json").write_bytes((saved_models / "second" / "config.json").read_bytes())
    async with start() as app:
        await app.do("app.models")
        await app.until(lambda: app.app.screen._names[:2] == ["chat-9", "chat-10"])


async def test_models_are_sorted_by_bits_per_character(start, saved_models) -> None:
    config = (saved_models / "second" / "config.json").read_text()
    for name, bits in (("worse", "10.5"), ("best", "1.75")):
        (saved_models / name).mkdir()
        (saved_models / name / "config.json").write_text(config.replace("2.5", bits))
    async with start() as app:
        await app.do("app.models")
        await app.do("models.sort")
        assert app.app.screen._names[:3] == ["best", "second", "worse"]
        await app.do("models.sort")
        assert app.app.screen._names[0] == "best" and app.app.screen._names[1] == "hindi"


async def test_leaving_during_a_training_says_that_it_goes_on(start) -> None:
    async with start() as app:
        app.app.trainings.training.running = True
        await app.press("ctrl+q")
        assert app.app._exit_renderables == [TRAINING_GOES_ON]
        app.app.trainings.training.running = False
