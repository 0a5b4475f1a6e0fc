"""Neighbours, sums of words, unknown words and maps, on vectors whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from tui_lm import tokenizers
from tui_lm.architecture import WordVectors
from tui_lm.checkpoint import Card, SavedModel
from tui_lm.errors import TuiLmError
from tui_lm.tokenizers import Tokenizers
from tui_lm.tokenizers.specials import Specials
from tui_lm.tokenizers.vocabulary import VocabularyTokenizer
from tui_lm.vectors.expression import Expression
from tui_lm.vectors.projection import along, parse_pairs, principal
from tui_lm.vectors.subwords import bucket, parts
from tui_lm.vectors.words import Words

NAMES = ["man", "woman", "king", "queen", "apple", "paris"]
# The columns mean: royal, female, a thing.
MATRIX = np.array([[0, 0, 0.2], [0, 1, 0.2], [1, 0, 0.2], [1, 1, 0.2], [0, 0.1, 3], [0.4, 0.4, 2]], np.float32)
WORDS = Words(NAMES, MATRIX)


def saved(family: str = "word2vec", buckets: int = 0) -> SavedModel:
    tokenizer = VocabularyTokenizer(Specials(), NAMES)
    shape = WordVectors(family, tokenizer.vocab_size, 3, buckets)
    weights = {"embedding.weight": np.concatenate([np.zeros((4, 3), np.float32), MATRIX])}
    if buckets:
        weights["ngrams.weight"] = np.random.default_rng(0).normal(size=(buckets, 3)).astype(np.float32)
    return SavedModel(Card("toy", "prose", shape, "vocabulary"), Tokenizers.shared(tokenizer), weights)


def test_neighbours_are_sorted_by_cosine_and_leave_the_word_out() -> None:
    found = WORDS.nearest(WORDS.vector("king"), 2, without=["king"])
    cosines = MATRIX @ MATRIX[2] / np.linalg.norm(MATRIX, axis=1) / np.linalg.norm(MATRIX[2])
    assert [near.word for near in found] == ["queen", "paris"]
    assert found[0].cosine == pytest.approx(cosines[3])


def test_king_minus_man_plus_woman_is_queen_if_the_differences_are_equal() -> None:
    expression = Expression.parse(["king", "-", "man", "+", "woman"])
    assert str(expression) == "king - man + woman"
    assert expression.neighbours(WORDS, 1)[0].word == "queen"
    units = MATRIX / np.linalg.norm(MATRIX, axis=1, keepdims=True)
    np.testing.assert_allclose(expression.vector(WORDS), units[2] - units[0] + units[1], atol=1e-6)


@pytest.mark.parametrize("texts", [["king - man + woman"], ["king", "-", "man", "+", "woman"], ["king woman - man"]])
def test_a_sum_may_be_one_argument_or_many(texts: list[str]) -> None:
    assert sorted(Expression.parse(texts).terms) == [(-1.0, "man"), (1.0, "king"), (1.0, "woman")]


@pytest.mark.parametrize("texts", [[], [""], ["king", "-"], ["king", "-", "+", "man"], ["+"]])
def test_a_sum_without_words_or_with_a_sign_too_many_is_refused(texts: list[str]) -> None:
    with pytest.raises(TuiLmError, match="no sum of words"):
        Expression.parse(texts)


def test_a_model_of_characters_says_that_it_has_no_words() -> None:
    letters = Words(list("etaoinshrdlu"), np.eye(12, dtype=np.float32))
    with pytest.raises(TuiLmError) as error:
        letters.vector("king")
    assert "its tokens are characters" in error.value.hint


def test_a_word_is_found_in_lower_case_and_an_unknown_one_has_near_spellings() -> None:
    assert np.array_equal(WORDS.vector("King"), MATRIX[2])
    with pytest.raises(TuiLmError, match="no vector for quen") as error:
        WORDS.vector("quen")
    assert "queen" in error.value.hint


def test_fasttext_composes_an_unknown_word_from_the_mean_of_its_n_grams() -> None:
    model = saved("fasttext", buckets=50)
    rows = [bucket(part, 50) for part in parts("kings", 3, 6)]
    np.testing.assert_allclose(
        Words.of(model).vector("Kings"), model.weights["ngrams.weight"][rows].mean(axis=0), rtol=1e-5
    )
    assert np.array_equal(Words.of(model).vector("king"), MATRIX[2])


def test_special_tokens_are_no_words() -> None:
    assert Words.of(saved()).names == NAMES


def test_the_embeddings_of_another_model_are_those_of_its_whole_words(make_model) -> None:
    texts = ["see you tomorrow at six"] * 3
    tokenizer = tokenizers.train("word", texts, Specials())
    from tui_lm.architecture import Recurrent

    shape = Recurrent("lstm", tokenizer.vocab_size, 3, 4)
    table = np.random.default_rng(0).normal(size=(tokenizer.vocab_size, 3)).astype(np.float32)
    model = SavedModel(Card("words", "chat", shape, "word"), Tokenizers.shared(tokenizer), {"embedding.weight": table})
    words = Words.of(model)
    assert set(words.names) == {"see", "you", "tomorrow", "at", "six"}
    assert np.array_equal(words.vector("tomorrow"), table[tokenizer.encode("tomorrow")[0]])


def test_a_vector_of_zeros_has_no_direction_and_breaks_nothing() -> None:
    words = Words(["a", "b"], np.array([[0, 0], [1, 0]], np.float32))
    assert [near.cosine for near in words.nearest(words.vector("a"), 2)] == [0.0, 0.0]


def test_principal_components_keep_the_distances_of_points_in_a_plane() -> None:
    plane = np.random.default_rng(0).normal(size=(12, 2))
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(5, 5)))[0][:, :2]
    found = principal(plane @ turn.T)
    for points in (found.points, plane):
        points -= points.mean(axis=0)
    np.testing.assert_allclose(found.points @ found.points.T, plane @ plane.T, atol=1e-9)
    assert found.share == pytest.approx(1)


def test_axes_of_two_pairs_order_the_words_as_the_pairs_do() -> None:
    found = along(MATRIX, WORDS, parse_pairs("man:woman, man:king"))
    x, y = found.points.T
    assert x[1] > x[0]
    assert x[3] > x[2]
    assert y[2] > y[0]
    assert found.axes == ("man → woman", "man → king")
    assert 0 < found.share <= 1


@pytest.mark.parametrize("text", ["", "he:she", "he:she,small", "a:b,c:d,e:f", "a:,b:c"])
def test_axes_that_are_not_two_pairs_are_refused(text: str) -> None:
    with pytest.raises(TuiLmError, match="two pairs"):
        parse_pairs(text)
