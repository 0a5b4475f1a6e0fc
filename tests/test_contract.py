"""The contract of every family: training pass and runtime are one model, and no token depends on later ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import AUTHORS
from trainers.best import arrays
from tui_lm import checkpoint, models, runtime, tokenizers
from tui_lm.architecture import Architecture, Gpt2, Llama, Recurrent, Seq2Seq
from tui_lm.checkpoint import Card, SavedModel
from tui_lm.models import DropoutRates
from tui_lm.runtime.cache import Past, Segment
from tui_lm.runtime.gpt2 import Gpt2State
from tui_lm.runtime.seq2seq import Seq2SeqRuntime, Seq2SeqState
from tui_lm.tokenizers import Tokenizers

FAMILIES = [
    Recurrent("rnn", 300, 9, 13, 2),
    Recurrent("lstm", 300, 9, 13, 1),
    Recurrent("lstm", 300, 13, 13, 3, norm=False, tie_embeddings=True),
    Recurrent("gru", 300, 9, 13, 2),
    Recurrent("lstm", 300, 9, 13, 2, authors=3),
    Recurrent("mingru", 300, 9, 13, 3),
    Llama(300, 24, 32, 2, num_heads=4, num_kv_heads=2, context_length=64),
    Llama(300, 24, 32, 3, num_heads=2, num_kv_heads=2, context_length=5, tie_embeddings=False),
    Gpt2(300, 24, 32, 2, num_heads=2, context_length=64),
    Seq2Seq(300, 300, 9, 12, 2, attention="none", bidirectional=False, reverse_source=True),
    Seq2Seq(300, 300, 9, 12, 1, "gru", "bahdanau"),
    Seq2Seq(300, 300, 9, 12, 2, attention="dot", input_feeding=True),
    Seq2Seq(300, 300, 9, 12, 3, share_embeddings=True, tie_embeddings=True),
]
CARRYING = [architecture for architecture in FAMILIES if isinstance(architecture, Recurrent | Seq2Seq)]
SOURCE = [9, 4, 277, 31, 2]
TOKENS = [5, 17, 250, 3, 3, 99, 120, 7, 1, 2, 44]


def called(architecture: Architecture) -> str:
    told = isinstance(architecture, Recurrent) and architecture.authors is not None
    kind = architecture.attention if isinstance(architecture, Seq2Seq) else architecture.family
    return f"{kind}-{architecture.num_layers}{'-tied' * architecture.tie_embeddings}{'-authors' * told}"


@pytest.fixture(params=FAMILIES, ids=called)
def architecture(request: pytest.FixtureRequest) -> Architecture:
    return request.param


@pytest.fixture
def model(architecture: Architecture) -> torch.nn.Module:
    torch.manual_seed(0)
    rates = DropoutRates(embedding=0.3, input=0.3, hidden=0.3, recurrent=0.3, output=0.3)
    network = models.create(architecture, rates).eval()
    if isinstance(architecture, Recurrent) and network.author is not None:
        torch.nn.init.normal_(network.author.weight)  # zero before training
    return network


@pytest.fixture
def served(model: torch.nn.Module, architecture: Architecture) -> runtime.Runtime:
    return runtime.create(architecture, arrays(model, architecture))


def begun(model: torch.nn.Module, texts: int = 1) -> object:
    """The state before the first token: None, or that of an encoded source for a translator."""
    if not isinstance(model.architecture, Seq2Seq):
        return None
    return model.encode(torch.tensor([SOURCE] * texts).T, torch.tensor([len(SOURCE)] * texts))


def opened(served: runtime.Runtime) -> object:
    return served.encode([SOURCE]) if isinstance(served, Seq2SeqRuntime) else None


def test_forward_equals_prefill_plus_steps(model: torch.nn.Module, served: runtime.Runtime) -> None:
    with torch.no_grad():
        whole, _ = model(torch.tensor(TOKENS)[:, None], begun(model))
    logits, state = served.prefill(TOKENS[:4], opened(served))
    np.testing.assert_allclose(logits[0], whole[3, 0].numpy(), atol=1e-5)
    for i, token in enumerate(TOKENS[4:], start=4):
        logits, state = served.step([token], state)
        np.testing.assert_allclose(logits[0], whole[i, 0].numpy(), atol=1e-5)


@pytest.mark.parametrize("architecture", CARRYING, ids=called, indirect=True)
def test_carried_state_equals_the_whole(model: torch.nn.Module) -> None:
    tokens = torch.tensor(TOKENS)[:, None]
    with torch.no_grad():
        whole, _ = model(tokens, begun(model))
        first, state = model(tokens[:5], begun(model))
        second, _ = model(tokens[5:], state)
    torch.testing.assert_close(torch.cat([first, second]), whole, atol=1e-6, rtol=0)


def test_the_future_does_not_change_the_past(model: torch.nn.Module) -> None:
    tokens = torch.tensor(TOKENS)[:, None]
    changed = tokens.clone()
    changed[6:] = 8
    with torch.no_grad():
        torch.testing.assert_close(
            model(changed, begun(model))[0][:6], model(tokens, begun(model))[0][:6], atol=0, rtol=0
        )


def test_sequences_of_a_batch_do_not_affect_each_other(model: torch.nn.Module, served: runtime.Runtime) -> None:
    """Batches and beams: a hypothesis has the same logits alone and among others, padding included."""
    tokens = torch.tensor(TOKENS)[:, None]
    others = torch.cat([tokens, torch.zeros_like(tokens), tokens.flip(0)], dim=1)
    with torch.no_grad():
        torch.testing.assert_close(
            model(others, begun(model, 3))[0][:, :1], model(tokens, begun(model))[0], atol=1e-6, rtol=0
        )
    _, state = served.prefill(TOKENS[:5], opened(served))
    alone, _ = served.step([7], state)
    beam, _ = served.step([4, 7, 9], served.select(state, [0, 0, 0]))
    np.testing.assert_allclose(beam[1], alone[0], atol=1e-6)


def parts(state: object) -> list[np.ndarray]:
    """Every array of a state, in order: those of layers, or keys and values."""
    if isinstance(state, np.ndarray):
        return [state]
    if isinstance(state, Segment):
        return [part for layer in range(len(state.buffer.keys)) for part in state.read(layer)]
    if isinstance(state, Past):
        return [part for segment in state.segments for part in parts(segment)]
    if isinstance(state, Gpt2State):
        return parts(state.past)
    if isinstance(state, Seq2SeqState):
        return [
            state.source.values,
            state.source.keys,
            *parts(state.layers),
            *([] if state.fed is None else [state.fed]),
        ]
    assert isinstance(state, tuple)
    return [array for part in state for array in parts(part)]


def assert_same(state: object, arrays: list[np.ndarray]) -> None:
    for part, same in zip(parts(state), arrays, strict=True):
        np.testing.assert_array_equal(part, same)


def test_a_trace_changes_nothing(served: runtime.Runtime) -> None:
    _, state = served.prefill(TOKENS, opened(served))
    trace: list = []
    watched, after_watched = served.step([3], state, trace)
    alone, after = served.step([3], state)
    np.testing.assert_array_equal(watched, alone)
    assert_same(after_watched, parts(after))
    assert {activation.layer for activation in trace} == set(range(served.architecture.num_layers))


def test_a_step_does_not_change_its_state(served: runtime.Runtime) -> None:
    _, state = served.prefill(TOKENS, opened(served))
    copies = [part.copy() for part in parts(state)]
    served.step([3], state)
    served.step([4, 5], served.select(state, [0, 0]))
    assert_same(state, copies)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 299)), min_size=1, max_size=60))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_branches_of_one_state_do_not_affect_each_other(served: runtime.Runtime, steps: list[tuple[int, int]]) -> None:
    """A random tree of texts: every state in it equals that of a fresh run over its text."""
    _, state = served.prefill([1], opened(served))
    reached = [([1], state)]
    for choice, token in steps:
        text, state = reached[choice % len(reached)]
        _, after = served.step([token], state)
        reached.append(([*text, token], after))
    for text, state in reached:
        logits, _ = served.step([7], state)
        np.testing.assert_allclose(logits, served.prefill([*text, 7], opened(served))[0], atol=1e-5)


def test_repeated_selection_of_hypotheses_equals_fresh_runs(served: runtime.Runtime) -> None:
    """Every hypothesis of a beam search equals a fresh run over its text."""
    generator = np.random.default_rng(0)
    _, state = served.prefill(TOKENS, opened(served))
    texts = [TOKENS]
    for width in (3, 5, 2, 2, 4, 1, 1, 3):
        rows = generator.integers(len(texts), size=width).tolist()
        tokens = generator.integers(300, size=width).tolist()
        logits, state = served.step(tokens, served.select(state, rows))
        texts = [[*texts[row], token] for row, token in zip(rows, tokens, strict=True)]
        for text, row in zip(texts, logits, strict=True):
            np.testing.assert_allclose(row, served.prefill(text, opened(served))[0][0], atol=1e-5)


def test_save_and_load_are_identical(model: torch.nn.Module, architecture: Architecture, tmp_path: Path) -> None:
    weights = arrays(model, architecture)
    tokenizer = tokenizers.train("char", ["abc" * 9], tokenizers.Specials(AUTHORS))
    letters = "".join(chr(0x4E00 + i) for i in range(300 - tokenizer.vocab_size)) * 3
    tokenizer = tokenizers.train("char", ["abc" * 9, letters], tokenizers.Specials(AUTHORS))
    checkpoint.save(
        tmp_path / "m", SavedModel(Card("m", "chat", architecture, "char"), Tokenizers.shared(tokenizer), weights)
    )
    loaded = checkpoint.load(tmp_path / "m")
    assert loaded.card.architecture == architecture
    assert loaded.weights.keys() == weights.keys()
    for name, weight in weights.items():
        np.testing.assert_array_equal(loaded.weights[name], weight)


def test_dropout_acts_in_training_only(model: torch.nn.Module) -> None:
    tokens = torch.tensor(TOKENS)[:, None]
    with torch.no_grad():
        assert torch.equal(model(tokens, begun(model))[0], model(tokens, begun(model))[0])
        model.train()
        assert not torch.equal(model(tokens, begun(model))[0], model(tokens, begun(model))[0])
