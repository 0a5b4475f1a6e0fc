"""Functions of every screen: settings, themes, private mode, forgetting, errors, screenshots, quitting."""

from __future__ import annotations

import json
import stat
from dataclasses import replace

import pytest
from textual.events import Key

from tui_lm.settings import Settings
from tui_lm.tui.keeping.session import KeptPage, Session, Talk
from tui_lm.tui.widgets.entry import Entry
from tui_lm.tui.widgets.form import Form
from tui_lm.tui.widgets.masthead import Masthead


async def test_a_highlighted_theme_is_previewed_and_escape_restores_the_old_one(start) -> None:
    async with start() as app:
        await app.do("app.theme")
        await app.press("up")
        await app.until(lambda: app.app.theme != "ink")
        await app.press("escape")
        await app.until(lambda: app.app.theme == "ink")
        await app.do("app.theme")
        await app.answer("nord")
        await app.until(lambda: app.app.preferences.settings.theme == "nord")


@pytest.mark.parametrize("theme", ["textual-light", "ansi-dark", "transparent"])
async def test_every_screen_renders_in_every_kind_of_theme(start, theme) -> None:
    async with start(size=(80, 24), settings=Settings(theme=theme)) as app:
        for screen in ("write", "models", "settings", "translate", "train", "chat"):
            await app.do(f"app.{screen}")
            assert "tui-lm" in app.screen()
        assert app.notices == []


@pytest.mark.parametrize("theme", ["ink", "textual-dark", "ansi-dark", "transparent"])
@pytest.mark.parametrize("colour", [True, False], ids=["colours", "NO_COLOR"])
async def test_text_is_readable_and_the_highlighted_line_stands_out(start, monkeypatch, theme, colour) -> None:
    if not colour:
        monkeypatch.setenv("NO_COLOR", "1")
    async with start(size=(80, 24)) as app:
        app.app.preferences.change(theme=theme)
        await app.press("ctrl+g")
        await app.until(lambda: "Go to the translator" in app.screen())
        await app.press("down")
        strips = app.app.screen._compositor.render_strips()
        styles = {segment.text.strip(): segment.style for strip in strips for segment in strip if segment.text.strip()}
        for text, style in styles.items():
            assert style.color.is_default or style.color != style.bgcolor, text
        assert str(styles["Go to the page to write on"]) != str(styles["Go to the translator"])


async def test_every_screen_can_be_reached(start) -> None:
    async with start() as app:
        await app.do("app.write")
        await app.do("app.translate")
        await app.do("app.train")
        await app.do("app.models")
        await app.do("app.settings")
        await app.do("app.chat")
        assert app.app.current_mode == "chat"
        assert len(app.app.screens_made()) == 6


async def test_private_mode_learns_nothing_and_keeps_nothing(start, model, home) -> None:
    async with start() as app:
        await app.do("app.private")
        await app.until(lambda: model.private)
        assert "private" in str(app.app.screen.query_one(Masthead).render())
        await app.type("secret")
        app.app.keeper.write()
        app.app.end()
        assert model.saved == 0
        assert not (home / "session.json").exists()


async def test_the_masthead_follows_private_mode(start) -> None:
    async with start(size=(80, 24)) as app:
        assert "private" not in app.screen().splitlines()[0]
        await app.do("app.private")
        await app.until(lambda: "private" in app.screen().splitlines()[0])
        await app.do("app.settings")
        await app.do("app.private")
        await app.until(lambda: "private" not in app.screen().splitlines()[0])


async def test_the_option_private_cannot_be_switched_off_in_the_app(start, model) -> None:
    async with start(private=True) as app:
        await app.until(lambda: model.private)
        await app.do("app.private")
        assert "--private" in app.notices[-1]
        assert app.app.preferences.private


