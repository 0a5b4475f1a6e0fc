"""Long lines are split at sensible positions without loss."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_lm.translation.sentences import gap, split


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        ("Short one.", 10, ["Short one."]),
        ("He left. She stayed! Why?", 20, ["He left. ", "She stayed! ", "Why?"]),
        ('He said "No." Then he left.', 20, ['He said "No." ', "Then he left."]),
        ("Version 3.5 is out, says Mr X today", 20, ["Version 3.5 is out, ", "says Mr X today"]),
        ("今日は。明日は！", 6, ["今日は。", "明日は！"]),
        ("वह गया। वह आई।", 9, ["वह गया। ", "वह आई।"]),
        ("one two three four five", 14, ["one two three ", "four five"]),
        ("antidisestablishment", 10, ["antidisest", "ablishment"]),
    ],
)
def test_long_lines_are_split_at_sentences_clauses_and_words(text: str, limit: int, pieces: list[str]) -> None:
    assert split(text, len, limit) == pieces


@given(st.text(st.characters(codec=None), max_size=300), st.integers(1, 40))
def test_pieces_join_to_the_text_and_respect_the_limit(text: str, limit: int) -> None:
    pieces = split(text, len, limit)
    assert "".join(pieces) == text
    for piece in pieces:
        assert len(piece) <= limit or any(unicodedata.category(c)[0] in "MC" for c in piece)


def test_a_split_never_separates_a_character_from_its_marks() -> None:
    for piece in split("कि" * 40, len, 7):
        assert piece.startswith("क")


def test_a_line_of_a_million_characters_is_split() -> None:
    for text in ("word " * 200_000, "x" * 1_000_000, "\u0301" * 1_000_000):
        assert max(map(len, split(text, len, 100))) <= 100


def test_translated_pieces_are_joined_by_a_space_in_spaced_scripts() -> None:
    assert (gap("He left."), gap("彼は去った。"), gap("")) == (" ", "", "")
