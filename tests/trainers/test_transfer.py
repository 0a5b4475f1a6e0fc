"""Fine-tuning: the base's weights are kept, the authors change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import AUTHORS, TEXTS
from trainers import job
from trainers.plan import Budget, Wishes
from trainers.run import run
from trainers.transfer import beginning
from tui_lm import checkpoint
from tui_lm.checkpoint import SavedModel
from tui_lm.corpus import Corpus, Utterance
from tui_lm.errors import TuiLmError
from tui_lm.events import Evaluated
from tui_lm.runtime import create
from tui_lm.split import Fractions
from tui_lm.tokenizers import Specials
from tui_lm.tokenizers.specials import BEGIN, OTHER

Make = Callable[..., SavedModel]
UTTERANCES = [Utterance(("Zoë", "Bob")[i % 2], TEXTS[i % 6]) for i in range(240)]
PARTS = {"train": UTTERANCES[:200], "val": UTTERANCES[200:220], "test": UTTERANCES[220:]}
CORPUS = Corpus("chat", Fractions(), "this chat", utterances=PARTS)


@pytest.fixture(params=["lstm", "lstm with author vectors", "llama"])
def base(request: pytest.FixtureRequest, make_model: Make, make_llama: Make) -> SavedModel:
    if request.param == "llama":
        return make_llama("subword", tied=False)
    return make_model("lstm", "char", layers=2, author_vectors="vectors" in request.param)


def test_before_training_known_tokens_have_the_base_s_logits(base: SavedModel) -> None:
    """Before the first step of training, old tokens and a known author have their old logits."""
    start = beginning(base, Specials(("Zoë", "Bob", "Cem")), ["жжж and more жжж"])
    shift = len(start.tokenizer.specials) - len(base.tokenizer.specials)
    old, new = create(base.card.architecture, base.weights), create(start.architecture, start.weights)
    before, _ = old.prefill([BEGIN, base.tokenizer.specials.author_id("Bob"), *base.tokenizer.encode("see you")])
    after, _ = new.prefill([BEGIN, start.tokenizer.specials.author_id("Bob"), *start.tokenizer.encode("see you")])
    kept = slice(len(base.tokenizer.specials), base.tokenizer.vocab_size)
    moved = slice(kept.start + shift, kept.stop + shift)
    np.testing.assert_allclose(after[0, moved], before[0, kept], atol=1e-5)
    unknown, _ = old.prefill([BEGIN, OTHER, *base.tokenizer.encode("see you")])
    stranger, _ = new.prefill([BEGIN, start.tokenizer.specials.author_id("Zoë"), *start.tokenizer.encode("see you")])
    np.testing.assert_allclose(stranger[0, moved], unknown[0, kept], atol=1e-5)


def test_fine_tuning_lowers_the_loss_and_keeps_frozen_layers(base: SavedModel, tmp_path: Path) -> None:
    base = SavedModel(replace(base.card, sources=("that chat",)), base.tokenizers, base.weights)
    by_hand = {"frozen_layers": 1, "sequence_length": 32, "evaluations": 2}
    wishes = Wishes(budget=Budget(steps=12), device="cpu", settings=by_hand)
    work = job.new(CORPUS, tmp_path / "tuned", None, wishes, base)
    losses = [event.loss for event in run(work) if isinstance(event, Evaluated)]
    assert losses[-1] < losses[0]
    tuned = checkpoint.load(tmp_path / "tuned")
    assert tuned.card.authors == ("Zoë", "Bob")
    assert tuned.card.sources == ("this chat", "that chat")
    layers = [("rnn.weight_hh_l0", "rnn.weight_hh_l1")]
    layers.append(("model.layers.0.mlp.up_proj.weight", "model.layers.1.mlp.up_proj.weight"))
    frozen, free = next(names for names in layers if names[0] in base.weights)
    np.testing.assert_array_equal(tuned.weights[frozen], base.weights[frozen])
    assert not np.array_equal(tuned.weights[free], base.weights[free])


def test_the_shape_of_the_base_cannot_be_changed(base: SavedModel, tmp_path: Path) -> None:
    wishes = Wishes(budget=Budget(steps=1), settings={"hidden_size": 17})
    with pytest.raises(TuiLmError, match="keeps their shape"):
        job.new(CORPUS, tmp_path / "tuned", None, wishes, base)


def test_a_translator_cannot_be_fine_tuned(make_model: Make) -> None:
    base = make_model()
    translator = SavedModel(replace(base.card, kind="pairs"), base.tokenizers, base.weights)
    with pytest.raises(TuiLmError, match="is a translator"):
        beginning(translator, Specials(AUTHORS), [])