async def test_forget_all_deletes_after_a_confirmation(start, model, home) -> None:
    (home / "models" / "scripted").mkdir(parents=True)
    learned = home / "models" / "scripted" / "learned.safetensors"
    learned.write_bytes(b"x")
    (home / "models" / "scripted" / "config.json").write_text("{}")
    async with start(settings=Settings(keep_transcripts=True)) as app:
        await app.type("secret")
        await app.press("enter")
        await app.until(lambda: len(app.turns) == 2 and not app.app.screen.answering)
        app.app.keeper.write()
        assert "secret" in (home / "session.json").read_text()
        await app.do("app.forget")
        await app.answer("No, change nothing")
        assert learned.exists()
        await app.do("app.forget")
        await app.answer("Forget")
        await app.until(lambda: app.turns == [])
        assert not learned.exists()
        app.app.keeper.write()
        assert "secret" not in (home / "session.json").read_text()


async def test_a_session_is_restored(start, model, home) -> None:
    settings = Settings(keep_transcripts=True)
    async with start(settings=settings) as app:
        await app.press("f3", "down", "down", "enter")
        await app.type("hi")
        await app.press("enter")
        await app.until(lambda: len(app.turns) == 2 and not app.app.screen.answering)
        await app.type("and then")
        await app.do("app.quit")
    kept = home / "session.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    from tui_lm.tui.keeping.session import load_session

    session, notices = load_session()
    assert notices == []
    async with start(settings=settings, session=session) as app:
        await app.until(lambda: app.turns == [("Ann", "hi"), ("Ravi", "yes, at six")])
        await app.until(lambda: app.composer.text == "and then")
        assert "Ravi answers" in app.screen()


async def test_a_transcript_is_kept_only_if_the_setting_says_so(start, home) -> None:
    async with start() as app:
        await app.type("hi")
        await app.press("enter")
        await app.until(lambda: len(app.turns) == 2)
        app.app.keeper.write()
    assert json.loads((home / "session.json").read_text())["talks"]["scripted"]["turns"] == []


async def test_an_unsent_draft_is_saved_shortly_after_typing(start, home) -> None:
    async with start() as app:
        await app.type("half a thought")
        await app.until(lambda: app.app.keeper.pending)
        await app.pilot.pause(0.7)
        await app.until(lambda: (home / "session.json").exists())
    assert json.loads((home / "session.json").read_text())["talks"]["scripted"]["draft"] == "half a thought"


@pytest.mark.parametrize("data", ["", "{}", "[1]", '{"screen": 3}', "\ud800"])
async def test_a_damaged_session_is_reported(start, home, data) -> None:
    from tui_lm.tui.keeping.session import load_session

    home.mkdir(exist_ok=True)
    (home / "session.json").write_bytes(data.encode("utf-8", "surrogatepass"))
    session, notices = load_session()
    assert session == Session()
    assert len(notices) == 1


def test_a_session_with_an_impossible_number_is_reported(home) -> None:
    from tui_lm.tui.keeping.session import load_session, save_session

    save_session(Session(), transcripts=True)
    path = home / "session.json"
    path.write_text(path.read_text().replace('"pressed": 0', '"pressed": 1e999'))
    session, notices = load_session()
    assert session == Session()
    assert len(notices) == 1


def test_sessions_round_trip(home) -> None:
    from tui_lm.tui.keeping.session import load_session, save_session

    session = Session("write", "gates", 3, 9, "a.txt", "one\ntwo", KeptPage("p.txt", 1, 2, "text"))
    session.talks["m"] = Talk("Ann", "", "dra\ud800ft", turns=[("Ann", "hi", False)])
    save_session(session, transcripts=True)
    assert load_session() == (session, [])


async def test_another_model_can_be_chosen(start, model, home, saved_models) -> None:
    async with start() as app:
        await app.do("app.model")
        await app.answer("second")
        await app.until(lambda: app.app.models.folder.name == "second" and app.app.models.state == "ready")
        assert app.app.preferences.settings.last_models == {"language": "second"}
        assert model.saved == 1, "what the first one learned is kept"


