"""The Settings screen."""

from __future__ import annotations

from tui_lm.settings import ABOUT, Settings
from tui_lm.tui.widgets.form import Form


async def test_every_setting_is_shown_with_its_explanation(start) -> None:
    async with start(size=(80, 60)) as app:
        await app.do("app.settings")
        for about in ABOUT.values():
            assert about.title in app.screen(), about.title
        await app.press("down")
        await app.until(lambda: "lines and bars in ASCII" in app.screen())
        assert "settings.toml" in "".join(app.screen().split()), "a long path goes on in the next line"


async def test_the_form_scrolls_to_the_current_setting(start) -> None:
    async with start(size=(80, 24)) as app:
        await app.do("app.settings")
        await app.press(*["down"] * (len(ABOUT) - 1))
        await app.until(lambda: "▸ Keep transcripts" in app.screen())
        await app.pilot.resize_terminal(60, 16)
        await app.until(lambda: "▸ Keep transcripts" in app.screen())


async def test_settings_change_with_keys_and_the_mouse(start) -> None:
    async with start(size=(80, 60)) as app:
        await app.do("app.settings")
        await app.press("down", "down", "space")
        await app.until(lambda: app.app.preferences.settings.animation)
        assert app.app.animation_level == "basic"
        await app.press("down", "right")
        await app.until(lambda: app.app.preferences.settings.panel == "open")
        row = next(y for y, line in enumerate(app.screen().splitlines()) if "Surprisal" in line)
        form = app.app.screen.query_one(Form)
        await app.pilot.click(form, offset=(6, row - form.region.y))
        await app.until(lambda: app.app.preferences.settings.surprisal)


async def test_a_setting_is_chosen_from_a_list(start) -> None:
    async with start() as app:
        await app.do("app.settings")
        await app.press("enter")
        await app.answer("gruvbox")
        await app.until(lambda: app.app.preferences.settings.theme == "gruvbox")
        await app.press("down", "down", "down", "enter")
        await app.answer("folded")
        await app.until(lambda: app.app.preferences.settings.panel == "folded")


async def test_settings_can_be_reset_to_their_defaults(start) -> None:
    settings = Settings(temperature=0.1, surprisal=True, last_models={"language": "x"}, keymap={"app.go": "f9"})
    async with start(settings=settings) as app:
        await app.do("app.settings")
        await app.do("settings.reset")
        assert app.app.preferences.settings == Settings(last_models={"language": "x"}, keymap={"app.go": "f9"})
