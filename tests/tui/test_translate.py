"""The Translate screen."""

from __future__ import annotations

from tui_lm.tui.keeping.session import Session
from tui_lm.tui.widgets.alignment import AlignmentGrid


async def show(app) -> None:
    await app.do("app.translate")
    await app.until(lambda: app.app.screen.state in ("ready", "none"))


def shown(app) -> str:
    return app.app.screen.text


async def test_the_app_can_start_with_a_translator_and_no_language_model(start, saved_models) -> None:
    async with start(named=None, screen="translate") as app:
        await app.until(lambda: app.app.screen.state == "ready")
        await app.type("good day")
        await app.until(lambda: shown(app) == "DAY GOOD")


async def test_lines_are_translated_while_typing(start, saved_models, translator) -> None:
    async with start(size=(80, 24)) as app:
        await show(app)
        await app.type("good day")
        await app.until(lambda: shown(app) == "DAY GOOD")
        assert "DAY GOOD" in app.screen()
        await app.press("enter")
        await app.type("to you")
        await app.until(lambda: shown(app) == "DAY GOOD\nYOU TO")
        assert translator.asked.count("good day") == 1, "a line that is known is not asked again"


async def test_the_word_under_the_cursor_is_marked_in_the_translation(start, saved_models) -> None:
    async with start() as app:
        await show(app)
        await app.type("good day")
        await app.until(lambda: shown(app) == "DAY GOOD")
        styled = app.app.screen._line("good day", 6)
        assert [(span.start, span.end) for span in styled.spans] == [(0, 3)]
        await app.press("home")
        styled = app.app.screen._line("good day", 0)
        assert [(span.start, span.end) for span in styled.spans] == [(4, 8)]
        assert "██" in app.screen(), "the alignment beside it"


async def test_a_word_with_a_low_probability_is_marked(start, saved_models) -> None:
    async with start() as app:
        await show(app)
        await app.type("a ?")
        await app.until(lambda: shown(app) == "? A")
        assert any("warning" in str(span.style) for span in app.app.screen._line("a ?", None).spans)


async def test_the_alignment_is_folded_in_a_narrow_terminal(start, saved_models) -> None:
    async with start(size=(80, 24)) as app:
        await show(app)
        alignment = app.app.screen.query_one(AlignmentGrid)
        assert not alignment.display
        await app.do("translate.panel")
        assert alignment.display
        await app.do("translate.panel")
        assert not alignment.display


async def test_the_translation_is_copied_cleared_and_the_translator_changed(start, saved_models) -> None:
    async with start() as app:
        await show(app)
        await app.type("good day")
        await app.until(lambda: shown(app) == "DAY GOOD")
        await app.do("translate.copy")
        assert app.clipboard == "DAY GOOD"
        await app.do("translate.model")
        await app.answer("hindi")
        await app.until(lambda: app.app.screen.state == "ready")
        assert app.app.preferences.settings.last_models == {"translation": "hindi"}
        await app.do("translate.new")
        await app.until(lambda: app.app.screen.source.text == "")


async def test_without_a_translator_the_screen_explains_how_to_train_one(start) -> None:
    async with start(size=(80, 24)) as app:
        await show(app)
        assert "There is no translator yet" in app.screen()
        await app.press("f3")
        assert "train one on sentence pairs" in app.notices[-1]
        await app.type("good")
        assert app.app.screen.source.text == "good"


async def test_an_error_of_the_translator_becomes_a_notice(start, saved_models, translator) -> None:
    async with start(session=Session(translation="kept")) as app:
        await show(app)
        await app.until(lambda: shown(app) == "KEPT")
        translator.error = RuntimeError("odd")
        await app.type("x")
        await app.until(lambda: app.notices)
        assert app.app.screen.source.text == "keptx"


async def test_the_palette_finds_the_screen_by_its_name_in_the_masthead(start) -> None:
    async with start() as app:
        await app.press("ctrl+g")
        await app.type("Translate")
        await app.press("enter")
        await app.until(lambda: app.app.current_mode == "translate")
