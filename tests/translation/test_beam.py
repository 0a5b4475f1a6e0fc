"""Beam search against hand calculations and exhaustive search, and its limits."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.translation.conftest import END, Chances, Ids, Scripted, echo, noisy, same_place
from tui_lm.errors import TuiLmError
from tui_lm.translation import BeamOptions, Hypothesis, search
from tui_lm.translation.best import best_tokens, log_sum_exp

A, B, C, D = 4, 5, 6, 7


def answers(decoder: Scripted, sources: list[Ids], options: BeamOptions) -> list[list[Hypothesis]]:
    return search(decoder, decoder.encode(sources), sources, options, never=[0, 1, 3])


def garden_path(source: Ids, prefix: Ids) -> Chances:
    """The better beginning leads to the worse whole: A 0.6 then 0.3; B 0.4 then 0.9."""
    if not prefix:
        return {A: 0.6, B: 0.4}
    if len(prefix) == 1:
        return {C: 0.9, D: 0.1} if prefix[0] == B else {C: 0.3, D: 0.3, A: 0.4}
    return {END: 1.0}


def test_a_beam_finds_a_better_sentence_than_greedy_search() -> None:
    greedy = answers(Scripted(8, garden_path), [(A, END)], BeamOptions(beam=1))[0][0]
    assert greedy.tokens == (A, A)
    best = answers(Scripted(8, garden_path), [(A, END)], BeamOptions(beam=3))[0][0]
    assert best.tokens == (B, C)
    assert best.log_probabilities == pytest.approx([math.log(0.4), math.log(0.9), 0.0], abs=1e-5)
    assert best.ended


@pytest.mark.parametrize("seed", range(5))
def test_a_wide_beam_equals_exhaustive_search(seed: int) -> None:
    size, longest, source = 7, 4, (A, seed, END)
    says = noisy(size)
    options = BeamOptions(beam=200, length_penalty=0.8, max_length=longest, answers=8)

    def score(tokens: Ids) -> float:
        """log P of the whole answer with its end, over its length penalty."""
        total = 0.0
        for step, token in enumerate((*tokens, END)):
            total += math.log(says(source, tokens[:step])[token])
        return total / ((5 + len(tokens) + 1) / 6) ** 0.8

    every = (
        tokens
        for length in range(says(source, ())[END] <= 0.5, longest)
        for tokens in itertools.product(range(4, size), repeat=length)
    )
    wanted = sorted(((score(tokens), tokens) for tokens in every), reverse=True)[:8]
    found = search(Scripted(size, says), [(source, ())], [source], options, never=[0, 1, 3])[0][:8]
    assert [answer.tokens for answer in found] == [tokens for _, tokens in wanted]
    assert [answer.score for answer in found] == pytest.approx([value for value, _ in wanted], rel=1e-4)


def test_a_source_gives_the_same_hypotheses_alone_and_in_a_batch() -> None:
    sources = [(*tuple(range(4, 4 + length)), END) for length in (1, 9, 3, 3, 17, 2)]
    for options in (BeamOptions(beam=1), BeamOptions(beam=5, answers=3), BeamOptions(beam=3, coverage_penalty=0.5)):
        together = answers(Scripted(24, noisy(24), same_place), sources, options)
        for source, found in zip(sources, together, strict=True):
            (alone,) = answers(Scripted(24, noisy(24), same_place), [source], options)
            assert [(a.tokens, a.log_probabilities, a.score) for a in alone] == [
                (a.tokens, a.log_probabilities, a.score) for a in found
            ]
            for one, other in zip(alone, found, strict=True):
                assert np.array_equal(one.attention, other.attention)


def test_finished_hypotheses_leave_the_batch() -> None:
    decoder = Scripted(12, echo)
    answers(decoder, [(4, END), (4, 5, 6, 7, END)], BeamOptions(beam=1))
    assert decoder.batches == [2, 2, 1, 1, 1]


def test_attention_is_traced_back_through_the_beam() -> None:
    source = (8, 9, 10, 11, END)
    best = answers(Scripted(12, echo, same_place), [source, (4, END)], BeamOptions(beam=2))[0][0]
    assert best.tokens == source[:-1]
    assert best.attention is not None
    assert np.array_equal(best.attention, np.eye(5))


def test_the_empty_translation_needs_a_sure_end() -> None:
    def says(source: Ids, prefix: Ids) -> Chances:
        return {END: 0.45, A: 0.3, B: 0.25} if not prefix else {END: 1.0}

    assert answers(Scripted(8, says), [(A, END)], BeamOptions())[0][0].tokens == (A,)
    silent = Scripted(8, lambda source, prefix: {END: 0.9, A: 0.1})
    assert answers(silent, [(A, END)], BeamOptions())[0][0].tokens == ()


def test_special_tokens_are_never_generated() -> None:
    (found,) = answers(
        Scripted(8, lambda source, prefix: {0: 0.5, 1: 0.3, 3: 0.1, A: 0.1}), [(A, END)], BeamOptions(beam=2)
    )
    assert {token for answer in found for token in answer.tokens} <= {A}


def test_loops_are_cut_at_the_limit_and_finished_hypotheses_rank_first() -> None:
    def says(source: Ids, prefix: Ids) -> Chances:
        return {A: 0.98, B: 0.02} if not prefix or prefix[-1] == A else {END: 1.0}

    for length in (1, 7, 40):
        source = (*range(4, 4 + length), END)
        (found,) = answers(Scripted(60, says), [source], BeamOptions(beam=3))
        assert all(len(answer.tokens) <= 2 * len(source) + 10 for answer in found)
        assert found[0].ended
        assert found[0].tokens[-1] == B
    (cut,) = answers(Scripted(60, lambda source, prefix: {A: 1.0}), [(A, END)], BeamOptions(beam=1, max_length=5))
    assert (cut[0].tokens, cut[0].ended) == ((A,) * 5, False)


def test_repetition_is_allowed_only_as_often_as_in_the_source() -> None:
    def says(source: Ids, prefix: Ids) -> Chances:
        if len(prefix) == 60:
            return {END: 1.0}
        return {(A, B, C)[len(prefix) % 3]: 0.98, D: 0.015, END: 0.005}

    (once,) = answers(Scripted(8, says), [(A, B, C, END)], BeamOptions(beam=1))
    assert once[0].tokens[:10] == (A, B, C) * 3 + (D,)
    (often,) = answers(Scripted(8, says), [(A,) * 20 + (END,)], BeamOptions(beam=1, max_length=80))
    assert often[0].tokens == (A, B, C) * 20


def test_the_coverage_penalty_prefers_translations_of_the_whole_source() -> None:
    """Two answers of one probability: one looks at every source token, the other at the first alone."""

    def says(source: Ids, prefix: Ids) -> Chances:
        return {A: 0.5, B: 0.5} if not prefix else {prefix[0]: 1.0} if len(prefix) < 3 else {END: 1.0}

    def looks(source: Ids, prefix: Ids) -> int:
        return len(prefix) if prefix and prefix[0] == B else 0

    for penalty, first in ((0.0, A), (0.5, B)):
        options = BeamOptions(beam=4, coverage_penalty=penalty)
        assert answers(Scripted(8, says, looks), [(4, 5, 6, END)], options)[0][0].tokens[0] == first


@pytest.mark.parametrize("wrong", [{"beam": 0}, {"max_length": 0}, {"length_penalty": -1.0}, {"answers": 0}])
def test_invalid_beam_options_are_usage_errors(wrong: dict[str, float]) -> None:
    with pytest.raises(TuiLmError) as error:
        BeamOptions(**wrong)  # type: ignore[arg-type]
    assert error.value.exit_code == 2


@given(st.integers(1, 4), st.integers(1, 900), st.integers(1, 12), st.integers(0, 99), st.booleans())
def test_best_tokens_equal_a_full_sort(rows: int, size: int, k: int, seed: int, ties: bool) -> None:
    logits = np.random.default_rng(seed).standard_normal((rows, size)).astype(np.float32)
    if ties:
        logits = np.round(logits)
    sorted_ = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    assert np.array_equal(best_tokens(logits, k), sorted_)


def test_log_sum_exp_normalises_logits() -> None:
    logits = np.random.default_rng(0).standard_normal((3, 50)) * 30
    assert np.exp(logits - log_sum_exp(logits)).sum(axis=1) == pytest.approx(1.0)
