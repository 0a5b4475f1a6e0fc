"""Networks begin from word vectors: the rows of known words, at the scale of the random ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trainers import job
from trainers.embeddings import filled
from trainers.plan import Budget, Wishes
from trainers.run import run
from tui_lm import checkpoint, tokenizers
from tui_lm.architecture import Recurrent
from tui_lm.corpus import Corpus, Utterance
from tui_lm.errors import TuiLmError
from tui_lm.split import Fractions
from tui_lm.tokenizers import Specials
from tui_lm.vectors.words import Words

TEXTS = ["See you tomorrow at six", "see you then"] * 10
VECTORS = Words(["see", "you", "tomorrow"], np.array([[1, 2, 3], [-4, 0, 1], [2, -2, -3]], np.float32))


def corpus() -> Corpus:
    messages = [Utterance("Ann", text) for text in TEXTS] * 5
    return Corpus("chat", Fractions(), "short", {"train": messages, "val": messages[:4], "test": []})


def test_known_words_have_their_vector_and_others_a_random_one_of_the_same_scale() -> None:
    tokenizer = tokenizers.train("word", TEXTS, Specials())
    table, known = filled(tokenizer, VECTORS, seed=0)
    see, capital = tokenizer.encode("see")[0], tokenizer.encode("See")[0]
    assert see != capital
    np.testing.assert_allclose(table[see], table[capital])
    np.testing.assert_allclose(table[see] / table[see][0], [1, 2, 3], rtol=1e-5)
    rows = table[[tokenizer.encode(word)[0] for word in ("see", "See", "you", "tomorrow")]]
    assert rows.std() == pytest.approx(1, abs=1e-5)
    assert known == 4
    assert table.shape == (tokenizer.vocab_size, 3)


def test_a_word_model_begins_from_vectors_and_takes_their_width(tmp_path: Path) -> None:
    wishes = Wishes("lstm", size="tiny", budget=Budget(steps=1), embeddings=VECTORS, settings={"learning_rate": 1e-9})
    new = job.new(corpus(), tmp_path / "words", None, wishes)
    assert new.card.tokenizer == "word"
    assert new.card.metrics["tokens_with_vectors"] == 4
    list(run(new))
    model = checkpoint.load(tmp_path / "words")
    assert isinstance(model.card.architecture, Recurrent)
    assert model.card.architecture.dim == 3
    table, _ = filled(model.tokenizer, VECTORS, seed=0)
    np.testing.assert_allclose(model.weights["embedding.weight"], table, atol=1e-4)


def test_a_classifier_of_authors_begins_from_vectors(tmp_path: Path) -> None:
    messages = [Utterance(("Ann", "Bob")[i % 2], TEXTS[i % 2]) for i in range(100)]
    chat = Corpus("chat", Fractions(), "two", {"train": messages, "val": messages[:10], "test": []})
    wishes = Wishes(task="author", size="tiny", budget=Budget(steps=1), embeddings=VECTORS)
    new = job.new(chat, tmp_path / "who", None, wishes)
    assert new.weights is not None
    assert new.weights["embedding.weight"].shape[1] == 3
    list(run(new))


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        (Wishes("llama", embeddings=VECTORS), "recurrent cells over words"),
        (Wishes("lstm", tokenizer="char", embeddings=VECTORS), "recurrent cells over words"),
        (Wishes("lstm", embeddings=VECTORS, settings={"dim": 7}), "keeps their shape"),
        (Wishes("lstm", embeddings=Words(["xyzzy"], np.ones((1, 3), np.float32))), "none of the words"),
    ],
)
def test_a_network_that_cannot_begin_from_these_vectors_is_refused(tmp_path: Path, wishes: Wishes, words: str) -> None:
    with pytest.raises(TuiLmError, match=words):
        job.new(corpus(), tmp_path / "words", None, wishes)
