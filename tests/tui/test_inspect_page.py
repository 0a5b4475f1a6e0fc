"""The Inspect page: a text to type, the text shaded, and the views that follow the chosen token."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tui.test_inspector import backend_of, drawn, panel, view
from tui_lm import checkpoint
from tui_lm.checkpoint import SavedModel
from tui_lm.completion import Completer
from tui_lm.completion.training_counts import build
from tui_lm.engine import Engine
from tui_lm.tui.jobs.backend import Backend
from tui_lm.tui.keeping.session import Session
from tui_lm.tui.widgets.entry import PlainArea
from tui_lm.tui.widgets.reading import Reading
from tui_lm.tui.widgets.study import Study


@pytest.fixture
def lstm(make_model: Callable[..., SavedModel]) -> Backend:
    return backend_of(make_model("lstm", layers=2))


def reading(app) -> Reading:
    return app.app.screen.query_one(Reading)


def shown(app) -> str:
    """What the shaded text says, with its title."""
    return f"{reading(app).border_title}\n{reading(app).render().plain}"


async def opened(app, steps: int | None = None) -> None:
    await app.do("app.inspect")
    await app.until(lambda: app.app.current_mode == "inspect" and app.app.screen.query(Study))
    await app.until(lambda: view(app).steps if steps is None else view(app).steps == steps)
    await app.until(lambda: reading(app)._shaded is not None)


async def test_what_is_typed_is_read_and_the_views_follow(start, lstm) -> None:
    async with start(backend=lstm, session=Session(inspected="see")) as app:
        await opened(app, 5)
        assert "see" in shown(app) and "surprisal" in shown(app)
        await app.type(" you")
        await app.until(lambda: view(app).steps == 9)
        assert "see you" in shown(app)
        assert "forget gate" in drawn(app)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)])
async def test_text_reading_and_views_fit_the_window(start, lstm, size) -> None:
    async with start(backend=lstm, size=size) as app:
        await opened(app)
        screen = app.app.screen
        for widget, least in ((PlainArea, 3), (Reading, 2), ("Inspector", 8), ("#view", 6)):
            region = screen.query_one(widget).region
            assert region.height >= least and region.right <= size[0] and region.bottom < size[1], widget


async def test_an_arrow_moves_to_a_token_and_the_views_follow(start, lstm) -> None:
    async with start(backend=lstm, session=Session(inspected="see")) as app:
        await opened(app, 5)
        before = drawn(app)
        reading(app).focus()
        await app.press("left", "left")
        await app.until(lambda: drawn(app) != before)
        assert panel(app).pointer.cursor.time == 2 == reading(app).time
        await app.press("home")
        await app.until(lambda: reading(app).time == 0)


async def test_a_click_on_a_token_of_the_text_chooses_it(start, lstm) -> None:
    async with start(backend=lstm, session=Session(inspected="see")) as app:
        await opened(app, 5)
        cells = list(reading(app)._cells(reading(app).size.width))
        border = reading(app).content_region.offset - reading(app).region.offset
        await app.pilot.click(Reading, offset=(border.x + cells[3].x, border.y + cells[3].y))
        await app.until(lambda: reading(app).time == 3)


async def test_the_text_is_shaded_by_a_unit_a_gate_or_saliency(start, lstm) -> None:
    async with start(backend=lstm, session=Session(inspected="see")) as app:
        await opened(app, 5)
        await app.do("inspect.shade")
        await app.answer("one unit of a gate or state")
        await app.until(lambda: "unit" in shown(app) and "cell state c" in shown(app))
        panel(app).point("name", 1)
        panel(app).point("row", 1)
        await app.until(lambda: "input gate i" in shown(app))
        await app.do("inspect.shade")
        await app.answer("a gate: its mean over all units")
        await app.until(lambda: "mean of the 16 units" in shown(app))
        await app.do("inspect.shade")
        await app.answer("saliency: how much each token helps to predict the next")
        await app.until(lambda: "by occlusion" in shown(app))


async def test_the_attention_of_the_chosen_token_shades_the_text(start, make_llama) -> None:
    async with start(backend=backend_of(make_llama()), session=Session(inspected="see you")) as app:
        await opened(app, 9)
        await app.do("inspect.shade")
        await app.answer("attention: how much the chosen token looks at each")
        await app.until(lambda: "attention of step 8" in shown(app))
        reading(app).focus()
        await app.press("left")
        await app.until(lambda: "attention of step 7" in shown(app))


async def test_without_colour_the_values_stand_under_the_text(start, lstm, monkeypatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with start(backend=lstm, session=Session(inspected="see")) as app:
        await opened(app, 5)
        text, marks, *_ = reading(app).render().plain.splitlines()
        assert "see" in text
        assert set(marks.strip()) <= set(".:-=+*#%@ ")


async def test_long_texts_break_at_spaces_and_keep_the_chosen_token_in_view(start, lstm) -> None:
    text = "see you tomorrow at six " * 20
    async with start(backend=lstm, session=Session(inspected=text), size=(80, 24)) as app:
        await opened(app)
        cells = list(reading(app)._cells(40))
        lines = ["".join(cell.text for cell in cells if cell.y == y) for y in range(cells[-1].y + 1)]
        assert all(len(line) <= 40 for line in lines)
        assert all(line.startswith(" ") for line in lines[1:])
        assert any("x" in line for line in reading(app).render().plain.splitlines()[-4:])
        reading(app).focus()
        await app.press("home")
        await app.until(lambda: reading(app).render().plain.startswith("<s>"))


async def test_another_author_can_be_chosen_and_a_letter_goes_into_the_text(start, lstm) -> None:
    async with start(backend=lstm, session=Session(inspected="see")) as app:
        await opened(app, 5)
        await app.do("inspect.me")
        await app.answer("Bob")
        await app.until(lambda: "[Bob]" in shown(app))
        view(app).focus()
        await app.press("n")
        assert app.app.screen.query_one(PlainArea).text == "seen"
        await app.do("inspect.view")
        await app.until(lambda: app.app.keeper.session.tab == "saturation")


async def test_the_text_is_kept_for_the_next_start(start, lstm) -> None:
    async with start(backend=lstm, session=Session(inspected="see")) as app:
        await opened(app, 5)
        await app.type("n")
        app.app.write_session()
        assert app.app.keeper.session.inspected == "seen"


async def test_without_a_model_the_page_says_so(start) -> None:
    async with start(named=None) as app:
        app.app.show("inspect")
        await app.until(lambda: app.app.current_mode == "inspect" and app.app.screen.query(Study))
        await app.press("f3")
        await app.until(lambda: app.notices)
        assert app.notices == [": Not now: there is no model."]


@pytest.fixture
def kept_lstm(make_model: Callable[..., SavedModel], home: Path) -> Backend:
    """With a folder, in which the index of a chat can be kept."""
    model = make_model("lstm")
    checkpoint.save(home / "models" / "scripted", model)
    engine = Engine.open(home / "models" / "scripted")
    return Backend(engine, Completer(engine, build(()), private=True))


async def test_the_unit_that_tracks_something_is_found_and_shades_the_text(start, kept_lstm, chat_file) -> None:
    session = Session(inspected="see you", source=str(chat_file))
    async with start(backend=kept_lstm, session=session) as app:
        await opened(app, 9)
        await app.do("inspect.track")
        await app.answer("inside a word")
        await app.answer(str(chat_file))
        await app.until(lambda: "tracks “inside a word” best of 16" in " ".join(drawn(app).split()))
        assert "random directions" in drawn(app) and "linear probe" in drawn(app)
        unit = panel(app).pointer.cursor.unit
        await app.until(lambda: shown(app).startswith(f"unit {panel(app).pointer.cursor.unit} of layer 0: hidden"))
        reading(app).focus()
        await app.press("left")
        await app.until(lambda: reading(app).time == 7)
        assert "tracks “inside a word”" in " ".join(drawn(app).split()), "it stays while the cursor moves"
        assert panel(app).pointer.cursor.unit is not None and unit in (None, panel(app).pointer.cursor.unit)


async def test_what_is_tracked_can_be_written(start, kept_lstm, chat_file) -> None:
    async with start(backend=kept_lstm, session=Session(inspected="see", source=str(chat_file))) as app:
        await opened(app, 5)
        await app.do("inspect.track")
        await app.answer("a name or a text: write it")
        await app.answer("author = Ann")
        await app.answer(str(chat_file))
        await app.until(lambda: "tracks “author = Ann”" in " ".join(drawn(app).split()))


async def test_a_span_of_the_text_finds_others_alike_in_the_chat(start, kept_lstm, chat_file) -> None:
    async with start(backend=kept_lstm, session=Session(inspected="see you")) as app:
        await opened(app, 9)
        reading(app).focus()
        await app.press("left", "shift+left", "shift+left")
        await app.until(lambda: panel(app).pointer.cursor.span == (5, 7))
        await app.press("enter")
        await app.answer(str(chat_file))
        await app.until(lambda: panel(app).shown == "alike" and not panel(app).working)
        await app.until(lambda: "on throughout" in " ".join(drawn(app).split()) or app.notices)


async def test_alike_asks_for_a_span_first(start, kept_lstm) -> None:
    async with start(backend=kept_lstm, session=Session(inspected="see", tab="alike")) as app:
        await opened(app, 5)
        assert "Choose a span" in " ".join(drawn(app).split())
        view(app).focus()
        await app.press("enter")
        await app.until(lambda: app.notices)
        assert "Choose a span of the text first" in app.notices[0]
