"""The panel beside the text, with a real network of a few units."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from rich.text import Text

from tui_lm.checkpoint import SavedModel
from tui_lm.completion import Completer
from tui_lm.completion.training_counts import build
from tui_lm.engine import Engine
from tui_lm.settings import Settings
from tui_lm.tui.jobs.backend import Backend
from tui_lm.tui.keeping.session import Session
from tui_lm.tui.widgets.frame_view import FrameView
from tui_lm.tui.widgets.inspector import Inspector
from tui_lm.tui.widgets.pointing import Pointing
from tui_lm.tui.widgets.surprise import STYLES, Surprise
from tui_lm.tui.widgets.tabs import Tabs


def backend_of(model: SavedModel) -> Backend:
    engine = Engine(model)
    return Backend(engine, Completer(engine, build(()), private=True))


@pytest.fixture
def lstm(make_model: Callable[..., SavedModel]) -> Backend:
    return backend_of(make_model("lstm", layers=2))


def view(app) -> FrameView:
    return app.app.screen.query_one(FrameView)


def panel(app) -> Inspector:
    return app.app.screen.query_one(Inspector)


def drawn(app) -> str:
    return "\n".join("".join(span[0] for span in line) for line in view(app)._lines)


async def test_the_gates_follow_the_keys(start, lstm) -> None:
    async with start(backend=lstm, session=Session(tab="gates")) as app:
        await app.type("see")
        await app.until(lambda: view(app).steps == 5)
        assert "forget gate" in app.screen()
        before = list(view(app)._lines)
        await app.type("s")
        await app.until(lambda: view(app).steps == 6)
        assert view(app)._lines != before
        await app.press("backspace")
        await app.until(lambda: view(app)._lines == before)


async def test_the_tabs_are_the_views_that_the_model_has(start, lstm, make_llama) -> None:
    async with start(backend=lstm, size=(160, 40)) as app:
        await app.type("se")
        await app.do("model.view")
        await app.until(lambda: view(app).steps)
        assert "Saturation" in app.screen()
        assert "Attention" not in app.screen()
        await app.do("model.view")
        await app.until(lambda: app.app.keeper.session.tab == "saturation")
    async with start(backend=backend_of(make_llama()), size=(160, 40), session=Session(tab="gates")) as app:
        await app.type("se")
        await app.until(lambda: "Attention" in app.screen())
        await app.until(lambda: app.app.screen.query_one(Inspector).shown != "saturation")


async def test_the_panel_shows_the_attention_of_a_mini_llama(start, make_llama) -> None:
    async with start(backend=backend_of(make_llama()), session=Session(tab="attention")) as app:
        await app.type("see you")
        await app.until(lambda: view(app).steps == 9)
        assert "ttention" in app.screen()


async def test_keys_move_to_another_step_and_layer(start, lstm) -> None:
    async with start(backend=lstm, session=Session(tab="equations")) as app:
        await app.type("see")
        await app.until(lambda: view(app).steps == 5)
        live = list(view(app)._lines)
        view(app).focus()
        await app.press("left", "left")
        await app.until(lambda: view(app)._lines != live)
        assert panel(app).pointer.cursor.time == 2
        await app.press("end")
        await app.until(lambda: view(app)._lines == live)
        await app.press("up")
        await app.until(lambda: view(app)._lines != live)
        await app.press("x")
        assert app.composer.has_focus, "a letter belongs to the text"


async def test_a_click_on_a_tab_shows_its_view(start, lstm) -> None:
    async with start(backend=lstm) as app:
        await app.type("se")
        await app.pilot.click("Tabs", offset=(7, 0))
        await app.until(lambda: app.app.screen.query(FrameView) and view(app).steps)
        assert app.app.keeper.session.tab == "gates"


async def test_a_folded_panel_computes_nothing(start, lstm, monkeypatch) -> None:
    async with start(backend=lstm, size=(80, 24)) as app:
        assert not app.app.screen.query(Inspector)
        await app.type("se")
        await app.press("ctrl+t")
        assert "F2 opens it" in app.notices[-1]
        await app.do("model.panel")
        await app.until(lambda: app.bars is not None)
        await app.do("model.panel")
        asked = []
        monkeypatch.setattr(Inspector, "look", lambda self, context: asked.append(context))
        await app.type("e")
        await app.pilot.pause()
        assert asked == []


async def test_without_colour_values_are_drawn_as_characters(start, lstm, monkeypatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with start(backend=lstm, session=Session(tab="gates")) as app:
        await app.type("see")
        await app.until(lambda: view(app).steps)
        drawn = "".join(span.text for line in view(app)._lines for span in line)
        assert "▀" not in drawn
        assert set(drawn) & set(".:-=+*#%@")


async def test_typed_text_is_coloured_by_its_surprisal(start, lstm) -> None:
    async with start(backend=lstm, settings=Settings(surprisal=True)) as app:
        await app.type("see q")
        await app.until(lambda: len(app.composer.surprise.tokens) == 5)
        assert {length for length, _ in app.composer.surprise.tokens} == {1}
        assert all(bits > 0 for _, bits in app.composer.surprise.tokens)
        line = app.composer.get_line(0)
        assert line.spans
        await app.do("model.surprisal")
        assert not app.composer.get_line(0).spans


def test_surprisal_colours_lines_and_is_cut_where_the_text_changed() -> None:
    surprise = Surprise(2, "ab\ncd", ((1, 0.5), (1, 5.0), (1, 1.0), (2, 20.0)))
    first, second = Text("ab"), Text("cdx")
    surprise.colour(2, first)
    surprise.colour(3, second)
    assert [(span.start, span.end, span.style) for span in first.spans] == [(1, 2, STYLES[2])]
    assert [(span.start, span.end, span.style) for span in second.spans] == [(0, 2, STYLES[4])]
    other = Text("zz")
    surprise.colour(2, other)
    surprise.colour(9, other)
    assert other.spans == []
    surprise.cut(3, "c")
    assert surprise.tokens == ((1, 0.5), (1, 5.0), (1, 1.0))
    surprise.cut(2, "x")
    assert surprise.tokens == ()


async def test_the_cursor_stays_from_view_to_view(start, lstm) -> None:
    async with start(backend=lstm, size=(160, 40), session=Session(tab="gates")) as app:
        await app.type("see")
        await app.until(lambda: view(app).steps == 5)
        view(app).focus()
        await app.press("left", "left", "up")
        await app.do("model.view")
        await app.until(lambda: app.app.keeper.session.tab == "saturation" and view(app).steps)
        assert (panel(app).pointer.cursor.time, panel(app).pointer.cursor.layer) == (2, 0)
        await app.press("end")
        await app.until(lambda: panel(app).pointer.cursor.time is None)


async def test_the_panel_follows_a_text_that_becomes_shorter(start, lstm) -> None:
    async with start(backend=lstm, session=Session(tab="gates")) as app:
        await app.type("see")
        await app.until(lambda: view(app).steps == 5)
        panel(app).point("step", 0)
        panel(app).point("pin")
        await app.press("backspace", "backspace")
        await app.until(lambda: view(app).steps == 3)
        assert not app.notices


async def test_a_pinned_step_is_compared_with_the_current_one(start, lstm) -> None:
    async with start(backend=lstm, size=(160, 50), session=Session(tab="gates")) as app:
        await app.type("see")
        await app.until(lambda: view(app).steps == 5)
        view(app).focus()
        await app.press("left", "enter", "right")
        await app.until(lambda: "what changed most" in drawn(app))
        assert panel(app).pointer.cursor.pinned == 3
        await app.press("left", "enter")
        await app.until(lambda: "what changed most" not in drawn(app))


async def test_a_click_on_a_token_moves_to_its_step(start, lstm) -> None:
    async with start(backend=lstm, session=Session(tab="gates")) as app:
        await app.type("see")
        await app.until(lambda: view(app).steps == 5)
        tokens = list(app.app.screen.query_one(Pointing).tokens())
        assert [time for time, _ in tokens] == list(range(5))
        await app.pilot.click(Pointing, offset=(sum(len(label) for _, label in tokens[:3]), 0))
        await app.until(lambda: panel(app).pointer.cursor.time == 3)
        controls = app.app.screen.query_one(Pointing).controls()
        before = [word for word, _, _ in controls]
        assert before[:3] == ["◀", "step 3/4", "▶"] and "layer: 1" in before
        await app.pilot.click(Pointing, offset=(0, 1))
        await app.until(lambda: panel(app).pointer.cursor.time == 2)


async def test_heads_can_be_shown_one_by_one(start, make_llama) -> None:
    async with start(backend=backend_of(make_llama()), size=(160, 50), session=Session(tab="attention")) as app:
        await app.type("see")
        await app.until(lambda: view(app).steps)
        view(app).focus()
        await app.press("shift+down")
        await app.until(lambda: "head 0" in drawn(app) and "head 1" not in drawn(app))
        await app.press("shift+up")
        await app.until(lambda: "head 0" in drawn(app) and "head 1" in drawn(app))
        panel(app).point("measure")
        await app.until(lambda: "of the value" in drawn(app))


async def test_views_follow_the_setting_for_notation(start, make_model) -> None:
    async with start(backend=backend_of(make_model("gru")), session=Session(tab="equations")) as app:
        await app.type("see")
        await app.until(lambda: "(1 - z) n + z h" in drawn(app))
        panel(app).point("notation")
        await app.until(lambda: "(1 - z) n + z h" not in drawn(app))
        assert app.app.preferences.settings.notation == "textbook"


async def test_a_text_plays_from_its_beginning_to_its_end(start, lstm, monkeypatch) -> None:
    monkeypatch.setattr("tui_lm.tui.widgets.inspector.PACE", 3600)
    async with start(backend=lstm, session=Session(tab="gates")) as app:
        await app.type("see")
        await app.until(lambda: view(app).steps == 5)
        panel(app).point("play")
        seen = [panel(app).pointer.cursor.time]
        while panel(app)._timer is not None:
            panel(app).advance()
            seen.append(panel(app).pointer.cursor.time)
        assert seen == [0, 1, 2, 3, 4]
        panel(app).point("play")
        panel(app).point("play")
        assert panel(app)._timer is None and panel(app).pointer.cursor.time == 0, "paused, and it stays there"


class Gradients:
    """A result that arrives when the test releases it."""

    def __init__(self) -> None:
        self.ready = threading.Event()
        self.cancelled = False

    def finished(self, within: float) -> bool:
        return self.ready.wait(within)

    def result(self) -> list[list[float]]:
        return [[0.1, 0.2, 0.3, 0.4, 0.5]]

    def cancel(self) -> None:
        self.cancelled = True


@pytest.fixture
def gradients(monkeypatch: pytest.MonkeyPatch) -> list[Gradients]:
    asked: list[Gradients] = []
    monkeypatch.setattr("tui_lm.inspection.views.why.folder_of", lambda recording: "")
    process = "tui_lm.inspection.gradient_process.GradientProcess"
    monkeypatch.setattr(process, lambda requests: asked.append(Gradients()) or asked[-1])
    return asked


async def test_a_slow_view_starts_on_request(start, lstm, gradients) -> None:
    async with start(backend=lstm, session=Session(tab="why")) as app:
        await app.type("see")
        await app.until(lambda: "Enter or a click starts it" in " ".join(drawn(app).split()))
        assert gradients == []
        view(app).focus()
        await app.press("enter")
        await app.until(lambda: "Computing the gradients" in drawn(app))
        gradients[0].ready.set()
        await app.until(lambda: "rank agreement" in " ".join(drawn(app).split()))


@pytest.mark.parametrize("key", ["escape", "left", "s"])
async def test_a_slow_view_is_cancelled_by_esc_by_moving_and_by_typing(start, lstm, gradients, key: str) -> None:
    async with start(backend=lstm, session=Session(tab="why")) as app:
        await app.type("see")
        await app.until(lambda: view(app).steps == 5)
        view(app).focus()
        await app.press("enter")
        await app.until(lambda: "Computing the gradients" in drawn(app))
        await app.press(key)
        await app.until(lambda: gradients[0].cancelled and "Computing" not in drawn(app))
        assert not panel(app).working


async def test_the_units_that_matter_most_are_shown_or_all(start, lstm) -> None:
    async with start(backend=lstm, size=(160, 50), session=Session(tab="gates")) as app:
        await app.type("see")
        await app.until(lambda: "that matter most at step 4" in " ".join(drawn(app).split()))
        panel(app).point("units")
        await app.until(lambda: "that keep most first" in " ".join(drawn(app).split()))


async def test_large_print_has_larger_cells(start, lstm) -> None:
    async with start(backend=lstm, size=(160, 50), session=Session(tab="gates")) as app:
        await app.type("see")

        def column() -> int:
            return next((span.row.wide for line in view(app)._lines for span in line if span.row), 0)

        await app.until(lambda: column() == 2)
        app.app.preferences.change(theme="large-print")
        panel(app).point("again")
        await app.until(lambda: column() == 3)


async def test_the_scale_stays_in_view_however_far_the_grids_are_scrolled(start, lstm) -> None:
    async with start(backend=lstm, size=(110, 24), session=Session(tab="gates")) as app:
        await app.type("see")
        await app.until(lambda: view(app).steps == 5)
        for top in (0, 9):
            view(app).scroll_to(y=top, animate=False)
            await app.settle()
            assert view(app).scroll_offset.y == top
            bottom = [line[-45:] for line in app.screen().splitlines()[-5:]]
            assert any(" 1 " in line and "0 " in line for line in bottom), app.screen()


async def test_tabs_that_run_off_the_edge_show_it_and_can_be_reached(start, lstm) -> None:
    async with start(backend=lstm, session=Session(tab="gates")) as app:
        await app.type("see")
        await app.until(lambda: view(app).steps == 5)
        tabs = app.app.screen.query_one(Tabs)
        x = sum(len(text) for _, text, _ in tabs._pieces()) - 1
        assert tabs.render().plain.startswith("◂ ") and tabs.render().plain.endswith(" ▸")
        await app.pilot.click(Tabs, offset=(x, 0))
        await app.until(lambda: app.app.keeper.session.tab == "saturation")
        await app.pilot.click(Tabs, offset=(0, 0))
        await app.until(lambda: app.app.keeper.session.tab == "gates")
