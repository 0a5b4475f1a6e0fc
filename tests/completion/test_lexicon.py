"""No absurd words: suggestions are words of the chat, probable enough to be meant."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tui_lm.checkpoint import SavedModel
from tui_lm.completion import Completer
from tui_lm.completion.lexicon import PART, Lexicon
from tui_lm.completion.search import FLOOR, Limits
from tui_lm.completion.training_counts import build
from tui_lm.completion.vocabulary import folded, tokens
from tui_lm.corpus import Utterance
from tui_lm.engine import Engine
from tui_lm.tokenizers.stream import WritingContext

CHAT = """
Kommst du morgen zum Training?
Ja, ich bin um halb sieben da.
Hast du schon eine neue Wohnung gefunden?
Nein, aber ein Zimmer bei Freunden in der Zimmerstraße.
Schön! Wie groß ist das Zimmer?
Ziemlich klein, aber mit Balkon.
Ich bringe zum Einzug Brot und Salz mit.
Danke dir, das ist eine schöne Idee :)
Soll ich noch Getränke kaufen?
Ein paar Flaschen Wasser wären gut.
Alles klar, bis morgen!
Bis dann, ich freue mich.
""".strip().splitlines()
TYPED = ("", "Z", "Zi", "Zim", "Zimm", "Zimmer", "schö", "Ich ", "ich bin ", "bis mor", "das Zimmer i")
WEAK = Limits(threshold=1e-3, depth=8, enough=1000, floor=0.0)  # so that absurd words would be offered


@pytest.fixture
def engine(make_model: Callable[..., SavedModel]) -> Engine:
    return Engine(make_model())


@pytest.fixture
def completer(engine: Engine) -> Completer:
    counted = build(Utterance(("Ann", "Bob")[i % 2], text) for i, text in enumerate(CHAT * 3))
    return Completer(engine, counted, limits=WEAK, sure=0.0)


def known(text: str) -> bool:
    words = {folded(word).strip() for line in CHAT for word in tokens(line)}
    compounds = {one + other for one in words for other in words if min(len(one), len(other)) >= PART}
    said = (folded(word).strip() for word in tokens(text) if any(map(str.isalnum, word)))
    return all(word in words | compounds for word in said)


def test_candidates_are_words_of_the_chat(engine: Engine, completer: Completer) -> None:
    alone = Completer(engine, None, limits=WEAK)
    absurd = 0
    for text in TYPED:
        absurd += sum(not known(word.text) for word in alone.candidates(WritingContext(text, "Ann"), n=50))
        for word in completer.candidates(WritingContext(text, "Ann"), n=50):
            assert known(word.text), word
    assert absurd > 20, "the network alone makes words up"


def test_ghosts_and_replies_hold_words_of_the_chat(completer: Completer) -> None:
    for text in TYPED:
        ghost = completer.ghost(WritingContext(text, "Ann"))
        assert not ghost or known(text.rpartition(" ")[2] + ghost), ghost
    history = [("Bob", "Kommst du morgen?")]
    for reply in completer.replies(WritingContext(author="Ann", history=history), n=5):
        assert known(reply.text)


def test_fewer_words_are_offered_than_asked_for_rather_than_an_improbable_one(engine: Engine) -> None:
    completer = Completer(engine, build(Utterance("Ann", text) for text in CHAT))
    for text in TYPED:
        for word in completer.candidates(WritingContext(text, "Ann"), n=50):
            assert word.probability >= FLOOR


def test_a_word_that_was_sent_may_be_suggested(completer: Completer) -> None:
    assert not completer.candidates(WritingContext("Zimt", "Ann"))
    completer.learn(WritingContext("mit Zimtschnecken", "Ann"))
    assert [word.text for word in completer.candidates(WritingContext("Zimt", "Ann"))] == ["Zimtschnecken"]


def test_the_lexicon_knows_words_in_any_case_and_all_marks() -> None:
    lexicon = Lexicon(build([Utterance("Ann", "Bis morgen, Ann 👍")]).vocabulary)
    for text in ("morgen", "MORGEN", "Morgen!", "(bis", ":-)", "👍👍", "你好", ""):
        assert lexicon.allows(text)
    assert not lexicon.allows("Zimmung")
    assert not lexicon.allows("bis Zimmung")


def test_a_compound_of_two_words_of_the_chat_may_be_suggested() -> None:
    lexicon = Lexicon(build([Utterance("Ann", "Das Zimmer, die Straße, der Zug")]).vocabulary)
    assert lexicon.allows("Zimmerstraße")
    assert not lexicon.allows("Zimmerung")
    assert not lexicon.allows("Zimmerzug"), "short parts make nonsense"


def test_a_new_word_is_offered_only_where_no_word_of_the_chat_begins_as_typed() -> None:
    """For “see you tom” the network may spell “tomasz”; the chat has “tomorrow”."""
    counted = build([Utterance("Ann", "See you tomorrow, in my room"), Utterance("Bob", "das Zimmer, in dem ich bin")])
    lexicon = Lexicon(counted.vocabulary)
    for typed, absurd in (("tom", "tomasz"), ("TOM", "TOMasz"), ("Zimm", "Zimmung"), ("", "tomasz")):
        assert not lexicon.offers(absurd, 0.9, typed)
    assert lexicon.offers("tomorrow", 0.01, "tom")
    assert lexicon.offers("tomasz", 0.6, "toma"), "nobody in the chat has written a word that begins so"
    assert not lexicon.offers("tomasz", 0.4, "toma"), "but it must be likely"
    assert lexicon.offers("inmyroom", 0.1, "inm") is False
    assert lexicon.offers("myroom", 0.1, "myr"), "two words run together"
    assert not lexicon.offers("myroom", 0.1, "my")


def test_either_apostrophe_is_in_the_lexicon() -> None:
    counted = build([Utterance("Ann", "I’m off"), Utterance("Ann", "let’s go")])
    lexicon = Lexicon(counted.vocabulary, apostrophe=counted.apostrophe)
    assert lexicon.allows("I'm") and lexicon.allows("LET’S")
    assert not lexicon.allows("it's")


def test_without_training_words_every_word_is_allowed() -> None:
    counted = build(())
    counted.learn("see you", "Ann")
    assert Lexicon(counted.vocabulary).allows("Zimmung") and Lexicon(None).allows("Zimmung")
