"""Gradients equal finite differences, depend on the weights, and come from a process that can be ended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.inspection.conftest import RECURRENT, TRANSFORMERS, TRANSLATORS, WITH_AUTHORS
from tui_lm import checkpoint
from tui_lm.checkpoint import SavedModel
from tui_lm.engine import Engine
from tui_lm.errors import TuiLmError
from tui_lm.inspection import autograd
from tui_lm.inspection.cursor import Cursor
from tui_lm.inspection.erasure import erasures
from tui_lm.inspection.gradient_process import GradientProcess
from tui_lm.inspection.recording import Recording, record
from tui_lm.inspection.translations import record_translation
from tui_lm.inspection.view import Progress
from tui_lm.inspection.views import VIEWS, gradients, look, work
from tui_lm.inspection.views.why import rank_agreement, why
from tui_lm.runtime.seq2seq import Seq2SeqRuntime
from tui_lm.sampling import log_softmax
from tui_lm.tokenizers.stream import WritingContext

TOKENS = [1, 4, 270, 265, 265, 262]


def erased(recording: Recording, time: int, target: int) -> np.ndarray:
    found = dict(erasures(recording, time, target))
    return np.array([found[position] for position in range(len(found))])


@pytest.mark.parametrize("name", [*RECURRENT, WITH_AUTHORS, *TRANSFORMERS])
def test_gradient_x_input_equals_a_finite_difference(build, name: str) -> None:
    """Against a finite difference in numpy: the embedding at one position is scaled slightly."""
    model = build(name)
    scores = autograd.saliency(model, TOKENS, 263)
    position, small = 3, 1e-3
    table = "embed_tokens" if name.startswith("llama") else "wte" if name == "gpt2" else "embedding"
    weight = next(w for w in model.weights if table in w)

    def answer(factor: float) -> float:
        """With a token of its own at the position, whose embedding is scaled; the tied head does not use it."""
        wide = {n: w.astype(np.float64) for n, w in model.weights.items()}
        shape = replace(model.card.architecture, vocab_size=model.card.architecture.vocab_size + 1)
        for n, wanted in shape.weights().items():
            if wide[n].shape != wanted:
                row = wide[weight][[TOKENS[position]]] * factor if n == weight else np.zeros((1, *wide[n].shape[1:]))
                wide[n] = np.concatenate([wide[n], row])
        from tui_lm import runtime

        tokens = [*TOKENS[:position], shape.vocab_size - 1, *TOKENS[position + 1 :]]
        logits, _ = runtime.create(shape, wide).prefill(tokens)
        return float(log_softmax(logits[0][:-1])[263])

    slope = (answer(1 + small) - answer(1 - small)) / (2 * small)
    assert scores[position] == pytest.approx(slope, rel=1e-2, abs=1e-4)


SOURCE = [270, 268, 265, 2]


def made(build, name: str, **changes: object) -> SavedModel:
    """A translator of `build`, with tables that are shared or tied where `changes` say so."""
    model = build(name)
    shape = replace(model.card.architecture, **changes)
    generator = np.random.default_rng(7)
    weights = {w: (generator.standard_normal(of) * 0.3).astype(np.float32) for w, of in shape.weights().items()}
    return replace(model, card=replace(model.card, architecture=shape), weights=weights)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        *((name, {}) for name in TRANSLATORS),
        ("seq2seq-dot", {"share_embeddings": True}),
        ("seq2seq-dot", {"share_embeddings": True, "tie_embeddings": True}),
        ("seq2seq-none", {"bidirectional": False, "reverse_source": True}),
    ],
    ids=[*TRANSLATORS, "shared", "tied", "reversed"],
)
def test_gradient_x_input_of_a_translator_equals_a_finite_difference(
    build, name: str, changes: dict[str, object]
) -> None:
    """Against a finite difference in numpy, for a token of the source and one of the answer."""
    model = made(build, name, **changes)
    shape = model.card.architecture
    scores = autograd.saliency(model, TOKENS, 263, SOURCE)
    assert len(scores) == len(SOURCE) + len(TOKENS)
    small = 1e-3
    extra = replace(shape, vocab_size=shape.vocab_size + 1, source_vocab_size=shape.source_vocab_size + 1)

    def answer(position: int, factor: float) -> float:
        """With a token of its own at the position, whose embedding is scaled; the head is unchanged."""
        of_source = position < len(SOURCE)
        token = [*SOURCE, *TOKENS][position]
        longer = "source_embedding.weight" if of_source and not shape.share_embeddings else "embedding.weight"
        wide = {n: w.astype(np.float64) for n, w in model.weights.items()}
        for n, wanted in extra.weights().items():
            if wide[n].shape != wanted:
                row = wide[n][[token]] * factor if n == longer else np.zeros((1, *wide[n].shape[1:]))
                wide[n] = np.concatenate([wide[n], row])
        read, written = list(SOURCE), list(TOKENS)
        if of_source:
            read[position] = extra.source_vocab_size - 1
        else:
            written[position - len(SOURCE)] = extra.vocab_size - 1
        network = Seq2SeqRuntime(extra, wide)
        logits, _ = network.prefill(written, network.encode([read]))
        return float(log_softmax(logits[0][:-1])[263])

    for position in (1, len(SOURCE) + 2):
        slope = (answer(position, 1 + small) - answer(position, 1 - small)) / (2 * small)
        assert scores[position] == pytest.approx(slope, rel=1e-2, abs=1e-4)


@pytest.mark.parametrize("name", TRANSLATORS)
def test_the_gradient_reaches_the_source_and_the_answer(build, name: str) -> None:
    """The norm of each position, against that of its gradient x input: |g · x| is at most |g| |x|."""
    model = build(name)
    norms = autograd.distances(model, [*TOKENS, 263], SOURCE)
    scores = autograd.saliency(model, TOKENS, 263, SOURCE)
    source, answer = norms[len(TOKENS) :], norms[: len(TOKENS)][::-1]
    tables = model.weights["source_embedding.weight"][SOURCE], model.weights["embedding.weight"][TOKENS]
    lengths = np.linalg.norm(np.concatenate(tables), axis=1)
    assert (np.abs(scores) <= np.array([*source, *answer]) * lengths + 1e-6).all()
    assert min(norms) > 0


@pytest.mark.parametrize("name", RECURRENT + TRANSFORMERS)
def test_random_weights_change_the_saliency_map(build, name: str) -> None:
    """The sanity check of Adebayo et al. 2018: a map that other weights leave as it is would explain nothing."""
    model = build(name)
    generator = np.random.default_rng(99)
    shuffled = {n: generator.permutation(w.ravel()).reshape(w.shape) for n, w in model.weights.items()}
    ours = np.array(autograd.saliency(model, TOKENS, 263))
    theirs = np.array(autograd.saliency(replace(model, weights=shuffled), TOKENS, 263))
    assert np.abs(ours - theirs).max() > 0.1 * np.abs(ours).max()
    assert rank_agreement(np.abs(ours), np.abs(theirs)) < 0.95


def test_author_vectors_are_no_state_that_a_gradient_reaches(build) -> None:
    norms = autograd.states(build(WITH_AUTHORS), [*TOKENS, 263])
    assert list(norms) == ["layer 0", "layer 1", "layer 2"]


def test_a_state_of_the_past_has_the_gradient_of_the_whole_run(build) -> None:
    """Against torch over a text that is cut in two: the state between is the only way back."""
    model: SavedModel = build("gru-1")
    (norms,) = autograd.states(model, [*TOKENS, 263]).values()
    from tui_lm import models

    network = models.create(model.card.architecture).eval()
    network.load_state_dict({n: torch.from_numpy(w) for n, w in model.weights.items()}, strict=False)
    _, state = network(torch.tensor(TOKENS[:4])[:, None])
    h = state[0][0].detach().requires_grad_()
    logits, _ = network(torch.tensor(TOKENS[4:])[:, None], ((h,),))
    torch.nn.functional.cross_entropy(logits[-1], torch.tensor([263])).backward()
    assert norms[1] == pytest.approx(float(h.grad.norm()), rel=1e-4)
    assert len(norms) == len(TOKENS) - 1


def test_gradients_vanish_or_explode_in_untrained_cells() -> None:
    found = autograd.cells(steps=40, units=32, seed=0)
    left = {kind: of["norms"][30] / of["norms"][0] for kind, of in found.items()}
    assert left["tanh RNN"] < 1e-5 and left["LSTM, forget bias + 3"] > 1e-3 > left["LSTM"]
    assert left["ReLU RNN, spectral radius 2"] > 10
    assert all(of["clipped"] <= 1.0 + 1e-5 for of in found.values())


@pytest.fixture
def saved_llama(build, home: Path) -> Path:
    model = build("llama-grouped")
    folder = home / "models" / "llama"
    checkpoint.save(folder, model)
    return folder


def test_the_child_process_computes_the_same_gradients(saved_llama: Path) -> None:
    recording = record(Engine.open(saved_llama), WritingContext("see you", "Ann"))
    frame = look("why", recording)
    cursor = Cursor().on(recording)
    expected = autograd.saliency(checkpoint.load(saved_llama), recording.tokens, cursor.target)
    np.testing.assert_allclose(frame.parts[0].values, expected, rtol=1e-5)
    assert "rank agreement" in frame.sentence
    both = rank_agreement(np.abs(np.array(expected)), np.abs(frame.parts[1].values))
    assert f"{both:+.2f}" in frame.sentence


def test_gradients_by_time_step_have_a_curve_for_each_cell(build) -> None:
    recording = record(Engine(build("lstm-3")), WritingContext("see you", "Ann"))
    cells = autograd.cells(60, 8, 0)
    own = autograd.states(build("lstm-3"), recording.tokens)
    frame = gradients.by_distance(recording, Cursor().on(recording), [cells, own])
    ours, theirs, table = frame.parts
    assert [name for name, _ in ours.lines] == ["layer 0", "layer 1", "layer 2"]
    assert [name for name, _ in theirs.lines] == list(cells) == [row[0] for row in table.rows]
    alone = gradients.by_distance(recording, Cursor().on(recording), [cells])
    assert "too short" in alone.sentence


def test_closing_a_slow_view_ends_its_process(saved_llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = record(Engine.open(saved_llama), WritingContext("see you", "Ann"))
    processes: list[GradientProcess] = []

    class Watched(GradientProcess):
        def __init__(self, requests: list) -> None:
            super().__init__(requests)
            processes.append(self)

    monkeypatch.setattr("tui_lm.inspection.gradient_process.GradientProcess", Watched)
    working = work(VIEWS["gradients"], recording, Cursor())
    assert next(working) == Progress("Computing the gradients")
    working.close()
    assert processes[0].finished(within=60)
    with pytest.raises(TuiLmError, match="gradients could not be computed"):
        processes[0].result()


@pytest.mark.parametrize("name", TRANSLATORS)
def test_occlusion_leaves_out_a_token_of_the_source(recording_of, name: str) -> None:
    recording = recording_of(name, "see")
    target, last = 263, len(recording) - 1
    lost = erased(recording, last, target)
    assert len(lost) == len(recording.source) + len(recording)
    whole = log_softmax(recording.steps[-1].logits)[target]
    runtime = recording.runtime
    for position in (0, 2):
        rest = [token for i, token in enumerate(recording.source_tokens) if i != position]
        logits, _ = runtime.prefill(recording.tokens, runtime.encode([rest]))
        assert lost[position] == pytest.approx(whole - log_softmax(logits[0])[target], abs=1e-9)
    logits, _ = runtime.prefill([t for i, t in enumerate(recording.tokens) if i != 3], recording.start)
    assert lost[len(recording.source) + 3] == pytest.approx(whole - log_softmax(logits[0])[target], abs=1e-9)


def test_a_translator_has_saliency_and_gradients(build) -> None:
    model = build("seq2seq-dot")
    recording = record_translation(model, "see you", answer="ok")
    cursor = Cursor().on(recording)
    scores = autograd.saliency(model, recording.tokens, cursor.target, recording.source_tokens)
    frame = why(recording, cursor, scores, erased(recording, cursor.time, cursor.target))
    read, written, *_, table = frame.parts
    assert read.labels == recording.source and written.labels == recording.labels
    np.testing.assert_array_equal([*read.values, *written.values], scores)
    assert [row[0] for row in table.rows][:2] == ["source 0", "source 1"]
    assert "rank agreement" in frame.sentence
    norms = autograd.distances(model, recording.tokens, recording.source_tokens)
    through, back, *_ = gradients.by_distance(
        recording, Cursor().on(recording), [autograd.cells(60, 8, 0), norms]
    ).parts
    assert through.labels == recording.source and len(back.at) == len(recording) - 1


@pytest.mark.parametrize("name", RECURRENT + TRANSFORMERS)
def test_occlusion_leaves_out_a_token_of_the_text(recording_of, name: str) -> None:
    recording = recording_of(name, "see")
    target, last = 263, len(recording) - 1
    lost = erased(recording, last, target)
    whole = log_softmax(recording.steps[-1].logits)[target]
    for position in (1, 3, last):
        rest = [token for i, token in enumerate(recording.tokens) if i != position]
        logits, _ = recording.runtime.prefill(rest)
        assert lost[position] == pytest.approx(whole - log_softmax(logits[0])[target], abs=1e-9)


def test_rank_agreement_is_spearmans_correlation() -> None:
    assert rank_agreement(np.array([1.0, 2, 3, 4]), np.array([10.0, 20, 30, 40])) == pytest.approx(1)
    assert rank_agreement(np.array([1.0, 2, 3, 4]), np.array([4.0, 3, 2, 1])) == pytest.approx(-1)
    assert rank_agreement(np.array([1.0, 2, 2, 4]), np.array([1.0, 3, 2, 4])) == pytest.approx(0.9486833)
    assert rank_agreement(np.array([1.0, 2]), np.array([1.0, 2])) is None
    assert rank_agreement(np.ones(4), np.arange(4.0)) is None
