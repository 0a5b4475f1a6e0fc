"""Views that wait for a change or take seconds open on a picture."""

from __future__ import annotations

import numpy as np
import pytest

from tui_lm.inspection.cursor import Cursor
from tui_lm.inspection.erasure import erasures
from tui_lm.inspection.frame import Bars, Curves, Strip
from tui_lm.inspection.views import VIEWS, edit, gradients, why


def test_why_opens_on_the_occlusion_of_the_last_tokens(recording_of) -> None:
    recording = recording_of("lstm-1")
    cursor = Cursor(time=9).on(recording)
    (strip,) = why.occlusion(recording, cursor).parts
    assert isinstance(strip, Strip)
    whole = dict(erasures(recording, 9, cursor.target))
    np.testing.assert_allclose(strip.values[1:], [whole[time] for time in range(1, 10)])


def test_only_as_many_tokens_are_left_out_as_can_be_without_a_wait(recording_of) -> None:
    recording = recording_of("gru-1", "see you tomorrow " * 4)
    (strip,) = why.occlusion(recording, Cursor().on(recording)).parts
    assert np.isnan(strip.values[: -why.AT_ONCE]).all() and not np.isnan(strip.values[-why.AT_ONCE :]).any()


@pytest.mark.parametrize(("name", "gate"), [("lstm-3", "forget"), ("gru-1", "update")])
def test_gradients_open_on_the_product_of_the_gates_that_keep(recording_of, name, gate) -> None:
    recording = recording_of(name)
    frame = gradients.through_gates(recording, Cursor(time=5).on(recording))
    assert frame is not None
    (curves,) = frame.parts
    assert isinstance(curves, Curves)
    kept = recording.series(recording.layers - 1, gate)[2:6]
    _, median = curves.lines[1]
    assert median[0] == 1
    np.testing.assert_allclose(median[4], np.median(kept.prod(axis=0)))


def test_a_network_without_such_gates_opens_on_words(recording_of) -> None:
    for name in ("rnn-1", "llama-plain"):
        recording = recording_of(name)
        assert gradients.through_gates(recording, Cursor().on(recording)) is None


def test_edit_opens_on_the_next_token_before_the_change(recording_of) -> None:
    recording = recording_of("lstm-1")
    (bars,) = edit.unedited(recording, Cursor(top=10_000).on(recording)).parts
    assert isinstance(bars, Bars)
    assert bars.values.sum() == pytest.approx(1)


def test_these_views_stand_in_the_table_with_their_pictures() -> None:
    assert all(VIEWS[name].preview is not None for name in ("edit", "why", "gradients"))
