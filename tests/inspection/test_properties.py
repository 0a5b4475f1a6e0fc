"""Properties are known after each token, and each says what its name says."""

from __future__ import annotations

import pytest

from tests.conftest import AUTHORS, TEXTS
from tui_lm import tokenizers
from tui_lm.errors import TuiLmError
from tui_lm.inspection.properties import PROPERTIES, Property
from tui_lm.tokenizers import Specials
from tui_lm.utterances import Utterance


@pytest.fixture(scope="module", params=["char", "subword"])
def tokenizer(request: pytest.FixtureRequest):
    return tokenizers.train(request.param, TEXTS, Specials(AUTHORS), 300)


@pytest.fixture(scope="module")
def char():
    return tokenizers.train("char", [*TEXTS, "“”()[]'!" * 9], Specials(AUTHORS), 300)


def marked(char, name: str, text: str, author: str | None = "Ann") -> str:
    """One digit for each character of the text."""
    values = Property.parse(name).of(char, Utterance(author, text), char.encode(text))
    return "".join(f"{value:.0f}" for value in values)


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("inside a word", "it's 2 pm!", "1111010110"),
        ("word length so far", "it's 2 pm!", "1234010120"),
        ("message length so far", "hi you", "123456"),
        ("line position", "hi\nyou", "120123"),
        ("inside quotes", 'a "b" c', "0011000"),
        ("inside quotes", "a “b” c", "0011000"),
        ("inside brackets", "a (b[c]) d", "0011111000"),
        ('after "you"', "see you at", "0000001111"),
        ("author = ann", "abc", "111"),
        ("author = Bob", "abc", "000"),
    ],
)
def test_a_property_has_its_value_after_each_character(char, name: str, text: str, values: str) -> None:
    assert marked(char, name, text) == values


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_token_of_several_characters_has_the_value_of_its_last(tokenizer, char, name: str) -> None:
    text = "see you (soon), it's “late”"
    tokens = tokenizer.encode(text)
    values = Property.parse(name).of(tokenizer, Utterance(None, text), tokens)
    assert len(values) == len(tokens)
    whole = Property.parse(name).of(char, Utterance(None, text), char.encode(text))
    assert len(whole) == len(text)
    read = [tokenizer.decode(tokens[: at + 1]) for at in range(len(tokens))]
    complete = [at for at, so_far in enumerate(read) if so_far and text.startswith(so_far)]
    assert len(complete) > 10
    assert [values[at] for at in complete] == [whole[len(read[at]) - 1] for at in complete]


def test_an_unknown_property_names_those_there_are() -> None:
    with pytest.raises(TuiLmError) as raised:
        Property.parse("happiness")
    assert "inside a word" in raised.value.hint and "author = NAME" in raised.value.hint
