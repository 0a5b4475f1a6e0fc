"""Which word comes from which: from weights of tokens to words, links and a picture."""

from __future__ import annotations

import numpy as np
import pytest

from tui_lm.translation.alignment import links, pharaoh, picture, word_weights, words


def test_words_stand_between_spaces_and_are_characters_where_there_are_none() -> None:
    text = "I'm here, 今日は NOW"
    assert [text[start:end] for start, end in words(text)] == ["I'm", "here,", "今", "日", "は", "NOW"]


def test_weights_of_words_are_sums_over_the_source_and_means_over_the_target() -> None:
    """Target "ab c" in tokens a, b, " c"; source "xy z" in tokens "xy", " z" and the end."""
    weights = np.array([[0.8, 0.1, 0.1], [0.4, 0.5, 0.1], [0.0, 0.9, 0.1]])
    found = word_weights(weights, [(0, 1), (1, 2), (2, 4)], [(0, 2), (2, 4), (4, 4)], "ab c", "xy z")
    assert found == pytest.approx(np.array([[0.6, 0.3], [0.0, 0.9]]))
    assert pharaoh(links(found)) == "0-0 1-1"


def test_links_name_the_source_first_and_follow_it() -> None:
    assert links(np.array([[0.1, 0.9], [0.6, 0.2], [0.0, 0.0]])) == [(0, 1), (1, 0)]
    assert links(np.zeros((0, 0))) == []


def test_a_picture_has_a_row_a_word_and_darker_where_more_was_looked_at() -> None:
    head, first, second = picture(np.array([[1.0, 0.0], [0.3, 0.5]]), ["मैं", "goes"], ["I", "go"]).split("\n")
    assert head.split() == ["I", "go"]
    assert first.startswith("मैं") and "██" in first
    assert "··" in second and "▒▒" in second
    assert head.index("go") == second.index("▒▒")
