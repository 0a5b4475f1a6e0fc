"""The network of three units does what docs/learn/by-hand.md says."""

from __future__ import annotations

import numpy as np
import pytest

from tui_lm.engine import Engine
from tui_lm.inspection import by_hand
from tui_lm.inspection.recording import Recording, record
from tui_lm.sampling import softmax
from tui_lm.tokenizers.specials import END
from tui_lm.tokenizers.stream import WritingContext


def read(text: str) -> Recording:
    return record(Engine(by_hand.model()), WritingContext(text))


def chance(recording: Recording, word: str) -> float:
    token = END if word == "end" else recording.tokenizer.encode(word)[0]
    return float(softmax(recording.steps[-1].logits)[token])


@pytest.mark.parametrize(("text", "other"), [("rain and", "sun"), ("sun and", "rain"), ("sun and rain and", "sun")])
def test_after_and_comes_the_other_noun(text: str, other: str) -> None:
    assert chance(read(text), other) > 0.99


def test_the_end_gets_more_likely_with_every_word() -> None:
    texts = ("rain", "rain and sun", "rain and sun and rain")
    chances = [chance(read(text), "end") for text in texts]
    assert chances == sorted(chances) and chances[0] < 0.2 and chances[-1] > 0.8


def test_the_noun_is_kept_while_and_is_read_and_hidden_before() -> None:
    recording = read("rain and")
    noun, cell = recording.series(0, "hidden_state")[:, 1], recording.series(0, "cell_state")[:, 1]
    assert abs(noun[1]) < 0.01 < 0.7 < noun[2], "the output gate speaks of it only after and"
    assert cell[1] == pytest.approx(cell[2], abs=0.01), "the forget gate keeps it"


def test_every_number_on_the_page_is_the_networks() -> None:
    """docs/learn/by-hand.md works out "rain and" by hand: tanh(2) and so on, with two decimals."""
    recording = read("rain and")
    cell = recording.at(2, 0, "cell_state")
    sigmoid = 1 / (1 + np.exp(-6))
    after_rain = sigmoid * np.tanh(2)
    assert recording.at(1, 0, "cell_state")[1] == pytest.approx(after_rain)
    assert cell[1] == pytest.approx(sigmoid * after_rain)
    assert recording.at(2, 0, "hidden_state")[1] == pytest.approx(sigmoid * np.tanh(sigmoid * after_rain))
