"""N-grams: normalised distributions, incremental counts, files."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_lm.completion import ngram_files
from tui_lm.completion.counts import Counts, GrowingCounts, pack
from tui_lm.completion.ngrams import Ngrams
from tui_lm.completion.training_counts import build
from tui_lm.completion.vocabulary import BEGIN, END, Vocabulary, folded, tokens
from tui_lm.corpus import Utterance
from tui_lm.errors import TuiLmError

CHAT = [
    Utterance("Ann", "see you tomorrow at six"),
    Utterance("Bob", "ok see you there :)"),
    Utterance("Ann", "See you (maybe) tomorrow..."),
    Utterance(None, "नमस्ते दोस्त 你好 👍"),
    Utterance("Bob", ""),
    Utterance("Ann", "see you"),
] * 3
MESSAGES = st.lists(
    st.lists(st.sampled_from(["see", " you", " See", " tomorrow", "...", " (", "好", "new", "é"]), max_size=5).map(
        "".join
    ),
    max_size=6,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("see you", [" see", " you"]),
        ("(ok)...  why?", [" (", "ok", ")...", " why", "?"]),
        ("don't :)\nhaha👍", [" don't", " :)", " haha", "👍"]),
        ("नमस्ते।", [" नमस्ते", "।"]),
        ("你好 ok", [" 你", "好", " ok"]),
    ],
)
def test_tokens_record_the_space_before_them(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_words_are_found_by_prefix() -> None:
    vocabulary = Vocabulary.of([" see", " seen", " You", "see"])
    assert vocabulary.learn(" sea") == len(vocabulary) - 1
    assert vocabulary.learn(" see") == vocabulary.find(" see")
    trained, learned = vocabulary.starting_with(" se")
    found = [vocabulary.text_of(token) for token in [*range(trained.start, trained.stop), *learned]]
    assert found == [" see", " seen", " sea"]
    assert vocabulary.find(" You") != vocabulary.find(" you") is not None
    assert vocabulary.find(" yo") is None


def contexts(ngrams: Ngrams) -> list[list[int | None]]:
    return [ngrams.context(text) for text in ("", "see you", "See you", "ok (", "never seen", "好")]


@settings(max_examples=25, deadline=None)
@given(messages=MESSAGES)
def test_the_probabilities_of_all_words_sum_to_one(messages: list[str]) -> None:
    ngrams = build(CHAT)
    for i, message in enumerate(messages):
        ngrams.learn(message, ("Ann", "Eve", None)[i % 3])
    for author in range(len(ngrams.authors) + 1):
        for context in contexts(ngrams):
            chances = ngrams.probabilities(context, author)
            assert len(chances) == len(ngrams.vocabulary) + 1
            assert chances.min() > 0
            assert chances.sum() == pytest.approx(1)
    cache = ngrams.cache()
    assert cache is None or cache.sum() == pytest.approx(1)


@settings(max_examples=25, deadline=None)
@given(messages=MESSAGES)
def test_incremental_counts_equal_batch_counts(messages: list[str]) -> None:
    learned, whole = build(CHAT), build([*CHAT, *(Utterance("Bob", message) for message in messages)])
    for message in messages:
        learned.learn(message, "Bob")
    for author in (0, 1, 2):
        name = "" if not author else whole.authors[author - 1]
        other = learned.author_index(name) or 0
        for text in ("", "see", "see you", "see you tomorrow"):
            for order in range(4):
                here, there = (
                    {
                        model.vocabulary.text_of(int(word)) if word else "": int(n)
                        for word, n in zip(*model.counts[order].row(pack(index, context)), strict=True)
                    }
                    for model, index, context in (
                        (learned, other, learned.context(text)[3 - order :]),
                        (whole, author, whole.context(text)[3 - order :]),
                    )
                )
                assert here == there


def test_kneser_ney_matches_a_hand_calculation() -> None:
    """Against a plain reading of Chen & Goodman's formula, with dictionaries."""
    ngrams = build(CHAT)
    counts: list[dict[tuple[str, ...], Counter[str]]] = [defaultdict(Counter) for _ in range(4)]
    for utterance in CHAT:
        history = ("<s>",) * 3
        for token in [*tokens(utterance.text), "</s>"]:
            for order in range(3, -1, -1):
                counts[order][history[3 - order :]][token] += 1
                if counts[order][history[3 - order :]][token] > 1:
                    break
            history = (*history[1:], folded(token))

    def probability(token: str, history: tuple[str, ...]) -> float:
        chance = 1 / (len(ngrams.vocabulary) + 1)
        for order in range(4):
            row = counts[order].get(history[3 - order :])
            if row is None:
                break
            taken = {word: ngrams.discounts[0, order, min(n, 3)] for word, n in row.items()}
            total = sum(row.values())
            chance = (row[token] - taken.get(token, 0)) / total + sum(taken.values()) / total * chance
        return chance

    chances = ngrams.probabilities(ngrams.context("see you"))
    for token in (" tomorrow", " there", " (", " see", " six"):
        found = ngrams.vocabulary.find(token)
        assert found is not None
        assert chances[found] == pytest.approx(probability(token, ("<s>", " see", " you")))
    assert chances[END] == pytest.approx(probability("</s>", ("<s>", " see", " you")))
    assert ngrams.context("") == [BEGIN] * 3


