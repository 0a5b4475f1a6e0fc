"""Word alignment: from token weights to word weights, links and a picture."""

from __future__ import annotations

import numpy as np
import pytest

from tui_lm.translation.alignment import links, pharaoh, picture, word_weights, words


def test_words_are_split_at_spaces_or_into_characters_in_unspaced_scripts() -> None:
    text = "I'm here, 今日は NOW"
    assert [text[start:end] for start, end in words(text)] == ["I'm", "here,", "今", "日", "は", "NOW"]


def test_word_weights_are_summed_over_source_and_averaged_over_target_tokens() -> None:
    """Target "ab c" in tokens a, b, " c"; source "xy z" in tokens "xy", " z" and the end."""
    weights = np.array([[0.8, 0.1, 0.1], [0.4, 0.5, 0.1], [0.0, 0.9, 0.1]])
    found = word_weights(weights, [(0, 1), (1, 2), (2, 4)], [(0, 2), (2, 4), (4, 4)], "ab c", "xy z")
    assert found == pytest.approx(np.array([[0.6, 0.3], [0.0, 0.9]]))
    assert pharaoh(links(found)) == "0-0 1-1"


def test_links_are_sorted_by_source_word() -> None:
    assert links(np.array([[0.1, 0.9], [0.6, 0.2], [0.0, 0.0]])) == [(0, 1), (1, 0)]
    assert links(np.zeros((0, 0))) == []


def test_the_alignment_picture_has_a_row_per_word_shaded_by_weight() -> None:
    head, first, second = picture(np.array([[1.0, 0.0], [0.3, 0.5]]), ["मैं", "goes"], ["I", "go"]).split("\n")
    assert head.split() == ["I", "go"]
    assert first.startswith("मैं") and "██" in first
    assert "··" in second and "▒▒" in second
    assert head.index("go") == second.index("▒▒")
