"""The linear models: n-grams, TF-IDF, logistic regression and the CRF of features, against their definitions."""

from __future__ import annotations

from math import log
from pathlib import Path

import numpy as np
import pytest

from trainers import linear_tags, linear_texts
from tui_lm.errors import TuiLmError
from tui_lm.linear.hashing import hash_of
from tui_lm.linear.tag_model import LinearTagModel
from tui_lm.linear.text_features import features_of
from tui_lm.linear.text_model import LinearTextModel, Vocabulary
from tui_lm.linear.word_features import features_of as word_features
from tui_lm.linear.word_features import shape_of
from tui_lm.runtime.crf import Chain

GOOD = 3509812042012788487  # BLAKE2b of eight bytes
TEXTS = ["good day", "good good night", "bad day", "bad bad rain"] * 10
LABELS = [0, 0, 1, 1] * 10
SENTENCES = [("Ann", "met", "Bob"), ("Bob", "sang"), ("it", "rained", "in", "Paris")] * 10
TAGS = [[1, 0, 1], [1, 0], [0, 0, 0, 2]] * 10


def test_hashes_are_the_same_on_every_machine() -> None:
    assert hash_of("good") == GOOD
    words, characters = features_of("ab c")
    assert len(words) == 3, "two words and their pair"
    assert len(characters) == 5 + 4 + 3 + 2 + 1, "two to six of a line end, a, b, a space, c and a line end"


def test_characters_keep_their_case_and_words_do_not() -> None:
    (small_words, small), (capital_words, capital) = features_of("day"), features_of("Day")
    assert small_words.tolist() == capital_words.tolist() and small.tolist() != capital.tolist()


@pytest.mark.parametrize("text", ["", " ", "\ud800", "a" * 50_000])
def test_any_text_has_features(text: str) -> None:
    words, characters = features_of(text)
    assert words.dtype == characters.dtype == np.uint64


def test_values_are_tf_idf_of_length_one() -> None:
    texts = [features_of(text)[0] for text in ("good day", "good good night")]
    vocabulary = Vocabulary.of(texts, 1)
    rows, values = vocabulary.values(features_of("good good day")[0])
    by_hash = dict(zip(vocabulary.keys[rows].tolist(), values.tolist(), strict=True))
    rare, often = 1 + log(3 / 2), 1 + log(3 / 3)
    raw = {"good": (1 + log(2)) * often, "day": rare}
    known = [*raw.values(), rare, rare]  # and the pairs "good good", "good day"
    length = sum(value * value for value in known) ** 0.5
    for word, value in raw.items():
        assert by_hash[hash_of(word)] == pytest.approx(value / length, rel=1e-5)


def test_a_fitted_model_knows_its_texts_and_is_kept(tmp_path: Path) -> None:
    model = linear_texts.fit(TEXTS, LABELS, TEXTS[:8], LABELS[:8], 2).model
    assert [int(model.logits(text).argmax()) for text in TEXTS[:4]] == LABELS[:4]
    words = {("good day"[begin:end]): added for begin, end, added in model.by_word("good day")}
    assert words["good"][0] > words["good"][1]
    model.save(tmp_path)
    np.testing.assert_array_equal(LinearTextModel.load(tmp_path, 2).logits("good rain"), model.logits("good rain"))
    with pytest.raises(TuiLmError):
        LinearTextModel.load(tmp_path, 3)


def test_the_loss_of_logistic_regression_is_at_its_minimum() -> None:
    """At a minimum, a small change of the bias changes nothing."""
    model = linear_texts.fit(TEXTS, LABELS, TEXTS[:8], LABELS[:8], 2).model
    logits = np.stack([model.logits(text) for text in TEXTS]).astype(np.float64)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    slope = (p - np.eye(2)[LABELS]).mean(axis=0)
    np.testing.assert_allclose(slope, 0, atol=1e-3)


def test_the_crf_of_features_knows_its_sentences_and_is_kept(tmp_path: Path) -> None:
    model = linear_tags.fit(SENTENCES, TAGS, SENTENCES[:3], TAGS[:3], 3)
    chain = Chain(model.first, model.last, model.transitions)
    assert [chain.viterbi(model.scores(words))[0] for words in SENTENCES[:3]] == TAGS[:3]
    model.save(tmp_path)
    loaded = LinearTagModel.load(tmp_path, 3)
    np.testing.assert_array_equal(loaded.scores(("Zoë", "sang")), model.scores(("Zoë", "sang")))


def test_a_word_has_features_of_itself_and_of_its_neighbours() -> None:
    one, begins = word_features(("Ann", "met", "Bob"))
    other, _ = word_features(("Ann", "met", "Eve"))
    first, second = set(one[: begins[1]].tolist()), set(other[: begins[1]].tolist())
    assert 0 < len(first - second) < 6, "only what is said about the word two steps on"
    assert shape_of("iPhone7-X") == "xXxd-X"
