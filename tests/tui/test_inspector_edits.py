"""Edits of the network in the panel: change a value, see the effect, undo it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.tui.test_inspector import backend_of, drawn, panel, view
from tui_lm.checkpoint import SavedModel
from tui_lm.inspection.change import Change
from tui_lm.tui.jobs.backend import Backend
from tui_lm.tui.jobs.pointer import Pointer
from tui_lm.tui.keeping.session import Session
from tui_lm.tui.widgets.inspector import Inspector
from tui_lm.tui.widgets.pointing import BETWEEN, Pointing
from tui_lm.tui.widgets.tabs import Tabs


@pytest.fixture
def lstm(make_model: Callable[..., SavedModel]) -> Backend:
    return backend_of(make_model("lstm", layers=2))


def words(app) -> list[str]:
    return [word for word, _, _ in app.app.screen.query_one(Pointing).controls()]


async def clicked(app, word: str) -> None:
    """Click a control below the text."""
    pointing = app.app.screen.query_one(Pointing)
    for y, row in enumerate(pointing._rows(pointing.size.width)):
        x = 0
        for text, _, _ in row:
            if text == word:
                await app.pilot.click(Pointing, offset=(x, y + 1))
                return
            x += len(text) + len(BETWEEN)
    raise AssertionError(f"there is no {word} to click on: {words(app)}")


async def test_a_unit_is_set_to_zero_with_keys_and_restored(start, lstm) -> None:
    async with start(backend=lstm, size=(160, 50), session=Session(tab="gates")) as app:
        await app.type("see")
        await app.until(lambda: view(app).steps == 5)
        view(app).focus()
        await app.press("left", "shift+right", "shift+down")
        await app.until(lambda: "◀" in drawn(app))
        unit = panel(app).pointer.cursor.unit
        assert "gate: input" in words(app) and f"unit: {unit}" in words(app)
        before = list(view(app)._lines)
        await app.press("delete")
        await app.answer("= 0 at step 3")
        await app.until(lambda: panel(app).shown == "edit" and "next token after step 3" in drawn(app))
        said = " ".join(drawn(app).split())
        assert f"layer 1: input of unit {unit} = 0 at step 3" in said
        assert "nats; the same change to" in said and "taken at random" in said
        assert "before" in said and "control 1" in said
        await app.press("ctrl+z")
        await app.until(lambda: "Nothing is changed" in drawn(app) and "undo the edit" not in words(app))
        panel(app).post_message(Tabs.Chosen("gates"))
        await app.until(lambda: panel(app).shown == "gates" and view(app)._lines == before)


async def test_every_view_looks_at_the_edited_network_and_says_so(start, lstm) -> None:
    async with start(backend=lstm, size=(160, 50), session=Session(tab="gates")) as app:
        await app.type("see")
        await app.until(lambda: view(app).steps == 5)
        before = drawn(app)
        cursor = replace(panel(app).pointer.cursor, change=Change.parse("forget=0"))
        panel(app).pointer = Pointer(cursor)
        panel(app).point("again")
        await app.until(lambda: "Gates and state, edited" in drawn(app))
        assert "The network is edited: forget = 0 at every step" in " ".join(drawn(app).split())
        view(app).focus()
        await app.press("ctrl+z")
        await app.until(lambda: drawn(app) == before)


async def test_a_click_on_a_cell_points_at_its_unit_and_step(start, lstm) -> None:
    async with start(backend=lstm, size=(160, 50), session=Session(tab="gates")) as app:
        await app.type("see")
        await app.until(lambda: view(app).steps == 5)
        y, line = next((y, line) for y, line in enumerate(view(app)._lines) if line and line[0].row)
        row = line[0].row
        await app.pilot.click("FrameView", offset=(2 * row.wide, y))
        await app.until(lambda: "◀" in drawn(app))
        assert (panel(app).pointer.cursor.name, panel(app).pointer.cursor.time) == (row.name, 2)
        assert panel(app).pointer.cursor.unit == row.id_at(2)
        y, line = next((y, line) for y, line in enumerate(view(app)._lines) if line and line[0].row)
        other = next(span for span in line if span.row and span.row.name != row.name)
        x = sum(len(span.text) for span in line[: line.index(other)])
        await app.pilot.click("FrameView", offset=(x, y - int(view(app).scroll_offset.y)))
        await app.until(lambda: panel(app).pointer.cursor.name == other.row.name)
        assert panel(app).pointer.cursor.time == 0


async def test_a_row_of_attention_is_made_uniform_with_the_mouse(start, make_llama) -> None:
    async with start(backend=backend_of(make_llama()), size=(160, 50), session=Session(tab="attention")) as app:
        await app.type("see")
        await app.until(lambda: view(app).steps == 5)
        y, line = next((y, line) for y, line in enumerate(view(app)._lines) if line and line[0].row)
        assert line[0].row.head == 0
        await app.pilot.click("FrameView", offset=(0, y + 1))
        await app.until(lambda: panel(app).pointer.cursor.head == 0)
        time = panel(app).pointer.cursor.time
        assert time is not None and time > 0
        await app.until(lambda: "head: 0" in words(app))
        await clicked(app, "edit")
        await app.answer(f"= equal weights at step {time}")
        await app.until(lambda: "other heads, taken at random" in " ".join(drawn(app).split()))
        await clicked(app, "undo the edit")
        await app.until(lambda: "Nothing is changed" in drawn(app))


async def test_the_attention_sink_can_be_hidden(start, make_llama) -> None:
    async with start(backend=backend_of(make_llama()), size=(160, 50), session=Session(tab="attention")) as app:
        await app.type("see")
        await app.until(lambda: view(app).steps == 5)
        await clicked(app, "first token: shown")
        await app.until(lambda: "the first token, is hidden" in " ".join(drawn(app).split()))
        await clicked(app, "first token: hidden")
        await app.until(lambda: "rests on the first token" in " ".join(drawn(app).split()))


async def test_a_step_can_be_replaced_by_the_pinned_one(start, lstm) -> None:
    async with start(backend=lstm, size=(160, 50), session=Session(tab="gates")) as app:
        await app.type("see")
        await app.until(lambda: view(app).steps == 5)
        view(app).focus()
        await app.press("left", "enter", "right", "delete")
        await app.answer("= that of step 3 at step 4")
        await app.until(lambda: "so there is no control" in " ".join(drawn(app).split()))


async def test_a_change_can_be_typed(start, lstm) -> None:
    async with start(backend=lstm, size=(160, 50), session=Session(tab="edit")) as app:
        await app.type("see")
        await app.until(lambda: "Nothing is changed" in drawn(app))
        view(app).focus()
        await app.press("delete")
        await app.answer("another value: write it")
        await app.answer("cell_state.3@2-=-1.5")
        await app.until(lambda: "cell_state of unit 3 = -1.5 at steps 2 to 4" in " ".join(drawn(app).split()))


async def test_a_change_that_no_longer_fits_the_text_is_explained(start, lstm) -> None:
    async with start(backend=lstm, size=(160, 50), session=Session(tab="edit")) as app:
        await app.type("see")
        await app.until(lambda: view(app).steps == 5)
        panel(app).change(Change("forget", layer=0, first=4, last=4))
        await app.until(lambda: "next token after" in drawn(app))
        await app.press("backspace")
        await app.until(lambda: "does not fit this text" in drawn(app))
        assert not app.notices
        await app.type("e")
        await app.until(lambda: "next token after" in drawn(app))


async def test_editing_needs_a_view_of_the_network(start, lstm) -> None:
    async with start(backend=lstm, size=(160, 50)) as app:
        app.app.screen.query_one(Inspector).point("edit")
        await app.until(lambda: any("Nothing can be edited yet" in notice for notice in app.notices))


async def test_the_palette_lists_the_panels_actions_and_why_not(start, lstm) -> None:
    async with start(backend=lstm, size=(160, 50), session=Session(tab="gates")) as app:
        await app.type("see")
        await app.until(lambda: view(app).steps == 5)
        reasons = {binding.id: reason for binding, _, reason in app.app.actions() if binding.id.startswith("panel.")}
        assert reasons["panel.undo"] == "nothing is edited"
        assert reasons["panel.first_token"] == "this model has no attention"
        assert reasons["panel.edit"] == ""
        await app.do("panel.numbers")
        await app.until(lambda: panel(app).pointer.numbers)
        await app.do("panel.edit")
        await app.answer("= 0 at step 4")
        await app.until(lambda: panel(app).shown == "edit")
        await app.do("panel.undo")
        await app.until(lambda: panel(app).pointer.cursor.change is None)
        await app.do("model.panel")
        assert not any(binding.id.startswith("panel.") for binding, _, _ in app.app.actions())


async def test_the_nearest_tokens_are_those_of_the_token_that_is_clicked(start, lstm) -> None:
    async with start(backend=lstm, size=(160, 50), session=Session(tab="nearest")) as app:
        await app.type("see")
        await app.until(lambda: "The embedding of e is most like" in " ".join(drawn(app).split()))
        tokens = list(app.app.screen.query_one(Pointing).tokens())
        await app.pilot.click(Pointing, offset=(sum(len(label) for _, label in tokens[:2]), 0))
        await app.until(lambda: "The embedding of s is most like" in " ".join(drawn(app).split()))
