"""The Learn page: a lesson at the left, what it speaks of at the right, live."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tui.test_inspector import drawn, panel, view
from tui_lm import checkpoint
from tui_lm.checkpoint import SavedModel
from tui_lm.tui.widgets.lesson_page import ExperimentLine, LessonPage
from tui_lm.tui.widgets.study import Study


@pytest.fixture
def lesson_models(make_model: Callable[..., SavedModel], make_llama, home: Path) -> None:
    """Models of some of the lessons' names that have learned nothing."""
    checkpoint.save(home / "models" / "demo", make_model("lstm"))
    checkpoint.save(home / "models" / "demo-llama", make_llama())


def lines(app) -> list[str]:
    return [str(line.render()) for line in app.app.screen.query(ExperimentLine)]


async def opened(app) -> None:
    await app.do("app.learn")
    await app.until(lambda: app.app.current_mode == "learn" and app.app.screen.query(Study))
    await app.until(lambda: app.app.screen.query("#view") and view(app).steps)


async def lesson(app, title: str) -> None:
    await app.do("learn.lesson")
    await app.answer(title)
    await app.until(lambda: app.app.screen.query_one(LessonPage).border_title == title.partition(". ")[2])


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)])
async def test_the_first_lesson_needs_no_model_and_is_live_at_once(start, size) -> None:
    async with start(named=None, size=size) as app:
        app.app.show("learn")
        await app.until(lambda: app.app.screen.query("#view") and view(app).steps == 3)
        assert "Three units, three words" in app.screen()
        assert "forget gate" in drawn(app)
        assert panel(app).pointer.cursor.unit == 1
        right = app.app.screen.query_one(Study).region
        assert right.right <= size[0] and right.height >= 9


async def test_the_next_experiment_is_shown_and_the_text_can_be_changed(start) -> None:
    async with start(size=(140, 40)) as app:
        await opened(app)
        await app.do("learn.next")
        await app.until(lambda: "forget of unit 1 = 0 at step 2" in " ".join(drawn(app).split()))
        study = app.app.screen.query_one(Study)
        study.put("sun and")
        await app.until(lambda: "␣sun" in "".join(token.label for token in study.reading._shaded.tokens))
        await app.do("learn.view")
        await app.until(lambda: panel(app).shown != "edit")


async def test_a_lesson_uses_the_model_that_it_names(start, lesson_models) -> None:
    async with start(size=(140, 40)) as app:
        await opened(app)
        await lesson(app, "6. What a head looks at")
        await app.until(lambda: panel(app).shown == "attention" and "head 0" in drawn(app))
        app.app.screen.query(ExperimentLine)[-1].focus()
        await app.press("enter")
        await app.until(lambda: panel(app).shown == "lens")


async def test_a_model_that_is_missing_is_named_and_can_be_trained(start, monkeypatch) -> None:
    async with start(named=None, size=(140, 40)) as app:
        app.app.show("learn")
        await app.until(lambda: app.app.screen.query("#view") and view(app).steps)
        begun = []
        monkeypatch.setattr(app.app.trainings, "start", lambda *words, source: begun.append(words))
        await lesson(app, "2. Why plain recurrent networks forget")
        await app.until(lambda: app.notices)
        assert "needs the model demo-rnn" in app.notices[-1]
        await app.do("learn.train")
        assert begun == [("demo", "--all", "--no-app")]


async def test_the_lesson_scrolls_by_page(start) -> None:
    async with start(size=(100, 24)) as app:
        await opened(app)
        page = app.app.screen.query_one(LessonPage)
        await app.do("learn.page_down")
        await app.until(lambda: page.scroll_offset.y > 0)
        await app.do("learn.page_up")
        await app.until(lambda: page.scroll_offset.y == 0)


async def test_help_opens_the_lessons(start) -> None:
    async with start() as app:
        await app.press("f1")
        await app.until(lambda: "L lessons" in app.screen())
        await app.press("l")
        await app.until(lambda: app.app.current_mode == "learn")


async def test_a_lesson_of_commands_alone_leaves_the_view(start) -> None:
    async with start(size=(140, 40)) as app:
        await opened(app)
        await lesson(app, "9. One direction, or both")
        await app.press("ctrl+r")
        await app.until(lambda: app.notices)
        assert "commands only" in app.notices[-1]
        assert view(app).steps == 3
