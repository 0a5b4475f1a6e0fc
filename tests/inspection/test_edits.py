"""An edit acts from its step on and changes nothing before."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inspection.conftest import RECURRENT, TRANSFORMERS, TRANSLATORS
from tui_lm.errors import TuiLmError
from tui_lm.inspection.change import Change
from tui_lm.inspection.cursor import Cursor
from tui_lm.inspection.edits import answers, controls, edited, moved
from tui_lm.inspection.proposals import changeable, proposals
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.views import attention, ledger, look

EVERY = [*RECURRENT, *TRANSFORMERS, *TRANSLATORS]
NAMES = {
    "rnn": ["hidden_state"],
    "lstm": ["forget", "input", "cell", "output", "cell_state", "hidden_state"],
    "gru": ["reset", "update", "new", "hidden_state"],
    "mingru": ["update", "new", "hidden_state"],
    "llama": ["hidden_state", "attention", "read"],
    "gpt2": ["hidden_state", "attention", "read"],
}


def named(name: str, layer: int = 0, layers: int = 1) -> list[str]:
    family, _, kind = name.partition("-")
    if family != "seq2seq":
        return NAMES[family]
    attends = kind != "none" and layer == layers - 1
    return [*NAMES["gru" if kind == "gru" else "lstm"], *(["attention"] if attends else [])]


def assert_same(one: Recording, other: Recording, first: int, last: int) -> None:
    for ours, theirs in zip(one.steps[first:last], other.steps[first:last], strict=True):
        np.testing.assert_array_equal(ours.logits, theirs.logits)
        for key, activation in ours.activations.items():
            np.testing.assert_array_equal(activation.values, theirs.activations[key].values)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
def test_an_edit_that_changes_nothing_gives_the_same_logits(recording_of, name: str, dtype: type) -> None:
    recording = recording_of(name, dtype=dtype)
    asked: set[tuple[int, str]] = set()

    def leave(layer: int, of: str, values: np.ndarray, head: int | None = None) -> np.ndarray:
        asked.add((layer, of))
        return values

    state = recording.start
    for step in recording.steps:
        logits, state = recording.runtime.step([step.token], state, None, leave)
        np.testing.assert_array_equal(logits[0], step.logits)
    assert asked == {(layer, of) for layer in range(recording.layers) for of in named(name, layer, recording.layers)}


@pytest.mark.parametrize("name", EVERY)
def test_an_edit_changes_nothing_before_its_first_step(recording_of, name: str) -> None:
    recording = recording_of(name)
    for layer in range(recording.layers):
        for of in named(name, layer, recording.layers):
            after = edited(recording, Change(of, value=0.9, layer=layer, first=6))
            assert_same(recording, after, 0, 6)
            assert not np.array_equal(after.steps[6].logits, recording.steps[6].logits), (of, layer)


@pytest.mark.parametrize("name", ["lstm-3", "gru-1", "llama-grouped"])
@pytest.mark.parametrize("how", ["set", "mean", "clamp", "copy"])
def test_the_trace_shows_the_edited_values(recording_of, name: str, how: str) -> None:
    recording = recording_of(name)
    of = named(name)[0]
    change = Change(of, how, value=0.25, low=0.4, high=0.6, source=2, layer=0, unit=3, first=5, last=7)
    after = edited(recording, change)
    own = after.series(0, of)
    before = recording.series(0, of)
    expected = {
        "set": np.full(3, 0.25),
        "mean": np.full(3, before[:, 3].mean()),
        "clamp": np.clip(own[5:8, 3], 0.4, 0.6),
        "copy": np.full(3, before[2, 3]),
    }[how]
    np.testing.assert_allclose(own[5:8, 3], expected, atol=1e-12)
    if name != "llama-grouped":  # of a transformer's layer nothing comes back to itself
        np.testing.assert_array_equal(own[5, :3], before[5, :3])


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("how", ["set", "mean", "copy"])
def test_a_batch_of_changes_equals_each_change_alone(recording_of, name: str, how: str) -> None:
    recording = recording_of(name)
    changes = [Change(named(name)[0], how, value=0.9, source=1, layer=0, unit=u, first=2, last=3) for u in (0, 5, 3)]
    if name in TRANSFORMERS:
        changes = [Change("read", how, source=1, layer=0, head=head, first=2, last=3) for head in (0, 3, 2)]
    for time in (1, 2, len(recording) - 1):
        alone = [edited(recording, change).steps[time].logits for change in changes]
        np.testing.assert_allclose(answers(recording, changes, time), alone, atol=1e-10)


def test_a_closed_forget_gate_removes_earlier_tokens_from_the_ledger(recording_of) -> None:
    """The ledger of an edited run: with the forget gate shut at a step, no earlier token owns anything."""
    recording = edited(recording_of("lstm-1"), Change("forget", first=8, last=8))
    rows = ledger.entries(recording, 0, len(recording) - 1)
    assert np.abs(rows[:9]).max() == 0
    np.testing.assert_allclose(rows.sum(axis=0), recording.at(-1, 0, "cell_state"), atol=1e-12)


def test_attention_can_be_made_uniform_or_removed(recording_of) -> None:
    recording = recording_of("llama-grouped")
    even = edited(recording, Change("attention", "uniform", layer=0, head=2))
    grid, seen = attention.weights(even, 0, 2)
    np.testing.assert_allclose(grid[seen], (1 / seen.sum(axis=1, keepdims=True) * seen)[seen])
    other, _ = attention.weights(even, 0, 1)
    np.testing.assert_array_equal(other, attention.weights(recording, 0, 1)[0])
    without = edited(recording, Change("attention", layer=0, head=2))
    silent = edited(recording, Change("read", layer=0, head=2))
    for one, two in zip(without.steps, silent.steps, strict=True):
        np.testing.assert_allclose(one.logits, two.logits, atol=1e-12)


def test_a_copied_row_of_attention_stays_on_its_tokens(recording_of) -> None:
    recording = recording_of("llama-plain")
    after = edited(recording, Change("attention", "copy", source=4, layer=1, head=0, first=9, last=9))
    row = after.at(9, 1, "attention", 0)
    np.testing.assert_array_equal(row[:5], recording.at(4, 1, "attention", 0))
    assert (row[5:] == 0).all()


def test_controls_are_other_units_or_heads(recording_of) -> None:
    recording = recording_of("lstm-1")
    generator = np.random.default_rng(0)
    found = controls(recording, Change("forget", unit=4, first=3), generator)
    assert len(found) == 8 and len({c.unit for c in found}) == 8
    assert all(c.unit != 4 and (c.name, c.first) == ("forget", 3) for c in found)
    assert [c.unit for c in controls(recording, Change("forget", unit=4, first=3), np.random.default_rng(0))] == [
        c.unit for c in found
    ]
    assert controls(recording, Change("forget"), generator) == []
    heads = controls(recording_of("llama-plain"), Change("attention", head=1), generator)
    assert sorted(c.head for c in heads) == [0, 2, 3]


def test_the_edit_view_shows_the_effect_and_its_control(recording_of) -> None:
    recording = recording_of("lstm-1")
    change = Change.parse("cell_state.4@5=0")
    cursor = Cursor()
    frame = look("edit", recording, Cursor(change=change))
    after = edited(recording, change)
    effect = moved(recording.steps[-1].logits, after.steps[-1].logits, cursor.on(recording).target)
    assert f"{effect:+.3f} nats" in frame.sentence and "taken at random" in frame.sentence
    bars, strip, control = frame.parts
    np.testing.assert_array_equal(strip.values[:5][2:], 0)
    assert control.values[0] == effect and len(control.values) == 9
    assert bars.names == ("after", "before")
    assert look("gates", after).parts, "every view can look at what came of it"


@pytest.mark.parametrize("name", EVERY)
def test_every_proposed_change_works_and_can_be_written(recording_of, name: str) -> None:
    recording = recording_of(name)
    for layer in range(recording.layers):
        cursor = Cursor(time=4, layer=layer, pinned=2, unit=3, head=next(iter(recording.heads(layer)), None)).on(
            recording
        )
        for of in changeable(recording, layer):
            offered = proposals(recording, cursor, of)
            assert len(set(offered)) == len(offered) >= 6
            for change in offered:
                assert Change.parse(change.written) == change
                after = edited(recording, change)
                assert_same(recording, after, 0, change.first)
                assert np.isfinite(after.steps[-1].logits).all()


@pytest.mark.parametrize(
    ("written", "change"),
    [
        ("forget.17=0", Change("forget", unit=17)),
        ("forget=zero", Change("forget")),
        ("0:hidden_state.3@5=mean", Change("hidden_state", "mean", layer=0, unit=3, first=5, last=5)),
        ("attention#2@4-=uniform", Change("attention", "uniform", head=2, first=4)),
        ("cell_state@6=copy:2", Change("cell_state", "copy", source=2, first=6, last=6)),
        ("update@1-3=clamp:0.1:0.9", Change("update", "clamp", low=0.1, high=0.9, first=1, last=3)),
        ("output = -1.5", None),
        ("forget=loud", None),
        ("forget=clamp:1", None),
        ("=3", None),
    ],
)
def test_a_change_is_parsed_and_written_back(written: str, change: Change | None) -> None:
    if change is None:
        with pytest.raises(TuiLmError) as error:
            Change.parse(written)
        assert error.value.exit_code == 2
    else:
        assert Change.parse(written) == change == Change.parse(change.written)


@given(st.text(max_size=30))
@settings(max_examples=50, deadline=None)
def test_nonsense_is_a_usage_error(written: str) -> None:
    try:
        Change.parse(written)
    except TuiLmError as error:
        assert error.exit_code == 2


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("lstm-1", Change("reset")),
        ("lstm-1", Change("forget", layer=1)),
        ("lstm-1", Change("forget", unit=16)),
        ("lstm-1", Change("forget", head=0)),
        ("lstm-1", Change("forget", "uniform")),
        ("lstm-1", Change("forget", first=90)),
        ("lstm-1", Change("forget", "copy", source=90)),
        ("lstm-1", Change("read")),
        ("llama-plain", Change("attention", head=4)),
        ("llama-plain", Change("attention", unit=1)),
        ("llama-plain", Change("attention", "mean")),
    ],
)
def test_a_change_of_what_the_network_lacks_is_an_error(recording_of, name: str, change: Change) -> None:
    with pytest.raises(TuiLmError):
        edited(recording_of(name), change)
