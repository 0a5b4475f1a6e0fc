"""The vocabulary of word vectors: what is a word, which words are kept, and the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_lm import tokenizers
from tui_lm.tokenizers.specials import Specials
from tui_lm.tokenizers.vocabulary import VocabularyTokenizer, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't say “hello”, it’s 10:30…", ["don't", "say", "hello", "it's", "10", "30"]),
        ("नमस्ते दुनिया। फिर", ["नमस्ते", "दुनिया", "फिर"]),
        ("😂😂 ❤️👍🏽x 🇩🇪", ["😂", "😂", "❤️", "👍🏽", "x", "🇩🇪"]),
        ("New_York 'quoted' ''", ["new_york", "quoted"]),
        ("", []),
    ],
)
def test_words_end_at_spaces_and_punctuation_and_an_emoji_is_a_word(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_rare_words_have_no_vector_and_are_left_out_of_a_text() -> None:
    tokenizer = VocabularyTokenizer.counted(["b a b", "a b c"], fewest=2)
    assert tokenizer.words == ["b", "a"]
    assert tokenizer.decode(tokenizer.encode("a c, B")) == "a b"


def test_case_is_kept_if_wished() -> None:
    assert VocabularyTokenizer.counted(["A a A"], fewest=1, lowercase=False).words == ["A", "a"]


def test_a_vocabulary_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = VocabularyTokenizer(Specials(), ["ja", "😂", "l'été"], lowercase=False)
    written.to_files(tmp_path)
    read = tokenizers.load("vocabulary", tmp_path).target
    assert isinstance(read, VocabularyTokenizer)
    assert (read.words, read.lowercase) == (written.words, False)


def test_words_of_another_text_are_added_at_the_end() -> None:
    assert VocabularyTokenizer(Specials(), ["a", "b"]).joined(["b", "c", "c"]).words == ["a", "b", "c"]
