"""A chat gives labelled texts: its authors, and the emoji at the end of its messages."""

from __future__ import annotations

import pytest

from tui_lm.chat_labels import by_author, by_emoji, frequent_labels
from tui_lm.labelled_texts import LabelledText
from tui_lm.utterances import Utterance


def test_each_message_is_labelled_with_its_author() -> None:
    messages = [Utterance("Ann", "hello "), Utterance(None, "joined"), Utterance("Bob", " ")]
    assert list(by_author(messages)) == [LabelledText("hello", "Ann")]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("see you 👍", ("see you", "👍")),
        ("so good 😂😂😂", ("so good", "😂")),
        ("love you ❤️", ("love you", "❤")),
        ("thanks 🙏🏽 ", ("thanks", "🙏")),
        ("we won 🇩🇪", ("we won", "🇩🇪")),
        ("cooking 👩‍🍳", ("cooking", "👩‍🍳")),
        ("party 🎉 at 🏠", ("party 🎉 at", "🏠")),
    ],
)
def test_the_last_emoji_is_the_label_and_is_taken_away(text: str, wanted: tuple[str, str]) -> None:
    assert list(by_emoji([Utterance("Ann", text)])) == [LabelledText(*wanted)]


@pytest.mark.parametrize("text", ["no emoji", "👍", "👍 in front", "5 > 3"])
def test_other_messages_have_no_label(text: str) -> None:
    assert list(by_emoji([Utterance("Ann", text)])) == []


def test_rare_labels_are_left_out() -> None:
    texts = [LabelledText("a", "often")] * 25 + [LabelledText("b", "more often")] * 30 + [LabelledText("c", "rare")]
    assert frequent_labels(texts) == ("more often", "often")
