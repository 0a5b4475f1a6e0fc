"""The CRF: its loss against all sequences, its gradient against differences, Viterbi against brute force."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
import torch

from tui_lm.models.crf import Crf
from tui_lm.runtime.crf import NEVER, Chain

TAGS = ("O", "B-x", "I-x", "B-y", "I-y")
LENGTHS = torch.tensor([4, 1, 3])


def crf(seed: int = 0) -> tuple[Crf, torch.Tensor, torch.Tensor]:
    """A CRF of five tags in float64, scores [4, 3, 5] and tags [4, 3]."""
    generator = torch.Generator().manual_seed(seed)
    chain = Crf(len(TAGS)).double()
    with torch.no_grad():
        for weight in chain.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator, dtype=torch.float64))
    scores = torch.randn(4, 3, len(TAGS), generator=generator, dtype=torch.float64)
    return chain, scores, torch.randint(len(TAGS), (4, 3), generator=generator)


def served(chain: Crf) -> Chain:
    return Chain(*(weight.detach().numpy() for weight in (chain.first, chain.last, chain.transitions)))


def score(chain: Chain, scores: np.ndarray, tags: tuple[int, ...]) -> float:
    """The definition, written out."""
    total = chain.first[tags[0]] + chain.last[tags[-1]] + sum(scores[t, tag] for t, tag in enumerate(tags))
    return float(total + sum(chain.transitions[a, b] for a, b in pairwise(tags)))


def test_the_loss_is_the_definition_whatever_the_padding() -> None:
    chain, scores, tags = crf()
    losses = chain.loss(scores, tags, LENGTHS)
    for column, length in enumerate(LENGTHS.tolist()):
        own = scores[:length, column].numpy()
        every = [score(served(chain), own, each) for each in product(range(len(TAGS)), repeat=length)]
        wanted = np.logaddexp.reduce(every) - score(served(chain), own, tuple(tags[:length, column].tolist()))
        assert float(losses[column].detach()) == pytest.approx(wanted)


def test_the_gradient_agrees_with_finite_differences() -> None:
    chain, scores, tags = crf()
    scores.requires_grad_()
    inputs = [scores, *chain.parameters()]
    loss = chain.loss(scores, tags, LENGTHS).sum()
    gradients = torch.autograd.grad(loss, inputs)
    step = 1e-6
    for weight, gradient in zip(inputs, gradients, strict=True):
        flat = weight.detach().view(-1)
        for index in range(len(flat)):
            sides = []
            for sign in (1, -1):
                with torch.no_grad():
                    flat[index] += sign * step
                    sides.append(float(chain.loss(scores, tags, LENGTHS).sum()))
                    flat[index] -= sign * step
            assert float(gradient.reshape(-1)[index]) == pytest.approx((sides[0] - sides[1]) / (2 * step), abs=1e-6)


@pytest.mark.parametrize("length", [1, 2, 4])
@pytest.mark.parametrize("forbidding", [False, True])
def test_viterbi_finds_the_best_of_all_sequences(length: int, forbidding: bool) -> None:
    for seed in range(10):
        chain, scores, _ = crf(seed)
        own = scores[:length, 0].numpy()
        plain = served(chain).allowing(TAGS) if forbidding else served(chain)
        best, value = plain.viterbi(own)
        every = {each: score(plain, own, each) for each in product(range(len(TAGS)), repeat=length)}
        assert tuple(best) == max(every, key=every.__getitem__) and value == pytest.approx(max(every.values()))


def test_forbidden_moves_never_come_out() -> None:
    generator = np.random.default_rng(0)
    zero = Chain(np.zeros(5), np.zeros(5), np.zeros((5, 5))).allowing(TAGS)
    for _ in range(200):
        tags = [TAGS[tag] for tag in zero.viterbi(generator.normal(0, 50, (8, 5)))[0]]
        for before, tag in zip(["O", *tags], tags, strict=False):
            assert tag[:2] != "I-" or before[2:] == tag[2:]
    assert zero.transitions[TAGS.index("B-x"), TAGS.index("I-y")] == NEVER


def test_marginals_are_the_shares_of_the_sequences() -> None:
    chain, scores, _ = crf()
    own = scores[:, 0].numpy()
    found = served(chain).marginals(own)
    every = {each: score(served(chain), own, each) for each in product(range(len(TAGS)), repeat=4)}
    total = np.logaddexp.reduce(list(every.values()))
    for t in range(4):
        for tag in range(len(TAGS)):
            wanted = sum(np.exp(value - total) for each, value in every.items() if each[t] == tag)
            assert found[t, tag] == pytest.approx(wanted)
