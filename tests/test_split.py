"""Shares of training, validation and test: which are accepted, and where they cut."""

from __future__ import annotations

import pytest

from tui_lm.errors import TuiLmError
from tui_lm.split import PARTS, Fractions


@pytest.mark.parametrize(
    "text", ["90,5", "90,5,6", "a,b,c", "0,50,50", "-10,60,50", "", "nan,5,5", "inf,5,5", "99,0.5,0"]
)
def test_shares_that_do_not_sum_to_100_are_a_usage_error(text: str) -> None:
    with pytest.raises(TuiLmError) as error:
        Fractions.parse(text)
    assert error.value.exit_code == 2


def test_shares_may_have_decimals() -> None:
    fractions = Fractions.parse("94.7,5.3,0")
    assert fractions == Fractions(94.7, 5.3, 0)
    assert fractions.cuts(10_000) == (9470, 10_000)
    assert {fractions.part_of(f"sentence {i}", 0) for i in range(500)} == {"train", "val"}
    assert fractions.without("val") == Fractions(100, 0, 0)


def test_rounded_shares_are_scaled_to_100() -> None:
    thirds = Fractions.parse("33.3,33.3,33.3")
    assert thirds.cuts(3000) == (999, 1999)
    assert Fractions.parse("66.6,33.3,0").cuts(3000)[1] == 3000, "an empty test part stays empty"


def test_whole_shares_are_integers_as_in_cards_of_0_1_0() -> None:
    assert repr(Fractions.parse("90,5,5.0")) == "Fractions(train=90, val=5, test=5)"


def test_every_message_is_in_one_part() -> None:
    for length in range(200):
        val, test = Fractions().cuts(length)
        assert (val, test) == (length * 90 // 100, length * 95 // 100)


def test_a_pair_is_in_the_same_part_on_every_machine() -> None:
    """The parts of three sentences, as version 0.1.0 drew them."""
    assert [Fractions().part_of(f"sentence {i}", 0) for i in (1, 20, 0)] == list(PARTS)
    assert {Fractions().part_of("a sentence", seed) for seed in range(200)} == set(PARTS)
