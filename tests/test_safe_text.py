"""Untrusted text cannot control the terminal, and harmless text is unchanged."""

from __future__ import annotations

from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_lm.safe_text import visible, visible_line, without_controls

ANY_TEXT = st.text(st.characters() | st.characters(categories=["Cc", "Cs", "Cf", "Zl", "Zp"]))
BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def steers(character: str) -> bool:
    """Whether a terminal may obey the character, or fail on it."""
    return category(character) in ("Cc", "Cs", "Zl", "Zp") or character in BIDI


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("\0\x7f", "␀␡"),
        ("\x9b2J\x85", "�2J�"),
        ("\u202egnp.exe\u2066", "�gnp.exe�"),
        ("\ud83d", "�"),
        ("\r\n\r", "\n\n"),
        ("one\u2028two", "one\ntwo"),
        ("a\tb\nc", "a\tb\nc"),
    ],
)
def test_a_control_character_is_shown_as_a_picture(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize("text", ["a\nb", "a\tb", "a\rb", "a\u2028b", "a\u2029b"])
def test_a_line_has_no_breaks(text: str) -> None:
    assert visible_line(text) == without_controls(text) == "a b"


@pytest.mark.parametrize("text", ["Zoë", "نص", "👩\u200d👩\u200d👧", "a\xa0b", "soft\xadhyphen", "\u200e(1)", ""])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == visible_line(text) == without_controls(text) == text


def test_control_characters_are_removed_from_the_input_of_a_network() -> None:
    assert without_controls("\x1b[1mWhen\0?\u202e\ud800") == "[1mWhen?"


@given(ANY_TEXT)
def test_no_text_steers_the_terminal(text: str) -> None:
    assert not any(steers(character) for character in visible(text) if character not in "\n\t")
    assert not any(map(steers, visible_line(text)))
    assert not any(map(steers, without_controls(text)))


@given(ANY_TEXT)
def test_a_visible_line_keeps_the_offsets_of_its_characters(text: str) -> None:
    assert len(visible_line(text)) == len(text)
