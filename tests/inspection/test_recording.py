"""The recorded steps are those that predict, whether a text is typed, deleted or read at once."""

from __future__ import annotations

import numpy as np
import pytest

from tests.inspection.conftest import RECURRENT, TRANSFORMERS
from tui_lm.engine import Engine
from tui_lm.inspection.recording import Recorder, Recording, record
from tui_lm.sampling import log_softmax
from tui_lm.tokenizers.stream import WritingContext

HISTORY = (("Bob", "what's for dinner?"), ("Ann", "pasta"))
KEYS = ["s", "se", "see", "see ", "see y", "see ", "see", "so", "s", ""]


def assert_same(ours: Recording, theirs: Recording, tolerance: float = 1e-5) -> None:
    assert ours.labels == theirs.labels
    for one, other in zip(ours.steps, theirs.steps, strict=True):
        np.testing.assert_allclose(one.logits, other.logits, atol=tolerance, rtol=1e-5)
        assert one.activations.keys() == other.activations.keys()
        for key, activation in one.activations.items():
            np.testing.assert_allclose(activation.values, other.activations[key].values, atol=tolerance, rtol=1e-5)


@pytest.mark.parametrize("name", [*RECURRENT, *TRANSFORMERS])
def test_typing_and_backspacing_equal_a_fresh_run(build, name: str) -> None:
    model = build(name)
    engine = Engine(model)
    recorder = Recorder(engine)
    for text in KEYS:
        engine.next_token(WritingContext(text, "Ann", HISTORY))  # what the app asks between two keys
        typed = recorder.record(WritingContext(text, "Ann", HISTORY))
        assert_same(typed, record(Engine(model), WritingContext(text, "Ann", HISTORY)))


@pytest.mark.parametrize("name", ["lstm-3", "llama-grouped", "gpt2"])
def test_a_recording_equals_the_engine_without_a_trace(build, name: str) -> None:
    recording = record(Engine(build(name)), WritingContext("see you", "Ann", HISTORY))
    for end in range(len("see you") + 1):
        plain = Engine(build(name)).after(WritingContext("see you"[:end], "Ann", HISTORY))
        step = recording.steps[len(recording) - len("see you") - 1 + end]
        np.testing.assert_allclose(step.logits, plain.logits[0], atol=1e-5)


def test_a_key_costs_one_step_and_backspace_none(build, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(build("lstm-1"))
    recorder = Recorder(engine)
    recorder.record(WritingContext("see", "Ann"))
    taken: list[int] = []
    step, prefill = engine.runtime.step, engine.runtime.prefill
    monkeypatch.setattr(engine.runtime, "step", lambda t, s, *rest: (taken.extend(t), step(t, s, *rest))[1])
    monkeypatch.setattr(engine.runtime, "prefill", lambda t, s: (taken.extend(t), prefill(t, s))[1])
    recorder.record(WritingContext("see ", "Ann"))
    engine.next_token(WritingContext("see ", "Ann"))
    assert len(taken) == 1, "the step that is shown is the one that predicts"
    recorder.record(WritingContext("see", "Ann"))
    assert len(taken) == 1, "backspace costs none"


def test_surprisal_is_the_negative_log_probability(recording_of) -> None:
    recording = recording_of("lstm-1", "see")
    assert [step.label for step in recording.steps] == ["<s>", "[Ann]", "s", "e", "e"]
    assert [step.surprisal is None for step in recording.steps] == [True, True, False, False, False]
    for before, step in zip(recording.steps[1:], recording.steps[2:], strict=False):
        assert step.surprisal == pytest.approx(-log_softmax(before.logits)[step.token] / np.log(2))


def test_the_history_is_read_but_not_recorded(build) -> None:
    recording = record(Engine(build("llama-grouped")), WritingContext("see", "Ann", HISTORY))
    assert recording.context[:3] == ("<s>", "[Bob]", "w")
    assert recording.labels == ("<s>", "[Ann]", "s", "e", "e")
    first = recording.at(0, 0, "attention", 0)
    assert len(first) == len(recording.context) + 1, "attention reaches into it"
