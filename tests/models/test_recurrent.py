"""The training pass of a recurrent network over a text that is cut into chunks."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tests.trainers.conftest import CORPUS, TOKENIZER
from trainers.data import IGNORED
from trainers.language import LanguageTask
from trainers.task_settings import StreamSettings
from tui_lm import models
from tui_lm.architecture import Recurrent
from tui_lm.models.model import Model

CELLS = ("rnn", "lstm", "gru", "mingru")
V, T, B = 23, 6, 3


def model(cell: str) -> Model:
    torch.manual_seed(0)
    return models.create(Recurrent(cell, V, 5, 7, 2))


def tokens(chunks: int) -> torch.Tensor:
    return torch.randint(V, (chunks * T, B), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("cell", CELLS)
def test_a_text_read_in_chunks_gives_the_logits_of_the_text_read_at_once(cell: str) -> None:
    network, text = model(cell), tokens(3)
    whole, _ = network(text)
    state, parts = None, []
    for chunk in text.split(T):
        state = None if state is None else network.carry(state, torch.zeros(B, dtype=torch.bool))
        logits, state = network(chunk, state)
        parts.append(logits)
    torch.testing.assert_close(torch.cat(parts), whole, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_a_fresh_stream_begins_without_a_state_and_the_others_go_on(cell: str) -> None:
    network, text = model(cell), tokens(2)
    first, second = text.split(T)
    _, state = network(first)
    fresh = torch.tensor([False, True, False])
    logits, _ = network(second, network.carry(state, fresh))
    anew, _ = network(second)
    gone_on, _ = network(text)
    torch.testing.assert_close(logits[:, fresh], anew[:, fresh])
    torch.testing.assert_close(logits[:, ~fresh], gone_on[T:][:, ~fresh], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_gradients_end_at_the_beginning_of_a_chunk(cell: str) -> None:
    network, text = model(cell), tokens(2)
    _, state = network(text[:T])
    carried = network.carry(state, torch.zeros(B, dtype=torch.bool))
    assert not any(part.requires_grad for layer in carried for part in layer)


def test_the_loss_of_a_chunk_depends_on_the_chunk_before_it() -> None:
    task, settings = LanguageTask.of(CORPUS, TOKENIZER), StreamSettings(B, T, state_reset=0.0)
    network = models.create(Recurrent("lstm", TOKENIZER.vocab_size, 5, 7))
    first, second, *_ = task.epoch(settings, network, np.random.default_rng(0))
    _, state = task.loss(network, first, None, settings, "cpu")
    gone_on, _ = task.loss(network, second, state, settings, "cpu")
    anew, _ = task.loss(network, second, None, settings, "cpu")
    logits, _ = network(torch.cat([first.inputs, second.inputs]))
    wanted = F.cross_entropy(logits[T:].flatten(0, 1), second.targets.flatten(), ignore_index=IGNORED)
    assert abs(gone_on - wanted) < abs(anew - wanted) / 2, "but for products of bfloat16, where the processor has it"
