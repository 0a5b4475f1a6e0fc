"""Entities are counted as seqeval and conlleval count them."""

from __future__ import annotations

import pytest

from tui_lm.tagging.entities import by_type, entities, found, token_accuracy

CASES = [
    ("B-x I-x O B-y", [(0, 2, "x"), (3, 4, "y")]),
    ("B-x B-x I-x", [(0, 1, "x"), (1, 3, "x")]),
    ("I-x I-x O I-y", [(0, 2, "x"), (3, 4, "y")]),
    ("B-x I-y I-y", [(0, 1, "x"), (1, 3, "y")]),
    ("O O", []),
]


@pytest.mark.parametrize(("tags", "wanted"), CASES)
def test_entities_begin_and_end_as_in_conlleval(tags: str, wanted: list[tuple[int, int, str]]) -> None:
    assert list(entities(tags.split())) == wanted


def test_f1_needs_the_whole_span_and_the_type() -> None:
    wanted = [["B-x", "I-x", "O", "B-y", "O"], ["B-x", "O"]]
    given = [["B-x", "I-x", "O", "B-x", "O"], ["B-x", "I-x"]]
    total = found(wanted, given)
    assert (total.right, total.given, total.wanted) == (1, 3, 3) and total.f1 == pytest.approx(1 / 3)
    assert {kind: each.f1 for kind, each in by_type(wanted, given).items()} == {"x": pytest.approx(2 / 5), "y": 0.0}
    assert token_accuracy(wanted, given) == pytest.approx(5 / 7)


def test_seqeval_agrees() -> None:
    seqeval = pytest.importorskip("seqeval.metrics")
    for tags, _ in CASES:
        for other, _ in CASES:
            one, two = tags.split(), other.split()
            size = min(len(one), len(two))
            pair = [one[:size]], [two[:size]]
            assert found(*pair).f1 == pytest.approx(seqeval.f1_score(*pair, zero_division=0))
