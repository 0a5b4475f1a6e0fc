"""One word in two contexts: its representations part layer by layer, as their recorded states say."""

from __future__ import annotations

import numpy as np
import pytest

from tests.inspection.conftest import Make
from tui_lm.engine import Engine
from tui_lm.inspection.cursor import Cursor
from tui_lm.inspection.frame import Heat, Table
from tui_lm.inspection.recording import Recording, record
from tui_lm.inspection.views import look, shown_at_once
from tui_lm.inspection.views.meanings import words
from tui_lm.tokenizers.stream import WritingContext

TWICE = "pasta soup, or six pasta"


def recorded(build: Make, text: str, name: str = "llama-grouped", tokenizer: str = "char") -> Recording:
    return record(Engine(build(name, tokenizer=tokenizer)), WritingContext(text, "Ann"))


@pytest.mark.parametrize("tokenizer", ["char", "subword"])
def test_a_word_is_looked_at_where_the_network_has_read_all_of_it(build: Make, tokenizer: str) -> None:
    recording = recorded(build, TWICE, tokenizer=tokenizer)
    found = words(recording)
    assert [word.text for word in found] == ["pasta", "soup", "or", "six", "pasta"]
    assert found[-1].time == len(recording) - 1
    assert recording.labels[found[1].time] in (",", "p,") or recording.labels[found[1].time].endswith(",")


@pytest.mark.parametrize("name", ["llama-grouped", "gpt2"])
def test_the_cosines_are_those_of_the_recorded_states(build: Make, name: str) -> None:
    recording = recorded(build, TWICE, name)
    first, last = (word.time for word in words(recording) if word.text == "pasta")
    frame = look("meanings", recording, Cursor())
    heat = next(part for part in frame.parts if isinstance(part, Heat))
    table = next(part for part in frame.parts if isinstance(part, Table))
    for layer in range(recording.layers):
        one, other = (recording.at(time, layer, "hidden_state") for time in (first, last))
        cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
        assert table.rows[layer][1] == pytest.approx(float(cosine), abs=1e-5)
        assert heat.values[layer, 0] == pytest.approx(max(0.0, float(cosine)), abs=1e-5)
    assert f"steps {first}, {last}" in frame.sentence


def test_a_word_that_stands_once_says_what_to_write(build: Make) -> None:
    frame = look("meanings", recorded(build, "see you"), Cursor())
    assert "stands once" in frame.sentence
    assert "no word yet" in look("meanings", recorded(build, ""), Cursor()).sentence


def test_the_last_word_that_stands_twice_is_chosen_while_others_are_typed(build: Make) -> None:
    assert "“pasta” stands at" in look("meanings", recorded(build, f"{TWICE} tomorrow"), Cursor()).sentence


def test_it_is_a_view_of_transformers_only(build: Make) -> None:
    assert "meanings" in shown_at_once(recorded(build, "see you"))
    assert "meanings" not in shown_at_once(recorded(build, "see you", "lstm-1"))


def test_the_lens_computes_each_step_once(build: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = recorded(build, "see you")
    before = look("lens", recording, Cursor())
    from tui_lm.inspection.views import lens

    asked: list[int] = []
    plain = lens.readings
    monkeypatch.setattr(lens, "readings", lambda of, time: asked.append(time) or plain(of, time))
    after = look("lens", recording, Cursor())
    assert asked == [len(recording) - 1], "the step under the cursor, whose guesses are listed"
    assert after.sentence == before.sentence
