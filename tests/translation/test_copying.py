"""Unknown words are copied unchanged, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from tui_lm import tokenizers
from tui_lm.tokenizers import Specials, Tokenizer, Tokenizers
from tui_lm.tokenizers.specials import UNKNOWN
from tui_lm.translation.copying import copied, word_at

KNOWN = ["I met Ann , and we talked . yes !", "you met Bob and I talked . yes"] * 4
WORDS = tokenizers.train("word", KNOWN, Specials())
CHARACTERS = tokenizers.train("char", KNOWN, Specials())


def looking(tokens: list[int], source: Tokenizer, text: str, at: dict[int, str]) -> np.ndarray:
    """Attention weights, one row per token: 1 at the source position of a text, else at the end."""
    spans = source.spans(text)
    weights = np.zeros((len(tokens), len(spans) + 1))
    weights[:, -1] = 1
    for step, word in at.items():
        column = next(i for i, (_, end) in enumerate(spans) if end > text.index(word))
        weights[step] = 0
        weights[step, column] = 1
    return weights


def test_an_unknown_word_is_copied_from_the_source() -> None:
    text = "Zoë met O'Hara, and we talked"
    tokens = [UNKNOWN, *WORDS.encode("met"), UNKNOWN, *WORDS.encode("x ,")[1:]]
    weights = looking(tokens, WORDS, text, {0: "Zoë", 2: "O'Hara"})
    instead = copied(tokens, Tokenizers.shared(WORDS), weights, text)
    assert instead == {0: " Zoë".encode(), 2: b" O'Hara"}


def test_a_copied_mark_stays_attached_to_the_word_before_it() -> None:
    text = "I talked…"
    tokens = [*WORDS.encode("I talked"), UNKNOWN]
    assert copied(tokens, Tokenizers.shared(WORDS), looking(tokens, WORDS, text, {2: "…"}), text) == {2: "…".encode()}


def spelled(answer: str, text: str, at: dict[str, str]) -> str:
    """The `answer` of a character model after copying, if its parts attended to parts of `text`."""
    tokens = CHARACTERS.encode(answer)
    spans = CHARACTERS.spans(answer)
    looks = {
        step: word
        for part, word in at.items()
        for step, (start, end) in enumerate(spans)
        if answer.index(part) <= start and end <= answer.index(part) + len(part)
    }
    instead = copied(tokens, Tokenizers.shared(CHARACTERS), looking(tokens, CHARACTERS, text, looks), text)
    return b"".join(instead.get(step, CHARACTERS.surfaces[token]) for step, token in enumerate(tokens)).decode()


@pytest.mark.parametrize(
    ("answer", "text", "at", "wanted"),
    [
        ("met Zoł.", "Zoë met Ann", {"Zoł": "Zoë"}, "met Zoë."),  # a slip, between a space and a mark
        ("Zoł", "Zoë", {"Zoł": "Zoë"}, "Zoë"),
        ("met Zoł and", "Zoë met Ann", {"Zoł": "Ann"}, "met Zoł and"),  # not from a strange word
        ("met Ann and", "Zoë met Ann", {"Ann": "Zoë"}, "met Ann and"),  # not spelled in bytes
        ("yes☃!", "Ann 👍🏽?", {"☃": "👍"}, "yes👍🏽!"),
        ("yes ☃", "Ann {❤\ufe0f", {"☃": "❤"}, "yes ❤\ufe0f"),
        ("Zoł Zoł met", "Zoë met", {"Zoł Zoł": "Zoë"}, "Zoë met"),  # once is enough
        ("d'Zoł", "d'Zoë", {"Zoł": "Zoë"}, "d'Zoë"),
    ],
)
def test_words_spelled_in_bytes_are_copied_whole(answer: str, text: str, at: dict[str, str], wanted: str) -> None:
    assert spelled(answer, text, at) == wanted


def test_nothing_is_copied_if_the_source_has_no_unknown_words() -> None:
    tokens = CHARACTERS.encode("met Zoł")
    weights = np.ones((len(tokens), 4)) / 4
    assert copied(tokens, Tokenizers.shared(CHARACTERS), weights, "Ann") == {}
    assert copied([UNKNOWN], Tokenizers.shared(WORDS), np.ones((1, 1)), "") == {}


@pytest.mark.parametrize(
    ("text", "index", "word"),
    [
        ("see Zoë, ok", 5, "Zoë"),
        ("see Zoë, ok", 3, "Zoë"),  # the space before it
        ("नमस्ते दोस्त", 2, "नमस्ते"),
        ("ok 👍🏽!", 3, "👍🏽!"),
        ("田中さん", 1, "田中"),
        ("カタカナだ", 2, "カタカナ"),
        (" ", 0, " "),
    ],
)
def test_the_word_around_an_index(text: str, index: int, word: str) -> None:
    assert text[slice(*word_at(text, index))] == word
