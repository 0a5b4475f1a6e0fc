"""Punctuation marks after words, and names at the start of a message."""

from __future__ import annotations

import numpy as np
import pytest

from tui_lm.completion import Completer
from tui_lm.completion.marks import Marks
from tui_lm.completion.mixture import Mixture
from tui_lm.completion.suggestion import Candidate
from tui_lm.completion.training_counts import build
from tui_lm.completion.words import cursor
from tui_lm.corpus import Utterance
from tui_lm.tokenizers.stream import WritingContext

CHAT = [
    Utterance("ann_92", "bob: are you there"),
    Utterance("bob", "ann_92: yes, from <TIME> on"),
    Utterance("eve", "ann_92: me too"),
] * 10


def test_a_sure_punctuation_mark_is_offered_with_the_word() -> None:
    marks = Marks(build(CHAT))
    words = [Candidate("bob", 0.5), Candidate("there", 0.25), Candidate("unknown", 0.125)]
    extended = marks.extend("", words)
    assert extended[0].text == "bob:"
    assert 0.3 < extended[0].probability < 0.5
    assert extended[1:] == words[1:]
    assert marks.extend("yes, from ", [Candidate("<TIME", 1.0)])[0].text == "<TIME>"


def test_the_probability_of_a_mark_equals_that_of_the_full_distribution() -> None:
    ngrams = build(CHAT)
    ngrams.learn("bob! ok", "eve")
    for text in ("bob", "ok bob", "yes", "from <TIME", "nothing known", ""):
        context = ngrams.context(text)
        token, chance = ngrams.likeliest_glued(context)
        if chance:
            assert not ngrams.vocabulary.text_of(token).startswith(" ")
            assert chance == pytest.approx(ngrams.probabilities(context)[token])


def test_authors_of_the_latest_messages_are_addressed_first() -> None:
    ngrams = build(CHAT)
    history = [("ann_92", "hey"), ("bob", "hey"), ("eve", "hey")]
    ids, parts = Mixture(ngrams, WritingContext("", "eve", history)).words(cursor(""))
    assert all(probabilities.sum() == pytest.approx(1) for _, probabilities in parts)
    completer = Completer(None, ngrams)
    names = [word.text for word in completer.candidates(WritingContext("", "eve", history), n=2)]
    assert names == ["bob:", "ann_92:"]
    names = [word.text for word in completer.candidates(WritingContext("", "eve", history[::-1]), n=2)]
    assert names == ["ann_92:", "bob:"]
    assert np.array_equal(ids, Mixture(ngrams, WritingContext(author="eve")).words(cursor(""))[0])


def test_a_new_author_is_addressed_after_their_first_message() -> None:
    completer = Completer(None, build(CHAT))
    completer.learn(WritingContext("hello everyone", "zoe"))
    words = completer.candidates(WritingContext("", "eve", [("zoe", "hello everyone")]))
    assert words[0].text.startswith("zoe")
