"""How the app looks: its two themes, the colours of authors, the width of the text, focus and notices."""

from __future__ import annotations

from itertools import combinations

import pytest
from textual.color import Color
from textual.widgets._toast import ToastRack

from tui_lm.settings import Settings
from tui_lm.tui.terminal import themes
from tui_lm.tui.widgets.composer import Composer
from tui_lm.tui.widgets.transcript import Transcript

OWN = [theme for theme in themes.THEMES if theme.name in (themes.DARK, themes.LIGHT)]
# Linear RGB to what people without one kind of cone see: Viénot, Brettel and Mollon (1999).
PROTANOPIA = ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0))
DEUTERANOPIA = ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0))
NORMAL = ((1, 0, 0), (0, 1, 0), (0, 0, 1))


def linear(colour: Color) -> list[float]:
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]


def luminance(colour: Color) -> float:
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear(colour), strict=True))


def contrast(one: Color, other: Color) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def seen(colour: Color, eye: tuple[tuple[float, ...], ...]) -> list[float]:
    rgb = linear(colour)
    return [max(0.0, sum(weight * part for weight, part in zip(row, rgb, strict=True))) ** (1 / 2.2) for row in eye]


@pytest.mark.parametrize("theme", OWN, ids=lambda theme: theme.name)
def test_names_of_authors_can_be_read_on_each_theme(theme) -> None:
    background = Color.parse(theme.background)
    for colour in themes.author_colours(dark=theme.dark).values():
        assert contrast(Color.parse(colour), background) >= 4.5


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("eye", [NORMAL, PROTANOPIA, DEUTERANOPIA], ids=["all cones", "protanopia", "deuteranopia"])
def test_the_first_four_authors_can_be_told_apart_by_any_eye(dark, eye) -> None:
    colours = [Color.parse(colour) for colour in themes.author_colours(dark=dark).values()][:4]
    for one, other in combinations(colours, 2):
        distance = sum((a - b) ** 2 for a, b in zip(seen(one, eye), seen(other, eye), strict=True)) ** 0.5
        assert distance > 0.1, (one.hex, other.hex)


@pytest.mark.parametrize("theme", OWN, ids=lambda theme: theme.name)
def test_text_and_keys_can_be_read_on_each_theme(theme) -> None:
    for name in ("foreground", "primary", "accent", "error", "success"):
        for ground in ("background", "panel"):
            assert contrast(Color.parse(getattr(theme, name)), Color.parse(getattr(theme, ground))) >= 4.5, name


async def test_each_author_has_a_colour_of_its_own(start) -> None:
    async with start() as app:
        await app.type("hi")
        await app.press("enter")
        await app.until(lambda: len(app.turns) == 2 and not app.app.screen.answering)
        own, answer = app.app.screen.query_one(Transcript).turns
        assert own.styles.border_left[1] != answer.styles.border_left[1]


async def test_the_text_of_a_chat_is_at_most_90_cells_wide(start) -> None:
    async with start(size=(200, 50)) as app:
        assert app.app.screen.query_one(Transcript).content_size.width <= 90
        assert app.composer.content_size.width <= 90


async def test_the_panel_with_the_focus_is_framed_in_another_colour(start) -> None:
    async with start() as app:
        before = app.composer.styles.border_top
        await app.press("f6")
        assert not app.composer.has_focus
        assert app.composer.styles.border_top != before


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_a_notice_does_not_cover_the_draft(start, size) -> None:
    async with start(size=size) as app:
        rack = ToastRack()
        await app.app.screen.mount(rack)
        rack.display = True
        await app.settle()
        assert rack.region.bottom <= app.app.screen.query_one(Composer).region.y
        assert rack.styles.dock == "top"


async def test_the_light_theme_is_light(start) -> None:
    async with start(settings=Settings(theme="paper")) as app:
        assert app.app.screen.styles.background.brightness > 0.9
