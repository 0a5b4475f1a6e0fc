"""One word in all its clothes: apostrophes, capitals and accents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tui_lm.checkpoint import SavedModel
from tui_lm.completion import Completer, ngram_files
from tui_lm.completion.respelling import begins_sentence, dressed, lowered
from tui_lm.completion.training_counts import build
from tui_lm.completion.words import cursor
from tui_lm.corpus import Utterance
from tui_lm.engine import Engine
from tui_lm.tokenizers.stream import WritingContext

IPHONE = ["I’m off", "let’s go to the harbour", "I’m late", "that's it", "I’m here"]
GERMAN = ["schönen Tag noch", "das ist schon gut", "einen schönen Abend", "Ja schon"]


def words(completer: Completer, text: str, n: int = 5) -> list[str]:
    return [word.text for word in completer.candidates(WritingContext(text, "Ann"), n=n)]


def counted(texts: Sequence[str]) -> Completer:
    return Completer(None, build(Utterance("Ann", text) for text in texts))


@pytest.mark.parametrize("typed", ["let'", "let’"])
def test_either_apostrophe_finds_the_word_in_the_chats_own_form(typed: str) -> None:
    assert words(counted(IPHONE), typed) == ["let’s"]


def test_a_word_after_either_apostrophe_is_predicted_alike() -> None:
    completer = counted(IPHONE)
    assert words(completer, "I'm ") == words(completer, "I’m ") != []
    assert words(completer, "that") == ["that’s"], "the chat mostly writes ’"


def test_learned_words_take_the_chats_own_apostrophe() -> None:
    completer = counted(IPHONE)
    completer.learn(WritingContext("don't", "Ann"))
    assert words(completer, "do") == ["don’t"]


def test_a_saved_chat_keeps_its_apostrophe(tmp_path: Path) -> None:
    ngram_files.save(build(Utterance("Ann", text) for text in IPHONE), tmp_path)
    assert words(Completer(None, ngram_files.load(tmp_path)), "let'") == ["let’s"]


def test_a_straight_chat_stays_straight() -> None:
    completer = counted(["don't go", "I don't", "it’s"])
    assert words(completer, "it") == ["it's"]
    assert words(completer, "don’") == ["don't"]


def test_capitals_find_the_word_and_are_kept(make_model: Callable[..., SavedModel]) -> None:
    for engine in (None, Engine(make_model())):
        completer = Completer(engine, build(Utterance("Ann", text) for text in IPHONE))
        assert words(completer, "HARB") == ["HARBOUR"]
        assert words(completer, "Harb") == ["Harbour"]
        assert words(completer, "harb") == ["harbour"]


def test_a_word_that_is_written_in_capitals_comes_first() -> None:
    assert words(counted(["the USA", "use it", "used it"]), "US")[0] == "USA"


def test_accents_may_be_left_out() -> None:
    found = words(counted(GERMAN), "scho")
    assert {"schon", "schönen"} == set(found)
    assert words(counted(GERMAN), "SCHO") == ["SCHÖNEN", "SCHON"]
    assert words(counted(GERMAN), "schoe") == []


def test_typed_accents_find_only_words_that_have_them() -> None:
    assert words(counted(GERMAN), "schö") == ["schönen"]


def test_learned_words_are_found_without_their_accents() -> None:
    completer = counted(GERMAN)
    completer.learn(WritingContext("Grüße", "Ann"))
    assert words(completer, "Gru") == ["Grüße"]


def test_a_ghost_does_not_respell_what_is_typed() -> None:
    completer = Completer(None, build(Utterance("Ann", "schönen Tag") for _ in range(9)), sure=0.01)
    assert words(completer, "scho") == ["schönen"]
    assert completer.ghost(WritingContext("scho", "Ann")) == ""


def test_a_sentence_begins_with_a_capital_if_the_writer_does_so() -> None:
    formal = counted(["Hello there", "Fine. Thanks", "Good to see you", "Well", "so it is"] * 4)
    assert all(word[0].isupper() for word in words(formal, ""))
    casual = counted(["hello there", "fine. thanks", "good to see you", "Thanks a lot"] * 4)
    assert {"hello", "Thanks"} <= set(words(casual, ""))


def test_a_writer_of_capitals_gets_them_after_a_full_stop() -> None:
    formal = counted(["Hello there. See you", "Fine. Thanks", "Good. so it is", "Well. so be it"] * 4)
    assert all(word[0].isupper() for word in words(formal, "Good. "))


@pytest.mark.parametrize(
    ("text", "begins"),
    [("", True), ("ok. ", True), ("ok! ", True), ('"ok." ', True), ("ok", False), ("ok ", False), ("ok.", False)],
)
def test_where_a_sentence_begins(text: str, begins: bool) -> None:
    assert begins_sentence(cursor(text)) == begins


@pytest.mark.parametrize(
    ("typed", "plain", "word"),
    [
        ("HARB", "harb", "HARBOUR"),
        ("Harb", "harb", "Harbour"),
        ("H", "h", "Harbour"),
        ("hA", None, ""),
        ("h", None, ""),
    ],
)
def test_capitals_are_taken_off_and_put_on_again(typed: str, plain: str | None, word: str) -> None:
    assert lowered(typed) == plain
    if plain is not None:
        assert dressed("harbour", typed) == word