def test_unsorted_and_sorted_counts_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_lm.completion.counts.MOST_LOOSE", 3)
    base = Counts.of(np.array([5, 5, 7], np.uint64), np.array([2, 2, 3], np.int32))
    table = GrowingCounts(base)
    before = [table.add(5, word) for word in (2, 9, 2, 4, 9, 1)]
    assert before == [2, 0, 3, 0, 1, 0]
    words, numbers = table.row(5)
    assert dict(zip(words.tolist(), numbers.tolist(), strict=True)) == {1: 1, 2: 4, 4: 1, 9: 2}
    branch = table.branch()
    branch.add(7, 3)
    assert table.row(7)[1].tolist() == [1]
    assert branch.row(7)[1].tolist() == [2]


def test_a_learned_phrase_ranks_first_the_second_time() -> None:
    ngrams = build(CHAT)
    assert ngrams.vocabulary.find(" Xanadu") is None
    ngrams.learn("see you Xanadu", "Ann")
    found = ngrams.vocabulary.find(" Xanadu")
    assert found is not None
    for author in (0, ngrams.author_index("Ann") or 0):
        assert ngrams.probabilities(ngrams.context("see you"), author)[found] > 0.01


def same(a: Ngrams, b: Ngrams) -> bool:
    return all(
        np.array_equal(a.probabilities(x, author), b.probabilities(y, author))
        for author in range(len(a.authors) + 1)
        for x, y in zip(contexts(a), contexts(b), strict=True)
    )


def test_saved_ngrams_load_unchanged(tmp_path: Path) -> None:
    ngrams = build(CHAT)
    ngram_files.save(ngrams, tmp_path)
    loaded = ngram_files.load(tmp_path)
    assert same(ngrams, loaded)
    loaded.learn("see you at Xanadu", "Eve")
    ngram_files.save_learned(loaded, tmp_path)
    path = tmp_path / ngram_files.LEARNED
    assert path.stat().st_mode & 0o777 == 0o600
    again = ngram_files.load(tmp_path)
    assert same(loaded, again)
    assert again.author_index("Eve") == 3
    again.learn("Xanadu again", "Eve")
    ngram_files.save_learned(again, tmp_path)
    assert same(again, ngram_files.load(tmp_path))
    assert same(ngrams, ngram_files.load(tmp_path, learned=False))
    assert ngram_files.forget(tmp_path) and not path.exists() and not ngram_files.forget(tmp_path)
    assert same(ngrams, ngram_files.load(tmp_path))


def test_learned_counts_of_other_ngrams_are_ignored(tmp_path: Path) -> None:
    ngrams = build(CHAT)
    ngrams.learn("Xanadu", "Ann")
    ngram_files.save_learned(ngrams, tmp_path)
    other = build(CHAT[:2])
    ngram_files.save(other, tmp_path)
    assert same(ngram_files.load(tmp_path), other)


@pytest.mark.parametrize("cut", [0, 5, 300, -20])
def test_a_damaged_ngram_file_raises_an_error_with_a_hint(tmp_path: Path, cut: int) -> None:
    ngram_files.save(build(CHAT), tmp_path)
    path = tmp_path / ngram_files.NGRAMS
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(TuiLmError):
        ngram_files.load(tmp_path)


def test_a_model_folder_without_ngrams_loads_empty_ones(tmp_path: Path) -> None:
    ngrams = ngram_files.load(tmp_path)
    assert ngrams.probabilities(ngrams.context("see")).sum() == pytest.approx(1)
    ngrams.learn("see you", None)
    ngram_files.save_learned(ngrams, tmp_path)
    assert same(ngrams, ngram_files.load(tmp_path))
    assert math.isclose(ngrams.latest.sum(), 2)
