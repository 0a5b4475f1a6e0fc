"""Private strings are found, other text is left alone, and no text takes more than linear time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.redaction.labelled import HARD, HELD_OUT, composed, measure, read
from tui_lm.redaction import PrivateKind, holds_placeholder
from tui_lm.redaction.placeholder import PLACEHOLDERS
from tui_lm.redaction.redactor import Redactor

# Lower bounds of precision and recall, a little below the measured values in docs/reliability.md.
LEAST = {
    PrivateKind.KEY: (0.98, 0.98),
    PrivateKind.URL: (0.98, 0.98),
    PrivateKind.EMAIL: (0.98, 0.98),
    PrivateKind.IBAN: (1.0, 1.0),
    PrivateKind.CARD: (0.98, 0.98),
    PrivateKind.CODE: (0.95, 0.92),
    PrivateKind.PHONE: (0.97, 0.96),
}


def redacted(text: str) -> str:
    return Redactor().text(text)


def test_the_labelled_sets_hold_enough_messages() -> None:
    assert len(read(HARD)) + len(read(HELD_OUT)) >= 700
    assert len(composed(3000)) == 3000


@pytest.mark.parametrize("name", ["hard", "held out", "composed"])
def test_precision_and_recall_stay_above_their_bounds(name: str) -> None:
    messages = {"hard": lambda: read(HARD), "held out": lambda: read(HELD_OUT), "composed": lambda: composed(3000, 1)}
    for kind, score in measure(messages[name]()).items():
        precision, recall = LEAST[kind]
        assert score["precision"] >= precision, (kind, score)
        assert score["recall"] >= recall, (kind, score)


def test_each_kind_is_replaced_by_its_placeholder_and_counted() -> None:
    redactor = Redactor()
    text = redactor.text("ann@example.com or 07700 900123, see https://example.com")
    assert text == "{email} or {phone}, see {url}".format(**{k.value: v for k, v in PLACEHOLDERS.items()})
    assert redactor.counts == {PrivateKind.EMAIL: 1, PrivateKind.PHONE: 1, PrivateKind.URL: 1}
    assert holds_placeholder(text)


def test_text_without_private_strings_is_unchanged() -> None:
    text = "see you at 10:30 on 12.03.2024, bring 3 x 4.50 €\n\tand the cat"
    assert redacted(text) == text


@settings(max_examples=300)
@given(st.text(st.sampled_from("0123456789 +-./()@:abcAB\n€#電"), max_size=80) | st.text(max_size=80))
def test_spans_are_in_order_without_overlap_and_inside_the_text(text: str) -> None:
    end = 0
    for span in Redactor().find(text):
        assert end <= span.start < span.end <= len(text)
        end = span.end


@settings(max_examples=100)
@given(st.sampled_from(composed(400)))
def test_redacting_twice_gives_the_same_text(message) -> None:
    once = redacted(message.text)
    assert redacted(once) == once


LONG = 200_000


@pytest.mark.parametrize(
    "unit",
    [
        *[
            "a",
            "1",
            "a@",
            "a.",
            "1 ",
            "1-",
            "0 1",
            "+1",
            "(",
            ".-",
            "a-",
            "é@",
            "A1:",
            "1.1.",
            "电话1",
            "AB12",
            "DE89 ",
        ],
        *["code ", "code 1", "www.", "a.com", "http://", "sk-", "eyJaaaaaaaa.", "[at]", "a [at] "],
        *["-----BEGIN KEY-----", "-----BEGIN KEY-----\n", "name: 1\n"],
    ],
)
def test_200_000_characters_take_less_than_five_seconds(unit: str) -> None:
    """Processor time grows linearly with the length: quadratic patterns would take minutes on these."""
    whole = (unit * LONG)[:LONG]
    begun = time.process_time()
    redacted(whole)
    assert time.process_time() - begun < 5


def test_redaction_can_be_turned_off() -> None:
    assert Redactor(private=False).text("07700 900123") == "07700 900123"


def test_each_author_keeps_one_alias() -> None:
    redactor = Redactor(alias=True)
    named = [redactor.author(author) for author in ("Zoë", "Bob", "Zoë", None, "Ann")]
    assert named == ["Person A", "Person B", "Person A", None, "Person C"]
    many = Redactor(alias=True)
    assert len({many.author(f"author {i}") for i in range(2000)}) == 2000


def test_authors_keep_their_names_by_default() -> None:
    assert Redactor().author("Zoë") == "Zoë"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hey zoë, ask Bob Stone", "hey {name}, ask {name}"),
        ("Stone is right", "{name} is right"),
        ("BOB!", "{name}!"),
        ("bobsled", "bobsled"),
        ("@Bob Stone look", "{name} look"),
        ("李雷你好, a. b. too", "{name}你好, {name} too"),
    ],
)
def test_names_of_authors_are_replaced_inside_messages(text: str, expected: str) -> None:
    redactor = Redactor(authors=["Zoë", "Bob Stone", "李雷", "A. B.", "+44 7700 900123", ""])
    assert redactor.text(text) == expected.format(name=PLACEHOLDERS[PrivateKind.NAME])


def test_an_author_who_is_a_phone_number_is_replaced_as_a_phone_number() -> None:
    redactor = Redactor(authors=["+44 7700 900123"])
    assert redactor.text("so said +44 7700 900123") == f"so said {PLACEHOLDERS[PrivateKind.PHONE]}"
