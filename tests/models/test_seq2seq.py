"""The training pass of an encoder and decoder: padding, gradients, dropout, and the model's own words as inputs."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tui_lm import models
from tui_lm.architecture import Seq2Seq
from tui_lm.cells import LSTM
from tui_lm.models import DropoutRates
from tui_lm.models.cells import step
from tui_lm.models.seq2seq import Seq2SeqModel
from tui_lm.models.steps import RepeatedLinear

VOCABULARY = 17
SHAPES = {
    "none": Seq2Seq(VOCABULARY, VOCABULARY, 6, 8, 2, attention="none", bidirectional=False, reverse_source=True),
    "bahdanau": Seq2Seq(VOCABULARY, VOCABULARY, 6, 8, 2, attention="bahdanau"),
    "dot": Seq2Seq(VOCABULARY, VOCABULARY, 6, 8, 1, attention="dot", reverse_source=True, tie_embeddings=True),
    "general": Seq2Seq(VOCABULARY, VOCABULARY, 6, 8, 3, attention="general", share_embeddings=True),
    "fed": Seq2Seq(VOCABULARY, VOCABULARY, 6, 8, 2, attention="general", input_feeding=True),
    "gru": Seq2Seq(VOCABULARY, VOCABULARY, 6, 8, 2, "gru", "none", bidirectional=False),
    "bahdanau-gru": Seq2Seq(VOCABULARY, VOCABULARY, 6, 8, 1, "gru", "bahdanau"),
}


@pytest.fixture(params=SHAPES.values(), ids=SHAPES.keys())
def model(request: pytest.FixtureRequest) -> Seq2SeqModel:
    torch.manual_seed(0)
    model = models.create(request.param)
    assert isinstance(model, Seq2SeqModel)
    return model.eval()


def batch(sentences: int = 3, source: int = 5, target: int = 4) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(source)
    lengths = torch.randint(1, source + 1, (sentences,), generator=generator)
    lengths[0] = source
    return (
        torch.randint(VOCABULARY, (source, sentences), generator=generator),
        lengths,
        torch.randint(VOCABULARY, (target, sentences), generator=generator),
    )


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(0, 4), st.integers(0, 2**31))
@settings(max_examples=15, deadline=None)
def test_a_sentence_has_the_same_logits_alone_and_in_any_padded_batch(
    shape: Seq2Seq, lengths: list[int], padding: int, seed: int
) -> None:
    torch.manual_seed(seed)
    model = models.create(shape).eval()
    source = torch.randint(VOCABULARY, (max(lengths) + padding, len(lengths)))
    target = torch.randint(VOCABULARY, (4, len(lengths)))
    with torch.no_grad():
        together, _ = model(target, model.encode(source, torch.tensor(lengths)))
        for i, length in enumerate(lengths):
            alone, _ = model(target[:, i : i + 1], model.encode(source[:length, i : i + 1], torch.tensor([length])))
            torch.testing.assert_close(together[:, i : i + 1], alone, atol=1e-5, rtol=0)


def test_padding_has_no_gradient(model: Seq2SeqModel) -> None:
    """Tokens that occur only in the padding are not learned from."""
    source, lengths, target = batch(sentences=4, source=6)
    padded = torch.arange(6)[:, None] >= lengths
    assert padded.any()
    source[~padded] %= VOCABULARY - 1
    source[padded] = VOCABULARY - 1
    target %= VOCABULARY - 1
    logits, _ = model(target, model.encode(source, lengths))
    logits[..., : VOCABULARY - 1].sum().backward()
    table = model.embedding if model.source_embedding is None else model.source_embedding
    assert table.weight.grad is not None
    assert table.weight.grad[: VOCABULARY - 1].abs().sum() > 0
    assert torch.equal(table.weight.grad[VOCABULARY - 1], torch.zeros(6))


def test_gradients_equal_finite_differences(model: Seq2SeqModel) -> None:
    """One entry of each weight is changed a little: the loss changes as the gradient says, in both forms."""
    model = model.double()
    source, lengths, target = batch()
    wanted = torch.randint(VOCABULARY, target.shape, generator=torch.Generator().manual_seed(1))

    def loss() -> Tensor:
        logits, _ = model(target, model.encode(source, lengths))
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1), wanted.flatten())

    loss().backward()
    for name, weight in model.named_parameters():
        assert weight.grad is not None, name
        index = int(weight.grad.abs().argmax())
        slope = weight.grad.flatten()[index].item()
        assert slope, name
        flat, little = weight.detach().view(-1), 1e-6
        flat[index] += little
        above = loss().item()
        flat[index] -= 2 * little
        below = loss().item()
        flat[index] += little
        assert (above - below) / (2 * little) == pytest.approx(slope, rel=1e-5, abs=1e-9), name


def test_a_loop_over_steps_has_the_gradients_of_autograd() -> None:
    torch.manual_seed(0)
    weight = torch.randn(12, 3, dtype=torch.float64, requires_grad=True)
    x, c = torch.randn(4, 2, 12, dtype=torch.float64), torch.randn(2, 3, dtype=torch.float64, requires_grad=True)

    def plain(z: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        i, f, g, o = z.chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c

    results = []
    for fast in (True, False):
        layer = RepeatedLinear(weight, torch.float64)
        state = (torch.zeros(2, 3, dtype=torch.float64), c)
        total = torch.zeros(())
        for share in x:
            recurrent = layer(state[0]) if fast else state[0] @ weight.T
            state = step(LSTM, share, recurrent, state) if fast else plain(share + recurrent, state[1])
            total = total + (state[0] ** 2).sum() + state[1].sum()
        results.append((total, *torch.autograd.grad(total, (weight, c))))
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-12, rtol=1e-12)


def test_a_target_in_two_parts_has_the_logits_of_the_whole(model: Seq2SeqModel) -> None:
    """The state after the first part holds all that the second part needs."""
    source, lengths, target = batch(target=7)
    with torch.no_grad():
        start = model.encode(source, lengths)
        whole, _ = model(target, start)
        first, between = model(target[:3], start)
        second, _ = model(target[3:], between)
    torch.testing.assert_close(torch.cat([first, second]), whole, atol=1e-6, rtol=0)


@pytest.mark.parametrize("where", ["embedding", "input", "hidden", "recurrent", "output"])
def test_every_dropout_rate_acts_in_training_only(model: Seq2SeqModel, where: str) -> None:
    source, lengths, target = batch()
    model.rates = DropoutRates(**{where: 0.5})

    def logits() -> Tensor:
        return model(target, model.encode(source, lengths))[0]

    assert torch.equal(logits(), logits())
    model.train()
    assert not torch.equal(logits(), logits())


def test_dropout_of_rate_zero_changes_nothing(model: Seq2SeqModel) -> None:
    source, lengths, target = batch()
    alone, _ = model(target, model.encode(source, lengths))
    model.train()
    training, _ = model(target, model.encode(source, lengths))
    torch.testing.assert_close(training, alone, atol=1e-6, rtol=0)


def test_at_a_sampling_rate_of_one_inputs_are_the_greedy_translation(model: Seq2SeqModel) -> None:
    """No given word but the first is an input then, and each target follows the words chosen before it."""
    source, lengths, target = batch(target=6)
    greedy = target[:1]
    with torch.no_grad():
        start = model.encode(source, lengths)
        for _ in range(5):
            logits, _ = model(greedy, start)
            greedy = torch.cat([greedy, logits[-1:].argmax(dim=-1)])
        expected, _ = model(greedy, start)
    model.train()
    model.sampling_rate = 1.0
    ours, _ = model(target, start)
    torch.testing.assert_close(ours, expected, atol=1e-5, rtol=0)
    assert model.training
    model.eval()
    given, _ = model(target, start)
    assert not torch.allclose(given, expected, atol=1e-5)


def test_at_any_sampling_rate_inputs_are_given_or_chosen(model: Seq2SeqModel) -> None:
    torch.manual_seed(3)
    source, lengths, target = batch(sentences=64, target=9)
    model.train()
    model.sampling_rate = 0.25
    start = model.encode(source, lengths)
    mixed = model.mixed_inputs(target, start)
    assert torch.equal(mixed[0], target[0])
    assert 0.15 < (mixed[1:] != target[1:]).float().mean() < 0.35


def test_a_decoder_without_a_source_raises(model: Seq2SeqModel) -> None:
    with pytest.raises(ValueError, match="encode"):
        model(torch.zeros(2, 1, dtype=torch.int64))


def test_bfloat16_changes_the_logits_little(model: Seq2SeqModel) -> None:
    source, lengths, target = batch()
    exact, _ = model(target, model.encode(source, lengths))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        near, _ = model(target, model.encode(source, lengths))
    torch.testing.assert_close(near.float(), exact, atol=0.05, rtol=0.05)
    near.float().sum().backward()
    assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in model.parameters())
