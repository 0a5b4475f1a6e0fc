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
from tui_lm.cells import CELLS
from tui_lm.models.authors import NOBODY, AuthorVectors
from tui_lm.models.model import Model
from tui_lm.tokenizers.specials import BEGIN, END, OTHER

V, T, B = 23, 6, 3
NETWORKS = [Recurrent(cell, V, 5, 7, 2) for cell in CELLS] + [Recurrent("lstm", V, 5, 7, 2, authors=4)]


def called(architecture: Recurrent) -> str:
    return architecture.family if architecture.authors is None else f"{architecture.family}-authors"


@pytest.fixture(params=NETWORKS, ids=called)
def network(request: pytest.FixtureRequest) -> Model:
    torch.manual_seed(0)
    network = models.create(request.param)
    if network.author is not None:
        torch.nn.init.normal_(network.author.weight)
    return network


def tokens(chunks: int) -> torch.Tensor:
    return torch.randint(V, (chunks * T, B), generator=torch.Generator().manual_seed(1))


def test_a_text_read_in_chunks_gives_the_logits_of_the_text_read_at_once(network: Model) -> None:
    text = tokens(3)
    whole, _ = network(text)
    state, parts = None, []
    for chunk in text.split(T):
        state = None if state is None else network.carry(state, torch.zeros(B, dtype=torch.bool))
        logits, state = network(chunk, state)
        parts.append(logits)
    torch.testing.assert_close(torch.cat(parts), whole, rtol=1e-5, atol=1e-5)


def test_a_fresh_stream_begins_without_a_state_and_the_others_go_on(network: Model) -> None:
    text = tokens(2)
    first, second = text.split(T)
    _, state = network(first)
    fresh = torch.tensor([False, True, False])
    logits, _ = network(second, network.carry(state, fresh))
    anew, _ = network(second)
    gone_on, _ = network(text)
    torch.testing.assert_close(logits[:, fresh], anew[:, fresh])
    torch.testing.assert_close(logits[:, ~fresh], gone_on[T:][:, ~fresh], rtol=1e-5, atol=1e-5)


def test_gradients_end_at_the_beginning_of_a_chunk(network: Model) -> None:
    text = tokens(2)
    _, state = network(text[:T])
    carried = network.carry(state, torch.zeros(B, dtype=torch.bool))
    assert state[0][0].requires_grad
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


def test_the_author_of_each_token_is_the_one_its_message_names() -> None:
    vectors = AuthorVectors(V, 3, 5)
    said = [END, BEGIN, OTHER + 2, 9, 9, END, BEGIN, 9, OTHER + 3, BEGIN, OTHER]
    who = vectors.who(torch.tensor(said)[:, None], torch.tensor([[1]]))
    assert who[:, 0].tolist() == [1, NOBODY, 2, 2, 2, 2, NOBODY, NOBODY, NOBODY, NOBODY, 0]
    assert not vectors(who)[who == NOBODY].any()
