"""BLEU with signatures and several references, null for no sentences."""

from __future__ import annotations

import pytest

from tui_lm.evaluation.bleu import references, score
from tui_lm.sentence_pairs import Pair


def test_equal_sources_are_one_sentence_with_several_references() -> None:
    pairs = [Pair("go", "va"), Pair("stop", "arrête"), Pair("go", "allez"), Pair("go", "va")]
    assert references(pairs) == {"go": ["va", "allez"], "stop": ["arrête"]}


def test_a_translation_may_match_any_reference() -> None:
    answers = ["he sat down on the floor .", "we talked all night long ."]
    targets = [["no such thing at all", "he sat down on the floor ."], ["we talked all night long ."]]
    found = score(answers, targets)
    assert (found["bleu"], found["sentences"]) == (100.0, 2)
    assert found["signature"].startswith("nrefs:var|case:mixed|eff:no|tok:13a|smooth:exp|version:")
    assert score(answers, [[own[0]] for own in targets])["bleu"] < 70


def test_bleu_matches_a_hand_calculation() -> None:
    """8 of 9 words, 6 of 7 pairs, 4 of 5 threes and 2 of 3 fours are right; nothing is too short."""
    answers = ["a b c d e", "f g h x"]
    found = score(answers, [["a b c d e"], ["f g h i"]])
    assert found["bleu"] == pytest.approx(100 * (8 / 9 * 6 / 7 * 4 / 5 * 2 / 3) ** 0.25, abs=0.01)


def test_lower_case_ignores_case() -> None:
    answers, targets = ["He Sat Down Here"], [["he sat down here"]]
    assert score(answers, targets)["bleu"] < 1
    lower = score(answers, targets, lower_case=True)
    assert lower["bleu"] == lower["chrf"] == 100.0
    assert "case:lc" in lower["signature"] and "case:lc" in lower["chrf_signature"]


def test_scripts_without_spaces_are_scored_by_character() -> None:
    found = score(["彼は家にいる。"], [["彼は家にいた。"]])
    assert "tok:char" in found["signature"]
    assert 20 < found["bleu"] < 100
    assert "tok:13a" in score(["Paul 家"], [["Paul is at 家"]])["signature"]


def test_scores_of_no_sentences_are_null() -> None:
    assert score([], []) == {"bleu": None, "chrf": None, "signature": None, "chrf_signature": None, "sentences": 0}
