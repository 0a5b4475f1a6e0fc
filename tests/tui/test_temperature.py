"""The temperature of the chat: keys, mouse, numbers and the palette change it, and it is saved."""

from __future__ import annotations

from tui_lm.tui.widgets.temperature import Temperature


async def test_temperature_keys_change_the_bars_and_are_saved(start):
    async with start() as app:
        before = app.bars
        await app.press("f8")
        await app.until(lambda: app.bars != before)
        assert app.app.preferences.settings.temperature == 0.9
        await app.press(*["f7"] * 12)
        await app.until(lambda: app.bars.entropy == 0)
        assert app.app.preferences.settings.temperature == 0.0
        assert "greedy" in app.screen()


async def test_the_mouse_sets_the_temperature(start):
    async with start() as app:
        slider = app.app.screen.query_one(Temperature)
        await app.pilot.mouse_down(slider, offset=(15, 0))
        await app.pilot.mouse_up(slider, offset=(15, 0))
        await app.until(lambda: app.app.preferences.settings.temperature == 0.0)
        await app.pilot.click(slider, offset=(24, 0))
        await app.until(lambda: app.app.preferences.settings.temperature == 2.0)
        await app.press("f8")
        assert app.app.preferences.settings.temperature == 2.0, "and no more"


async def test_the_temperature_can_be_typed_as_a_number(start):
    async with start() as app:
        app.app.screen.query_one(Temperature).focus()
        await app.press("0", "full_stop", "3", "5", "enter")
        await app.until(lambda: app.app.preferences.settings.temperature == 0.35)
        await app.press("9", "escape", "right")
        await app.until(lambda: app.app.preferences.settings.temperature == 0.4)
        assert app.composer.text == "", "digits belong to the slider while it has the focus"


async def test_temperature_and_replies_can_be_changed_from_the_palette(start, model):
    async with start() as app:
        await app.do("model.warmer")
        assert app.app.preferences.settings.temperature == 0.9
        await app.do("model.cooler")
        await app.do("model.cooler")
        assert app.app.preferences.settings.temperature == 0.7
        await app.do("model.replies")
        assert not app.app.preferences.settings.replies
