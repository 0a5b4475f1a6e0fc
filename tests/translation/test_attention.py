"""A trained translator of a word-for-word language aligns each word with its source word."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from trainers import job
from trainers.plan import Budget, Wishes
from trainers.run import run
from tui_lm.corpus import read_corpus
from tui_lm.events import Evaluated
from tui_lm.translation import Translator
from tui_lm.translation.alignment import links, pharaoh

WORDS = ["bal", "dorn", "fim", "gos", "hup", "jat", "kel", "lorn"]
MEANS = dict(zip(WORDS, ["ani", "eto", "oru", "isk", "uve", "yma", "oke", "ulf"], strict=True))
STEPS = 250
SENTENCES = ["kel dorn fim bal", "gos lorn jat hup fim", "hup bal"]


@pytest.fixture(scope="module", params=["dot", "general"])
def translator(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Translator:
    """Trained in seconds on sentences of two to six invented words; none of `SENTENCES` is among them."""
    folder = tmp_path_factory.mktemp("invented")
    chance = random.Random(5)
    rows = {" ".join(chance.choices(WORDS, k=chance.randint(2, 6))) for _ in range(400)} - set(SENTENCES)
    table = folder / "pairs.tsv"
    table.write_text(
        "".join(f"{row}\t{' '.join(MEANS[word] for word in row.split())}\n" for row in sorted(rows)), encoding="utf-8"
    )
    settings = {"attention": request.param, "dim": 32, "hidden_size": 32, "learning_rate": 0.01, "batch_tokens": 384}
    wishes = Wishes(
        tokenizer="word", size="tiny", budget=Budget(steps=STEPS), device="cpu", settings={**settings, "average": 0}
    )
    torch.set_num_threads(1)
    events = list(run(job.new(read_corpus([table]), folder / "model", None, wishes)))
    assert [event.loss for event in events if isinstance(event, Evaluated)][-1] < 1.0
    return Translator.open(folder / "model")


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_word_for_word_translation_is_aligned_in_order(translator: Translator, sentence: str) -> None:
    found = translator.translate(sentence)
    count = len(sentence.split())
    assert found.text == " ".join(MEANS[word] for word in sentence.split())
    weights = found.words()
    assert weights is not None
    assert pharaoh(links(weights)) == " ".join(f"{i}-{i}" for i in range(count))
    assert weights.diagonal().mean() > 0.5


def test_attention_weights_sum_to_one(translator: Translator) -> None:
    for sentence in (*SENTENCES, "dorn", "strange words fim"):
        found = translator.translate(sentence)
        assert found.alignment is not None
        assert found.alignment.shape == (len(found.tokens), len(found.source_tokens))
        assert (found.alignment >= 0).all()
        np.testing.assert_allclose(found.alignment.sum(axis=1), 1, atol=1e-5)
