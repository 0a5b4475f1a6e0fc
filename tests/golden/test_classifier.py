"""Classifier and tagger in numpy give what they give in training, whatever stands beside a text in its batch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from trainers.best import arrays
from tui_lm import models
from tui_lm.architecture import Classifier, Tagger
from tui_lm.architecture.tagger import character_row
from tui_lm.cells import CELLS
from tui_lm.models.classifier import Lengths
from tui_lm.models.tagger import Spelled
from tui_lm.runtime.classifier import ClassifierRuntime
from tui_lm.runtime.tagger import TaggerRuntime

TEXTS = [[1, 7, 3, 2], [1, 2], [1, 9, 9, 4, 4, 5, 2]]
SENTENCES = [["Ann", "sings"], ["naïve", "日本", "Ann", "x"], ["Bob"]]


@pytest.mark.parametrize("cell", [*CELLS])
@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
@pytest.mark.parametrize("bidirectional", [True, False])
def test_a_classifier_serves_what_it_was_trained_to_be(cell: str, pooling: str, bidirectional: bool) -> None:
    shape = Classifier(12, 3, 5, 6, num_layers=2, cell=cell, bidirectional=bidirectional, pooling=pooling)  # type: ignore[arg-type]
    torch.manual_seed(1)
    model = models.create(shape).eval()
    weights = arrays(model, shape)
    assert {name: weight.shape for name, weight in weights.items()} == shape.weights()
    inputs = torch.nn.utils.rnn.pad_sequence([torch.tensor(text) for text in TEXTS])
    with torch.no_grad():
        logits, _ = model(inputs, Lengths(torch.tensor([len(text) for text in TEXTS])))
    found, shares = ClassifierRuntime(shape, weights).read(TEXTS)
    np.testing.assert_allclose(found, logits[0].numpy(), atol=1e-5)
    np.testing.assert_allclose(shares.sum(axis=0), 1, atol=1e-6)
    assert not shares[4:, 0].any() and not shares[2:, 1].any(), "padding has no share"
    for row, text in enumerate(TEXTS):
        np.testing.assert_allclose(ClassifierRuntime(shape, weights).logits([text])[0], found[row], atol=1e-5)


@pytest.mark.parametrize("cell", [*CELLS])
@pytest.mark.parametrize("bidirectional", [True, False])
def test_a_tagger_serves_what_it_was_trained_to_be(cell: str, bidirectional: bool) -> None:
    shape = Tagger(10, 4, 5, 6, 3, 4, cell, bidirectional)
    torch.manual_seed(1)
    model = models.create(shape).eval()
    weights = arrays(model, shape)
    assert {name: weight.shape for name, weight in weights.items()} == shape.weights()
    distinct = list(dict.fromkeys(word for sentence in SENTENCES for word in sentence))
    pad = torch.nn.utils.rnn.pad_sequence
    rows = [[distinct.index(word) for word in sentence] for sentence in SENTENCES]
    spelled = Spelled(
        torch.tensor([len(sentence) for sentence in SENTENCES]),
        pad([torch.tensor([character_row(c) for c in word]) for word in distinct]),
        torch.tensor([len(word) for word in distinct]),
        pad([torch.tensor(row) for row in rows]),
    )
    with torch.no_grad():
        scores, _ = model(pad([torch.tensor(row) for row in rows]), spelled)
    for column, found in enumerate(TaggerRuntime(shape, weights).scores(SENTENCES, rows)):
        np.testing.assert_allclose(found, scores[: len(found), column].numpy(), atol=1e-5)
