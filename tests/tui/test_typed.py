"""Characters that cannot be seen arrive, graphemes are deleted whole, and Enter with another key held sends nothing."""

from __future__ import annotations

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key

from tui_lm.tui.terminal import graphemes, typed

FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"
DEVANAGARI = "\N{DEVANAGARI LETTER KA}\N{DEVANAGARI VOWEL SIGN I}"
INDIA = "\N{REGIONAL INDICATOR SYMBOL LETTER I}\N{REGIONAL INDICATOR SYMBOL LETTER N}"
GRAPHEMES = [FAMILY, DEVANAGARI, INDIA, INDIA, "\N{THUMBS UP SIGN}\U0001f3fd", "e\u0301", "a", "\u3042"]


def test_a_text_is_cut_into_its_graphemes_from_both_ends() -> None:
    text = "".join(GRAPHEMES)
    at, found = len(text), []
    while at:
        start = graphemes.begins_before(text, at)
        assert graphemes.ends_after(text, start) == at
        found.append(text[start:at])
        at = start
    assert found[::-1] == GRAPHEMES


@pytest.mark.parametrize("character", ["\u200c", "\u200d", "\u3000", "\u00a0", "\u200f"])
async def test_invisible_characters_are_typed_into_a_message(start, character) -> None:
    async with start() as app:
        await app.press("a")
        app.app.post_message(Key(f"key_{ord(character)}", character))
        await app.press("b")
        await app.until(lambda: app.composer.text == f"a{character}b")


@pytest.mark.parametrize("character", ["\x07", "\x9b", "\u202e", "\ud800"])
def test_controls_are_not_taken_for_text(character) -> None:
    assert typed.invisible(Key("key", character)) == ""


async def test_invisible_characters_are_typed_into_a_field(start) -> None:
    async with start() as app:
        await app.press("ctrl+p", "a")
        app.app.post_message(Key("zero_width_non_joiner", "\u200c"))
        await app.until(lambda: app.app.screen.query_one("Entry").value == "a\u200c")


async def test_backspace_and_delete_remove_a_whole_grapheme(start) -> None:
    async with start() as app:
        app.composer.insert(f"x{FAMILY}{DEVANAGARI}")
        await app.press("backspace")
        assert app.composer.text == f"x{FAMILY}"
        await app.press("left")
        assert app.composer.cursor_location == (0, 1)
        await app.press("delete")
        assert app.composer.text == "x"


async def test_a_ghost_is_dropped_when_the_cursor_moves_by_a_grapheme(start) -> None:
    async with start() as app:
        await app.type("tom")
        await app.until(lambda: app.ghost)
        await app.press("left", "delete")
        assert app.composer.text == "to"


@pytest.mark.parametrize("key", ["shift+enter", "alt+enter", "shift+\r"])
async def test_enter_with_shift_or_alt_starts_a_line_and_sends_nothing(start, key) -> None:
    async with start() as app:
        await app.press("a")
        app.app.post_message(Key(key, "\r" if "\r" in key else None))
        await app.press("b")
        await app.until(lambda: app.composer.text == "a\nb")
        assert app.turns == []


@pytest.mark.parametrize(
    ("sent", "name"),
    [("\x1b\r", "alt+enter"), ("\x1b[13;2u", "shift+enter"), ("\x1b[27;2;13~", "shift+enter"), ("\r", "enter")],
)
def test_terminals_send_enter_with_shift_or_alt(sent, name) -> None:
    typed.tell_enters_apart()
    events = [event for event in XTermParser().feed(sent) if isinstance(event, Key)]
    assert [typed.name(event) for event in events] == [name]