async def test_a_change_of_sampling_in_the_panel_shows_at_once(start, model) -> None:
    async with start() as app:
        await app.do("model.preset")
        await app.answer("greedy")
        await app.until(lambda: app.bars.entropy == 0)
        assert app.app.preferences.settings.temperature == 0
        form = app.app.screen.query_one("#controls", Form)
        form.focus()
        await app.press("down", "right")
        await app.until(lambda: app.app.preferences.settings.top_k == 1)
        await app.press("4", "0", "enter")
        await app.until(lambda: app.app.preferences.settings.top_k == 40)
        await app.press("down", "down", "home", "right", "right")
        await app.until(lambda: app.app.preferences.settings.min_p == 0.02)
        await app.press("down", "down", "minus", "1", "enter")
        assert app.app.preferences.settings.seed == -1
        await app.press("7", "enter")
        await app.until(lambda: app.app.preferences.settings.seed == 7)
        app.app.screen.action_choose_preset()
        await app.press("down", "escape")
        await app.until(lambda: len(app.app.screen_stack) == 1)
        assert app.app.preferences.settings.top_k == 40, "Esc takes a preset back"


async def test_ghost_words_and_replies_can_be_switched_off(start) -> None:
    async with start() as app:
        await app.do("model.ghost")
        await app.do("model.words")
        await app.type("tom")
        await app.pilot.pause()
        assert (app.ghost, app.words) == ("", [])
        await app.do("model.ghost")
        await app.do("model.words")
        await app.type("o")
        await app.until(lambda: app.ghost and app.words)


async def test_a_picture_of_the_screen_can_be_saved(start, monkeypatch) -> None:
    async with start() as app:
        asked = []
        monkeypatch.setattr(app.app, "deliver_screenshot", lambda: asked.append(True))
        await app.do("app.picture")
        assert asked


async def test_an_error_in_a_handler_becomes_a_notice_and_the_text_stays(start, home, monkeypatch) -> None:
    async with start(errors=True) as app:

        def broken(*_: object) -> None:
            raise LookupError("text of a chat")

        monkeypatch.setattr(app.app.screen, "ask", broken)
        await app.type("tom")
        await app.until(lambda: app.notices and app.composer.text == "tom")
        await app.pilot.pause()
        assert app.notices == [": Something went wrong (LookupError).\nWhat you typed is still here."]
        assert app.composer.text == "tom"
        told = (home / "crash.txt").read_text()
        assert "LookupError" in told
        assert "text of a chat" not in told


async def test_an_error_in_a_deferred_call_becomes_a_notice(start) -> None:
    async with start(errors=True) as app:

        def broken() -> None:
            raise LookupError

        app.app.screen.call_after_refresh(broken)
        app.app.screen.set_timer(0.001, broken)
        app.app.set_timer(0.001, broken)
        await app.until(lambda: app.notices)
        await app.type("tom")
        await app.until(lambda: app.composer.text == "tom")
        assert app.app.is_running


async def test_an_error_in_the_field_of_the_palette_becomes_a_notice(start, monkeypatch) -> None:
    async def broken(self: Entry, event: Key) -> None:
        if event.character == "x":
            raise LookupError

    monkeypatch.setattr(Entry, "_on_key", broken, raising=False)
    async with start(errors=True) as app:
        await app.type("tom")
        await app.press("ctrl+p")
        await app.until(lambda: app.app.screen.query(Entry))
        await app.press("x")
        await app.until(lambda: app.notices)
        await app.press("escape")
        await app.until(lambda: len(app.app.screen_stack) == 1)
        assert app.composer.text == "tom"


async def test_keys_after_quitting_are_ignored(start, home) -> None:
    async with start() as app:
        await app.do("app.quit")
        for _ in range(30):
            app.app.post_message(Key("x", "x"))
    assert app.app.return_code == 0
    assert not (home / "crash.txt").exists()


async def test_the_ascii_setting_draws_ascii_only(start) -> None:
    async with start(settings=Settings(ascii=True), size=(120, 36)) as app:
        await app.type("see to")
        await app.press("enter")
        await app.until(lambda: len(app.turns) == 2)
        for screen in ("settings", "chat"):
            await app.do(f"app.{screen}")
            assert app.screen().isascii(), [c for c in app.screen() if not c.isascii()]


def test_every_setting_on_the_screen_can_be_saved_and_loaded(tmp_path) -> None:
    from tui_lm.settings import load_settings, save_settings

    settings = replace(Settings(), ascii=True, panel="open", seed=3, keep_transcripts=True)
    save_settings(settings, tmp_path / "settings.toml")
    assert load_settings(tmp_path / "settings.toml") == (settings, [])
