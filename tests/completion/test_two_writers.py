"""Two processes that learn with one model folder lose no words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_lm import checkpoint
from tui_lm.completion import Completer, ngram_files
from tui_lm.completion.training_counts import build
from tui_lm.engine import Engine
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.utterances import Utterance

WORDS = ("aubergine", "bicycle", "cathedral")


@pytest.fixture
def folder(saved: Path) -> Path:
    ngram_files.save(build([Utterance("Ann", "see you at six")] * 9), saved)
    return saved


def knows(folder: Path, word: str) -> bool:
    return ngram_files.load(folder).vocabulary.find(f" {word}") is not None


def test_words_learned_by_two_processes_are_all_saved(folder: Path) -> None:
    engine = Engine.open(folder)
    one, other = (Completer.open(folder, engine) for _ in range(2))
    one.learn(WritingContext(f"the {WORDS[0]}", "Ann"))
    one.save()
    other.learn(WritingContext(f"the {WORDS[1]}", "Bob"))
    other.save()
    one.learn(WritingContext(f"the {WORDS[2]}", "Ann"))
    one.save()
    assert all(knows(folder, word) for word in WORDS)
    after = [word.text for word in one.candidates(WritingContext("the ", "Ann"), n=20)]
    assert set(WORDS) <= set(after)


def test_saving_twice_counts_a_message_once(folder: Path) -> None:
    one, other = (Completer.open(folder) for _ in range(2))
    for completer in (one, other, one):
        completer.learn(WritingContext("pears", "Ann"))
        completer.save()
        completer.save()
    together = Completer.open(folder)
    alone = Completer(None, build([Utterance("Ann", "see you at six")] * 9))
    for _ in range(3):
        alone.learn(WritingContext("pears", "Ann"))
    assert together._ngrams is not None and alone._ngrams is not None
    assert together._ngrams.seen() == alone._ngrams.seen()


def test_words_that_another_process_deleted_stay_deleted(folder: Path) -> None:
    completer = Completer.open(folder)
    completer.learn(WritingContext(f"the {WORDS[0]}", "Ann"))
    completer.save()
    assert ngram_files.forget(folder)
    completer.learn(WritingContext(f"the {WORDS[1]}", "Ann"))
    completer.save()
    assert not knows(folder, WORDS[0]) and knows(folder, WORDS[1])


def test_a_reset_is_saved(folder: Path) -> None:
    completer = Completer.open(folder)
    completer.learn(WritingContext(f"the {WORDS[0]}", "Ann"))
    completer.save()
    completer.reset()
    completer.save()
    assert not knows(folder, WORDS[0])


def test_a_checkpoint_keeps_the_learned_words(folder: Path) -> None:
    completer = Completer.open(folder)
    completer.learn(WritingContext(f"the {WORDS[0]}", "Ann"))
    completer.save()
    model = checkpoint.load(folder)
    checkpoint.save(folder, model, attach=lambda new: ngram_files.pass_on(folder, new))
    assert knows(folder, WORDS[0])
